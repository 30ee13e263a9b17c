import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from onnx import TensorProto, helper

from models.bundles.bundle import Bundle
from models.bundles.manifest import Kind
from models.errors import BundleError
from models.importing.import_network import About, import_checkpoint, import_file, import_for_mxnet
from models.importing.network_file import read_network
from models.importing.presets import Told, told_with
from models.settings import RuntimeSettings
from tests.models.networks import COLOURS, colour_network, patches
from tests.models.places import data

TOLD = Told("bgr", (0, 1), (0, 0, 0), (1, 1, 1), "stretch", size=(8, 6), kind="probabilities")
GLUON = told_with("gluon", Told())


def imported(
    path: Path, out: Path, about: About | None = None, told: Told = TOLD
) -> tuple[Bundle, list[str]]:
    notes: list[str] = []
    return import_file(path, out, about or About(), told, RuntimeSettings(), notes), notes


def network(path: Path, shape: list[int | str], answer: list[int | str], dtype: int = 1) -> Path:
    """Writes an ONNX file with that input and output; what is between does not matter."""
    values = [
        helper.make_tensor_value_info("in", dtype, shape),
        helper.make_tensor_value_info("out", TensorProto.FLOAT, answer),
    ]
    nodes = [helper.make_node("Flatten", ["in"], ["out"])]
    model = helper.make_model(helper.make_graph(nodes, "g", values[:1], values[1:]))
    path.write_bytes(model.SerializeToString())
    return path


def test_an_onnx_file_becomes_a_bundle_of_its_name(tmp_path: Path) -> None:
    path = colour_network(tmp_path / "My Shelf v2.onnx")
    (tmp_path / "labels.txt").write_text("\n".join(COLOURS))
    about = About(labels=tmp_path / "labels.txt", licence="MIT")
    bundle, notes = imported(path, tmp_path / "b", about)
    manifest = bundle.manifest
    assert (manifest.name, manifest.version, manifest.licence) == ("my-shelf-v2", "1", "MIT")
    assert manifest.trained_from == "not stated; made from My Shelf v2.onnx"
    assert (manifest.input.layout, manifest.input.width, manifest.input.height) == ("nchw", 8, 6)
    assert (manifest.weights[0].precision, manifest.weights[0].format) == ("float32", "onnx")
    assert bundle.labels == COLOURS
    assert not notes


def test_classes_that_nobody_named_are_numbered_and_that_is_told(tmp_path: Path) -> None:
    bundle, notes = imported(colour_network(tmp_path / "n.onnx"), tmp_path / "b")
    assert bundle.labels == ("class 0", "class 1", "class 2")
    assert "--labels FILE" in notes[0]


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ("blue\ngreen\n", "names 2 classes, but the network gives 3.*background"),
        ("a\nb\nc\nd\n", "names 4 classes, but the network gives 3"),
    ],
)
def test_labels_that_are_not_as_many_as_the_scores_are_refused(
    tmp_path: Path, labels: str, words: str
) -> None:
    (tmp_path / "labels.txt").write_text(labels)
    about = About(labels=tmp_path / "labels.txt")
    with pytest.raises(BundleError, match=words):
        imported(colour_network(tmp_path / "n.onnx"), tmp_path / "b", about)
    assert not (tmp_path / "b").exists()


def test_a_picture_that_a_person_gives_is_the_golden_one(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "mine.png"), patches())
    about = About(golden=tmp_path / "mine.png")
    bundle, _ = imported(colour_network(tmp_path / "n.onnx"), tmp_path / "b", about)
    np.testing.assert_array_equal(bundle.golden.image, patches())


@pytest.mark.parametrize("content", [b"", b"no picture"])
def test_a_golden_picture_that_is_none_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "mine.png").write_bytes(content)
    with pytest.raises(BundleError, match=r"mine\.png is not a picture"):
        imported(
            colour_network(tmp_path / "n.onnx"), tmp_path / "b", About(golden=tmp_path / "mine.png")
        )


def test_a_name_of_which_nothing_can_be_used_is_replaced(tmp_path: Path) -> None:
    bundle, _ = imported(colour_network(tmp_path / "ä_.onnx"), tmp_path / "b")
    assert bundle.manifest.name == "network"


@pytest.mark.parametrize(
    ("shape", "answer", "layouts", "classes"),
    [
        ([1, 4, 5, 3], [1, 7], ("nhwc",), 7),
        (["n", 3, "h", "w"], ["n", 7], ("nchw",), 7),
        ([1, 3, 3, 3], [1, 7, 1, 1], ("nhwc", "nchw"), 7),
        ([1, 3, 4, 5], [1, 1], ("nchw",), 1),
        ([1, 3, 4, 5], ["n", "c"], ("nchw",), -1),
    ],
)
def test_shape_layout_and_classes_are_read_from_the_file(
    tmp_path: Path,
    shape: list[int | str],
    answer: list[int | str],
    layouts: tuple[str, ...],
    classes: int,
) -> None:
    found = read_network(network(tmp_path / "n.onnx", shape, answer))
    assert (found.layouts, found.classes) == (layouts, classes)


@pytest.mark.parametrize(
    ("dtype", "precision"),
    [
        (TensorProto.FLOAT, "float32"),
        (TensorProto.FLOAT16, "float16"),
        (TensorProto.UINT8, "int8"),
    ],
)
def test_precision_follows_the_type_of_the_input(
    tmp_path: Path, dtype: int, precision: str
) -> None:
    path = network(tmp_path / "n.onnx", [1, 3, 4, 5], [1, 7], dtype)
    assert read_network(path).precision == precision


@pytest.mark.parametrize(
    ("shape", "answer", "words"),
    [
        ([1, 1, 28, 28], [1, 10], "three channels"),
        ([1, 300], [1, 10], "three channels"),
        ([8, 3, 28, 28], [8, 10], "three channels"),
        ([1, 3, 28, 28], [1, 10, 4], "one row of scores"),
    ],
)
def test_a_network_that_classifies_no_pictures_is_refused(
    tmp_path: Path, shape: list[int | str], answer: list[int | str], words: str
) -> None:
    with pytest.raises(BundleError, match=words):
        read_network(network(tmp_path / "n.onnx", shape, answer))


@pytest.mark.parametrize("content", [b"", b"no network", b"\x00\x00\x00\x00TFL3", b"TFL3" * 99])
def test_a_file_that_is_no_network_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "n.onnx").write_bytes(content)
    with pytest.raises(BundleError, match=r"n\.onnx"):
        read_network(tmp_path / "n.onnx")


def test_quantised_probabilities_are_not_taken_for_logits(tmp_path: Path) -> None:
    told = replace(told_with("coral", Told()), kind="logits")
    with pytest.raises(BundleError, match="it gives probabilities, not logits"):
        imported(data("models/mobilenet_v2_1.0_224_quant.tflite"), tmp_path / "b", told=told)


def converted(
    out: Path, told: Told, kind: Kind | None = None, about: About | None = None
) -> Bundle:
    paths = [data("mxnet/gluon_mobilenet0.25")]
    return import_checkpoint(
        paths,
        out,
        about or About(),
        told,
        kind,
        RuntimeSettings(),
        [],
    )


def test_a_checkpoint_becomes_a_bundle_named_after_its_folder(tmp_path: Path) -> None:
    bundle = converted(tmp_path / "Shelf", GLUON)
    assert bundle.manifest.name == "shelf"
    assert bundle.manifest.output.kind == "logits"
    assert bundle.manifest.input.layout == "nchw"


def test_what_a_conversion_does_not_do_is_refused_and_not_passed_over(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="takes nchw, not nhwc: leave out --layout"):
        converted(tmp_path / "b", replace(GLUON, layout="nhwc"))
    with pytest.raises(BundleError, match="computes in float32: leave out --precision"):
        converted(tmp_path / "b", GLUON, about=About(precision="float16"))
    assert not (tmp_path / "b").exists()


def test_of_a_checkpoint_too_nothing_is_guessed(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="--color") as caught:
        converted(tmp_path / "b", Told())
    for option in ("--range", "--mean", "--std", "--resize"):
        assert option in str(caught.value)
    assert "--kind" not in str(caught.value), "its graph says that"


def test_the_graph_of_a_checkpoint_knows_better_than_a_preset(tmp_path: Path) -> None:
    bundle = converted(tmp_path / "b", replace(GLUON, kind="probabilities"))
    assert bundle.manifest.output.kind == "logits"


def test_a_person_may_say_that_plain_numbers_are_for_several_labels(tmp_path: Path) -> None:
    bundle = converted(tmp_path / "b", GLUON, kind="multi-label-logits")
    assert bundle.manifest.output.kind == "multi-label-logits"


def test_what_contradicts_the_graph_of_a_checkpoint_is_refused(tmp_path: Path) -> None:
    symbol = json.loads(data("mxnet/gluon_mobilenet0.25/model-symbol.json").read_text())
    end = len(symbol["nodes"])
    symbol["nodes"].append({"op": "softmax", "name": "end", "inputs": symbol["heads"]})
    (tmp_path / "model-symbol.json").write_text(json.dumps(symbol | {"heads": [[end, 0, 0]]}))
    paths = [tmp_path / "model-symbol.json", data("mxnet/gluon_mobilenet0.25/model-0000.params")]
    told, runtime = replace(GLUON, size=(64, 64)), RuntimeSettings()
    bundle = import_checkpoint(paths, tmp_path / "b", About(), told, None, runtime, [])
    assert bundle.manifest.output.kind == "probabilities"
    with pytest.raises(BundleError, match="ends in probabilities, not in logits"):
        import_checkpoint(paths, tmp_path / "c", About(), told, "logits", runtime, [])


def test_a_checkpoint_is_left_as_it_is_for_mxnet_itself(
    tmp_path: Path, legacy_python: Path
) -> None:
    (tmp_path / "labels.txt").write_text("\n".join(f"label {number}" for number in range(20)))
    about, told = About(labels=tmp_path / "labels.txt"), replace(GLUON, size=(224, 224))
    paths, runtime = (
        [data("mxnet/gluon_mobilenet0.25")],
        RuntimeSettings(mxnet_python=legacy_python),
    )
    kept = import_for_mxnet(paths, tmp_path / "kept", about, told, runtime, [])
    assert kept.manifest.weights[0].format == "mxnet"
    content = (paths[0] / "model-0000.params").read_bytes()
    assert kept.path(kept.manifest.weights[0]).read_bytes() == content
    onnx = import_checkpoint(paths, tmp_path / "onnx", about, told, None, runtime, [])
    np.testing.assert_allclose(kept.golden.scores, onnx.golden.scores, atol=1e-6)
