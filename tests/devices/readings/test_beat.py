import threading

import pytest

from devices.errors import DeviceLost, NothingYet
from devices.readings.beat import Beat


def test_it_is_time_at_once_and_then_not_before_the_next_beat() -> None:
    beat = Beat(3600, threading.Event())
    beat.wait("box", 0.0)
    with pytest.raises(NothingYet, match=r"asked again in 3[56]"):
        beat.wait("box", 0.0)


def test_beats_that_were_missed_are_not_made_up_for() -> None:
    seconds = [0.0]
    beat = Beat(10, threading.Event(), lambda: seconds[0])
    for seconds[0] in (0.0, 35.0):
        beat.wait("box", 0.0)
    for seconds[0], early in ((36.0, True), (39.9, True), (40.0, False), (49.9, True)):
        if early:
            with pytest.raises(NothingYet):
                beat.wait("box", 0.0)
        else:
            beat.wait("box", 0.0)


def test_closing_ends_a_wait() -> None:
    closed = threading.Event()
    beat = Beat(3600, closed)
    beat.wait("box", 0.0)
    closer = threading.Timer(0.02, closed.set)
    closer.start()
    with pytest.raises(DeviceLost, match="sensor box is closed"):
        beat.wait("box", 60.0)
    closer.join()
