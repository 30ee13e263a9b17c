"""The one exemption from masking, from the configuration to the auditor."""

import logging
from pathlib import Path

import pytest

from tests.uploader.audit.evidence import Evidence
from uploader.receipts.key import FOLDER, open_key
from vision_app import config
from vision_app.app import App

REASON = "a bench camera over seedlings"


def test_its_reason_is_logged_at_the_start_and_stands_in_what_the_auditor_sees(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "vision_app")
    bench = {"name": "bench", "kind": "generated", "exempt": f"  {REASON} ", "fps": 20.0}
    told = config.parse(
        {
            "camera": [bench],
            "keep": {"below": 1.0, "gap_s": 0},
            "spool": {"min_free_bytes": 0},
            "store": {"url": (tmp_path / "store").as_uri(), "records_every_s": 1},
        },
        "a test",
    )
    app = App(config.complete(told, tmp_path, {"XDG_DATA_HOME": str(tmp_path)}))
    app.run(60.0, lambda: app.stop() if app.health().cameras["bench"]["kept_frames"] else None)
    assert caplog.messages[0] == f"camera bench is exempt from masking: {REASON}"

    key = open_key(tmp_path / "vision-app" / FOLDER)
    evidence = Evidence(tmp_path / "store", key)
    receipts = [line["receipt"] for line in evidence.lines()]
    assert receipts
    assert {(one["treatment"], one["reason"], len(one["looks"])) for one in receipts} == {
        ("exempt", REASON, 0)
    }
    found = evidence.verify()
    assert not found.findings
    assert (found.counts.frames, found.counts.masked) == (len(receipts), 0)
    (camera,) = found.exempt
    assert (camera.camera, camera.reason, camera.frames) == ("bench", REASON, len(receipts))
