"""One operator of a checkpoint, about to be written in ONNX."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.bundles.manifest import Kind
from models.convert.attributes import Attributes
from models.convert.graph import Graph, Shape, Tensor, Value, written
from models.errors import BundleError, NotConvertible


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """The operator's inputs and options, and the graph that it goes into.

    Its functions raise BundleError, or NotConvertible, about this operator; whoever calls adds
    which one it is.
    """

    graph: Graph
    name: str
    inputs: tuple[Tensor, ...]
    options: Attributes

    def take(self, count: int) -> tuple[Tensor, ...]:
        """The inputs, of which there must be so many."""
        if len(self.inputs) != count:
            raise BundleError(f"it has {len(self.inputs)} inputs, where {count} are needed")
        return self.inputs

    def only(self) -> Tensor:
        """The one input."""
        return self.take(1)[0]

    def add(
        self, op: str, *inputs: Tensor, shape: Shape, kind: Kind = "logits", **more: Value
    ) -> Tensor:
        """Appends an ONNX operator with one output."""
        (output,) = self.graph.add(op, inputs, (shape,), self.name, **more)
        return replace(output, kind=kind)

    def constant(self, content: NDArray[Any], what: str) -> Tensor:
        """A weight that is not in the checkpoint."""
        return self.graph.constant(content, f"{self.name}_{what}")

    def scalar(self, number: float, what: str) -> Tensor:
        """A number that fits tensors of every shape."""
        return self.constant(np.array([number], np.float32), what)


def require_shape(weight: Tensor, shape: Shape) -> None:
    """Raises BundleError when a weight has another shape than the graph needs."""
    if weight.shape != shape:
        raise BundleError(
            f"{weight.name} has the shape {written(weight.shape)}, where {written(shape)} is needed"
        )


def require_choice(what: str, found: str, covered: Sequence[str]) -> None:
    """Raises NotConvertible when an option asks for something that is not covered."""
    if found not in covered:
        raise NotConvertible(f"its {what} is {found[:60]!r}, not {' or '.join(covered)}")


def axis_of(axis: int, rank: int) -> int:
    """An axis counted from the front; raises BundleError where there is none."""
    if not -rank <= axis < rank:
        raise BundleError(f"its axis is {axis}, but its input has {rank} axes")
    return axis % rank
