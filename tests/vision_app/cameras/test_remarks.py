"""A camera that gives something else than it was asked for, as the log and health tell it."""

import logging
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import pytest

from devices.camera import Camera
from devices.errors import DeviceLost
from devices.frame import Frame
from devices.settings import CameraSettings
from masking.settings import MaskingSettings
from tests.vision_app.rig import Rig, blind
from vision_app.cameras.capture import Capture
from vision_app.cameras.latest import Latest
from vision_app.ledger import Ledger

SLOWER = "asked 64x48 at 30 fps, the camera gives YUYV 64x48 at 5 fps: set fps = 5"
DARK = 'controls.gain = "auto": this camera has no automatic gain'


class Frank:
    """A camera that says all about itself, gives four frames and is lost."""

    mode = "frank"
    losses: Mapping[str, int] = {}

    def __init__(self, notes: tuple[str, ...], faults: tuple[str, ...]) -> None:
        self.notes, self.faults, self._left = notes, faults, 4

    def read(self, timeout_s: float) -> Frame:
        if not self._left:
            raise DeviceLost("gone")
        self._left -= 1
        pixels = np.random.default_rng(self._left).integers(0, 200, (48, 64, 3), np.uint8)
        return Frame(pixels, "bench", 4 - self._left, datetime.now(timezone.utc), 0.0)

    def close(self) -> None: ...

    def __enter__(self) -> "Frank":
        return self

    def __exit__(self, *_: object) -> None: ...


def capture(
    *cameras: Camera, latest: Latest | None = None, ledger: Ledger | None = None
) -> Capture:
    openings: Iterator[Camera] = iter(cameras)
    settings = CameraSettings(name="bench")
    return Capture(
        settings, latest or Latest(), ledger or Ledger(), lambda settings, seq: next(openings)
    )


def told(caplog: pytest.LogCaptureFixture, *cameras: Camera) -> list[str]:
    """What the log says while these cameras are opened and lost one after the other."""
    caplog.set_level(logging.WARNING, "vision_app")
    filming = capture(*cameras)
    for _ in range(6 * len(cameras)):
        filming.step()
    return [text for text in caplog.messages if text != "gone"]


def test_the_log_says_it_once_not_at_every_opening(caplog: pytest.LogCaptureFixture) -> None:
    seen = told(caplog, Frank((SLOWER,), (DARK,)), Frank((SLOWER,), (DARK,)))
    assert seen == [f"camera bench: {SLOWER}", f"camera bench: {DARK}"]


def test_the_log_says_what_is_new_after_another_camera_was_plugged_in(
    caplog: pytest.LogCaptureFixture,
) -> None:
    seen = told(caplog, Frank((), (DARK,)), Frank((SLOWER,), (DARK,)))
    assert seen == [f"camera bench: {DARK}", f"camera bench: {SLOWER}"]


@pytest.mark.parametrize(("faults", "state"), [((), "ok"), ((DARK,), "degraded")])
def test_health_notes_what_is_given_and_has_a_problem_with_what_cannot_be_done(
    faults: tuple[str, ...], state: str, tmp_path: Path
) -> None:
    with Rig(
        tmp_path, blind(), (blind(), blind(), blind()), MaskingSettings(look_ahead=0),
        lambda latest, ledger: capture(Frank((SLOWER,), faults), latest=latest, ledger=ledger),
    ) as rig:  # fmt: skip
        health = rig.see(3)
        assert health.state == state
        assert health.notes == (f"camera bench: {SLOWER}",)
        assert health.problems == tuple(f"camera bench: {fault}" for fault in faults)
        assert health.cameras["bench"]["state"] == "live"
