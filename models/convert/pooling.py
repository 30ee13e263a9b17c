"""Pooling, with mxnet's rules for windows that look beyond the picture.

Every window is written with its own padding, since runtimes disagree about ONNX's ceil_mode.
"""

import math
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from models.convert.call import Call, require_choice
from models.convert.graph import Shape, Tensor
from models.convert.windows import Window, read_window, require_layout
from models.errors import NotConvertible

GLOBAL = {"max": "GlobalMaxPool", "avg": "GlobalAveragePool", "sum": "GlobalAveragePool"}


def adaptive_average(call: Call) -> Tensor:
    """The average of the whole picture; other grids than 1 x 1 are not covered."""
    grid = call.options.integers("output_size", (1,))
    if set(grid) != {1}:
        raise NotConvertible(f"its output_size is {grid}, where 1 can be converted")
    return _global(call, call.only(), "avg")


def pooling(call: Call) -> Tensor:
    """Pooling; an average counts the padding unless told otherwise, but nothing beyond it."""
    options, data = call.options, call.only()
    kind = options.word("pool_type", "max")
    require_choice("pool_type", kind, tuple(GLOBAL))
    padding_counts = options.flag("count_include_pad", True)
    options.ignore("p_value")
    if options.flag("global_pool", False):
        options.ignore("kernel", "stride", "pad", "pooling_convention")
        require_layout(options, len(data.shape) - 2)
        return _global(call, data, kind)
    convention = options.word("pooling_convention", "valid")
    require_choice("pooling_convention", convention, ("valid", "full"))
    window = read_window(options, data)
    places = window.places(partly=convention == "full")
    if kind == "max":
        return _maximum(call, data, window, places)
    mean = _mean(call, data, window, places, padding_counts or kind == "sum")
    if kind == "sum":
        return _scaled(call, mean, np.full((1,) * len(data.shape), math.prod(window.kernel)))
    if not padding_counts or _pads(window, places) == list(window.pad * 2):
        return mean
    return _scaled(call, mean, _shares(window, places))


def _global(call: Call, data: Tensor, kind: str) -> Tensor:
    rank = len(data.shape) - 2
    pooled = call.add(GLOBAL[kind], data, shape=(*data.shape[:2], *(1,) * rank))
    if kind != "sum":
        return pooled
    return _scaled(call, pooled, np.full((1,) * len(data.shape), math.prod(data.shape[2:])))


def _maximum(call: Call, data: Tensor, window: Window, places: Shape) -> Tensor:
    return call.add(
        "MaxPool", data,
        shape=(*data.shape[:2], *places),
        kernel_shape=list(window.kernel),
        strides=list(window.stride),
        pads=_pads(window, places),
    )  # fmt: skip


def _mean(call: Call, data: Tensor, window: Window, places: Shape, padding_counts: bool) -> Tensor:
    return call.add(
        "AveragePool", data,
        shape=(*data.shape[:2], *places),
        kernel_shape=list(window.kernel),
        strides=list(window.stride),
        pads=_pads(window, places),
        count_include_pad=int(padding_counts),
    )  # fmt: skip


def _pads(window: Window, places: Shape) -> list[int]:
    """Before, as told; behind, so much that the last window ends with it."""
    behind = []
    for i, place in enumerate(places):
        last = (place - 1) * window.stride[i]
        size, pad, kernel = window.sizes[i], window.pad[i], window.kernel[i]
        if pad >= kernel or last >= size + pad:
            raise NotConvertible("one of its windows lies wholly outside of the picture")
        behind.append(max(pad, last + kernel - size - pad))
    return [*window.pad, *behind]


def _shares(window: Window, places: Shape) -> NDArray[np.float64]:
    """Whole window / the part of it that lies on the padded picture, for each place."""
    shares = [np.ones((1, 1))]
    for i, place in enumerate(places):
        begin = np.arange(place) * window.stride[i]
        end = np.minimum(begin + window.kernel[i], window.sizes[i] + 2 * window.pad[i])
        shares.append(window.kernel[i] / (end - begin))
    return reduce(np.multiply.outer, shares)


def _scaled(call: Call, data: Tensor, factors: NDArray[np.float64]) -> Tensor:
    constant = call.constant(factors.astype(np.float32), "factors")
    return call.add("Mul", data, constant, shape=data.shape)
