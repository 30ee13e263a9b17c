"""Tells a graph's pictures from its weights, and checks that the weights are all there."""

from collections.abc import Collection, Iterable, Sequence

import numpy as np

from models.convert.checkpoint import Checkpoint
from models.convert.graph import BATCH, Shape
from models.convert.symbol import VARIABLE, Node
from models.errors import BundleError

CHANNELS = 3
MAX_SIDE = 4096
USUAL_NAME = "data"


def picture_input(checkpoint: Checkpoint, nodes: Iterable[Node]) -> str:
    """The name of the variable that takes the pictures; nodes: those that the answer needs.

    Raises BundleError where the weights do not fit the graph: missing, or not a number.
    """
    arrays = checkpoint.parameters.arrays
    variables = _variables(nodes)
    _require_relation(variables, arrays)
    free = sorted(variables - set(arrays))
    name = _picture_input(free, checkpoint)
    if free != [name]:
        missing = _listed(other for other in free if other != name)
        raise BundleError(f"its graph needs weights that its .params file lacks: {missing}")
    for weight in sorted(variables - {name}):
        if np.isnan(arrays[weight]).any():
            raise BundleError(f"its weights {weight!r} hold something that is not a number")
    return name


def picture_shape(checkpoint: Checkpoint, name: str, size: tuple[int, int] | None) -> Shape:
    """What the network takes, any number of pictures first.

    size: (height, width); by default that of the training. Raises BundleError when nobody says it.
    """
    trained = checkpoint.shapes.get(name, ())
    channels = trained[1] if len(trained) == 4 else CHANNELS
    if size is None and len(trained) != 4:
        raise BundleError(
            "it does not say how large its pictures are: --size 224x224 says it "
            "(that is right for Gluon's classifiers; its Inception v3 takes 299x299)"
        )
    height, width = size or trained[2:]
    if not 1 <= channels <= MAX_SIDE or not 1 <= height <= MAX_SIDE or not 1 <= width <= MAX_SIDE:
        raise BundleError(f"its pictures cannot be {channels} x {height} x {width} large")
    return BATCH, channels, height, width


def left_over(checkpoint: Checkpoint) -> str:
    """The weights that no variable of the graph asks for, as a list for people; mostly none.

    A network that was cut short for another task leaves those of what was cut off.
    """
    return _listed(set(checkpoint.parameters.arrays) - _variables(checkpoint.symbol.nodes))


def _variables(nodes: Iterable[Node]) -> set[str]:
    return {node.name for node in nodes if node.op == VARIABLE}


def _require_relation(variables: set[str], arrays: Collection[str]) -> None:
    if not variables.intersection(arrays):
        raise BundleError(
            "no name in its .params file stands in its graph: save both together, as Gluon's "
            "net.export() or Module.save_checkpoint() do"
        )


def _picture_input(free: Sequence[str], checkpoint: Checkpoint) -> str:
    if not free:
        raise BundleError("its graph has no input: every variable in it is a weight")
    likely = [name for name in free if name in checkpoint.shapes] or [
        name for name in free if name == USUAL_NAME
    ]
    if len(likely or free) > 1:
        raise BundleError(f"its graph has several inputs, or weights are missing: {_listed(free)}")
    return (likely or free)[0]


def _listed(names: Iterable[str]) -> str:
    listed = sorted(names)
    more = f" and {len(listed) - 5} more" if len(listed) > 5 else ""
    return ", ".join(listed[:5]) + more
