"""What a camera looks at: how it moves, when it becomes another one, and which faces are in it."""

from collections.abc import Sequence

from devices.frame import Frame
from masking.tracking.motion import CameraMotion, Seen
from masking.tracking.track import Cover, Moment
from masking.tracking.tracks import Tracks
from models.box import Box

MAX_GAP_S = 1.0
"""After a longer pause between two frames nobody knows where a face has gone."""


class Scene:
    """hold, ahead: for how many frames after and before it was seen a face is covered."""

    def __init__(self, hold: int, ahead: int) -> None:
        self._tracks = Tracks(hold, ahead)
        self._motion = CameraMotion()
        self._now = Moment(-1, float("-inf"))

    def enter(self, frame: Frame) -> tuple[Moment, bool]:
        """The moment of the next frame, and whether another scene begins with it.

        It does at a cut, at the first frame, after MAX_GAP_S without one, and when the clock of
        the frames goes back. `begin` is then to be called, once nothing of the old one is needed.
        """
        before, motion = self._now, self._motion.follow(frame.pixels)
        self._now = Moment(
            before.number + 1,
            frame.captured_s,
            before.x + motion.x,
            before.y + motion.y,
            before.lost + (motion.seen is Seen.LOST),
        )
        passed_s = frame.captured_s - before.at_s
        return self._now, motion.seen is Seen.CUT or not 0 <= passed_s <= MAX_GAP_S

    def begin(self) -> None:
        """Another scene: no face of the old one is in it."""
        self._tracks.clear()

    def see(self, moment: Moment, faces: Sequence[Box]) -> None:
        """What a detector found in the frame of a moment."""
        self._tracks.see(moment, faces)

    def covers(self, moment: Moment) -> list[Cover]:
        """Where faces are, or may be, in the frame of a moment."""
        return self._tracks.covers(moment)
