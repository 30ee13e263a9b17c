from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from models.backend import TensorSpec
from models.backends.mxnet import MXNet
from models.classifier import open_classifier
from models.errors import BackendUnavailable, BundleError, ModelError
from models.settings import ModelSettings, RuntimeSettings
from tests.checks_backend import check_backend
from tests.models.backends.conftest import Open
from tests.models.checkpoints import PARAMS, SYMBOL, Worker, copy, reference
from tests.models.networks import INPUT, hashed, weights_entry, write_bundle
from tests.models.places import data

GOLDEN = (
    "gluon_mobilenet0.25",
    "gluon_mobilenet_v2_0.25",
    "gluon_resnet18_v1_thin",
    "gluon_resnet50_v2_thin",
    "gluon_squeezenet1.1",
)


@pytest.fixture(scope="module")
def worker(legacy_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    with (tmp_path_factory.mktemp("shared") / "memory").open("w+b", buffering=0) as memory:
        started = Worker(legacy_python, memory)
        yield started
        started.close()


def test_mxnet_is_a_backend(checkpoints: Path, legacy_python: Path, tmp_path: Path) -> None:
    settings = RuntimeSettings(mxnet_python=legacy_python)
    check_backend(MXNet, checkpoints / "logits" / PARAMS, tmp_path, settings=settings)


@pytest.mark.parametrize("name", GOLDEN)
def test_checkpoints_answer_as_mxnet_itself_did(name: str, worker: Worker) -> None:
    folder = data(f"mxnet/{name}")
    expected = reference(folder)
    assert worker.load(folder)["input"] == [-1, 3, -1, -1]
    (result,) = worker.run(expected["input"])
    np.testing.assert_allclose(result, expected["output"], atol=1e-6)


@pytest.mark.parametrize("name", ["softmax", "multi-label"])
def test_labels_that_only_training_needs_are_not_asked_for(
    name: str, worker: Worker, checkpoints: Path
) -> None:
    expected = reference(checkpoints / name)
    assert len(worker.load(checkpoints / name)["outputs"]) == len(expected) - 2
    for number, result in enumerate(worker.run(expected["input"])):
        np.testing.assert_allclose(result, expected[f"output{number}"], atol=1e-6)


@pytest.mark.parametrize("name", ["half", "half-throughout", "half-old"])
def test_what_was_saved_in_float16_is_computed_in_float32(
    name: str, worker: Worker, checkpoints: Path
) -> None:
    expected = reference(checkpoints / name)
    assert worker.load(checkpoints / name)["outputs"] == [{"shape": [-1, -1], "dtype": "float32"}]
    (result,) = worker.run(expected["input"])
    np.testing.assert_allclose(result, expected["output0"], atol=1e-6)


def test_a_graph_that_declares_its_input_is_believed(worker: Worker, checkpoints: Path) -> None:
    assert worker.load(checkpoints / "declared")["input"] == [-1, 3, 20, 24]


def test_the_outputs_of_a_graph_have_the_axes_that_they_will_have(
    worker: Worker, checkpoints: Path
) -> None:
    described = worker.load(checkpoints / "maps")["outputs"]
    assert described == [{"shape": [-1] * 4, "dtype": "float32"}]
    assert worker.run(reference(checkpoints / "maps")["input"])[0].ndim == 4


def test_each_output_is_handed_over(opened: Open, checkpoints: Path) -> None:
    expected = reference(checkpoints / "two-outputs")
    for number, result in enumerate(opened("two-outputs").run(expected["input"])):
        np.testing.assert_allclose(result, expected[f"output{number}"], atol=1e-6)


def test_a_graph_without_shapes_takes_any_size_and_number_of_pictures(opened: Open) -> None:
    backend = opened("logits")
    assert backend.input == TensorSpec((-1, 3, -1, -1), "float32")
    assert backend.outputs == (TensorSpec((-1, -1), "float32"),)
    pictures = np.random.default_rng(1).random((2, 3, 30, 40)).astype(np.float32)
    (both,) = backend.run(pictures)
    backend.run(pictures[:, :, :16, :16])
    for picture, result in zip(pictures, both, strict=True):
        np.testing.assert_allclose(backend.run(picture[None])[0][0], result, atol=1e-5)


def test_a_size_that_the_graph_cannot_take_costs_that_run_only(opened: Open) -> None:
    backend = opened("logits")
    with pytest.raises(ModelError, match=r"^mxnet could not run the network: .*conv.*[^\n]$"):
        backend.run(np.zeros((1, 5, 16, 16), np.float32))
    with pytest.raises(ModelError, match="takes float32"):
        backend.run(np.zeros((3, 16, 16), np.float32))
    assert backend.run(np.zeros((1, 3, 16, 16), np.float32))[0].shape == (1, 5)


def test_a_bundle_of_an_mxnet_checkpoint_classifies(
    checkpoints: Path, legacy_python: Path, tmp_path: Path
) -> None:
    folder = bundle(tmp_path / "bundle", checkpoints / "softmax")
    runtime = RuntimeSettings(mxnet_python=legacy_python)
    expected = reference(checkpoints / "softmax")
    settings = ModelSettings(bundle=str(folder), store=tmp_path / "store", runtime=runtime)
    with open_classifier(settings) as classifier:
        prediction = classifier.classify(expected["image"])
    np.testing.assert_allclose(prediction.scores, expected["output0"][0], atol=1e-6)
    assert classifier.id.backend == "mxnet"


def test_without_an_interpreter_a_bundle_says_which_key_to_write(
    checkpoints: Path, tmp_path: Path
) -> None:
    folder = bundle(tmp_path / "bundle", checkpoints / "softmax")
    settings = ModelSettings(bundle=str(folder), store=tmp_path / "store")
    with pytest.raises(BackendUnavailable, match=r"model\.runtime\.mxnet_python = "):
        open_classifier(settings)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        (PARAMS, b""),
        (PARAMS, b"not a network\n" * 99),
        (PARAMS, slice(0, 500)),
        (PARAMS, slice(0, -1)),
        (SYMBOL, b""),
        (SYMBOL, b"{}"),
        (SYMBOL, b'{"nodes": [3]}'),
        (SYMBOL, b"\xff\xfe"),
        (SYMBOL, slice(0, 500)),
    ],
)
def test_a_damaged_file_is_named(
    file: str, content: bytes | slice, checkpoints: Path, worker: Worker, tmp_path: Path
) -> None:
    folder = copy(checkpoints / "logits", tmp_path)
    whole = (folder / file).read_bytes()
    (folder / file).write_bytes(content if isinstance(content, bytes) else whole[content])
    said = worker.load(folder)["damaged"]
    assert said.startswith(f"{folder / file} is not a ")
    assert "or damaged: " in said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("two-inputs", "leaves 2 inputs of its graph without a value (data, other)"),
        ("stateless", "lacks the values of bn_data_moving_mean"),
    ],
)
def test_values_that_are_missing_are_named(
    name: str, sentence: str, worker: Worker, checkpoints: Path
) -> None:
    assert f"{checkpoints / name / PARAMS} {sentence}" in worker.load(checkpoints / name)["damaged"]


def test_a_damaged_checkpoint_is_a_bundle_error(
    checkpoints: Path, opened: Open, tmp_path: Path
) -> None:
    folder = copy(checkpoints / "logits", tmp_path)
    (folder / PARAMS).write_bytes((folder / PARAMS).read_bytes()[:-1])
    with pytest.raises(BundleError, match=rf"{PARAMS} is not a \.params of MXNet, or damaged"):
        opened(folder)


def test_an_operator_that_mxnet_lacks_makes_the_backend_unavailable(
    checkpoints: Path, opened: Open, tmp_path: Path
) -> None:
    folder = copy(checkpoints / "logits", tmp_path)
    text = (folder / SYMBOL).read_text().replace("Pooling", "Puddling")
    (folder / SYMBOL).write_text(text)
    with pytest.raises(BackendUnavailable, match="Operator Puddling is not registered"):
        opened(folder)


def bundle(folder: Path, checkpoint: Path) -> Path:
    """A bundle around a checkpoint."""
    folder.mkdir()
    copy(checkpoint, folder)
    weights = weights_entry(folder / PARAMS, "float32", "mxnet", tolerance=1e-5)
    expected = reference(checkpoint)
    return write_bundle(
        folder,
        weights=[weights | {"graph": hashed(folder / SYMBOL)}],
        labels=tuple("abcde"),
        image=expected["image"],
        scores=expected["output0"][0],
        rules=INPUT | {"width": 24, "height": 20},
        output={"kind": "probabilities", "temperature": 1.0},
    )
