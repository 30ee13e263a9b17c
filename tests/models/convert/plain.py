"""What layers compute, in plain numpy and float64, as their definitions say it."""

from collections.abc import Iterator
from itertools import product
from math import erf

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Pair = tuple[int, int]
Number = Array | float


def convolve(
    x: Array, weight: Array, bias: Number = 0.0,
    stride: Pair = (1, 1), dilate: Pair = (1, 1), pad: Pair = (0, 0), groups: int = 1,
) -> Array:  # fmt: skip
    """Convolution of (n, c, h, w) by (filters, c / groups, h, w)."""
    padded = np.pad(x, ((0, 0), (0, 0), (pad[0],) * 2, (pad[1],) * 2))
    reach = tuple(d * (k - 1) + 1 for d, k in zip(dilate, weight.shape[2:], strict=True))
    views = np.lib.stride_tricks.sliding_window_view(padded, reach, axis=(2, 3))
    views = views[:, :, :: stride[0], :: stride[1], :: dilate[0], :: dilate[1]]
    parts = zip(np.split(views, groups, axis=1), np.split(weight, groups), strict=True)
    sums = [np.einsum("nchwij,ocij->nohw", view, part) for view, part in parts]
    return np.asarray(np.concatenate(sums, axis=1) + np.reshape(bias, (-1, 1, 1)))


def dense(x: Array, weight: Array, bias: Number = 0.0) -> Array:
    """A dense layer over the last axis."""
    return np.asarray(x @ weight.T + bias)


def dense_all(x: Array, weight: Array, bias: Number = 0.0) -> Array:
    """A dense layer over everything of a picture."""
    return dense(x.reshape(len(x), -1), weight, bias)


def pool(
    x: Array, kind: str, kernel: Pair, stride: Pair = (1, 1), pad: Pair = (0, 0),
    full: bool = False, counts_padding: bool = True,
) -> Array:  # fmt: skip
    """Pooling, window by window."""
    rows, columns = (
        list(_windows(x.shape[2 + i], kernel[i], stride[i], pad[i], full)) for i in range(2)
    )
    answer = np.empty((*x.shape[:2], len(rows), len(columns)))
    for (i, (top, bottom)), (j, (left, right)) in product(enumerate(rows), enumerate(columns)):
        part = x[:, :, max(top, 0) : bottom, max(left, 0) : right]
        whole = (min(bottom, x.shape[2] + pad[0]) - top) * (min(right, x.shape[3] + pad[1]) - left)
        count = whole if counts_padding else part.shape[2] * part.shape[3]
        total = part.sum(axis=(2, 3))
        answer[:, :, i, j] = {
            "max": part.max(axis=(2, 3)), "sum": total, "avg": total / count
        }[kind]  # fmt: skip
    return answer


def _windows(size: int, kernel: int, stride: int, pad: int, full: bool) -> Iterator[Pair]:
    room = (size + 2 * pad - kernel) / stride
    for number in range(int(np.ceil(room) if full else np.floor(room)) + 1):
        yield number * stride - pad, number * stride - pad + kernel


def normalise(
    x: Array, gamma: Array, beta: Array, mean: Array, variance: Array,
    fix_gamma: bool = True, axis: int = 1, eps: float = 1e-3,
) -> Array:  # fmt: skip
    """Batch normalisation with known statistics."""
    shape = [-1 if i == axis % x.ndim else 1 for i in range(x.ndim)]
    g, b, m, v = (values.reshape(shape) for values in (gamma, beta, mean, variance))
    return np.asarray((x - m) / np.sqrt(v + eps) * (1 if fix_gamma else g) + b)


def local_response(x: Array, nsize: int, alpha: float, beta: float, knorm: float) -> Array:
    """Each channel divided by what its neighbours in the channels hold."""
    padded = np.pad(x * x, ((0, 0), (nsize // 2, nsize // 2), (0, 0), (0, 0)))
    energy = np.lib.stride_tricks.sliding_window_view(padded, nsize, axis=1).sum(axis=-1)
    return np.asarray(x / (knorm + alpha / nsize * energy) ** beta)


def unit_length(x: Array, axes: tuple[int, ...], eps: float = 1e-10) -> Array:
    """Length one along axes."""
    return np.asarray(x / np.sqrt((x * x).sum(axis=axes, keepdims=True) + eps))


def sigmoid(x: Array) -> Array:
    """1 / (1 + e^-x)."""
    return np.asarray(1 / (1 + np.exp(-x)))


def softmax(x: Array, axis: int = -1) -> Array:
    """Shares along an axis."""
    powers = np.exp(x - x.max(axis=axis, keepdims=True))
    return np.asarray(powers / powers.sum(axis=axis, keepdims=True))


def softplus(x: Array) -> Array:
    """log(1 + e^x)."""
    return np.asarray(np.log1p(np.exp(x)))


def prelu(x: Array, slope: Array) -> Array:
    """ReLU with a learnt slope below zero, one for all or one per channel."""
    return np.where(x > 0, x, x * slope.reshape(-1, *(1,) * (x.ndim - 2)))


def gelu(x: Array) -> Array:
    """x / 2 · (1 + erf(x / √2))."""
    return np.asarray(x / 2 * (1 + np.vectorize(erf)(x / np.sqrt(2))))
