"""An ONNX graph while it is being built: tensors with known shapes, and the nodes between them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.bundles.manifest import Kind
from models.errors import BundleError

Shape = tuple[int, ...]
Value = int | float | str | list[int]
"""What an ONNX attribute may be."""

BATCH = 1_000_003
"""Stands in shapes for the number of pictures, which stays free: a prime that no network has."""
MAX_ELEMENTS = 1 << 28
"""Per picture and tensor: 1 GiB; a larger one comes from a damaged number."""


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """A value in the graph.

    content: the numbers of a weight; None for what is computed.
    kind: what the numbers would be if the network answered with them.
    """

    name: str
    shape: Shape
    content: NDArray[Any] | None = None
    kind: Kind = "logits"


@dataclass(frozen=True, slots=True)
class Step:
    """A node: an ONNX operator from named tensors to named tensors."""

    op: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Value]


@dataclass(slots=True, eq=False)
class Graph:
    """Grows by `add`; the weights that its steps use are collected on the way."""

    steps: list[Step] = field(default_factory=list)
    weights: dict[str, NDArray[Any]] = field(default_factory=dict)
    _taken: dict[str, int] = field(default_factory=dict)

    def reserve(self, name: str) -> str:
        """The name, or if it is taken one like it."""
        free = name
        while free in self._taken:
            self._taken[name] += 1
            free = f"{name}_{self._taken[name]}"
        self._taken[free] = 0
        return free

    def constant(self, content: NDArray[Any], name: str) -> Tensor:
        """A weight that is not in the checkpoint; float32, or int64 where ONNX wants places."""
        return Tensor(self.reserve(name), content.shape, content)

    def add(
        self, op: str, inputs: Sequence[Tensor], shapes: Sequence[Shape], name: str, **more: Value
    ) -> tuple[Tensor, ...]:
        """Appends an ONNX operator with its attributes; shapes: those of its outputs."""
        for shape in shapes:
            _require_possible(shape)
        outputs = tuple(Tensor(self.reserve(name), shape) for shape in shapes)
        for tensor in inputs:
            if tensor.content is not None:
                self.weights[tensor.name] = tensor.content
        self.steps.append(
            Step(op, outputs[0].name, _names(inputs), _names(outputs), attributes=more)
        )
        return outputs


def integers(numbers: Sequence[int]) -> NDArray[np.int64]:
    """Numbers as ONNX wants shapes and places."""
    return np.array(numbers, np.int64)


def written(shape: Shape) -> str:
    """A shape for people: n where the number of pictures stands."""
    return f"({', '.join(_written(size) for size in shape)})"


def _written(size: int) -> str:
    times, rest = divmod(size, BATCH)
    if rest or not times:
        return str(size)
    return "n" if times == 1 else f"{times}n"


def _names(tensors: Sequence[Tensor]) -> tuple[str, ...]:
    return tuple(tensor.name for tensor in tensors)


def _require_possible(shape: Shape) -> None:
    if any(size < 1 for size in shape) or math.prod(shape) > MAX_ELEMENTS * BATCH:
        raise BundleError(f"its answer would have the impossible shape {written(shape)}")
