"""The capture loop, with a camera that does what the test says at the edge of the world."""

from collections.abc import Callable, Mapping
from datetime import datetime, timezone

import numpy as np
import pytest

from devices.camera import Camera
from devices.errors import DeviceLost, DeviceUnavailable, EndOfSource, NothingYet
from devices.frame import Frame
from devices.settings import CameraSettings
from vision_app.cameras.capture import READ_S, Capture, State
from vision_app.cameras.latest import Latest
from vision_app.ledger import Ledger

SETTINGS = CameraSettings(name="cam")
Act = Exception | str | float


class Scripted:
    """A camera that gives a frame for "frame", counts a loss for "loss", or raises; for a number it
    gives a frame that was captured at that time."""

    mode = "scripted"

    def __init__(self, acts: list[Act], seq: int, closing: Callable[[], None]) -> None:
        self.acts, self.seq, self.closing = acts, seq, closing
        self.losses: Mapping[str, int] = {}
        self.closed = False

    def read(self, timeout_s: float) -> Frame:
        act = self.acts.pop(0)
        if isinstance(act, Exception):
            raise act
        if act == "loss":
            self.losses = {"damaged": self.losses.get("damaged", 0) + 1}
        self.seq += 1
        pixels = np.zeros((2, 2, 3), np.uint8)
        captured_s = act if isinstance(act, float) else 0.0
        return Frame(pixels, "cam", self.seq - 1, datetime.now(timezone.utc), captured_s)

    def close(self) -> None:
        self.closing()
        self.closed = True

    def __enter__(self) -> "Scripted":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Bench:
    """A capture loop over scripted cameras, with a clock that the test moves."""

    def __init__(
        self, *openings: list[Act] | DeviceUnavailable, settings: CameraSettings = SETTINGS
    ) -> None:
        self.openings = list(openings)
        self.opened: list[Scripted] = []
        self.told_at_close: list[str] = []
        self.now = 0.0
        self.latest, self.ledger = Latest(), Ledger()
        self.capture = Capture(settings, self.latest, self.ledger, self._open, lambda: self.now)

    def _open(self, settings: CameraSettings, first_seq: int) -> Camera:
        opening = self.openings.pop(0)
        if isinstance(opening, DeviceUnavailable):
            raise opening
        self.opened.append(Scripted(opening, first_seq, self._closing))
        return self.opened[-1]

    def _closing(self) -> None:
        self.told_at_close.append(self.capture.view.problem)

    def steps(self, count: int) -> State:
        for _ in range(count):
            state = self.capture.step()
        return state


def test_frames_that_nobody_took_are_counted_as_dropped() -> None:
    bench = Bench(["frame", "frame", "frame"])
    assert bench.steps(4) is State.LIVE
    account = bench.ledger.account()
    assert (account.captured, account.ends) == (3, {"dropped_newer": 2})


def test_frames_that_are_read_late_are_not_beyond_the_rate() -> None:
    captured = [number / SETTINGS.fps for number in range(1, 30)]
    late = {10: 11.2, 11: 11.21}
    bench = Bench([*captured])
    bench.steps(1)
    for number in range(1, 30):
        bench.now = late.get(number, number) / SETTINGS.fps
        bench.steps(1)
        if taken := bench.latest.take(0):
            bench.latest.done(taken.camera)
    assert not bench.ledger.account().ends


def test_frames_beyond_the_rate_are_counted_as_such() -> None:
    bench = Bench(["frame"] * 60)
    bench.steps(1)
    for number in range(60):
        bench.now = number / (2 * SETTINGS.fps)
        bench.steps(1)
        if taken := bench.latest.take(0):
            bench.latest.done(taken.camera)
    account = bench.ledger.account()
    assert account.in_flight + account.ends["over_rate"] == account.captured == 60
    assert account.ends == {"over_rate": pytest.approx(29, abs=1)}


def test_a_lost_camera_is_opened_again_and_numbers_go_on() -> None:
    bench = Bench(["frame", "frame", DeviceLost("cam went away")], ["frame"])
    assert bench.steps(4) is State.LOST
    assert bench.capture.view.newest_s == 0.0
    assert bench.capture.view.problem == "cam went away"
    assert bench.capture.wait_s > 0
    assert bench.opened[0].closed
    assert bench.steps(2) is State.LIVE
    assert bench.capture.view.problem == ""
    newest = bench.latest.take(0)
    assert newest is not None
    assert newest.seq == 2


def test_a_camera_that_is_not_there_yet_is_tried_again_with_growing_pauses() -> None:
    absent = DeviceUnavailable("no camera at /dev/video0")
    bench = Bench(*[absent] * 8, ["frame"])
    assert bench.steps(8) is State.OPENING
    assert 0 < bench.capture.wait_s <= 5.0
    assert bench.steps(2) is State.LIVE
    assert bench.capture.wait_s == 0.0


def test_a_camera_that_stands_still_is_named_within_two_seconds_then_opened_again() -> None:
    bench = Bench(["frame", NothingYet(), NothingYet(), NothingYet()], ["frame"])
    bench.steps(2)
    bench.now = 1.5
    assert bench.steps(1) is State.LIVE
    bench.now = 2.0 - READ_S
    assert bench.steps(1) is State.STALLED
    assert "delivers no frames" in bench.capture.view.problem
    bench.now = 11.0
    assert bench.steps(1) is State.LOST
    assert bench.opened[0].closed
    assert bench.steps(2) is State.LIVE


def test_a_camera_of_one_frame_in_ten_seconds_is_given_longer() -> None:
    slow = CameraSettings(name="cam", fps=0.1)
    bench = Bench(["frame", NothingYet(), NothingYet(), NothingYet()], settings=slow)
    bench.steps(2)
    for now, state in ((24.0, State.LIVE), (26.0, State.STALLED), (51.0, State.LOST)):
        bench.now = now
        assert bench.steps(1) is state


def test_a_camera_that_has_become_slow_is_named_once_and_until_it_is_fast_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    bench = Bench(["frame"] * 400)
    bench.steps(1)
    told = []
    for fps, frames in ((15, 60), (2, 5), (15, 30)):
        for _ in range(frames):
            bench.now += 1 / fps
            assert bench.steps(1) is State.LIVE
        told.append(bench.capture.view.problem)
    assert [text[:44] for text in told] == ["", "camera cam delivers 2 frames a second and ha", ""]
    said = [record.message for record in caplog.records if record.levelname == "WARNING"]
    assert len(said) == 1
    assert caplog.records[-1].message == "camera cam is live again"


def test_what_is_wrong_is_told_before_closing_which_a_hanging_camera_holds_up() -> None:
    bench = Bench(["frame", DeviceLost("cam went away")], ["frame", NothingYet()])
    bench.steps(5)
    bench.now = 11.0
    bench.steps(1)
    assert bench.told_at_close == ["cam went away", "camera cam stood still; opening it again"]


def test_the_end_of_a_file_is_no_failure() -> None:
    bench = Bench(["frame", EndOfSource()])
    assert bench.steps(4) is State.ENDED
    assert bench.capture.view.problem == ""


def test_losses_add_up_over_reopening() -> None:
    bench = Bench(["loss", "loss", DeviceLost("gone")], ["loss", EndOfSource()])
    bench.steps(7)
    assert bench.capture.view.losses == {"damaged": 3}


def test_closing_twice_is_fine() -> None:
    bench = Bench(["frame"])
    bench.steps(1)
    close: Callable[[], None] = bench.capture.close
    close()
    close()
    assert bench.opened[0].closed
