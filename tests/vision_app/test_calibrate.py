"""`vision-app model calibrate` as a person uses it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from models.bundles.bundle import open_bundle
from models.calibration.recalibrate import write_fit
from models.errors import CalibrationError
from tests.models.calibration.labelled_colours import label_folders
from tests.models.calibration.test_recalibrate import FRAMES, TRUE, fitted
from tests.models.networks import colour_bundle, read_manifest
from tests.vision_app.test_cli import vision_app
from vision_app.cli import cli


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return label_folders(tmp_path_factory.mktemp("frames") / "labelled", FRAMES, TRUE)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return colour_bundle(tmp_path / "shelf")


def calibrate(bundle: Path | str, labelled: Path, *words: str | Path) -> Result:
    command = ["model", "calibrate", str(bundle), "--labelled", str(labelled), *map(str, words)]
    return CliRunner().invoke(cli, command)


def test_the_temperature_is_written_and_shown_before_and_after(bundle: Path, frames: Path) -> None:
    done = vision_app("model", "calibrate", bundle, "--labelled", frames, cwd=bundle)
    assert done.returncode == 0, done.stderr
    output = open_bundle(str(bundle)).manifest.output
    assert output.calibration is not None
    assert f"1 → {output.temperature:.3g}" in done.stdout
    assert (
        f"{output.calibration.ece_before:.4f} → {output.calibration.ece_after:.4f}" in done.stdout
    )
    assert f"written into {bundle}" in done.stdout
    assert "██████" in done.stdout
    assert max(map(len, done.stdout.splitlines()[:-1])) <= 80
    assert done.stderr == ""


def test_every_figure_is_json_and_a_dry_run_writes_nothing(bundle: Path, frames: Path) -> None:
    before = read_manifest(bundle)
    found = json.loads(calibrate(bundle, frames, "--dry-run", "--json").stdout)
    assert found["temperature"] == pytest.approx(TRUE, rel=0.2)
    assert (found["temperature_before"], found["samples"]) == (1.0, FRAMES)
    assert (found["better"], found["written"]) == (True, None)
    assert sum(row["count"] for row in found["after"]) == FRAMES
    assert read_manifest(bundle) == before


def test_a_copy_is_calibrated_and_the_bundle_stays(bundle: Path, frames: Path) -> None:
    copy = bundle.parent / "copy"
    found = json.loads(calibrate(bundle, frames, "--out", copy, "--json").stdout)
    assert found["written"] == str(copy)
    assert open_bundle(str(copy)).manifest.output.calibration is not None
    assert open_bundle(str(bundle)).manifest.output.calibration is None


def test_what_held_out_frames_do_not_praise_is_not_written(bundle: Path, frames: Path) -> None:
    write_fit(*fitted(bundle, frames))
    before = read_manifest(bundle)
    done = calibrate(bundle, frames)
    assert done.exit_code == 0
    assert "the temperature stays at" in done.stdout
    assert read_manifest(bundle) == before


def test_chosen_rows_of_a_csv_count_alone(bundle: Path, frames: Path) -> None:
    files = sorted(path.relative_to(frames) for path in frames.rglob("*.png"))
    splits = ["val" if number % 2 else "train" for number in range(FRAMES)]
    lines = [f"{path},{path.parent},{split}" for path, split in zip(files, splits, strict=True)]
    table = bundle.parent / "labels.csv"
    table.write_text("\n".join(["file,label,split", *lines]))
    done = calibrate(bundle, table, "--files", frames, "--rows", "split=val", "--json")
    assert json.loads(done.stdout)["samples"] == FRAMES / 2


def test_rows_that_are_no_pair_are_a_fault_of_the_command(bundle: Path, frames: Path) -> None:
    done = calibrate(bundle, frames, "--rows", "val")
    assert done.exit_code == 2
    assert "COLUMN=VALUE" in done.stderr


def test_a_built_in_bundle_is_refused_before_anything_is_classified(frames: Path) -> None:
    done = calibrate("greenhouse-tomatoes", frames)
    assert isinstance(done.exception, CalibrationError)
    assert "is built in and stays as it is" in str(done.exception)


def test_unknown_labels_and_too_few_frames_are_one_sentence_and_exit_1(
    bundle: Path, tmp_path: Path
) -> None:
    (tmp_path / "few" / "purple").mkdir(parents=True)
    (tmp_path / "few" / "purple" / "1.png").touch()
    done = vision_app("model", "calibrate", bundle, "--labelled", tmp_path / "few", cwd=tmp_path)
    assert done.returncode == 1
    assert "label 'purple' of 1 file: it is none of the model's labels" in done.stderr
    few = label_folders(tmp_path / "fewer", 20, TRUE)
    done = vision_app("model", "calibrate", bundle, "--labelled", few, cwd=tmp_path)
    assert done.returncode == 1
    assert "20 labelled frames are too few" in done.stderr
