"""Which output of a network is the embedding, and what becomes of it in a prediction."""

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from models.backend import BackendKind, Placement, TensorSpec
from models.backends.litert import LiteRT
from models.backends.onnxruntime import OnnxRuntime
from models.backends.opencv import OpenCV
from models.backends.openvino import OpenVINO
from models.bundles.bundle import open_bundle
from models.classifier import Classifier, open_classifier
from models.errors import BackendUnavailable, BundleError, ModelError
from models.headers.tflite import read_tflite_file
from models.importing.import_network import About, import_file
from models.importing.network_file import read_network
from models.importing.presets import Told
from models.outputs import Outputs, embedding_of, find_outputs
from models.settings import ModelSettings, RuntimeSettings
from models.way import Choice
from tests.models.networks import (
    colour_bundle,
    colour_scores,
    load,
    patches,
    read_manifest,
    write_manifest,
)
from tests.models.two_outputs import (
    MEANS,
    bundle_with_means,
    colours_and_means,
    tomatoes_and_pooled,
)

SCORES, POOLED = TensorSpec((1, 5), "float32", name="probs"), TensorSpec((1, 8), "float32")
NAMED = replace(POOLED, name="pooled")
TOLD = Told("bgr", (0, 1), (0, 0, 0), (1, 1, 1), "stretch", size=(8, 6), kind="probabilities")


def opened(folder: Path, backend: str = "opencv") -> Classifier:
    return open_classifier(ModelSettings(bundle=str(folder), backend=backend))


def means(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    return np.asarray(image.mean(axis=(0, 1)) / 255, np.float64)


def test_the_only_output_is_the_scores() -> None:
    assert find_outputs("m", None, (SCORES,), 5) == Outputs(0)


@pytest.mark.parametrize(
    ("tensors", "found"), [((SCORES, NAMED), Outputs(0, 1)), ((NAMED, SCORES), Outputs(1, 0))]
)
def test_the_embedding_is_found_by_its_name(
    tensors: tuple[TensorSpec, ...], found: Outputs
) -> None:
    assert find_outputs("m", "pooled", tensors, 5) == found


@pytest.mark.parametrize(
    ("name", "tensors", "words"),
    [
        (None, (SCORES, NAMED), r"m has 2 outputs \(probs, pooled\), not one of scores$"),
        ("pooled", (SCORES,), r"m has 1 output \(probs\), not one of scores and an embedding"),
        ("pooled", (SCORES, NAMED, NAMED), "has 3 outputs"),
        ("poled", (SCORES, NAMED), "no output 'poled' to be the embedding: did you mean 'pooled'"),
        ("x", (SCORES, NAMED), "it has probs, pooled"),
    ],
)
def test_other_outputs_than_those_that_were_named_are_a_fault_of_the_bundle(
    name: str | None, tensors: tuple[TensorSpec, ...], words: str
) -> None:
    with pytest.raises(BundleError, match=words):
        find_outputs("m", name, tensors, 5)


def test_a_backend_without_names_gives_the_scores_by_their_number_and_says_so() -> None:
    found = find_outputs("m", "pooled", (POOLED, replace(SCORES, name="")), 5)
    assert (found.scores, found.embedding) == (1, None)
    assert "near-duplicates are told by a perceptual hash" in found.note


def test_a_backend_without_names_is_not_used_where_the_number_tells_nothing() -> None:
    with pytest.raises(BackendUnavailable, match="which output of m are the scores"):
        find_outputs("m", "pooled", (POOLED, POOLED), 8)


def test_a_quantised_embedding_is_made_real_and_nobody_can_change_it() -> None:
    raw = np.array([[[[3, 5, 255]]]], np.uint8)
    embedding = embedding_of(raw, TensorSpec((1, 1, 1, 3), "uint8", 0.5, 3))
    assert embedding.tolist() == [0, 1, 126]
    assert embedding.dtype == np.float32
    with pytest.raises(ValueError, match="read-only"):
        embedding[0] = 1


def test_an_embedding_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ModelError, match="not finite"):
        embedding_of(np.array([[1.0, np.nan]], np.float32), POOLED)


@pytest.mark.parametrize("backend", ["opencv", "onnxruntime", "openvino"])
@pytest.mark.parametrize("first", [True, False], ids=["first", "second"])
def test_every_runtime_of_onnx_gives_the_embedding_beside_the_scores(
    tmp_path: Path, backend: str, first: bool
) -> None:
    with opened(bundle_with_means(tmp_path / "b", first), backend) as classifier:
        prediction = classifier.classify(patches())
        logits = classifier.logits(patches())
    assert prediction.embedding is not None
    np.testing.assert_allclose(prediction.embedding, means(patches()), atol=1e-5)
    np.testing.assert_allclose(prediction.scores, colour_scores(patches()), atol=1e-5)
    np.testing.assert_allclose(np.exp(logits), colour_scores(patches()), atol=1e-5)
    assert not any("embedding" in note for note in classifier.notes)


@pytest.mark.parametrize("backend", ["litert", "openvino"])
@pytest.mark.parametrize("first", [True, False], ids=["first", "second"])
def test_every_runtime_of_tflite_gives_the_embedding_beside_the_scores(
    tmp_path: Path, backend: str, first: bool
) -> None:
    folder, image = tomatoes(tmp_path / "b", first), open_bundle("greenhouse-tomatoes").golden.image
    with opened(folder, backend) as classifier, open_classifier(ModelSettings()) as bundled:
        prediction, expected = classifier.classify(image), bundled.classify(image)
    assert prediction.embedding is not None
    assert prediction.embedding.shape == (128,)
    assert prediction.embedding.max() > 0.1
    np.testing.assert_allclose(prediction.scores, expected.scores, atol=0.05)


def tomatoes(folder: Path, pooled_first: bool) -> Path:
    """The bundled model, whose weights have a second output now."""
    shutil.copytree(open_bundle("greenhouse-tomatoes").folder, folder)
    manifest = read_manifest(folder)
    entry = manifest["weights"][0]
    weights, name = tomatoes_and_pooled(folder / entry["file"], pooled_first)
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    entry |= {"sha256": digest, "embedding": name}
    return write_manifest(folder, manifest | {"weights": [entry]})


@pytest.mark.parametrize("kind", [LiteRT, OpenVINO])
def test_outputs_of_tflite_files_have_names(tmp_path: Path, kind: BackendKind) -> None:
    path, name = tomatoes_and_pooled(tmp_path / "two.tflite")
    names = [tensor.name for tensor in load(kind, path).outputs]
    assert names[1] == name
    assert names == [tensor.name for tensor in read_tflite_file(path).outputs]
    assert all(names)


@pytest.mark.parametrize("kind", [OpenCV, OnnxRuntime, OpenVINO])
def test_outputs_of_onnx_files_have_names(tmp_path: Path, kind: BackendKind) -> None:
    backend = load(kind, colours_and_means(tmp_path / "two.onnx"))
    assert [tensor.name for tensor in backend.outputs] == ["probabilities", MEANS]


def test_without_a_name_in_the_manifest_a_prediction_has_no_embedding(tmp_path: Path) -> None:
    with opened(colour_bundle(tmp_path / "b")) as classifier:
        assert classifier.classify(patches()).embedding is None


def test_a_name_that_the_file_does_not_have_is_a_fault_of_the_bundle(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="did you mean 'means'"):
        opened(bundle_with_means(tmp_path / "b", named="mean"))


class Nameless:
    """A runtime that gives both outputs, and does not know what they are called."""

    def __init__(self) -> None:
        self.input = TensorSpec((1, 3, 6, 8), "float32")
        self.outputs = (TensorSpec((1, 4), "float32"), TensorSpec((1, 3), "float32"))

    def run(self, tensor: NDArray[Any]) -> tuple[NDArray[Any], ...]:
        scores = np.array([[0.2, 0.3, 0.5]], np.float32)
        return np.ones((1, 4), np.float32), scores

    def close(self) -> None:
        pass


def test_what_a_runtime_leaves_out_is_noted_and_its_scores_are_used(tmp_path: Path) -> None:
    bundle = open_bundle(str(bundle_with_means(tmp_path / "b")))
    choice = Choice(bundle.manifest.weights[0], "nameless", Placement())
    prediction = (classifier := Classifier(bundle, choice, Nameless())).classify(patches())
    assert prediction.embedding is None
    assert prediction.scores == pytest.approx((0.2, 0.3, 0.5))
    assert "use another backend" in classifier.notes[0]


def test_an_imported_file_keeps_what_its_embedding_is_called(tmp_path: Path) -> None:
    path = colours_and_means(tmp_path / "two.onnx", means_first=True)
    bundle = import_file(path, tmp_path / "b", About(embedding=MEANS), TOLD, RuntimeSettings(), [])
    assert bundle.manifest.weights[0].embedding == MEANS
    with opened(tmp_path / "b") as classifier:
        embedding = classifier.classify(patches()).embedding
    np.testing.assert_allclose(np.asarray(embedding), means(patches()), atol=1e-5)


@pytest.mark.parametrize("first", [True, False], ids=["first", "second"])
def test_the_classes_of_a_file_are_those_of_its_scores(tmp_path: Path, first: bool) -> None:
    path, name = tomatoes_and_pooled(tmp_path / "two.tflite", first)
    assert read_network(path, name).classes == 5


def test_a_file_with_two_outputs_is_asked_about(tmp_path: Path) -> None:
    path = colours_and_means(tmp_path / "two.onnx")
    with pytest.raises(BundleError, match=r"2 outputs \(probabilities, means\), not one of scores"):
        import_file(path, tmp_path / "b", About(), TOLD, RuntimeSettings(), [])


def test_mxnet_has_no_names_to_be_told(tmp_path: Path) -> None:
    entry = {
        "file": "m-0000.params", "sha256": "0" * 64, "precision": "float32", "format": "mxnet",
        "tolerance": 0.1, "graph": {"file": "m-symbol.json", "sha256": "1" * 64},
    }  # fmt: skip
    folder = colour_bundle(tmp_path / "b")
    write_manifest(folder, read_manifest(folder) | {"weights": [entry | {"embedding": MEANS}]})
    with pytest.raises(BundleError, match='remove "embedding"'):
        open_bundle(str(folder))
