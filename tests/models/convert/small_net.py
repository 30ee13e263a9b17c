"""A small classifier with all that SageMaker's have, as a graph, weights, and in plain numpy."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.convert.checkpoint import Checkpoint, open_checkpoint
from models.convert.mxnet import Converted, to_onnx
from tests.models.convert.handmade import Net, params, saved

Weights = dict[str, NDArray[Any]]
SHAPE = (2, 3, 6, 8)
SIZE = SHAPE[2:]
CLASSES = 4
EPS = 2e-5


def small_net(head: str = "SoftmaxOutput") -> Net:
    """bn_data with fixed gamma, a convolution, a dense layer, and a head with its label."""
    net = Net()
    data = net.variable("data")
    bn = [net.variable(f"bn_data_{name}") for name in ("gamma", "beta")]
    statistics = [net.variable(f"bn_data_{name}") for name in ("moving_mean", "moving_var")]
    normal = net.op("BatchNorm", "bn_data", data, *bn, *statistics, eps=EPS, momentum=0.9)
    filters = net.variable("conv0_weight")
    conv = net.op(
        "Convolution", "conv0", normal, filters,
        kernel=(3, 3), pad=(1, 1), num_filter=5, no_bias=True, workspace=256, cudnn_tune="off",
    )  # fmt: skip
    relu = net.op("Activation", "relu0", conv, act_type="relu")
    pool = net.op("Pooling", "pool0", relu, kernel=(2, 2), stride=(2, 2), pool_type="max")
    flat = net.op("Flatten", "flatten0", pool)
    dense = [net.variable("fc_weight"), net.variable("fc_bias")]
    fc = net.op("FullyConnected", "fc", flat, *dense, num_hidden=CLASSES)
    if head:
        net.op(head, "softmax", fc, net.variable("softmax_label"))
    return net


def small_weights() -> Weights:
    """Random, with the prefixes of a .params file; gamma is wrong on purpose, since it is fixed."""
    random = np.random.default_rng(3)
    drawn = {
        "arg:bn_data_gamma": np.full(3, 7.0),
        "arg:bn_data_beta": random.normal(0, 0.3, 3),
        "aux:bn_data_moving_mean": random.uniform(100, 130, 3),
        "aux:bn_data_moving_var": random.uniform(3000, 5000, 3),
        "arg:conv0_weight": random.normal(0, 0.3, (5, 3, 3, 3)),
        "arg:fc_weight": random.normal(0, 0.2, (CLASSES, 5 * 3 * 4)),
        "arg:fc_bias": random.normal(0, 0.3, CLASSES),
    }
    return {name: values.astype(np.float32) for name, values in drawn.items()}


def pictures() -> NDArray[np.float32]:
    """Two pictures from 0 to 255."""
    return np.random.default_rng(4).integers(0, 256, SHAPE).astype(np.float32)


def small_logits(weights: Weights, data: NDArray[np.float32]) -> NDArray[np.float64]:
    """What the dense layer answers, computed in float64."""
    values = {name[4:]: array.astype(np.float64) for name, array in weights.items()}
    mean, variance, beta = (
        values[f"bn_data_{name}"].reshape(3, 1, 1) for name in ("moving_mean", "moving_var", "beta")
    )
    normal = (data - mean) / np.sqrt(variance + EPS) + beta
    padded = np.pad(normal, ((0, 0), (0, 0), (1, 1), (1, 1)))
    views = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
    conv = np.maximum(np.einsum("nchwij,ocij->nohw", views, values["conv0_weight"]), 0)
    pooled = conv.reshape(2, 5, 3, 2, 4, 2).max(axis=(3, 5))
    return np.asarray(pooled.reshape(2, -1) @ values["fc_weight"].T + values["fc_bias"])


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities along the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def checkpoint(folder: Path, net: Net, weights: Weights, *heads: int) -> Checkpoint:
    """Written and read again."""
    return open_checkpoint([saved(folder, net.text(*heads), params(weights))])


def converted(folder: Path, net: Net, weights: Weights) -> Converted:
    """Written, read and converted."""
    return to_onnx(checkpoint(folder, net, weights), SIZE)
