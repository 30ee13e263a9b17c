"""The capture loop with a camera that can hold its newest frame undecoded, and a lane that has each
frame for a while. Both play on one clock that the camera moves: nothing waits."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timezone
from random import Random

import numpy as np
import pytest

from devices.errors import DeviceLost, NothingYet
from devices.frame import Frame
from devices.settings import CameraSettings
from vision_app.cameras.capture import Capture, State
from vision_app.cameras.latest import Latest
from vision_app.ledger import Ledger

PERIOD_S, DECODING_S = 0.010, 0.004
SETTINGS = CameraSettings(name="cam", fps=100, max_fps=200)
NOON = datetime(2026, 1, 31, 12, 0, tzinfo=timezone.utc)
SCENES = np.random.default_rng(1).integers(0, 200, (50, 24, 32, 3), np.uint8)


class Stage:
    """A camera of 100 fps and a lane. waits_s: of each frame that the lane took, for how long
    nothing was done with it."""

    mode = "staged"

    def __init__(self, takes_s: Callable[[], float]) -> None:
        self.takes_s, self.now_s = takes_s, 0.0
        self.still = self.spoilt = self.gone = False
        self.waits_s, self.losses = list[float](), Counter[str]()
        self.latest, self.ledger = Latest(lambda: self.now_s), Ledger()
        self.capture = Capture(
            SETTINGS, self.latest, self.ledger, lambda *_: self, lambda: self.now_s
        )
        self.decoded = self.next = 0
        self._held: int | None = None
        self._done_s: float | None = None
        self._begun_s = dict[int, float]()

    def holds(self) -> bool:
        return self._held is not None

    def hold(self, timeout_s: float) -> None:
        if self.gone:
            raise DeviceLost("cam was unplugged")
        due_s, until_s = self.next * PERIOD_S, self.now_s + timeout_s
        self._go_on(max(self.now_s, min(due_s, until_s)))
        if due_s > until_s:
            raise NothingYet("none came")
        newest = max(self.next, int(self.now_s / PERIOD_S + 1e-6))
        self.losses["stale"] += newest - self.next + (self._held is not None)
        self._held, self.next = newest, newest + 1

    def read(self, timeout_s: float) -> Frame:
        if self._held is None:
            raise AssertionError("it is held before it is read")
        number, self._held = self._held, None
        self._begun_s[number] = self.now_s
        self._go_on(self.now_s + DECODING_S)
        if self.spoilt:
            self.losses["damaged"] += 1
            raise NothingYet("damaged")
        self.decoded += 1
        pixels = SCENES[0 if self.still else number % len(SCENES)].copy()
        return Frame(pixels, "cam", number, NOON, number * PERIOD_S)

    def close(self) -> None:
        self._held = None

    def __enter__(self) -> "Stage":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self, seconds: float) -> None:
        """Lets the capture loop step for so long."""
        until_s = self.now_s + seconds
        while self.now_s < until_s:
            self.capture.step()

    def _go_on(self, to_s: float) -> None:
        """Time passes, in which the lane ends frames and takes others."""
        while self._done_s is None or self._done_s <= to_s:
            if self._done_s is not None:
                self.now_s, self._done_s = self._done_s, None
                self.latest.done("cam")
            frame = self.latest.take(0)
            if frame is None:
                break
            idle_s = self.now_s - self._begun_s[frame.seq] - DECODING_S
            self.waits_s.append(self._begun_s[frame.seq] - frame.captured_s + idle_s)
            self._done_s = self.now_s + self.takes_s()
        self.now_s = to_s


def test_where_frames_come_too_fast_each_is_fresh_and_none_is_decoded_for_nothing() -> None:
    stage = Stage(lambda: 0.0237)
    stage.run(20.0)
    assert max(stage.waits_s[9:]) <= PERIOD_S
    assert stage.decoded <= 1.02 * len(stage.waits_s)
    assert len(stage.waits_s) >= 0.95 * 20.0 / 0.0237


def test_where_nobody_knows_how_long_a_frame_takes_those_that_have_waited_are_replaced() -> None:
    random = Random(1)
    stage = Stage(lambda: random.choice((0.015, 0.020, 0.025, 0.1)))
    stage.run(60.0)
    fresh = sum(wait_s <= PERIOD_S for wait_s in stage.waits_s)
    assert fresh >= 0.97 * len(stage.waits_s)
    assert len(stage.waits_s) >= 0.8 * 60.0 / 0.04


@pytest.mark.parametrize("takes_s", [0.001, 0.006, 0.0095])
def test_where_the_pipeline_keeps_up_every_frame_goes_through(takes_s: float) -> None:
    stage = Stage(lambda: takes_s)
    stage.run(20.0)
    assert stage.losses["stale"] == stage.ledger.account().ends.get("dropped_newer", 0) == 0
    assert len(stage.waits_s) >= 1998


@pytest.mark.parametrize("takes_s", [0.0237, 1e9])
def test_all_frames_are_accounted_for(takes_s: float) -> None:
    stage = Stage(lambda: takes_s)
    stage.run(20.0)
    account = stage.ledger.account()
    held = stage.capture.view.losses["stale"] + account.captured
    assert account.captured == stage.decoded == account.in_flight + sum(account.ends.values())
    assert held == pytest.approx(20.0 / PERIOD_S, abs=2)
    assert len(stage.waits_s) + account.ends.get("dropped_newer", 0) <= account.captured


def test_a_camera_whose_frames_nobody_takes_is_alive_and_what_waits_is_renewed() -> None:
    stage = Stage(lambda: 1e9)
    stage.run(30.0)
    assert stage.capture.view.state is State.LIVE
    assert stage.capture.view.problem == ""
    stage.latest.done("cam")
    newest = stage.latest.take(0)
    assert newest is not None
    assert stage.now_s - newest.captured_s <= 3 * PERIOD_S


def test_a_camera_is_not_called_slow_because_fewer_of_its_frames_are_wanted() -> None:
    stage = Stage(lambda: 0.0237)
    stage.run(10.0)
    stage.takes_s = lambda: 0.2
    stage.run(10.0)
    assert stage.capture.view.problem == ""


@pytest.mark.parametrize("takes_s", [0.0237, 0.2, 1e9])
def test_a_frozen_camera_is_told_also_where_few_frames_are_wanted(takes_s: float) -> None:
    stage = Stage(lambda: takes_s)
    stage.still = True
    stage.run(12.0)
    assert stage.capture.view.state is State.FROZEN


def test_a_camera_of_which_nothing_can_be_decoded_is_stalled_within_two_seconds() -> None:
    stage = Stage(lambda: 0.0237)
    stage.run(5.0)
    stage.spoilt = True
    stage.run(2.0)
    assert stage.capture.view.state is State.STALLED


def test_a_camera_that_goes_while_it_holds_a_frame_is_lost_and_holds_none_when_it_is_back() -> None:
    stage = Stage(lambda: 0.0237)
    stage.run(5.0)
    while not stage.holds():
        stage.capture.step()
    stage.gone = True
    assert stage.capture.step() is State.LOST
    assert not stage.holds()
    stage.gone, stage.next = False, stage.next + 100
    stage.run(1.5)
    assert stage.capture.step() is State.LIVE
