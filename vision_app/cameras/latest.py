"""The waiting room between cameras and the pipeline: one frame per camera, the newest wins."""

import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition
from typing import NamedTuple

from devices.frame import Frame
from vision_app.cameras.demand import Demand
from vision_app.cameras.usual import Usual


class Waiting(NamedTuple):
    """A frame, and since when it waits."""

    frame: Frame
    since_s: float


class Latest:
    """At most one waiting frame per camera. The camera that was served the longest ago is next.

    So a camera waits for no other one twice, however fast that is: where the pipeline is slower
    than all cameras together, those that want less than an equal share get all they want, and the
    others share the rest alike.

    Several threads may take frames. A camera whose frame was taken is theirs who took it until they
    are `done` with it: its frames are seen through one after the other, in order.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waiting: dict[str, Waiting] = {}
        self._served: OrderedDict[str, None] = OrderedDict()
        self._held: set[str] = set()
        self._renewed: set[str] = set()
        self._taken_s: dict[str, float] = {}
        self._usual: defaultdict[str, Usual] = defaultdict(Usual)
        self._changed = Condition()

    def put(self, frame: Frame, admits: Callable[[], bool] = lambda: True) -> Frame | None:
        """Leaves a frame; returns the one that goes nowhere, if any.

        That is an older one of its camera, which this one replaces, or the frame itself where none
        waits and it is not admitted. What replaces an admitted one need not be.
        """
        with self._changed:
            replaced = self._waiting.get(frame.camera)
            if replaced is None and not admits():
                return frame
            self._waiting[frame.camera] = Waiting(frame, self._clock())
            self._renewed.discard(frame.camera)
            if frame.camera not in self._held:
                self._changed.notify()
            return replaced.frame if replaced else None

    def take(self, timeout_s: float) -> Frame | None:
        """The next frame, or None when none came in time; `done` is to be said of its camera."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._next() is not None, timeout_s):
                return None
            camera = self._next()
            assert camera is not None
            self._served[camera] = None
            self._served.move_to_end(camera)
            self._held.add(camera)
            self._taken_s[camera] = self._clock()
            return self._waiting.pop(camera).frame

    def done(self, camera: str) -> None:
        """Its next frame may be taken."""
        with self._changed:
            self._usual[camera].heard(self._clock() - self._taken_s.pop(camera))
            self._release(camera)

    def demand(self, camera: str) -> Demand:
        """How soon a frame of the camera will be taken, as far as can be said."""
        with self._changed:
            now_s, waits = self._clock(), self._waiting.get(camera)
            taken_s = self._taken_s.get(camera)
            usual_s = self._usual[camera].seconds
            free_in_s = 0.0 if taken_s is None else max(0.0, taken_s + usual_s - now_s)
            return Demand(free_in_s, now_s - waits.since_s if waits else None)

    @contextmanager
    def renewing(self, camera: str) -> Iterator[None]:
        """Meanwhile a frame of the camera that waits is not taken: a newer one is about to come."""
        with self._changed:
            self._renewed.add(camera)
        try:
            yield
        finally:
            with self._changed:
                if camera in self._renewed:
                    self._renewed.discard(camera)
                    self._changed.notify()

    @contextmanager
    def reserved(self, camera: str) -> Iterator[bool]:
        """Takes a camera without a frame, unless it is somebody's already: whether it did."""
        with self._changed:
            free = camera not in self._held
            if free:
                self._held.add(camera)
        try:
            yield free
        finally:
            if free:
                with self._changed:
                    self._release(camera)

    def _release(self, camera: str) -> None:
        self._held.discard(camera)
        if camera in self._waiting:
            self._changed.notify()

    def _next(self) -> str | None:
        """Of those that wait and are free: one that was never served, else the longest ago."""
        busy = self._held | self._renewed
        free = [camera for camera in self._waiting if camera not in busy]
        new = (camera for camera in free if camera not in self._served)
        known = (camera for camera in self._served if camera in free)
        return next(new, None) or next(known, None)
