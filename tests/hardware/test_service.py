"""The main job on a real camera driver, with a real broker and a real S3 API."""

import json
import sys
from pathlib import Path
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray

from tests.hardware.test_drivers import INSIDE, pytestmark
from tests.hardware.vm.run import vm_run
from tests.wire.broker import mosquitto
from tests.wire.portrait import KnownFace
from tests.wire.service import check_ledger, check_messages, check_objects, photographs

__all__ = ["pytestmark"]


def test_a_webcam_that_is_unplugged_and_plugged_in_again(
    tmp_path: Path, face_detectors: None, astronaut: NDArray[np.uint8]
) -> None:
    mosquitto()
    photographs(tmp_path / "pictures", astronaut)
    done = vm_run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            INSIDE / "test_service.py",
        ],
        modules=("vhci-hcd", "uvcvideo"),
        rw=[tmp_path],
        env={"SERVICE_FOLDER": str(tmp_path)},
        timeout_s=580,
    )
    log = (tmp_path / "service.log").read_text()
    print(done.stdout, done.stderr, log)
    assert done.returncode == 0
    assert "Traceback" not in log

    said = [json.loads(line) for line in (tmp_path / "messages.jsonl").read_text().splitlines()]
    kinds = check_messages([(topic, payload.encode()) for topic, payload in said])
    camera = kinds["health"][-1]["cameras"]["door"]
    print(json.dumps(camera, indent=1))
    check_ledger(camera)
    assert camera["opened"] >= 2
    assert camera["ends"]["published"] == len(kinds["prediction"])

    stored = {unquote(path.name): path.read_bytes() for path in (tmp_path / "bucket").iterdir()}
    records = check_objects(stored, KnownFace(astronaut))
    assert len(records) == camera["kept_frames"] > 0
    assert "masked" in {reason for record in records for reason in record["reasons"]}
