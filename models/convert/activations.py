"""What bends the numbers between layers, one by one."""

import math
from collections.abc import Callable, Mapping

import numpy as np

from models.bundles.manifest import Kind
from models.convert.call import Call, require_choice, require_shape
from models.convert.graph import Tensor
from models.errors import BundleError

KINDS: Mapping[str, str] = {
    "relu": "Relu",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "softrelu": "Softplus",
    "softsign": "Softsign",
}


def activation(call: Call) -> Tensor:
    """Activation, whose act_type names the function."""
    kind = call.options.word("act_type")
    require_choice("act_type", kind, tuple(KINDS))
    return _applied(call, KINDS[kind])


def function(op: str) -> Callable[[Call], Tensor]:
    """An operator of its own for one function, of the same name in ONNX."""
    return lambda call: _applied(call, op)


def _applied(call: Call, op: str) -> Tensor:
    data = call.only()
    kind: Kind = "multi-label-probabilities" if op == "Sigmoid" else "logits"
    return call.add(op, data, shape=data.shape, kind=kind)


def leaky_relu(call: Call) -> Tensor:
    """LeakyReLU, whose act_type names one of its relatives."""
    options = call.options
    kind, slope = options.word("act_type", "leaky"), options.number("slope", 0.25)
    bounds = options.number("lower_bound", 0.125), options.number("upper_bound", 0.334)
    if kind == "prelu":
        return _prelu(call)
    data = call.only()
    if kind == "gelu":
        return _gelu(call, data)
    if kind == "selu":
        return call.add("Selu", data, shape=data.shape)
    if kind == "elu":
        return call.add("Elu", data, shape=data.shape, alpha=slope)
    require_choice("act_type", kind, ("leaky", "rrelu", "elu", "selu", "gelu", "prelu"))
    alpha = slope if kind == "leaky" else sum(bounds) / 2
    return call.add("LeakyRelu", data, shape=data.shape, alpha=alpha)


def _prelu(call: Call) -> Tensor:
    data, gamma = call.take(2)
    if gamma.content is None:
        raise BundleError("its slope is computed instead of stored")
    if gamma.shape != (1,):
        require_shape(gamma, data.shape[1:2])
    slope = gamma.content.reshape(-1, *(1,) * (len(data.shape) - 2))
    return call.add("PRelu", data, call.constant(slope, "slope"), shape=data.shape)


def _gelu(call: Call, data: Tensor) -> Tensor:
    """x / 2 · (1 + erf(x / √2))."""
    root, one, half = (call.scalar(n, "gelu") for n in (math.sqrt(0.5), 1.0, 0.5))
    bent = call.add("Erf", call.add("Mul", data, root, shape=data.shape), shape=data.shape)
    gate = call.add("Add", bent, one, shape=data.shape)
    halved = call.add("Mul", data, half, shape=data.shape)
    return call.add("Mul", halved, gate, shape=data.shape)


def hard_sigmoid(call: Call) -> Tensor:
    """A sigmoid of three straight lines."""
    options, data = call.options, call.only()
    alpha, beta = options.number("alpha", 0.2), options.number("beta", 0.5)
    return call.add("HardSigmoid", data, shape=data.shape, alpha=alpha, beta=beta)


def clip(call: Call) -> Tensor:
    """Limits, as of ReLU6."""
    options, data = call.options, call.only()
    low, high = (
        call.constant(np.array(options.number(key), np.float32), key) for key in ("a_min", "a_max")
    )
    return call.add("Clip", data, low, high, shape=data.shape)


def square(call: Call) -> Tensor:
    """Each number times itself."""
    data = call.only()
    return call.add("Mul", data, data, shape=data.shape)
