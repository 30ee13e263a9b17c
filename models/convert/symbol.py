"""The graph of an MXNet checkpoint: reads a `*-symbol.json` of any version without mxnet."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from models.errors import BundleError

VARIABLE = "null"
"""The operator of a node that computes nothing: the input, a weight, a label."""
HIDDEN = ("ctx_group", "lr_mult", "wd_mult", "force_mirroring", "mirror_stage")
"""What old versions wrote among the options for training only, also as "weight_lr_mult"."""
STATISTICS = ("moving_mean", "moving_var")
"""The inputs of BatchNorm that versions up to 0.8 did not list."""
MAX_NAME = 1000
MAX_DIGITS = 18

Entry = tuple[int, int]
"""A value in the graph: (number of the node, number of its output)."""


@dataclass(frozen=True, slots=True)
class Node:
    """An operator with its options as text; its inputs stand before it in the graph."""

    op: str
    name: str
    inputs: tuple[Entry, ...]
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Symbol:
    """A graph: each node only refers to nodes before it; heads are what it answers with."""

    nodes: tuple[Node, ...]
    heads: tuple[Entry, ...]


def read_symbol(content: bytes, where: str) -> Symbol:
    """Reads a whole file; where: its name, for people. Raises BundleError when it is damaged."""
    try:
        document = _object(json.loads(content.decode(), parse_int=_integer), "the whole")
        return _symbol(document)
    except RecursionError:
        fault = "it is nested too deeply"
    except ValueError as error:
        fault = str(error)
    raise BundleError(f"{where} cannot be read as an MXNet symbol: {fault}")


def _symbol(document: Mapping[str, Any]) -> Symbol:
    nodes: list[Node] = []
    places: list[int] = []  # where the nodes of the file stand, once missing ones are put in
    for number, item in enumerate(_array(document.get("nodes"), "nodes")):
        node = _node(_object(item, f"node {number}"), places)
        added = _missing_statistics(node)
        statistics = tuple((len(nodes) + i, 0) for i in range(len(added)))
        nodes += added
        places.append(len(nodes))
        nodes.append(Node(node.op, node.name, node.inputs + statistics, node.options))
    heads = _entries(document.get("heads"), places, "heads")
    if not heads:
        raise ValueError("it has no heads")
    return Symbol(tuple(nodes), heads)


def _node(item: Mapping[str, Any], places: list[int]) -> Node:
    op, name = item.get("op"), item.get("name")
    if not _is_name(op) or not _is_name(name):
        raise ValueError(f"node {len(places)} has no op or no name")
    inputs = _entries(item.get("inputs"), places, f"the inputs of {name!r}")
    return Node(op, name, inputs, dict(_options(item, name)))


def _is_name(found: Any) -> TypeGuard[str]:
    """Text of a sane length that every file format can hold."""
    return isinstance(found, str) and 0 < len(found) <= MAX_NAME and found.isprintable()


def _options(item: Mapping[str, Any], name: str) -> Iterable[tuple[str, str]]:
    """All options: `param` up to 0.8, `attr` up to 0.12, then `attrs`; some files mix them."""
    for block in ("attrs", "attr", "param"):
        for key, value in _object(item.get(block, {}), f"{block} of {name!r}").items():
            if not isinstance(value, str):
                raise ValueError(f"the option {key!r} of {name!r} is not a text")
            if not key.startswith("__") and not key.endswith(HIDDEN):
                yield key, value


def _missing_statistics(node: Node) -> list[Node]:
    if node.op != "BatchNorm" or len(node.inputs) != 3:
        return []
    return [Node(VARIABLE, f"{node.name}_{statistic}", (), {}) for statistic in STATISTICS]


def _entries(items: Any, places: list[int], what: str) -> tuple[Entry, ...]:
    return tuple(_entry(item, places, what) for item in _array(items, what))


def _entry(item: Any, places: list[int], what: str) -> Entry:
    """[node, output], since 0.9 with a version that means nothing here."""
    numbers = _array(item, what)
    if len(numbers) not in (2, 3) or any(type(number) is not int for number in numbers):
        raise ValueError(f"{what} must be pairs or triples of numbers")
    node, output = numbers[:2]
    if not 0 <= node < len(places) or output < 0:
        raise ValueError(f"{what} refer to node {node}, which does not stand before")
    return places[node], output


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ValueError(f"the number {text[:MAX_DIGITS]}… in it is too long")
    return int(text)


def _object(found: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(found, dict):
        raise ValueError(f"{what} must be an object")
    return found


def _array(found: Any, what: str) -> list[Any]:
    if not isinstance(found, list):
        raise ValueError(f"{what} must be an array")
    return found
