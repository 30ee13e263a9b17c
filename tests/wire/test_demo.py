"""The demo, as a newcomer runs it: every promise of its report is checked against what it left."""

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from devices.simulated.footage import Footage
from models.detectors.centerface import CenterFace
from models.detectors.detector import Detector
from models.faces import DETECTORS
from tests.wire.service import PROGRAM, check_ledger, check_messages, check_objects

pytestmark = pytest.mark.wire


@pytest.fixture(scope="module")
def folder(
    tmp_path_factory: pytest.TempPathFactory, face_detectors: None, astronaut: NDArray[np.uint8]
) -> Path:
    """Where a demo of 20 seconds left everything."""
    out = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-c", PROGRAM, "demo", "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "What happened" in done.stdout
    (written,) = out.iterdir()
    for name in ("events.jsonl", "bucket", "contact-sheet.png"):
        assert str(written / name) in done.stdout.replace("\n", "")
    return written


@pytest.fixture(scope="module")
def judge(centerface_weights: Path) -> Detector:
    """It gives bare faces 0.8 and more, and at its usual threshold takes the ring of a space suit
    below a covered one for another."""
    return CenterFace(centerface_weights, DETECTORS["centerface"].judge, max_side=640)


def stored(folder: Path) -> dict[str, bytes]:
    bucket = folder / "bucket"
    files = [path for path in bucket.rglob("*") if path.is_file()]
    return {f"file://{path}": path.read_bytes() for path in files}


def test_a_face_walks_through_the_footage(judge: Detector, centerface_weights: Path) -> None:
    portrait = centerface_weights.parent / "astronaut.png"
    footage = Footage(640, 480, fps=1.0, seed=7, portrait=portrait)
    assert [second for second in range(20) if judge.detect(footage.picture(second))]


def test_its_events_fit_their_schemas_and_its_books_add_up(folder: Path) -> None:
    lines = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    kinds = check_messages([(line.pop("topic"), json.dumps(line).encode()) for line in lines])
    last = kinds["health"][-1]
    camera = last["cameras"]["cam0"]
    check_ledger(camera)
    assert camera["ends"]["published"] == len(kinds["prediction"])
    assert last["state"] == "ok", last["problems"]
    assert last["spool"]["count"] == 0
    assert last["sensors"]["climate"]["alerts"] >= 1
    assert not [note for note in last["notes"] if "fit it again" in note]


def test_it_uploads_for_both_reasons_and_no_face(folder: Path, judge: Detector) -> None:
    records = check_objects(stored(folder), judge)
    reasons = {reason for record in records for reason in record["reasons"]}
    assert reasons >= {"low_confidence", "masked"}
    confident = [record for record in records if record["confidence"] >= 0.7]
    assert all(record["reasons"] == ["masked"] for record in confident)


def test_the_contact_sheet_is_a_picture(folder: Path) -> None:
    sheet = cv2.imread(str(folder / "contact-sheet.png"))
    assert sheet is not None
    assert sheet.shape[1] > 800
