"""Reads a pipeline without pause, in a thread of its own, and keeps its newest frame only."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Condition, Thread

import numpy as np
from numpy.typing import NDArray

from devices.errors import DeviceLost, DeviceUnavailable, NothingYet
from devices.pipelines.gdp import BUFFER, CAPS, HEADER, Form, Misread, Packet, form, packet
from devices.pipelines.launch import Child
from devices.streams.pace import Pace
from devices.streams.timeline import Timeline
from devices.v4l2.timing import Numbering

OPEN_S = 5.0
JOIN_S = 1.0
MAX_EVENT_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Asked:
    """The words of the pipeline, and what is asked of it."""

    words: Sequence[str]
    width: int
    height: int
    fps: float


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Arrival:
    """data: uint8, flat, a whole frame in that form."""

    number: int
    data: NDArray[np.uint8]
    form: Form
    captured_s: float


class Intake:
    """One run of a pipeline, from its beginning to its end; nobody waits longer than he says."""

    def __init__(self, asked: Asked, first_seq: int) -> None:
        self._asked, self._numbering = asked, Numbering(first_seq)
        self._pace, self._timeline = Pace(asked.fps), Timeline()
        self._changed = Condition()
        self._form: Form | None = None
        self._newest: Arrival | None = None
        self._spare: NDArray[np.uint8] | None = None
        self._losses: Counter[str] = Counter()
        self._counted = 0
        self._child: Child | None = None
        self._problem, self._closed = "", False
        self._thread = Thread(target=self._run, name="gstreamer", daemon=True)
        self._thread.start()

    @property
    def losses(self) -> Mapping[str, int]:
        """Frames that nobody got, by reason."""
        with self._changed:
            return dict(self._losses)

    def opened(self) -> Form:
        """Waits for the first frame. Raises DeviceUnavailable."""
        with self._changed:
            self._changed.wait_for(lambda: self._newest or self._problem, OPEN_S)
            if self._newest is None:
                raise DeviceUnavailable(self._problem or f"brings no frame within {OPEN_S:g} s")
            return self._newest.form

    def newest(self, timeout_s: float) -> Arrival:
        """The newest frame that was not got yet, or the next. Raises NothingYet, DeviceLost."""
        with self._changed:
            self._changed.wait_for(lambda: self._newest or self._problem, timeout_s)
            arrival, self._newest = self._newest, None
            if arrival is not None and not self._closed:
                return arrival
            if self._problem:
                raise DeviceLost(self._problem)
            raise NothingYet(f"brings no frame within {timeout_s:.2g} s")

    def lose(self, reason: str) -> None:
        """Counts one that was got in vain."""
        with self._changed:
            self._losses[reason] += 1

    def take_back(self, data: NDArray[np.uint8]) -> None:
        """Memory of a frame that nobody needs any more, for one that is to come."""
        with self._changed:
            self._spare = data

    def close(self) -> None:
        """The child is gone when this returns, so that its camera can be opened again."""
        with self._changed:
            self._closed = True
            self._problem = self._problem or "is closed: open it again"
            child = self._child
            self._changed.notify_all()
        if child is not None:
            child.end()
        self._thread.join(JOIN_S)

    def _run(self) -> None:
        asked = self._asked
        try:
            child = Child(asked.words, asked.width, asked.height, asked.fps)
        except DeviceUnavailable as error:
            self._end(str(error))
            return
        said = ""
        try:
            with self._changed:
                self._child = child
                over = self._closed
            while not over:
                self._step(child)
        except EOFError:
            pass
        except Misread as error:
            said = str(error)
        finally:
            why = child.why()
            self._end(said or why)

    def _step(self, child: Child) -> None:
        """One packet, whatever it is."""
        header = bytearray(HEADER.size)
        child.fill(memoryview(header))
        coming, arrived_s = packet(bytes(header)), time.monotonic()
        if coming.kind == BUFFER:
            self._take(child, coming, arrived_s)
            return
        if coming.length > MAX_EVENT_BYTES:
            raise Misread("sent a message that is too long")
        told = bytearray(coming.length)
        child.fill(memoryview(told))
        if coming.kind == CAPS:
            self._form = form(bytes(told))

    def _take(self, child: Child, coming: Packet, arrived_s: float) -> None:
        """Reads a frame, numbers it, and keeps it if it is wanted."""
        kind = self._form
        if kind is None or coming.length != kind.frame_bytes:
            raise Misread(f"sent a frame of {coming.length} bytes, which is none of {kind}")
        data = self._memory(coming.length)
        child.fill(data.data)
        stamp_s = arrived_s if coming.pts_s is None else coming.pts_s
        captured_s = self._timeline.captured_s(stamp_s, arrived_s)
        ours = self._counted if coming.number is None else coming.number
        number, missed = self._numbering.next(ours)
        self._counted = ours + 1
        wanted = self._pace.wants(stamp_s)
        with self._changed:
            self._losses.update(driver_dropped=missed)
            if not wanted:
                self._losses["surplus"] += 1
                self._spare = data
                return
            if self._newest is not None:
                self._losses["stale"] += 1
                self._spare = self._newest.data
            self._newest = Arrival(number, data, kind, captured_s)
            self._changed.notify_all()

    def _memory(self, length: int) -> NDArray[np.uint8]:
        with self._changed:
            spare, self._spare = self._spare, None
        return spare if spare is not None and spare.size == length else np.empty(length, np.uint8)

    def _end(self, problem: str) -> None:
        """The first problem counts."""
        with self._changed:
            self._problem = self._problem or problem
            self._changed.notify_all()
