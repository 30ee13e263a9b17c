"""Writes the graph of a checkpoint, operator by operator, as an ONNX graph."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from models.convert.attributes import Attributes
from models.convert.call import Call
from models.convert.graph import BATCH, Graph, Tensor, written
from models.convert.operators import LABELLED, OPERATORS
from models.convert.symbol import VARIABLE, Entry, Node, Symbol
from models.errors import BundleError, NotConvertible

Weights = Mapping[str, NDArray[np.float32]]
Values = Mapping[Entry, Tensor]


def used_nodes(symbol: Symbol) -> Mapping[int, Node]:
    """The nodes that the first head needs, by number and in order.

    Raises NotConvertible naming the operators among them that are not covered.
    """
    needed = {symbol.heads[0][0]}
    for number in range(len(symbol.nodes) - 1, -1, -1):
        if number in needed:
            needed.update(node for node, _ in _inputs(symbol.nodes[number]))
    nodes = {number: symbol.nodes[number] for number in sorted(needed)}
    _require_covered(nodes.values())
    return nodes


def write_network(
    graph: Graph, nodes: Mapping[int, Node], head: Entry, fed: Tensor, weights: Weights
) -> Tensor:
    """Writes all nodes and returns what the network answers with, as (pictures, classes).

    fed: the pictures. weights: all that the nodes need. Raises BundleError or NotConvertible with
    the operator that does not fit.
    """
    values: dict[Entry, Tensor] = {}
    for number, node in nodes.items():
        if node.op == VARIABLE:
            values[number, 0] = fed if node.name == fed.name else _weight(graph, node, weights)
            continue
        for place, tensor in enumerate(_outputs(graph, node, values)):
            values[number, place] = tensor
    return _answer(graph, _value(values, head))


def _require_covered(nodes: Iterable[Node]) -> None:
    missing: dict[str, str] = {}
    for node in nodes:
        if node.op != VARIABLE and node.op not in OPERATORS:
            missing.setdefault(node.op, node.name)
    if missing:
        named = ", ".join(f"{op} (node {name!r})" for op, name in missing.items())
        raise NotConvertible(f"its graph needs what cannot be converted: {named}")


def _inputs(node: Node) -> Sequence[Entry]:
    return node.inputs[:1] if node.op in LABELLED else node.inputs


def _weight(graph: Graph, node: Node, weights: Weights) -> Tensor:
    content = weights[node.name]
    return Tensor(graph.reserve(node.name), content.shape, content)


def _outputs(graph: Graph, node: Node, values: Values) -> tuple[Tensor, ...]:
    """Writes one operator; what is wrong with it is told with its name."""
    options = Attributes(node.options)
    try:
        inputs = tuple(_value(values, entry) for entry in _inputs(node))
        outputs = OPERATORS[node.op](Call(graph, node.name, inputs, options))
        options.require_all_read()
    except NotConvertible as error:
        raise NotConvertible(f"{node.op} (node {node.name!r}): {error}") from None
    except BundleError as error:
        raise BundleError(f"{node.op} (node {node.name!r}): {error}") from None
    return outputs if isinstance(outputs, tuple) else (outputs,)


def _value(values: Values, entry: Entry) -> Tensor:
    if entry not in values:
        raise BundleError(f"output {entry[1]} of an operator is used, which does not have it")
    return values[entry]


def _answer(graph: Graph, head: Tensor) -> Tensor:
    if len(head.shape) < 2 or head.shape[0] != BATCH or max(head.shape[2:], default=1) > 1:
        raise BundleError(f"it answers with {written(head.shape)}, where (n, classes) is needed")
    if len(head.shape) == 2:
        return head
    (flat,) = graph.add("Flatten", (head,), (head.shape[:2],), f"{head.name}_flat", axis=1)
    return Tensor(flat.name, flat.shape, kind=head.kind)
