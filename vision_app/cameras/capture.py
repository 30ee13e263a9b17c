"""Keeps one camera open and hands its newest frames to the pipeline."""

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from devices.camera import PLAYED, Camera, Outspoken, Patient, open_camera
from devices.errors import DeviceError, DeviceUnavailable, EndOfSource, NothingYet
from devices.frame import Frame
from devices.picture_check import PictureCheck, Showing
from devices.settings import CameraSettings
from vision_app.cameras.latest import Latest
from vision_app.cameras.pace import Pace
from vision_app.cameras.rate_limit import rate_limit
from vision_app.cameras.usual import Usual
from vision_app.ledger import End, Ledger
from vision_app.losses import Losses
from vision_app.retry import DEVICE, Retry

log = logging.getLogger("vision_app")

READ_S = 0.25
STALLED_S = 1.5
"""No frame for so long is told, after the next read: within 2 s of the last one."""
REOPEN_S = 10.0
SLOW = 2.5
"""A camera of less than two frames a second is given the time of so many frames instead."""


class State(str, Enum):
    """How the camera is. Frozen and blank ones deliver frames, which show nothing of the world."""

    OPENING = "opening"
    LIVE = "live"
    FROZEN = "frozen"
    BLANK = "blank"
    STALLED = "stalled"
    LOST = "lost"
    ENDED = "ended"


@dataclass(slots=True)
class View:
    """What health tells of a camera; written by its capture thread only.

    newest_s: monotonic seconds when its newest frame was captured; None before the first.
    notes: what it gives otherwise than asked. faults: what it was told to do and cannot.
    """

    state: State = State.OPENING
    problem: str = ""
    notes: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    mode: str = ""
    last_frame_s: float = 0.0
    newest_s: float | None = None
    opened: int = 0
    losses: Counter[str] = field(default_factory=Counter)


class Capture:
    """One camera: opens it, reads it, reopens it with backoff when it is lost or stands still."""

    def __init__(
        self,
        settings: CameraSettings,
        latest: Latest,
        ledger: Ledger,
        opener: Callable[[CameraSettings, int], Camera] = open_camera,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = settings
        self.view = View()
        self.wait_s = 0.0
        self._latest, self._ledger = latest, ledger
        self._opener, self._clock = opener, clock
        self._camera: Camera | None = None
        self._losses = Losses(self.view.losses)
        self._retry = Retry(DEVICE)
        self._check = None if settings.kind in PLAYED else PictureCheck()
        self._limit = rate_limit(settings)
        self._pace, self._slow = Pace(settings.fps), False
        self._stalled_s = max(STALLED_S, SLOW / settings.fps)
        self._reopen_s = max(REOPEN_S, 2 * self._stalled_s)
        self._held_s: float | None = None
        self._work = Usual()
        self._next_seq = 0

    def step(self) -> State:
        """Opens the camera if it is closed, else reads one frame; returns how the camera is."""
        self.wait_s = 0.0
        if self.view.state is State.ENDED:
            self.wait_s = 1.0
        elif self._camera is None:
            self._open()
        else:
            self._read(self._camera)
        return self.view.state

    def close(self) -> None:
        """Gives the camera back; one that hangs on its bus keeps us waiting for seconds."""
        camera, self._camera, self._held_s = self._camera, None, None
        if camera is not None:
            self._losses.count(camera.losses)
            camera.close()

    def _open(self) -> None:
        try:
            self._camera = self._opener(self.settings, self._next_seq)
        except DeviceUnavailable as error:
            self._problem(State.LOST if self.view.opened else State.OPENING, str(error))
            self.wait_s = self._retry.failed()
            return
        self._losses.opened()
        self.view.opened += 1
        self.view.mode = self._camera.mode
        self.view.last_frame_s = self._clock()
        self._pace = Pace(self.settings.fps)
        log.info("camera %s is open: %s", self.settings.name, self.view.mode)
        if isinstance(self._camera, Outspoken):
            self._heed(self._camera)

    def _heed(self, camera: Outspoken) -> None:
        """Passes on what a camera says of itself; the log says it once, not at every opening."""
        view, name = self.view, self.settings.name
        said = {*view.notes, *view.faults}
        view.notes = tuple(f"camera {name}: {note}" for note in camera.notes)
        view.faults = tuple(f"camera {name}: {fault}" for fault in camera.faults)
        for text in (*view.notes, *view.faults):
            if text not in said:
                log.warning(text)

    def _read(self, camera: Camera) -> None:
        try:
            if isinstance(camera, Patient):
                self._read_wanted(camera)
            else:
                frame = camera.read(READ_S)
                self._arrived(fresh=True)
                self._deliver(frame)
        except NothingYet:
            self._nothing()
        except EndOfSource:
            self.close()
            self.view.state = State.ENDED
            log.info("camera %s has come to its end", self.settings.name)
        except DeviceError as error:
            self._problem(State.LOST, str(error))
            self.close()
            self.wait_s = self._retry.failed()
        if self._camera is not None:
            self._losses.count(self._camera.losses)

    def _read_wanted(self, camera: Patient) -> None:
        """Has it hold its newest frame until that is wanted, and only then make a picture of it."""
        fresh = self._held_fresh(camera)
        if self._hold_s() > 0:
            return self._arrived(fresh)
        began_s, self._held_s = self._clock(), None
        with self._latest.renewing(self.settings.name):
            frame = camera.read(READ_S)
            self._arrived(fresh)
            self._deliver(frame)
        return self._work.heard(self._clock() - began_s)

    def _held_fresh(self, camera: Patient) -> bool:
        """Whether a frame has come just now; if not, one is held, or it raises NothingYet."""
        try:
            camera.hold(self._hold_s())
        except NothingYet:
            if self._held_s is None:
                raise
            return False
        self._held_s = self._clock()
        return True

    def _hold_s(self) -> float:
        """For how long the next frame is waited for, instead of decoding the one that is held."""
        now_s = self._clock()
        if self._held_s is None:
            return READ_S
        period_s = 1 / (self._pace.fps(now_s) or self.settings.fps)
        demand = self._latest.demand(self.settings.name)
        return min(READ_S, demand.hold_s(self._work.seconds, period_s, now_s - self._held_s))

    def _arrived(self, fresh: bool) -> None:
        """A camera whose frames nobody wants is alive all the same."""
        if fresh:
            self.view.last_frame_s = self._clock()
            self._pace.arrived(self.view.last_frame_s)

    def _deliver(self, frame: Frame) -> None:
        self._ledger.captured()
        self._next_seq = frame.seq + 1
        self._retry.succeeded()
        self._judge(frame)
        before_s, self.view.newest_s = self.view.newest_s, frame.captured_s
        moved_on = before_s is None or frame.captured_s > before_s
        at_s = frame.captured_s if moved_on else self._clock()
        lost = self._latest.put(frame, lambda: self._admits(at_s))
        if lost is not None:
            self._ledger.ended(End.OVER_RATE if lost is frame else End.DROPPED_NEWER)

    def _admits(self, at_s: float) -> bool:
        """By when it was captured: one that was read late makes no rate higher."""
        return self._limit is None or self._limit.admits(at_s)

    def _judge(self, frame: Frame) -> None:
        """Says whether the frame shows the world; it goes on to the pipeline in any case."""
        sight = self._check.look(frame, self._clock()) if self._check else None
        if sight is not None and sight.showing is not Showing.SCENE:
            state = State.FROZEN if sight.showing is Showing.FROZEN else State.BLANK
            self._problem(state, sight.problem(self.settings.name))
            return
        slow = self._slowness()
        if self.view.problem and not slow:
            log.info("camera %s is live again", self.settings.name)
        self.view.state, self.view.problem = State.LIVE, slow

    def _slowness(self) -> str:
        """What is wrong with the pace of a live camera; the log says it once."""
        if self._check is None:
            return ""
        clause = self._pace.slow(self._clock())
        problem = f"camera {self.settings.name} {clause}" if clause else ""
        if problem and not self._slow:
            log.warning(problem)
        self._slow = bool(problem)
        return problem

    def _nothing(self) -> None:
        quiet_s = self._clock() - self.view.last_frame_s
        if quiet_s > self._reopen_s:
            self._problem(State.LOST, f"camera {self.settings.name} stood still; opening it again")
            self.close()
        elif quiet_s > self._stalled_s:
            self._problem(State.STALLED, f"camera {self.settings.name} delivers no frames")

    def _problem(self, state: State, problem: str) -> None:
        if problem != self.view.problem:
            log.warning(problem)
        self.view.state, self.view.problem = state, problem
