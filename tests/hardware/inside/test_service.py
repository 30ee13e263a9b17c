"""The whole service on a USB webcam that is unplugged and plugged in again, seen from inside.

What it said and stored is left in the folder for the host, which is fast enough to look at it.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.hardware.inside.webcam import Webcam
from tests.wire.broker import Listener, broker, free_port
from tests.wire.s3 import CREDENTIALS, emptied, moto_s3, objects
from tests.wire.service import service, stopped, store_block

pytestmark = [
    pytest.mark.hardware,
    pytest.mark.skipif("VM_RUN" not in os.environ, reason="runs inside the test machine"),
]

SLOW_S = 180.0
"""The machine is emulated: what takes milliseconds elsewhere takes seconds here."""

SMALL = (
    '[masking]\ndetector = "yunet-n"\nsecond_detector = "yunet-n"\njudge = "yunet-s"\n'
    "max_side = 160\nsecond_look_side = 160\ntimeout_s = 60\n"
)
"""The lightest; named, for nothing is measured or looked for in a machine without a network."""


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with moto_s3() as address:
        yield emptied(address)


def test_it_survives_unplugging_and_plugging(endpoint: str) -> None:
    folder, port = Path(os.environ["SERVICE_FOLDER"]), free_port()
    config = (
        f'[device]\nsite = "shop"\nname = "edge-1"\ndata = "{folder}/data"\n'
        '[[camera]]\nname = "door"\nsource = "/dev/video0"\nwidth = 640\nheight = 480\nfps = 5\n'
        f'{SMALL}{store_block(endpoint)}[publish.mqtt]\nhost = "127.0.0.1"\nport = {port}\n'
        "[health]\nevery_s = 1\n"
    )
    webcam = Webcam("--source", folder / "pictures", "--format", "MJPG", "--fps", "5")
    with broker(folder, port), webcam:
        listener = Listener(port)
        with service(folder, config) as process:
            listener.wait_for("/prediction", 4, SLOW_S)
            webcam.act("unplug")
            listener.wait_until(lambda: camera_state(listener) == "lost", SLOW_S, "lost camera")
            seen = len(listener.wait_for("/prediction"))
            webcam.act("plug")
            listener.wait_until(lambda: camera_state(listener) == "live", SLOW_S, "live camera")
            listener.wait_for("/prediction", seen + 4, SLOW_S)
            listener.wait_until(lambda: kept_for_a_face(listener), SLOW_S, "kept frame of a face")
            assert stopped(process) == 0
        listener.wait_for("/status", 2, SLOW_S)
        listener.close()
    leave(folder, listener, objects(endpoint))


def camera_state(listener: Listener) -> str:
    """Lost, live or something else, as the latest health says."""
    return str(camera(listener).get("state", ""))


def kept_for_a_face(listener: Listener) -> bool:
    """Whether any frame was: the judge, with this little to see, withholds some."""
    return bool(camera(listener).get("kept", {}).get("masked"))


def camera(listener: Listener) -> dict[str, Any]:
    """What the latest health says of the camera."""
    healths = [m.payload for m in listener.messages if m.topic.endswith("/health")]
    found: dict[str, Any] = json.loads(healths[-1])["cameras"]["door"] if healths else {}
    return found


def leave(folder: Path, listener: Listener, stored: dict[str, bytes]) -> None:
    """Writes down every message and every object."""
    lines = [json.dumps([m.topic, bytes(m.payload).decode()]) for m in listener.messages]
    (folder / "messages.jsonl").write_text("\n".join(lines))
    (folder / "bucket").mkdir()
    for address, body in stored.items():
        (folder / "bucket" / quote(address, safe="")).write_bytes(body)
