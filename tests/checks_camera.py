"""What every camera must do, whatever its kind; plugin authors run it on theirs."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from itertools import pairwise

import numpy as np
import pytest

from devices.camera import Camera
from devices.errors import NothingYet
from devices.frame import Frame

FIRST_SEQ = 41
COUNT = 5
PATIENCE_S = 10.0


def check_camera(open_camera: Callable[[int], Camera]) -> None:
    """Opens the camera several times; each time it must have at least five frames to give."""
    with open_camera(FIRST_SEQ) as camera:
        frames = [camera.read(PATIENCE_S) for _ in range(COUNT)]
        _frames_are_right(frames)
        _every_number_is_accounted_for(camera, frames)
        assert camera.mode
    camera.close()
    _a_short_wait_is_short(open_camera)
    _it_can_be_closed_unread(open_camera)


def _frames_are_right(frames: list[Frame]) -> None:
    for frame in frames:
        assert frame.pixels.shape == (frame.height, frame.width, 3)
        assert frame.pixels.dtype == np.uint8
        assert frame.captured_at.tzinfo is timezone.utc
        assert datetime.now(timezone.utc) - frame.captured_at < timedelta(minutes=1)
        assert 0 <= time.monotonic() - frame.captured_s < 60
    for earlier, later in pairwise(frames):
        assert later.seq > earlier.seq
        assert later.captured_s >= earlier.captured_s
        assert not np.shares_memory(earlier.pixels, later.pixels)


def _every_number_is_accounted_for(camera: Camera, frames: list[Frame]) -> None:
    """A number that no frame has must be counted under a reason."""
    assert frames[0].seq >= FIRST_SEQ
    used = frames[-1].seq - FIRST_SEQ + 1
    assert used <= len(frames) + sum(camera.losses.values())
    assert all(count >= 0 for count in camera.losses.values())


def _a_short_wait_is_short(open_camera: Callable[[int], Camera]) -> None:
    with open_camera(0) as camera:
        camera.read(PATIENCE_S)
        begin_s = time.monotonic()
        with suppress(NothingYet):
            camera.read(0.0)
        assert time.monotonic() - begin_s < 1.0


def _it_can_be_closed_unread(open_camera: Callable[[int], Camera]) -> None:
    camera = open_camera(0)
    camera.close()
    camera.close()
    with pytest.raises(ValueError, match="inside"), open_camera(0):
        raise ValueError("inside")
