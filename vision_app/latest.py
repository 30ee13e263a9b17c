"""The waiting room between cameras and the pipeline: one frame per camera, the newest wins."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Condition

from devices.frame import Frame


class Latest:
    """At most one waiting frame per camera. The camera that was served the longest ago is next.

    So a camera waits for no other one twice, however fast that is: where the pipeline is slower
    than all cameras together, those that want less than an equal share get all they want, and the
    others share the rest alike.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, Frame] = {}
        self._served: OrderedDict[str, None] = OrderedDict()
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
            self._changed.notify()
            return replaced

    def take(self, timeout_s: float) -> Frame | None:
        """The next frame, or None when none came in time."""
        with self._changed:
            if not self._changed.wait_for(lambda: bool(self._waiting), timeout_s):
                return None
            frame = self._waiting.pop(self._next())
            self._served[frame.camera] = None
            self._served.move_to_end(frame.camera)
            return frame

    def _next(self) -> str:
        """Of those that wait: one that was never served, else the longest ago."""
        new = (camera for camera in self._waiting if camera not in self._served)
        known = (camera for camera in self._served if camera in self._waiting)
        return next(new, None) or next(known)
