import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from models.backends.litert import LiteRT
from models.bundles.bundle import open_bundle
from models.classifier import Classifier, open_classifier
from models.errors import BackendUnavailable, BundleError, ModelError
from models.settings import ModelSettings
from tests.models.networks import (
    COLOURS,
    INPUT,
    colour_bundle,
    colour_network,
    colour_scores,
    hashed,
    load,
    patches,
    read_manifest,
    weights_entry,
    write_bundle,
    write_manifest,
)
from tests.models.places import data


def opened(folder: Path, **settings: Any) -> Classifier:
    return open_classifier(ModelSettings(bundle=str(folder), **settings))


def changed(folder: Path, **values: Any) -> Path:
    """The bundle with other values at the top of its manifest."""
    return write_manifest(folder, read_manifest(folder) | values)


def test_a_picture_is_named_with_its_whole_score_vector(tmp_path: Path) -> None:
    image = patches()
    with opened(colour_bundle(tmp_path / "b")) as classifier:
        prediction = classifier.classify(image)
    assert prediction.labels == COLOURS
    assert prediction.label == "red"
    np.testing.assert_allclose(prediction.scores, colour_scores(image), atol=1e-5)
    assert prediction.confidence == max(prediction.scores)


def test_a_read_only_picture_of_any_size_is_taken(tmp_path: Path) -> None:
    image = np.full((300, 17, 3), (200, 0, 0), np.uint8)
    image.setflags(write=False)
    with opened(colour_bundle(tmp_path / "b")) as classifier:
        assert classifier.classify(image).label == "blue"


def test_logits_go_through_a_softmax(tmp_path: Path) -> None:
    with opened(colour_bundle(tmp_path / "b", kind="logits")) as classifier:
        prediction = classifier.classify(patches())
    np.testing.assert_allclose(prediction.scores, colour_scores(patches()), atol=1e-5)


@pytest.mark.parametrize("kind", ["logits", "probabilities"])
def test_temperature_changes_the_confidence_and_leaves_the_scores(
    tmp_path: Path, kind: str
) -> None:
    with opened(colour_bundle(tmp_path / "b", kind=kind, temperature=2.0)) as classifier:
        prediction = classifier.classify(patches())
    np.testing.assert_allclose(prediction.scores, colour_scores(patches()), atol=1e-5)
    assert prediction.confidence == pytest.approx(colour_scores(patches(), gain=5).max(), abs=1e-5)


def test_the_model_is_identified_by_the_hash_of_its_weights_and_its_backend(
    tmp_path: Path,
) -> None:
    folder = colour_bundle(tmp_path / "b")
    with opened(folder, backend="opencv") as classifier:
        identity = classifier.id
    assert (identity.name, identity.version) == ("test-bundle", "1")
    assert identity.sha256 == hashed(folder / "model.onnx")["sha256"]
    assert identity.backend == "opencv"


def test_weights_that_do_not_give_the_golden_scores_are_refused(tmp_path: Path) -> None:
    folder = colour_bundle(tmp_path / "b")
    colour_network(folder / "model.onnx", gain=9.0)
    changed(folder, weights=[weights_entry(folder / "model.onnx", "float32", "onnx", 1e-4)])
    with pytest.raises(BackendUnavailable, match=r"0\.0\d+ away from the golden ones"):
        opened(folder)


def test_the_next_weights_are_used_when_the_first_fail_and_that_is_told(tmp_path: Path) -> None:
    folder = colour_bundle(tmp_path / "b")
    colour_network(folder / "bad.onnx", gain=9.0)
    bad = weights_entry(folder / "bad.onnx", "float16", "onnx", 1e-4)
    changed(folder, weights=[bad, *read_manifest(folder)["weights"]])
    with opened(folder) as classifier:
        assert classifier.id.sha256 == hashed(folder / "model.onnx")["sha256"]
    assert any(told.startswith("opencv was skipped for bad.onnx") for told in classifier.refused)


def test_labels_that_do_not_fit_the_network_are_a_fault_of_the_bundle(tmp_path: Path) -> None:
    folder = colour_bundle(tmp_path / "b")
    write_bundle(
        folder,
        weights=read_manifest(folder)["weights"],
        labels=("one", "two"),
        image=patches(),
        scores=np.array([0.5, 0.5], np.float32),
        rules=read_manifest(folder)["input"],
        output=read_manifest(folder)["output"],
    )
    with pytest.raises(BundleError, match="3 scores, but has 2 labels"):
        opened(folder)


def test_an_input_size_that_the_network_does_not_take_is_a_fault_of_the_bundle(
    tmp_path: Path,
) -> None:
    folder = colour_bundle(tmp_path / "b")
    changed(folder, input=read_manifest(folder)["input"] | {"layout": "nhwc"})
    with pytest.raises(BundleError, match=r"correct input\.width, input\.height or input\.layout"):
        opened(folder)


def test_a_backend_that_cannot_read_the_format_is_answered_with_what_to_write(
    tmp_path: Path,
) -> None:
    with pytest.raises(BackendUnavailable, match='write backend = "auto"'):
        opened(colour_bundle(tmp_path / "b"), backend="litert")


def test_a_device_that_auto_would_not_guess_is_asked_of_each_runtime(tmp_path: Path) -> None:
    """`device = "npu"` alone said only "nothing here runs", with no reason."""
    with pytest.raises(BackendUnavailable, match=r"openvino cannot use npu: .*install"):
        opened(colour_bundle(tmp_path / "b"), device="npu")


def test_a_device_that_no_runtime_knows_is_answered_with_those_that_there_are(
    tmp_path: Path,
) -> None:
    folder = colour_bundle(tmp_path / "b")
    with pytest.raises(BackendUnavailable, match="opencv has no device 'chip', but cpu"):
        opened(folder, device="chip")
    with pytest.raises(BackendUnavailable, match=r"b: opencv has no device 'chip', but cpu$"):
        opened(folder, backend="opencv", device="chip")


def test_numbers_that_are_not_finite_never_become_a_prediction(tmp_path: Path) -> None:
    folder = colour_bundle(tmp_path / "b", kind="logits")
    colour_network(folder / "model.onnx", gain=float("nan"), softmax=False)
    changed(folder, weights=[weights_entry(folder / "model.onnx", "float32", "onnx", 1e-4)])
    with pytest.raises(ModelError, match="not finite"):
        opened(folder)


def test_a_closed_classifier_refuses_with_a_sentence(tmp_path: Path) -> None:
    classifier = opened(colour_bundle(tmp_path / "b"))
    classifier.close()
    classifier.close()
    with pytest.raises(ModelError, match="closed"):
        classifier.classify(patches())


def test_the_bundled_network_reproduces_its_golden_example() -> None:
    bundle = open_bundle("greenhouse-tomatoes")
    with open_classifier(ModelSettings()) as classifier:
        prediction = classifier.classify(bundle.golden.image)
    assert classifier.id.backend == "litert"
    assert classifier.labels == bundle.labels
    assert prediction.label == bundle.labels[int(np.argmax(bundle.golden.scores))]


@pytest.mark.parametrize("backend", ["litert", "openvino"])
@pytest.mark.parametrize(
    ("file", "label"),
    [
        ("grace_hopper.bmp", "military uniform"),
        ("cat.bmp", "Egyptian cat"),
        ("parrot.jpg", "macaw"),
    ],
)
def test_mobilenet_names_what_is_in_a_photograph(
    tmp_path: Path, file: str, label: str, backend: str
) -> None:
    image = np.asarray(cv2.imread(str(data(f"images/{file}"))), np.uint8)
    with opened(mobilenet_bundle(tmp_path / "b"), backend=backend) as classifier:
        prediction = classifier.classify(image)
    assert classifier.id.backend == backend
    assert prediction.label.startswith(label)
    assert sum(prediction.scores) == pytest.approx(1, abs=0.1), "1001 scores in steps of 1/256"


HEAVY = {"boto3", "sklearn", "pyarrow", "onnx", "onnxruntime", "openvino", "ai_edge_litert", "cv2"}


@pytest.mark.parametrize(
    ("first", "settings", "needed"),
    [
        ("models.classifier", {}, {"cv2", "ai_edge_litert"}),
        ("models.classifier", {"backend": "opencv"}, {"cv2"}),
        ("models.classifier", {"backend": "onnxruntime"}, {"cv2", "onnxruntime"}),
        ("models.classifier", {"backend": "openvino"}, {"cv2", "openvino"}),
        ("vision_app.cli", {}, {"cv2", "ai_edge_litert"}),
    ],
)
def test_opening_a_classifier_imports_nothing_that_it_does_not_need(
    tmp_path: Path, first: str, settings: dict[str, str], needed: set[str]
) -> None:
    if settings:
        settings = settings | {"bundle": str(colour_bundle(tmp_path / "b"))}
    script = (
        f"import sys, {first}; from models.classifier import open_classifier\n"
        "from models.settings import ModelSettings\n"
        f"open_classifier(ModelSettings(**{settings!r}))\n"
        "print(*{name.partition('.')[0] for name, module in sys.modules.items() if module})"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert HEAVY & set(done.stdout.split()) == needed


def mobilenet_bundle(folder: Path) -> Path:
    """A bundle of the quantised MobileNet; its golden example is a grey picture."""
    names = data("models/imagenet_labels.txt").read_text("utf-8").splitlines()
    folder.mkdir()
    weights = folder / "model.tflite"
    weights.write_bytes(data("models/mobilenet_v2_1.0_224_quant.tflite").read_bytes())
    (output,) = load(LiteRT, weights).run(np.full((1, 224, 224, 3), 128, np.uint8))
    return write_bundle(
        folder,
        weights=[weights_entry(weights, "int8", "tflite", 0.02)],
        labels=tuple(f"{name} (row {row})" for row, name in enumerate(names)),
        image=np.full((50, 70, 3), 128, np.uint8),
        scores=output[0].astype(np.float32) / 256,
        rules=INPUT
        | {"width": 224, "height": 224, "layout": "nhwc", "color": "rgb"}
        | {"resize": "center-crop", "range": [-1, 127 / 128]},
        output={"kind": "probabilities", "temperature": 1.0},
    )
