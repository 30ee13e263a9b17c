"""What moves numbers without changing them: reshaping, turning, joining, cutting, padding."""

import math
from collections.abc import Sequence

from models.convert.call import Call, axis_of, require_choice
from models.convert.graph import BATCH, Shape, Tensor, integers, written
from models.convert.reshape_codes import reshaped
from models.errors import BundleError, NotConvertible


def same(call: Call) -> Tensor:
    """What passes its first input on; what it does in training besides has no effect here."""
    call.options.ignore("grad_scale", "valid_thresh", "normalization")
    if not call.inputs:
        raise BundleError("it has no input")
    return call.inputs[0]


def dropout(call: Call) -> Tensor:
    """Dropout, which does nothing after training."""
    call.options.ignore("p", "axes")
    require_choice("mode", call.options.word("mode", "training"), ("training",))
    return call.only()


def cast_together(call: Call) -> tuple[Tensor, ...]:
    """Several tensors brought to one float type: all is computed in float32."""
    call.options.ignore("num_outputs", "cast_narrow")
    return call.inputs


def cast(call: Call) -> Tensor:
    """A change between float types: all is computed in float32."""
    kinds = ("float32", "float16", "float64", "bfloat16")
    require_choice("dtype", call.options.word("dtype"), kinds)
    return call.only()


def flatten(call: Call, data: Tensor) -> Tensor:
    """One axis for everything of a picture."""
    if len(data.shape) == 2:
        return data
    shape = (data.shape[0], math.prod(data.shape[1:]))
    return call.add("Flatten", data, shape=shape, kind=data.kind, axis=1)


def flatten_all(call: Call) -> Tensor:
    """Flatten."""
    return flatten(call, call.only())


def reshape(call: Call) -> Tensor:
    """Reshape, with its codes or in its oldest form."""
    options, data = call.options, call.only()
    codes, reverse = options.integers("shape", ()), options.flag("reverse", False)
    oldest = options.integers("target_shape", ())
    keep = options.flag("keep_highest", False)
    if not codes and oldest:
        codes = tuple(size or -1 for size in oldest)
        codes = (0, *codes[1:]) if keep else codes
    return to_shape(call, data, reshaped(data.shape, codes, reverse))


def to_shape(call: Call, data: Tensor, shape: Shape) -> Tensor:
    """The same numbers in another shape; the number of pictures stays free."""
    sizes = [-1 if size % BATCH == 0 else size for size in shape]
    if sizes.count(-1) > 1:
        raise NotConvertible(f"{written(data.shape)} cannot become {written(shape)}")
    target = call.constant(integers(sizes), "shape")
    return call.add("Reshape", data, target, shape=shape, kind=data.kind)


def expand_dims(call: Call) -> Tensor:
    """One more axis, of size 1."""
    data = call.only()
    axis = axis_of(call.options.integer("axis"), len(data.shape) + 1)
    return to_shape(call, data, (*data.shape[:axis], 1, *data.shape[axis:]))


def squeeze(call: Call) -> Tensor:
    """The axes of size 1 left out, all or those that are told."""
    data = call.only()
    ones = tuple(i for i, size in enumerate(data.shape) if size == 1)
    axes = {axis_of(axis, len(data.shape)) for axis in call.options.integers("axis", ones)}
    if any(data.shape[axis] != 1 for axis in axes):
        raise BundleError(f"an axis of {written(data.shape)} to leave out is larger than 1")
    return to_shape(call, data, tuple(s for i, s in enumerate(data.shape) if i not in axes))


def transpose(call: Call) -> Tensor:
    """The axes in another order; by default reversed."""
    data = call.only()
    rank = len(data.shape)
    axes = call.options.integers("axes", tuple(range(rank))[::-1])
    return _turned(call, data, [axis_of(axis, rank) for axis in axes])


def swap_axis(call: Call) -> Tensor:
    """Two axes exchanged."""
    data = call.only()
    order = list(range(len(data.shape)))
    one, other = (axis_of(call.options.integer(key, 0), len(order)) for key in ("dim1", "dim2"))
    order[one], order[other] = other, one
    return _turned(call, data, order)


def _turned(call: Call, data: Tensor, order: Sequence[int]) -> Tensor:
    if sorted(order) != list(range(len(data.shape))):
        raise BundleError(f"{tuple(order)} is no order of the axes of {written(data.shape)}")
    shape = tuple(data.shape[axis] for axis in order)
    return call.add("Transpose", data, shape=shape, kind=data.kind, perm=list(order))
