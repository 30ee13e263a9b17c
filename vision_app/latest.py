"""The waiting room between cameras and the pipeline: one frame per camera, the newest wins."""

from collections import OrderedDict
from threading import Condition

from devices.frame import Frame


class Latest:
    """At most one waiting frame per camera. The camera that has waited longest is served first."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, Frame] = OrderedDict()
        self._changed = Condition()

    def put(self, frame: Frame) -> Frame | None:
        """Leaves a frame; returns the older one of its camera that it replaced, if any."""
        with self._changed:
            replaced = self._waiting.get(frame.camera)
            self._waiting[frame.camera] = frame
            self._changed.notify()
            return replaced

    def take(self, timeout_s: float) -> Frame | None:
        """The next frame, or None when none came in time."""
        with self._changed:
            if not self._changed.wait_for(lambda: bool(self._waiting), timeout_s):
                return None
            return self._waiting.popitem(last=False)[1]
