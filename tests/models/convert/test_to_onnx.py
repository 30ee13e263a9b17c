"""A whole small classifier, in all the forms in which mxnet and SageMaker have written one."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.convert.checkpoint import open_checkpoint
from models.convert.mxnet import to_onnx
from models.errors import BundleError
from tests.models.convert.handmade import aged, mixed, params, saved
from tests.models.convert.runtimes import worst
from tests.models.convert.small_net import (
    CLASSES,
    SIZE,
    checkpoint,
    converted,
    pictures,
    small_logits,
    small_net,
    small_weights,
    softmax,
)  # fmt: skip


@pytest.mark.parametrize(
    ("head", "kind", "expected"),
    [
        ("SoftmaxOutput", "probabilities", softmax),
        ("Softmax", "probabilities", softmax),
        ("LogisticRegressionOutput", "multi-label-probabilities", lambda x: 1 / (1 + np.exp(-x))),
        ("", "logits", lambda x: x),
    ],
)
def test_the_head_says_what_the_answers_are(
    tmp_path: Path, head: str, kind: str, expected: Callable[[Any], Any]
) -> None:
    network = converted(tmp_path, small_net(head), small_weights())
    assert (network.kind, network.classes) == (kind, CLASSES)
    assert (network.input, network.shape, network.notes) == ("data", (3, *SIZE), ())
    logits = small_logits(small_weights(), pictures())
    assert worst(network, pictures(), expected(logits)) < 1e-5


@pytest.mark.parametrize("version", [0, 1, 2, 3])
@pytest.mark.parametrize("dialect", [dict, mixed, aged])
def test_every_form_of_a_checkpoint_gives_the_same_network(
    tmp_path: Path, version: int, dialect: Callable[[Any], Any]
) -> None:
    network = converted(tmp_path / "usual", small_net(), small_weights())
    graph = json.dumps(dialect(small_net().document())).encode()
    folder = saved(tmp_path / "other", graph, params(small_weights(), version))
    assert to_onnx(open_checkpoint([folder]), SIZE).content == network.content


def test_weights_need_no_prefixes(tmp_path: Path) -> None:
    bare = {name.partition(":")[2]: values for name, values in small_weights().items()}
    prefixed = converted(tmp_path / "with", small_net(), small_weights())
    assert converted(tmp_path / "without", small_net(), bare) == prefixed


@pytest.mark.parametrize("count", [1, 2])
def test_any_number_of_pictures_can_be_run(tmp_path: Path, count: int) -> None:
    network = converted(tmp_path, small_net(), small_weights())
    expected = softmax(small_logits(small_weights(), pictures()))
    assert worst(network, pictures()[:count], expected[:count]) < 1e-5


def test_a_gamma_that_is_not_fixed_counts(tmp_path: Path) -> None:
    net, weights = small_net(), small_weights()
    net.nodes[5]["attrs"]["fix_gamma"] = "False"
    weights["arg:bn_data_gamma"] = np.ones(3, np.float32) * 3
    network = converted(tmp_path, net, weights)
    tripled = {**weights, "arg:conv0_weight": weights["arg:conv0_weight"] * 3}
    shifted = {**tripled, "arg:bn_data_beta": weights["arg:bn_data_beta"] / 3}
    expected = softmax(small_logits(shifted, pictures()))
    assert worst(network, pictures(), expected) < 1e-5


def test_weights_in_float16_are_run_in_float32_and_that_is_said(tmp_path: Path) -> None:
    halves = {name: values.astype(np.float16) for name, values in small_weights().items()}
    network = converted(tmp_path, small_net(), halves)
    assert network.notes == ("7 of 7 weights are stored in 16 bits; they run in float32",)
    assert worst(network, pictures(), softmax(small_logits(halves, pictures()))) < 1e-5


def test_a_graph_that_computes_in_float16_is_run_in_float32_and_that_is_said(
    tmp_path: Path,
) -> None:
    net, weights = small_net(head=""), small_weights()
    net.op("Cast", "cast1", net.op("Cast", "cast0", 13, dtype="float16"), dtype="float32")
    network = converted(tmp_path, net, weights)
    assert network.notes == (
        "the graph computes in 16 bits in places; here it computes in float32",
    )
    assert worst(network, pictures(), small_logits(weights, pictures())) < 1e-5


def test_weights_that_the_graph_does_not_use_are_left_out_and_that_is_said(
    tmp_path: Path,
) -> None:
    weights = {**small_weights(), "arg:fc9_bias": np.zeros(3, np.float32)}
    network = converted(tmp_path / "more", small_net(), weights)
    assert network.content == converted(tmp_path / "usual", small_net(), small_weights()).content
    assert network.notes == (
        "the .params file holds weights that the graph does not use: fc9_bias",
    )


def test_the_size_of_the_pictures_comes_from_the_checkpoint_where_it_says_it(
    tmp_path: Path,
) -> None:
    saved(tmp_path, small_net().text(), params(small_weights()))
    (tmp_path / "model-shapes.json").write_text('[{"shape": [16, 3, 6, 8], "name": "data"}]')
    network = to_onnx(open_checkpoint([tmp_path]))
    assert network.shape == (3, 6, 8)
    with pytest.raises(BundleError, match="240 arrive"):
        to_onnx(open_checkpoint([tmp_path]), (12, 16))


def test_the_size_of_the_pictures_must_be_told_where_nothing_says_it(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="how large its pictures are: --size 224x224 says it"):
        to_onnx(checkpoint(tmp_path, small_net(), small_weights()))


def test_a_weight_may_be_reshaped_in_the_graph(tmp_path: Path) -> None:
    net, weights = small_net(head=""), small_weights()
    shift = net.op("Reshape", "shift", net.variable("column"), shape=(1, CLASSES))
    net.op("broadcast_add", "shifted", len(net.nodes) - 3, shift)
    weights["arg:column"] = np.arange(CLASSES, dtype=np.float32).reshape(CLASSES, 1)
    network = converted(tmp_path, net, weights)
    expected = small_logits(weights, pictures()) + np.arange(CLASSES)
    assert worst(network, pictures(), expected) < 1e-5


def test_a_head_over_maps_of_one_place_is_flattened(tmp_path: Path) -> None:
    net = small_net(head="")
    maps = net.op("Reshape", "maps", len(net.nodes) - 1, shape=(0, 0, 1, 1))
    net.op("SoftmaxOutput", "softmax", maps, net.variable("label"), multi_output=True)
    network = converted(tmp_path, net, small_weights())
    assert (network.kind, network.classes) == ("probabilities", CLASSES)
    assert worst(network, pictures(), softmax(small_logits(small_weights(), pictures()))) < 1e-5


def test_the_input_may_have_any_name(tmp_path: Path) -> None:
    net = small_net()
    net.nodes[0]["name"] = "image"
    network = converted(tmp_path, net, small_weights())
    assert network.input == "image"
    assert worst(network, pictures(), softmax(small_logits(small_weights(), pictures()))) < 1e-5


def test_operators_of_one_name_do_not_collide(tmp_path: Path) -> None:
    net = small_net()
    for node in net.nodes:
        if node["op"] != "null":
            node["name"] = "twin"
    network = converted(tmp_path, net, small_weights())
    assert worst(network, pictures(), softmax(small_logits(small_weights(), pictures()))) < 1e-5


@pytest.mark.parametrize("blocked", [False, True])
def test_onnx_is_imported_by_the_last_step_only(tmp_path: Path, blocked: bool) -> None:
    saved(tmp_path, small_net().text(), params(small_weights()))
    code = (
        "import sys; from pathlib import Path\n"
        "from models.convert.mxnet import to_onnx\n"
        "from models.convert.checkpoint import open_checkpoint\n"
        "from models.errors import BackendUnavailable\n"
        f"checkpoint = open_checkpoint([Path({str(tmp_path)!r})])\n"
        "assert 'onnx' not in sys.modules\n"
        f"if {blocked}: sys.modules['onnx'] = None\n"
        "try: print(to_onnx(checkpoint, (6, 8)).classes)\n"
        "except BackendUnavailable as error: print(error)\n"
    )
    done = subprocess.run(
        (sys.executable, "-W", "error", "-c", code), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    expected = "pip install 'vision-app[convert]'\n" if blocked else "4\n"
    assert done.stdout.endswith(expected)
