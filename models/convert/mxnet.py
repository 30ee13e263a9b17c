"""From an MXNet checkpoint to an ONNX file, without mxnet."""

from collections.abc import Collection
from dataclasses import dataclass

from models.bundles.manifest import Kind
from models.convert.checkpoint import Checkpoint
from models.convert.graph import Graph, Tensor
from models.convert.inputs import left_over, picture_input, picture_shape
from models.convert.network import used_nodes, write_network
from models.convert.onnx_file import encode
from models.convert.symbol import Node
from models.errors import BundleError, NotConvertible

OFFER = 'mxnet itself can run it, in a bundle whose weights have the format "mxnet"'
HALVES = ("float16", "bfloat16")


@dataclass(frozen=True, slots=True)
class Converted:
    """A network in ONNX, and what its checkpoint says of it.

    content: the ONNX file; float32, any number of pictures, channels before rows and columns.
    kind: what it answers with. classes: how many numbers per picture.
    input: name of its input. shape: (channels, height, width) of a picture.
    notes: sentences for people about what is computed otherwise than in training, or not used.
    """

    content: bytes
    kind: Kind
    classes: int
    input: str
    shape: tuple[int, int, int]
    notes: tuple[str, ...]


def to_onnx(checkpoint: Checkpoint, size: tuple[int, int] | None = None) -> Converted:
    """Converts a classifier. All is computed in float32, also what the checkpoint has in float16.

    size: (height, width) of its pictures; needed unless the checkpoint says it.
    Raises NotConvertible for an operator that is not covered, BundleError where graph, weights and
    size do not fit, BackendUnavailable where the onnx package is missing.
    """
    try:
        return _converted(checkpoint, size)
    except NotConvertible as error:
        raise NotConvertible(f"{checkpoint.where}: {error}; {OFFER}") from None
    except BundleError as error:
        raise BundleError(f"{checkpoint.where}: {error}") from None


def _converted(checkpoint: Checkpoint, size: tuple[int, int] | None) -> Converted:
    heads = checkpoint.symbol.heads
    if len(heads) != 1:
        raise BundleError(f"its graph has {len(heads)} outputs, where a classifier has one")
    nodes = used_nodes(checkpoint.symbol)
    name = picture_input(checkpoint, nodes.values())
    shape = picture_shape(checkpoint, name, size)
    graph = Graph()
    fed = Tensor(graph.reserve(name), shape)
    answer = write_network(graph, nodes, heads[0], fed, checkpoint.parameters.arrays)
    _, channels, height, width = shape
    return Converted(
        content=encode(graph, fed, answer),
        kind=answer.kind,
        classes=answer.shape[1],
        input=name,
        shape=(channels, height, width),
        notes=_notes(checkpoint, nodes.values()),
    )


def _notes(checkpoint: Checkpoint, nodes: Collection[Node]) -> tuple[str, ...]:
    notes = []
    if halves := checkpoint.parameters.halves:
        total = len(checkpoint.parameters.arrays)
        notes.append(f"{halves} of {total} weights are stored in 16 bits; they run in float32")
    if any(node.options.get("dtype") in HALVES for node in nodes):
        notes.append("the graph computes in 16 bits in places; here it computes in float32")
    if names := left_over(checkpoint):
        notes.append(f"the .params file holds weights that the graph does not use: {names}")
    return tuple(notes)
