from datetime import datetime, timezone

import numpy as np

from devices.frame import Frame
from vision_app.latest import Latest


def frame(camera: str, seq: int) -> Frame:
    pixels = np.zeros((2, 2, 3), np.uint8)
    return Frame(pixels, camera, seq, datetime.now(timezone.utc), float(seq))


def test_the_newest_frame_wins_and_the_older_comes_back() -> None:
    latest = Latest()
    assert latest.put(frame("a", 1)) is None
    replaced = latest.put(frame("a", 2))
    assert replaced is not None
    assert replaced.seq == 1
    taken = latest.take(0)
    assert taken is not None
    assert taken.seq == 2
    assert latest.take(0) is None


def test_a_fast_camera_does_not_starve_a_slow_one() -> None:
    latest = Latest()
    latest.put(frame("slow", 1))
    for seq in range(5):
        latest.put(frame("fast", seq))
    order = [latest.take(0), latest.take(0)]
    assert [f.camera for f in order if f] == ["slow", "fast"]


def test_a_camera_keeps_its_turn_when_its_frame_is_replaced() -> None:
    latest = Latest()
    latest.put(frame("a", 1))
    latest.put(frame("b", 1))
    latest.put(frame("a", 2))
    first = latest.take(0)
    assert first is not None
    assert (first.camera, first.seq) == ("a", 2)
