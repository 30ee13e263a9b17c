"""Calibration of a real network: bundles are opened, run, written and opened again."""

import tarfile
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import pytest

from models.bundles.bundle import BUILT_IN, Bundle, open_bundle
from models.calibration.calibration import Fit
from models.calibration.labelled import Labelled, Source
from models.calibration.recalibrate import measure, require_place, write_fit
from models.classifier import open_classifier
from models.errors import CalibrationError
from models.scores import sigmoid, softmax
from models.settings import ModelSettings
from tests.models.calibration.labelled_colours import GAIN, drawn_colours, label_folders, label_rows
from tests.models.networks import (
    COLOURS,
    INPUT,
    colour_bundle,
    colour_network,
    colour_scores,
    patches,
    weights_entry,
    write_bundle,
)

TRUE = 3.0
FRAMES = 400


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return label_folders(tmp_path_factory.mktemp("frames") / "labelled", FRAMES, TRUE)


def fitted(folder: Path, frames: Path) -> tuple[Bundle, Fit]:
    bundle = open_bundle(str(folder))
    with open_classifier(ModelSettings(bundle=str(folder))) as classifier:
        return bundle, measure(bundle, classifier, Source(frames), list)


@pytest.mark.parametrize("kind", ["probabilities", "logits"])
def test_an_overconfident_network_becomes_as_sure_as_it_is_right(
    tmp_path: Path, frames: Path, kind: str
) -> None:
    _, found = fitted(colour_bundle(tmp_path / "b", kind=kind), frames)
    assert found.temperature == pytest.approx(TRUE, rel=0.2)
    assert found.ece_before > 0.15
    assert found.ece_after < found.ece_before / 2
    assert found.better


def test_a_network_with_several_labels_a_frame_is_calibrated_from_a_csv(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    weights = colour_network(tmp_path / "b" / "model.onnx", softmax=False)
    folder = write_bundle(
        tmp_path / "b",
        weights=[weights_entry(weights, "float32", "onnx", tolerance=1e-4)],
        labels=COLOURS,
        image=patches(),
        scores=sigmoid(patches().mean(axis=(0, 1)) / 255 * GAIN).astype(np.float32),
        rules=INPUT,
        output={"kind": "multi-label-logits", "temperature": 1.0},
    )
    _, found = fitted(folder, label_rows(tmp_path / "frames", FRAMES, TRUE))
    assert found.temperature == pytest.approx(TRUE, rel=0.2)
    assert found.better


def test_too_few_frames_are_told_before_any_is_looked_at(tmp_path: Path) -> None:
    folder = colour_bundle(tmp_path / "b")
    few = label_folders(tmp_path / "few", 20, TRUE)
    looked_at: list[Labelled] = []

    def watch(frames: Sequence[Labelled]) -> Sequence[Labelled]:
        looked_at.extend(frames)
        return frames

    with (
        open_classifier(ModelSettings(bundle=str(folder))) as classifier,
        pytest.raises(CalibrationError, match="20 labelled frames are too few"),
    ):
        measure(open_bundle(str(folder)), classifier, Source(few), watch)
    assert not looked_at


def test_events_get_the_calibrated_confidence_and_the_raw_scores(
    tmp_path: Path, frames: Path
) -> None:
    folder = colour_bundle(tmp_path / "b")
    write_fit(*fitted(folder, frames))
    with open_classifier(ModelSettings(bundle=str(folder))) as classifier:
        said = classifier.classify(patches())
    temperature = open_bundle(str(folder)).manifest.output.temperature
    np.testing.assert_allclose(said.scores, colour_scores(patches()), atol=1e-5)
    hotter = softmax(patches().mean(axis=(0, 1)) / 255 * GAIN / temperature)
    assert said.confidence == pytest.approx(hotter.max(), abs=1e-4)
    assert said.confidence < max(said.scores) - 0.1


def test_the_confidence_of_the_written_bundle_is_right_as_often_as_it_says(
    tmp_path: Path, frames: Path
) -> None:
    folder = colour_bundle(tmp_path / "b")
    write_fit(*fitted(folder, frames))
    with open_classifier(ModelSettings(bundle=str(folder))) as classifier:
        pairs = [
            (classifier.classify(picture), label) for picture, label in drawn_colours(1500, TRUE)
        ][FRAMES:]
    sure = np.mean([said.confidence for said, _ in pairs])
    raw = np.mean([max(said.scores) for said, _ in pairs])
    often = np.mean([said.label == label for said, label in pairs])
    assert abs(sure - often) < 0.03
    assert raw - often > 0.15


def test_the_manifest_says_where_the_temperature_comes_from_and_all_else_stays(
    tmp_path: Path, frames: Path
) -> None:
    folder = colour_bundle(tmp_path / "b")
    bundle, found = fitted(folder, frames)
    assert write_fit(bundle, found) == folder
    after = open_bundle(str(folder)).manifest
    how = after.output.calibration
    assert how is not None
    assert after.output.temperature == pytest.approx(found.temperature, abs=1e-4)
    assert how.samples == FRAMES
    assert (how.ece_before, how.ece_after) == (
        round(found.ece_before, 4),
        round(found.ece_after, 4),
    )
    assert abs((datetime.now(timezone.utc) - how.at).total_seconds()) < 60
    assert after.model_copy(update={"output": bundle.manifest.output}) == bundle.manifest


def test_a_second_calibration_finds_nothing_to_better(tmp_path: Path, frames: Path) -> None:
    folder = colour_bundle(tmp_path / "b")
    write_fit(*fitted(folder, frames))
    bundle, again = fitted(folder, frames)
    assert again.temperature == pytest.approx(bundle.manifest.output.temperature, abs=1e-4)
    assert not again.better


def test_a_tar_and_a_built_in_bundle_are_left_and_copied_instead(
    tmp_path: Path, frames: Path
) -> None:
    folder = colour_bundle(tmp_path / "b")
    with tarfile.open(tmp_path / "b.tar", "w") as archive:
        for path in sorted(folder.iterdir()):
            archive.add(path, path.name)
    with open_bundle(str(tmp_path / "b.tar")) as bundle:
        with pytest.raises(CalibrationError, match=r"model add .*b\.tar"):
            require_place(bundle, None)
        require_place(bundle, tmp_path / "copy")
        write_fit(bundle, fitted(folder, frames)[1], tmp_path / "copy")
    assert open_bundle(str(tmp_path / "copy")).manifest.output.calibration is not None
    with pytest.raises(CalibrationError, match=r"is built in .* --out"):
        require_place(open_bundle("greenhouse-tomatoes"), None)
    with pytest.raises(CalibrationError, match="exists already"):
        require_place(open_bundle("greenhouse-tomatoes"), tmp_path / "copy")
    assert open_bundle(str(BUILT_IN / "greenhouse-tomatoes")).manifest.output.calibration is None


def test_a_copy_that_cannot_be_written_is_one_sentence(tmp_path: Path, frames: Path) -> None:
    pair = fitted(colour_bundle(tmp_path / "b"), frames)
    (tmp_path / "file").touch()
    with pytest.raises(CalibrationError, match=r"cannot be written: .*file"):
        write_fit(*pair, tmp_path / "file" / "copy")


def test_unreadable_pictures_are_all_named_and_nothing_is_fitted(
    tmp_path: Path, frames: Path
) -> None:
    labelled = label_folders(tmp_path / "labelled", 150, TRUE)
    (labelled / "red" / "a.jpg").write_bytes(b"\xff\xd8 cut")
    (labelled / "blue" / "b.txt").write_text("no picture")
    with pytest.raises(CalibrationError, match=r"b\.txt: it holds no picture.*\n.*a\.jpg: "):
        fitted(colour_bundle(tmp_path / "b"), labelled)
