"""What only OpenVINO does."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from models.backend import Math, Placement
from models.backends.openvino import OpenVINO
from models.bundles.bundle import open_bundle
from models.errors import BackendUnavailable, BundleError
from models.settings import RuntimeSettings
from tests.models.backends.small_network import SIDE, small_answers, small_network
from tests.models.networks import load
from tests.models.two_outputs import colours_and_means


def pixels(seed: int, pictures: int = 1) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.random.default_rng(seed).random((pictures, 3, SIDE, SIDE)).astype(np.float32)


def away(path: Path, math: Math) -> float:
    """The largest difference from the reference of single precision."""
    backend = OpenVINO(path, Placement(math=math), RuntimeSettings())
    return float(np.abs(backend.run(pixels(1))[0] - small_answers(pixels(1))).max())


def test_processors_and_what_is_absent_are_told_with_what_to_do() -> None:
    first, *others = OpenVINO.devices(RuntimeSettings())
    assert (first.name, first.problem) == ("cpu", "")
    assert first.detail
    assert {other.name.partition(".")[0] for other in others} == {"gpu", "npu"}
    assert all(": install" in other.problem for other in others if not other.detail)


def test_bfloat16_is_used_when_it_is_asked_for_and_never_otherwise(tmp_path: Path) -> None:
    path = small_network(tmp_path / "small.onnx")
    assert away(path, "float32") < 1e-5
    if "bfloat16" not in OpenVINO.devices(RuntimeSettings())[0].maths:
        pytest.skip("this processor has no bfloat16")
    assert 1e-4 < away(path, "bfloat16") < 0.1


def test_a_picture_alone_and_pictures_together_get_the_same_answers(tmp_path: Path) -> None:
    backend = load(OpenVINO, small_network(tmp_path / "small.onnx"))
    (alone,) = backend.run(pixels(1))
    (together,) = backend.run(np.concatenate([pixels(1), pixels(2)]))
    (again,) = backend.run(pixels(1))
    np.testing.assert_allclose(together[:1], alone, atol=1e-6)
    np.testing.assert_allclose(again, alone, atol=1e-6)


def test_nothing_is_cached_for_the_processor(tmp_path: Path) -> None:
    path = small_network(tmp_path / "small.onnx")
    OpenVINO(path, Placement(), RuntimeSettings(cache=tmp_path / "cache")).run(pixels(1))
    assert not (tmp_path / "cache").exists()


def test_a_tflite_file_of_another_name_is_told_to_be_renamed(tmp_path: Path) -> None:
    bundle = open_bundle("greenhouse-tomatoes")
    shutil.copy(bundle.path(bundle.manifest.weights[0]), tmp_path / "model.lite")
    with pytest.raises(BackendUnavailable, match=r"model\.lite to end in \.tflite: rename it"):
        load(OpenVINO, tmp_path / "model.lite")


def test_a_tflite_file_that_is_damaged_behind_its_header_is_a_fault_of_the_bundle(
    tmp_path: Path,
) -> None:
    bundle = open_bundle("greenhouse-tomatoes")
    content = bundle.path(bundle.manifest.weights[0]).read_bytes()
    (tmp_path / "cut.tflite").write_bytes(content[:-100])
    with pytest.raises(BundleError, match=r"cut\.tflite"):
        load(OpenVINO, tmp_path / "cut.tflite")


def test_outputs_that_nobody_wants_are_left_out(tmp_path: Path) -> None:
    path = colours_and_means(tmp_path / "two.onnx")
    whole, part = (OpenVINO(path, Placement(wanted=wanted), RuntimeSettings()) for wanted in (0, 1))
    assert (len(whole.outputs), len(part.outputs)) == (2, 1)
    assert part.outputs[0] == whole.outputs[0]
    (first, _), (only,) = whole.run(pixels(1)), part.run(pixels(1))
    np.testing.assert_array_equal(only, first)
