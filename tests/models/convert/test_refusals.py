"""Checkpoints whose parts are whole, but do not fit: one sentence says what."""

from pathlib import Path

import numpy as np
import pytest

from models.convert.mxnet import to_onnx
from models.errors import BundleError, NotConvertible
from tests.models.convert.handmade import Net
from tests.models.convert.small_net import (
    SIZE,
    Weights,
    checkpoint,
    converted,
    small_net,
    small_weights,
)  # fmt: skip


def refusal(folder: Path, net: Net, weights: Weights, size: tuple[int, int] = SIZE) -> str:
    """The sentence with which a checkpoint is refused."""
    with pytest.raises(BundleError) as refused:
        to_onnx(checkpoint(folder, net, weights), size)
    sentence = str(refused.value)
    assert sentence.startswith(str(folder / "model-0000.params: "))
    assert "\n" not in sentence
    return sentence.partition(": ")[2]


def test_pictures_of_a_wrong_size_are_told_from_the_dense_layer(tmp_path: Path) -> None:
    sentence = refusal(tmp_path, small_net(), small_weights(), (12, 16))
    assert sentence == (
        "FullyConnected (node 'fc'): fc_weight takes 60 numbers per picture, but 240 arrive: give "
        "the height and width of the pictures that the network was trained with"
    )


def test_pictures_that_are_too_small_are_told_from_the_window(tmp_path: Path) -> None:
    assert "its window (2, 2) is larger than what arrives, (n, 5, 1, 1)" in refusal(
        tmp_path, small_net(), small_weights(), (1, 1)
    )


def test_impossible_pictures_are_refused(tmp_path: Path) -> None:
    assert "cannot be 3 x 0 x 8 large" in refusal(tmp_path, small_net(), small_weights(), (0, 8))


def test_a_missing_weight_is_named(tmp_path: Path) -> None:
    weights = small_weights()
    del weights["arg:fc_bias"], weights["aux:bn_data_moving_mean"]
    assert refusal(tmp_path, small_net(), weights) == (
        "its graph needs weights that its .params file lacks: bn_data_moving_mean, fc_bias"
    )


def test_weights_of_another_naming_are_refused_with_the_way_to_save_them(tmp_path: Path) -> None:
    weights = {"features.0.weight": np.zeros((5, 3, 3, 3), np.float32)}
    assert "net.export()" in refusal(tmp_path, small_net(), weights)


@pytest.mark.parametrize(
    ("name", "shape", "told"),
    [
        ("arg:conv0_weight", (5, 4, 3, 3), "Convolution (node 'conv0'): conv0_weight has the shape "
         "(5, 4, 3, 3), where (5, 3, 3, 3) is needed"),
        ("arg:fc_bias", (5,), "FullyConnected (node 'fc'): fc_bias has the shape (5), where (4) is "
         "needed"),
        ("aux:bn_data_moving_var", (1,), "BatchNorm (node 'bn_data'): bn_data_moving_var has the "
         "shape (1), where (3) is needed"),
        ("arg:fc_weight", (5, 60), "FullyConnected (node 'fc'): fc_weight has the shape (5, 60), "
         "where (4, 60) is needed"),
    ],
)  # fmt: skip
def test_a_weight_of_another_shape_is_named(
    tmp_path: Path, name: str, shape: tuple[int, ...], told: str
) -> None:
    weights = {**small_weights(), name: np.ones(shape, np.float32)}
    assert refusal(tmp_path, small_net(), weights) == told


def test_a_weight_that_is_not_a_number_is_named(tmp_path: Path) -> None:
    weights = small_weights()
    weights["arg:fc_weight"][2, 3] = np.nan
    assert "'fc_weight' hold something that is not a number" in refusal(
        tmp_path, small_net(), weights
    )


def test_a_negative_variance_is_named(tmp_path: Path) -> None:
    weights = small_weights()
    weights["aux:bn_data_moving_var"][1] *= -1
    assert "bn_data_moving_var holds a variance that is not positive" in refusal(
        tmp_path, small_net(), weights
    )


def test_operators_that_are_not_covered_are_named_and_mxnet_is_offered(tmp_path: Path) -> None:
    net = small_net(head="")
    net.op("Deconvolution", "up2", net.op("Deconvolution", "up1", 13))
    net.op("RNN", "memory", 15)
    with pytest.raises(NotConvertible) as refused:
        converted(tmp_path, net, small_weights())
    assert str(refused.value) == (
        f"{tmp_path / 'model-0000.params'}: its graph needs what cannot be converted: "
        "Deconvolution (node 'up1'), RNN (node 'memory'); mxnet itself can run it, in a bundle "
        'whose weights have the format "mxnet"'
    )


def test_an_option_that_is_not_covered_is_named_and_mxnet_is_offered(tmp_path: Path) -> None:
    net = small_net()
    net.nodes[9]["attrs"]["pool_type"] = "lp"
    with pytest.raises(NotConvertible, match=r"Pooling \(node 'pool0'\): its pool_type is 'lp', n"):
        converted(tmp_path, net, small_weights())


def test_an_option_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    net = small_net()
    net.nodes[7]["attrs"]["pat"] = net.nodes[7]["attrs"].pop("pad")
    assert refusal(tmp_path, net, small_weights()) == (
        "Convolution (node 'conv0'): its option 'pat' is unknown"
    )


def test_a_reshape_that_mixes_pictures_is_refused(tmp_path: Path) -> None:
    net = small_net(head="")
    column = net.op("mean", "mean", len(net.nodes) - 1, axis=1, keepdims=True)
    square = net.op("broadcast_add", "square", column, net.op("transpose", "row", column))
    net.op("Reshape", "deep", square, shape=(0, 0, 1))
    with pytest.raises(NotConvertible, match=r"\(n, n\) cannot become"):
        converted(tmp_path, net, small_weights())


def test_a_graph_with_two_answers_is_refused(tmp_path: Path) -> None:
    two = checkpoint(tmp_path, small_net(), small_weights(), 13, 15)
    with pytest.raises(BundleError, match="its graph has 2 outputs, where a classifier has one"):
        to_onnx(two, SIZE)


def test_an_answer_that_is_no_list_of_classes_is_refused(tmp_path: Path) -> None:
    cut = checkpoint(tmp_path, small_net(), small_weights(), 9)
    with pytest.raises(BundleError, match=r"\(n, 5, 3, 4\), where \(n, classes\) is needed"):
        to_onnx(cut, SIZE)


def test_a_graph_with_two_inputs_is_refused(tmp_path: Path) -> None:
    net, weights = small_net(), small_weights()
    net.nodes[0]["name"] = "left"
    del weights["arg:fc_bias"]
    assert "several inputs, or weights are missing: fc_bias, left" in refusal(
        tmp_path, net, weights
    )
