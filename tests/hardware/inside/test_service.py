"""The whole service on a USB webcam that is unplugged and plugged in again."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from models.detectors.centerface import CenterFace
from tests.hardware.inside.webcam import Webcam
from tests.wire.broker import Listener, broker, free_port
from tests.wire.s3 import CREDENTIALS, emptied, moto_s3, objects
from tests.wire.service import (
    check_ledger,
    check_messages,
    check_objects,
    photographs,
    service,
    stopped,
    store_block,
)

pytestmark = [
    pytest.mark.hardware,
    pytest.mark.skipif("VM_RUN" not in os.environ, reason="runs inside the test machine"),
]

SLOW_S = 240.0
"""The machine is emulated: what takes milliseconds elsewhere takes seconds here."""

SMALL = "[masking]\nmax_side = 320\nsecond_look_side = 320\ntimeout_s = 60\n"


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with moto_s3() as address:
        yield emptied(address)


def test_it_survives_unplugging_and_its_books_add_up(
    tmp_path: Path, endpoint: str, centerface_weights: Path, astronaut: NDArray[np.uint8]
) -> None:
    port = free_port()
    config = (
        f'[device]\nsite = "shop"\nname = "edge-1"\ndata = "{tmp_path}/data"\n'
        '[[camera]]\nname = "door"\nsource = "/dev/video0"\nwidth = 640\nheight = 480\nfps = 5\n'
        f'{SMALL}{store_block(endpoint)}[publish.mqtt]\nhost = "127.0.0.1"\nport = {port}\n'
        "[health]\nevery_s = 1\n"
    )
    webcam = Webcam(
        *("--source", photographs(tmp_path / "pictures", astronaut)),
        *("--format", "MJPG", "--fps", "5"),
    )
    with broker(tmp_path, port), webcam, service(tmp_path, config) as process:
        listener = Listener(port)
        listener.wait_for("/prediction", 4, SLOW_S)
        webcam.act("unplug")
        listener.wait_until(lambda: camera_state(listener) == "lost", SLOW_S)
        seen = len(listener.wait_for("/prediction"))
        webcam.act("plug")
        listener.wait_until(lambda: camera_state(listener) == "live", SLOW_S)
        listener.wait_for("/prediction", seen + 4, SLOW_S)
        assert stopped(process) == 0
        listener.wait_for("/status", 2, SLOW_S)
        listener.close()

    log = (tmp_path / "service.log").read_text()
    assert "Traceback" not in log
    kinds = check_messages([(m.topic, bytes(m.payload)) for m in listener.messages])
    camera = kinds["health"][-1]["cameras"]["door"]
    check_ledger(camera)
    assert camera["opened"] >= 2
    assert camera["ends"]["published"] == len(kinds["prediction"])
    print(json.dumps(camera, indent=1))

    judge = CenterFace(centerface_weights, threshold=0.2, max_side=640)
    records = check_objects(objects(endpoint), judge)
    assert len(records) == camera["kept_frames"] > 0
    assert "masked" in {reason for record in records for reason in record["reasons"]}


def camera_state(listener: Listener) -> str:
    """What the latest health says of the camera."""
    healths = [m.payload for m in listener.messages if m.topic.endswith("/health")]
    return str(json.loads(healths[-1])["cameras"]["door"]["state"]) if healths else ""
