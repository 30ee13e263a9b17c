"""The waiting room between cameras and the pipeline: one frame per camera, the newest wins."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition

from devices.frame import Frame


class Latest:
    """At most one waiting frame per camera. The camera that was served the longest ago is next.

    So a camera waits for no other one twice, however fast that is: where the pipeline is slower
    than all cameras together, those that want less than an equal share get all they want, and the
    others share the rest alike.

    Several threads may take frames. A camera whose frame was taken is theirs who took it until they
    are `done` with it: its frames are seen through one after the other, in order.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, Frame] = {}
        self._served: OrderedDict[str, None] = OrderedDict()
        self._held: set[str] = set()
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
            self._waiting[frame.camera] = frame
            if frame.camera not in self._held:
                self._changed.notify()
            return replaced

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
            return self._waiting.pop(camera)

    def done(self, camera: str) -> None:
        """Its next frame may be taken."""
        with self._changed:
            self._held.discard(camera)
            if camera in self._waiting:
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
                self.done(camera)

    def _next(self) -> str | None:
        """Of those that wait and are free: one that was never served, else the longest ago."""
        free = [camera for camera in self._waiting if camera not in self._held]
        new = (camera for camera in free if camera not in self._served)
        known = (camera for camera in self._served if camera in free)
        return next(new, None) or next(known, None)
