"""Every operator that can be converted, in its variations, with what it computes in plain numpy."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import product
from typing import Any

import numpy as np

from tests.models.convert import plain
from tests.models.convert.operator_case import Case
from tests.models.convert.plain import Array

Function = Callable[..., Any]
NORM = ("gamma", "beta", "moving_mean", "moving_var")
WINDOWS: tuple[Mapping[str, Any], ...] = (
    {"kernel": (3, 3), "stride": (2, 2), "pad": (1, 1)},
    {"kernel": (3, 3), "stride": (2, 2)},
    {"kernel": (2, 2), "stride": (2, 2)},
    {"kernel": (5, 5), "stride": (3, 3), "pad": (2, 2)},
    {"kernel": (2, 3), "stride": (1, 2), "pad": (0, 1)},
    {"kernel": (2, 2)},
)
UNARY: Mapping[str, Function] = {
    "relu": lambda x: np.maximum(x, 0), "sigmoid": plain.sigmoid, "tanh": np.tanh,
    "softsign": lambda x: x / (1 + np.abs(x)), "exp": np.exp, "abs": np.abs,
    "negative": np.negative, "square": np.square,
}  # fmt: skip
BINARY: Mapping[str, tuple[Function, tuple[str, ...], tuple[str, ...]]] = {
    "add": (np.add, ("elemwise_add", "_add", "_plus", "_Plus", "_grad_add"),
            ("broadcast_add", "broadcast_plus")),
    "sub": (np.subtract, ("elemwise_sub", "_sub", "_minus", "_Minus"),
            ("broadcast_sub", "broadcast_minus")),
    "mul": (np.multiply, ("elemwise_mul", "_mul", "_Mul"), ("broadcast_mul",)),
    "div": (np.divide, ("elemwise_div", "_div", "_Div"), ("broadcast_div",)),
    "pow": (np.power, ("_power", "_Power"), ("broadcast_power",)),
    "max": (np.maximum, ("_maximum", "_Maximum"), ("broadcast_maximum",)),
    "min": (np.minimum, ("_minimum", "_Minimum"), ("broadcast_minimum",)),
}  # fmt: skip
SCALAR: Mapping[str, Function] = {
    "plus": lambda x: x + 1.5, "minus": lambda x: x - 1.5, "rminus": lambda x: 1.5 - x,
    "mul": lambda x: x * 1.5, "div": lambda x: x / 1.5, "rdiv": lambda x: 1.5 / x,
    "power": lambda x: x**1.5, "rpower": lambda x: 1.5**x,
    "maximum": lambda x: np.maximum(x, 1.5), "minimum": lambda x: np.minimum(x, 1.5),
}  # fmt: skip
CAMEL = {"rminus": "RMinus", "rdiv": "RDiv", "rpower": "RPower"}


def _same(x: Array, *_others: Array) -> Array:
    return x


def _sum(*parts: Array) -> Array:
    return np.asarray(np.sum(parts, axis=0))


def _joined(*parts: Array) -> Array:
    return np.concatenate(parts, axis=1)


def _softmax_labelled(x: Array, _label: Array) -> Array:
    return plain.softmax(x)


def _softmax_channels(x: Array, *_label: Array) -> Array:
    return plain.softmax(x, 1)


def _activations() -> Iterator[Case]:
    for kind in ("relu", "sigmoid", "tanh", "softsign"):
        yield Case("Activation", UNARY[kind], {"act_type": kind})
    yield Case("Activation", plain.softplus, {"act_type": "softrelu"})
    for op, function in UNARY.items():
        yield Case(op, function)
    yield Case("log", np.log, inputs=("positive",))
    yield Case("sqrt", np.sqrt, inputs=("positive",))
    yield Case("clip", lambda x: np.clip(x, 0, 6), {"a_min": 0, "a_max": 6})
    yield Case("clip", lambda x: np.clip(x, -0.5, 0.25), {"a_min": -0.5, "a_max": 0.25})
    yield Case("hard_sigmoid", lambda x: np.clip(0.2 * x + 0.5, 0, 1))
    yield Case("hard_sigmoid", lambda x: np.clip(0.3 * x + 0.4, 0, 1), {"alpha": 0.3, "beta": 0.4})
    selu = (1.0507009873554805, 1.6732632423543772)
    slopes: Mapping[str, Function] = {
        "leaky": lambda x: np.where(x > 0, x, 0.3 * x),
        "elu": lambda x: np.where(x > 0, x, 0.3 * np.expm1(x)),
        "selu": lambda x: selu[0] * np.where(x > 0, x, selu[1] * np.expm1(x)),
        "gelu": plain.gelu,
        "rrelu": lambda x: np.where(x > 0, x, (0.125 + 0.334) / 2 * x),
    }
    for kind, function in slopes.items():
        yield Case("LeakyReLU", function, {"act_type": kind, "slope": 0.3})
    yield Case("LeakyReLU", lambda x: np.where(x > 0, x, 0.25 * x))
    for shape, source in (((6,), "data"), ((1,), "data"), ((480,), "flat")):
        yield Case("LeakyReLU", plain.prelu, {"act_type": "prelu"}, (source,), {"gamma": shape})


def _convolutions() -> Iterator[Case]:
    grouped = {"kernel": (3, 3), "num_filter": 9, "num_group": 3, "pad": (1, 1)}
    computed = partial(plain.convolve, groups=3, pad=(1, 1))
    for op in ("Convolution", "Convolution_v1"):
        yield Case(op, computed, grouped, weights={"weight": (9, 2, 3, 3), "bias": (9,)})
    wide: Mapping[str, Any] = {"stride": (2, 1), "dilate": (2, 2), "pad": (2, 1)}
    told = {"kernel": (3, 2), "num_filter": 5, "no_bias": True, **wide}
    computed = partial(plain.convolve, **wide)
    yield Case("Convolution", computed, told, weights={"weight": (5, 6, 3, 2)})
    told = {"kernel": (3, 3), "num_filter": 6, "num_group": 6, "no_bias": True}
    computed = partial(plain.convolve, groups=6)
    yield Case("Convolution", computed, told, weights={"weight": (6, 1, 3, 3)})


def _dense() -> Iterator[Case]:
    for bias in ({"bias": (7,)}, {}):
        told = {"num_hidden": 7, "no_bias": not bias}
        yield Case("FullyConnected", plain.dense_all, told, weights={"weight": (7, 480), **bias})
        told = {**told, "flatten": False}
        yield Case("FullyConnected", plain.dense, told, weights={"weight": (7, 10), **bias})


def _normalisations() -> Iterator[Case]:
    for fixed, (axis, size) in product((True, False), ((1, 6), (2, 8), (-1, 10))):
        computed = partial(plain.normalise, fix_gamma=fixed, axis=axis, eps=2e-5)
        told = {"fix_gamma": fixed, "axis": axis, "eps": 2e-5, "momentum": 0.9}
        yield Case("BatchNorm", computed, told, weights=dict.fromkeys(NORM, (size,)))
    computed, told = partial(plain.normalise, fix_gamma=False), {"fix_gamma": False}
    yield Case("BatchNorm", computed, told, ("flat",), dict.fromkeys(NORM, (480,)))
    channels = dict.fromkeys(NORM, (6,))
    yield Case("BatchNorm", plain.normalise, weights=channels)
    yield Case("_contrib_SyncBatchNorm", plain.normalise, {"key": "x"}, weights=channels)
    for row in ((5, 1e-4, 0.75, 2), (3, 0.01, 0.6, 1.5), (5, 0.1, 0.75, 1)):
        lrn: dict[str, Any] = dict(zip(("nsize", "alpha", "beta", "knorm"), row, strict=True))
        yield Case("LRN", partial(plain.local_response, **lrn), lrn)
    for mode, axes in (("instance", (1, 2, 3)), ("channel", (1,)), ("spatial", (2, 3))):
        yield Case("L2Normalization", partial(plain.unit_length, axes=axes), {"mode": mode})


def _poolings() -> Iterator[Case]:
    for window, kind, full in product(WINDOWS, ("max", "avg", "sum"), (False, True)):
        convention = {"pooling_convention": "full"} if full else {}
        for counts in (True, False) if kind == "avg" else (True,):
            told = {} if counts else {"count_include_pad": False}
            reference = partial(plain.pool, kind=kind, full=full, counts_padding=counts, **window)
            yield Case("Pooling", reference, {**window, "pool_type": kind, **convention, **told})
    over: Mapping[str, Function] = {"max": np.max, "avg": np.mean, "sum": np.sum}
    for kind, function in over.items():
        options = {"global_pool": True, "kernel": (7, 7), "pool_type": kind}
        yield Case("Pooling", partial(function, axis=(2, 3)), options)
    yield Case("_contrib_AdaptiveAvgPooling2D", partial(np.mean, axis=(2, 3)), {"output_size": 1})


def _arithmetic() -> Iterator[Case]:
    for function, equal, spread in BINARY.values():
        for op in equal:
            yield Case(op, function, inputs=("positive", "data"))
        for op in spread:
            yield Case(op, function, inputs=("positive", "mean"))
            yield Case(op, function, inputs=("positive",), weights={"w": (1, 6, 1, 1)})
    for name, function in SCALAR.items():
        camel = CAMEL.get(name, name.capitalize())
        for op in (f"_{name}_scalar", f"_{camel}Scalar"):
            yield Case(op, function, {"scalar": 1.5}, ("positive",))
    for op in ("add_n", "ElementWiseSum"):
        yield Case(op, _sum, {"num_args": 3}, ("data", "positive", "data"))
    reductions: Mapping[str, Function] = {
        "mean": np.mean, "sum": np.sum, "max": np.max, "min": np.min, "sum_axis": np.sum,
        "max_axis": np.max, "min_axis": np.min,
    }  # fmt: skip
    for op, function in reductions.items():
        yield Case(op, partial(function, axis=(2, 3)), {"axis": (2, 3)})
        yield Case(op, partial(function, axis=-1), {"axis": -1, "keepdims": True})
        yield Case(op, partial(function, axis=(2, 3)), {"axis": (0, 1), "exclude": True})


def _shapes() -> Iterator[Case]:
    for op in ("_copy", "identity", "BlockGrad", "stop_gradient", "make_loss", "MakeLoss",
               "Flatten", "flatten"):  # fmt: skip
        yield Case(op, _same)
    yield Case("_identity_with_attr_like_rhs", _same, inputs=("data", "positive"))
    yield Case("Dropout", _same, {"p": 0.3})
    for op in ("Cast", "cast", "amp_cast"):
        yield Case(op, _same, {"dtype": "float32"})
    yield Case("amp_multicast", lambda _, y: y, {"num_outputs": 2}, ("data", "positive"), output=1)
    for codes in ((0, -1), (0, -3, 0), (0, -4, 2, 3, -2), (0, -4, -1, 3, -2), (0, 6, 80),
                  (-1, 480), (0, -2, 1), (0, -4, 3, -1, 0, 0)):  # fmt: skip
        yield Case("Reshape", _same, {"shape": codes})
    yield Case("reshape", _same, {"shape": (-1, 0, 0, 0), "reverse": True})
    yield Case("Reshape", _same, {"target_shape": (0, 480)})
    yield Case("Reshape", _same, {"target_shape": (2, 0), "keep_highest": True})
    yield Case("expand_dims", _same, {"axis": 2})
    yield Case("squeeze", _same, {"axis": (2, 3)}, ("mean",))
    yield Case("squeeze", _same, {}, ("mean",))
    for op in ("SwapAxis", "swapaxes"):
        yield Case(op, lambda x: x.swapaxes(1, 3), {"dim1": 1, "dim2": 3})
    yield Case("transpose", lambda x: x.transpose(0, 2, 3, 1), {"axes": (0, 2, 3, 1)})


def _pieces() -> Iterator[Case]:
    for op in ("Concat", "concat"):
        yield Case(op, _joined, {"num_args": 3, "dim": 1}, ("data", "positive", "data"))
    for op in ("SliceChannel", "split"):
        yield Case(op, lambda x: x[:, 4:], {"num_outputs": 3}, output=2)
        squeezed = {"num_outputs": 6, "axis": 1, "squeeze_axis": True}
        yield Case(op, lambda x: x[:, 3], squeezed, output=3)
    yield Case("slice_axis", lambda x: x[:, 1:4], {"axis": 1, "begin": 1, "end": 4})
    yield Case("slice_axis", lambda x: x[..., -3:], {"axis": -1, "begin": -3, "end": None})
    part = {"begin": (None, 1, 2), "end": (None, 5, 8), "step": (None, 2, 3)}
    yield Case("slice", lambda x: x[:, 1:5:2, 2:8:3], part)
    back = {"begin": (None, None, 5), "end": (None, None, None), "step": (None, None, -2)}
    yield Case("slice", lambda x: x[:, :, 5::-2], back)
    sides = ((0, 0), (0, 0), (1, 2), (3, 4))
    for op, mode in product(("Pad", "pad"), ("constant", "edge", "reflect")):
        value: dict[str, Any] = {"constant_values": 1.5} if mode == "constant" else {}
        options = {"mode": mode, "pad_width": sum(sides, ()), "constant_value": 1.5}
        yield Case(op, partial(np.pad, pad_width=sides, mode=mode, **value), options)


def _heads() -> Iterator[Case]:
    yield Case("softmax", plain.softmax)
    yield Case("softmax", lambda x: plain.softmax(x / 2.5, 1), {"axis": 1, "temperature": 2.5})
    yield Case("log_softmax", lambda x: np.log(plain.softmax(x)))
    yield Case("SoftmaxActivation", plain.softmax, inputs=("flat",))
    yield Case("SoftmaxActivation", _softmax_channels, {"mode": "channel"})
    for op in ("SoftmaxOutput", "Softmax"):
        yield Case(op, _softmax_labelled, {"grad_scale": 2}, ("flat",), {"label": (2,)})
        yield Case(op, _softmax_channels, {"multi_output": True}, weights={"label": (2, 8, 10)})
    yield Case(
        "SoftmaxOutput", _softmax_labelled, {"preserve_shape": True}, weights={"label": (2, 6, 8)}
    )
    yield Case(
        "LogisticRegressionOutput",
        lambda x, _: plain.sigmoid(x),
        {},
        ("flat",),
        {"label": (2, 480)},
    )


GROUPS = (
    _activations, _convolutions, _dense, _normalisations, _poolings, _arithmetic, _shapes, _pieces,
    _heads,
)  # fmt: skip
CASES: tuple[Case, ...] = tuple(case for group in GROUPS for case in group())
