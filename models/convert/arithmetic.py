"""Sums, products and their like: of two tensors, of many, with a number, along axes."""

from collections.abc import Callable

from models.convert.call import Call, axis_of
from models.convert.graph import BATCH, Shape, Tensor, integers, written
from models.errors import BundleError, NotConvertible

Operator = Callable[[Call], Tensor]


def of_equals(op: str) -> Operator:
    """An operator on two tensors of one shape."""

    def convert(call: Call) -> Tensor:
        left, right = call.take(2)
        if left.shape != right.shape:
            raise BundleError(f"{written(left.shape)} and {written(right.shape)} must be the same")
        return call.add(op, left, right, shape=left.shape)

    return convert


def broadcast(op: str) -> Operator:
    """An operator on two tensors, of which one may have axes of size 1 where the other has more."""

    def convert(call: Call) -> Tensor:
        left, right = call.take(2)
        return call.add(op, left, right, shape=_joined(left.shape, right.shape))

    return convert


def with_scalar(op: str, reverse: bool = False) -> Operator:
    """An operator on a tensor and a number; reverse: the number stands before."""

    def convert(call: Call) -> Tensor:
        call.options.ignore("is_int")
        data, number = call.only(), call.scalar(call.options.number("scalar", 1.0), "scalar")
        pair = (number, data) if reverse else (data, number)
        return call.add(op, *pair, shape=data.shape)

    return convert


def sum_of_all(call: Call) -> Tensor:
    """The sum of any number of tensors of one shape."""
    call.options.ignore("num_args")
    shapes = {tensor.shape for tensor in call.inputs}
    if len(shapes) != 1:
        raise BundleError("its inputs differ in shape, or there is none")
    return call.add("Sum", *call.inputs, shape=call.inputs[0].shape)


def reduction(op: str) -> Operator:
    """An operator that leaves one number of each axis that it is told of."""

    def convert(call: Call) -> Tensor:
        data = call.only()
        axes, keep = _reduced_axes(call, data), call.options.flag("keepdims", False)
        if not axes:
            return data
        shape = tuple(
            1 if i in axes else size for i, size in enumerate(data.shape) if keep or i not in axes
        )
        if op == "ReduceSum":  # the one whose axes are an input in this version of ONNX
            places = call.constant(integers(axes), "axes")
            return call.add(op, data, places, shape=shape, keepdims=int(keep))
        return call.add(op, data, shape=shape, axes=axes, keepdims=int(keep))

    return convert


def _reduced_axes(call: Call, data: Tensor) -> list[int]:
    rank = len(data.shape)
    told = call.options.integers("axis", tuple(range(rank)))
    axes = {axis_of(axis, rank) for axis in told}
    if call.options.flag("exclude", False):
        axes = set(range(rank)) - axes
    if any(data.shape[axis] % BATCH == 0 for axis in axes):
        raise NotConvertible("it mixes one picture with another")
    return sorted(axes)


def _joined(left: Shape, right: Shape) -> Shape:
    rank = max(len(left), len(right))
    padded = [(1,) * (rank - len(shape)) + shape for shape in (left, right)]
    pairs = list(zip(*padded, strict=True))
    if any(a != b and 1 not in (a, b) for a, b in pairs):
        raise BundleError(f"{written(left)} and {written(right)} do not go together")
    return tuple(max(pair) for pair in pairs)
