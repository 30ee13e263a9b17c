"""The layers that hold a network's weights: convolution, dense, normalisation."""

import numpy as np

from models.convert.call import Call, axis_of, require_shape
from models.convert.graph import Tensor, written
from models.convert.shapes import flatten
from models.convert.windows import read_window
from models.errors import BundleError


def convolution(call: Call) -> Tensor:
    """Convolution, also in groups and with holes."""
    options = call.options
    options.ignore("workspace")
    filters, groups = options.integer("num_filter"), options.integer("num_group", 1)
    data, weight, *bias = call.take(2 if options.flag("no_bias", False) else 3)
    window = read_window(options, data)
    if groups < 1 or data.shape[1] % groups:
        raise BundleError(f"its {data.shape[1]} channels cannot be split into {groups} groups")
    require_shape(weight, (filters, data.shape[1] // groups, *window.kernel))
    for one in bias:
        require_shape(one, (filters,))
    return call.add(
        "Conv", data, weight, *bias,
        shape=(data.shape[0], filters, *window.places(partly=False)),
        kernel_shape=list(window.kernel),
        strides=list(window.stride),
        dilations=list(window.dilate),
        pads=list(window.pad * 2),
        group=groups,
    )  # fmt: skip


def fully_connected(call: Call) -> Tensor:
    """A dense layer, over everything that arrives per picture unless flatten is False."""
    options = call.options
    units = options.integer("num_hidden")
    data, weight, *bias = call.take(2 if options.flag("no_bias", False) else 3)
    if options.flag("flatten", True):
        data = flatten(call, data)
    _require_dense(weight, units, data)
    for one in bias:
        require_shape(one, (units,))
    shape = (*data.shape[:-1], units)
    if len(shape) == 2:
        return call.add("Gemm", data, weight, *bias, shape=shape, transB=1)
    turned = call.add("Transpose", weight, shape=weight.shape[::-1], perm=[1, 0])
    product = call.add("MatMul", data, turned, shape=shape)
    return call.add("Add", product, *bias, shape=shape) if bias else product


def _require_dense(weight: Tensor, units: int, data: Tensor) -> None:
    if weight.shape[0] == units and len(weight.shape) == 2 and weight.shape[1] != data.shape[-1]:
        raise BundleError(
            f"{weight.name} takes {weight.shape[1]} numbers per picture, but {data.shape[-1]} "
            "arrive: give the height and width of the pictures that the network was trained with"
        )
    require_shape(weight, (units, data.shape[-1]))


def batch_norm(call: Call) -> Tensor:
    """Normalisation with the statistics of the training; fix_gamma, the default, ignores gamma."""
    options = call.options
    options.ignore("momentum", "use_global_stats", "output_mean_var", "key", "ndev")
    options.ignore("min_calib_range", "max_calib_range")
    data, gamma, beta, mean, variance = call.take(5)
    axis = axis_of(options.integer("axis", 1), len(data.shape))
    channels = data.shape[axis]
    for one in (gamma, beta, mean, variance):
        require_shape(one, (channels,))
    if options.flag("fix_gamma", True):
        gamma = call.constant(np.ones(channels, np.float32), "gamma")
    epsilon = options.number("eps", 1e-3)
    if variance.content is not None and variance.content.min() + epsilon <= 0:
        raise BundleError(f"{variance.name} holds a variance that is not positive")
    if axis == 1:
        return call.add(
            "BatchNormalization", data, gamma, beta, mean, variance,
            shape=data.shape, epsilon=epsilon,
        )  # fmt: skip
    return _normalised(call, data, axis, (gamma, beta, mean, variance), epsilon)


def _normalised(
    call: Call, data: Tensor, axis: int, weights: tuple[Tensor, ...], epsilon: float
) -> Tensor:
    """(data - mean) / sqrt(variance + epsilon) * gamma + beta along an axis that ONNX has not."""
    size = (weights[0].shape[0],) + (1,) * (len(data.shape) - 1 - axis)
    contents = [weight.content for weight in weights]
    if any(content is None for content in contents):
        raise BundleError("its weights are computed instead of stored")
    gamma, beta, mean, variance = (np.asarray(c, np.float64).reshape(size) for c in contents)
    scale = (gamma / np.sqrt(variance + epsilon)).astype(np.float32)
    moved = call.add("Sub", data, call.constant(mean.astype(np.float32), "mean"), shape=data.shape)
    scaled = call.add("Mul", moved, call.constant(scale, "scale"), shape=data.shape)
    shift = call.constant(beta.astype(np.float32), "shift")
    return call.add("Add", scaled, shift, shape=data.shape)


def local_response_norm(call: Call) -> Tensor:
    """Each channel divided by (knorm + energy of its neighbours) to a power, as in AlexNet.

    OpenVINO cuts the fraction off knorm, so a knorm that has one is taken out of the bracket.
    """
    options, data = call.options, call.only()
    alpha, beta = options.number("alpha", 1e-4), options.number("beta", 0.75)
    knorm, size = options.number("knorm", 2.0), options.integer("nsize")
    if size < 1 or size % 2 == 0 or knorm < 0:
        raise BundleError(f"its nsize is {size}, which must be odd, or its knorm {knorm} negative")
    if knorm == int(knorm):
        return call.add(
            "LRN", data, shape=data.shape, size=size, alpha=alpha, beta=beta, bias=knorm
        )
    normed = call.add(
        "LRN", data, shape=data.shape, size=size, alpha=alpha / knorm, beta=beta, bias=1.0
    )
    with np.errstate(over="ignore"):
        factor = np.power(np.float64(knorm), -beta)
    return call.add("Mul", normed, call.scalar(factor, "knorm"), shape=data.shape)


def l2_norm(call: Call) -> Tensor:
    """Everything of a picture, its channels or its places brought to length one."""
    options, data = call.options, call.only()
    axes = {
        "instance": range(1, len(data.shape)),
        "channel": range(1, 2),
        "spatial": range(2, len(data.shape)),
    }
    mode = options.word("mode", "instance")
    if mode not in axes or not axes[mode]:
        raise BundleError(f"its mode is {mode[:60]!r}, and its input is {written(data.shape)}")
    reduced = tuple(1 if i in axes[mode] else size for i, size in enumerate(data.shape))
    epsilon = call.scalar(options.number("eps", 1e-10), "eps")
    energy = call.add("ReduceSumSquare", data, shape=reduced, axes=list(axes[mode]), keepdims=1)
    length = call.add("Sqrt", call.add("Add", energy, epsilon, shape=reduced), shape=reduced)
    return call.add("Div", data, length, shape=data.shape)
