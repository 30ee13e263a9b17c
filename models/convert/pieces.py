"""Tensors joined, cut and padded."""

import numpy as np

from models.convert.call import Call, axis_of, require_choice
from models.convert.graph import BATCH, Shape, Tensor, integers, written
from models.convert.shapes import to_shape
from models.errors import BundleError, NotConvertible


def concat(call: Call) -> Tensor:
    """Tensors one behind the other along an axis."""
    call.options.ignore("num_args")
    if not call.inputs:
        raise BundleError("it has no input")
    first = call.inputs[0].shape
    axis = axis_of(call.options.integer("dim", 1), len(first))
    _require_not_batch(first, axis)
    for tensor in call.inputs:
        if len(tensor.shape) != len(first) or _without(tensor.shape, axis) != _without(first, axis):
            raise BundleError(f"{written(first)} and {written(tensor.shape)} cannot be joined")
    total = sum(tensor.shape[axis] for tensor in call.inputs)
    return call.add("Concat", *call.inputs, shape=_with(first, axis, total), axis=axis)


def split(call: Call) -> tuple[Tensor, ...]:
    """A tensor cut into equal pieces along an axis."""
    options, data = call.options, call.only()
    count, axis = options.integer("num_outputs"), options.integer("axis", 1)
    axis = axis_of(axis, len(data.shape))
    _require_not_batch(data.shape, axis)
    if count < 1 or data.shape[axis] % count:
        raise BundleError(f"{data.shape[axis]} channels cannot be cut into {count} equal pieces")
    size = data.shape[axis] // count
    sizes = call.constant(integers([size] * count), "sizes")
    shapes = [_with(data.shape, axis, size)] * count
    pieces = call.graph.add("Split", (data, sizes), shapes, call.name, axis=axis)
    if not options.flag("squeeze_axis", False):
        return pieces
    if size != 1:
        raise BundleError("its pieces are too large to leave their axis out")
    return tuple(to_shape(call, piece, _without(data.shape, axis)) for piece in pieces)


def slice_axis(call: Call) -> Tensor:
    """A part of one axis."""
    options, data = call.options, call.only()
    axis = axis_of(options.integer("axis"), len(data.shape))
    begin, end = options.integer("begin"), options.optional_integer("end")
    return _cut(call, data, {axis: slice(begin, end)})


def slice_axes(call: Call) -> Tensor:
    """A part of several axes, from the first on."""
    options, data = call.options, call.only()
    begins, ends = options.optional_integers("begin"), options.optional_integers("end")
    steps = options.optional_integers("step") or (None,) * len(begins)
    if not len(begins) == len(ends) == len(steps) <= len(data.shape) or 0 in steps:
        raise BundleError("its begin, end and step do not go together")
    parts = {i: slice(*part) for i, part in enumerate(zip(begins, ends, steps, strict=True))}
    return _cut(call, data, {i: part for i, part in parts.items() if part != slice(None)})


def _cut(call: Call, data: Tensor, parts: dict[int, slice]) -> Tensor:
    shape, rows = data.shape, []
    for axis, part in parts.items():
        _require_not_batch(shape, axis)
        begin, end, step = part.indices(shape[axis])
        if len(range(begin, end, step)) == 0:
            raise BundleError("it leaves nothing over")
        rows.append((begin, end if end >= 0 else -shape[axis] - 1, axis, step))
        shape = _with(shape, axis, len(range(begin, end, step)))
    if not rows:
        return data
    places = [call.constant(integers(column), "part") for column in zip(*rows, strict=True)]
    return call.add("Slice", data, *places, shape=shape)


def pad(call: Call) -> Tensor:
    """A border around the picture."""
    options, data = call.options, call.only()
    mode, value = options.word("mode"), options.number("constant_value", 0.0)
    require_choice("mode", mode, ("constant", "edge", "reflect"))
    widths = options.integers("pad_width")
    before, behind = widths[::2], widths[1::2]
    if len(widths) != 2 * len(data.shape) or min(widths) < 0:
        raise BundleError(f"its pad_width {widths} does not fit {written(data.shape)}")
    if before[0] or behind[0]:
        raise NotConvertible("it adds pictures")
    sides = list(zip(before, data.shape, behind, strict=True))
    if mode == "reflect" and any(max(a, b) >= size for a, size, b in sides):
        raise BundleError(f"its pad_width {widths} is larger than what it mirrors")
    inputs = [data, call.constant(integers(before + behind), "widths")]
    if mode == "constant":
        inputs.append(call.constant(np.array(value, np.float32), "value"))
    return call.add("Pad", *inputs, shape=tuple(sum(side) for side in sides), mode=mode)


def _require_not_batch(shape: Shape, axis: int) -> None:
    if shape[axis] % BATCH == 0:
        raise NotConvertible("it mixes one picture with another")


def _with(shape: Shape, axis: int, size: int) -> Shape:
    return (*shape[:axis], size, *shape[axis + 1 :])


def _without(shape: Shape, axis: int) -> Shape:
    return shape[:axis] + shape[axis + 1 :]
