"""Tells whether a camera still shows the world, or the same picture again and again, or nothing.

It looks at 64 lines of every frame, evenly spread, each pixel of them.

* Frozen: they are, bit by bit, those of the frame before. The noise of a sensor changes some of
  them in every frame, also in a still scene and behind JPEG. It cannot where everything is as
  black or as white as can be: such a picture, at night with one lamp, is not called frozen.
* Blank: averaged over 16 x 16 areas, so that no noise counts, they hold nothing to be seen. Black:
  no area is brighter than 32 of 255, and none brighter by more than 6 than another; so a dark scene
  with a lamp or a lit edge in it is not black, one without any light is. White: none is darker than
  247. One colour: none differs from another by more than 2 (what broken cables and drivers make);
  a plain wall differs more, by its light.

What is wrong is told when it has lasted 10 s and 5 frames; that it is over, with the next frame.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

import cv2
import numpy as np

from devices.frame import Frame
from devices.pixels import Pixels

LASTING_S = 10.0
LASTING_FRAMES = 5
LINES = 64
AREAS = 16
BLACK, WHITE = 32, 247
DARK_DETAIL, FLAT = 6, 2
NOISY = 4, 251
"""Between these a mean is that of pixels which noise can change."""
NOISY_SHARE = 1 / 16
"""So many areas must lie between them for a picture to be called frozen."""


class Showing(str, Enum):
    """What a camera shows."""

    SCENE = "scene"
    FROZEN = "frozen"
    BLACK = "black"
    WHITE = "white"
    ONE_COLOUR = "one_colour"


PROBLEMS = {
    Showing.FROZEN: "is frozen: it has shown the very same picture since {since}; plug it in "
    "again, or start again what feeds it",
    Showing.BLACK: "is dark: it has shown nothing but black since {since}; uncover its lens, or "
    "give it light",
    Showing.WHITE: "is blinded: it has shown nothing but white since {since}; take away what "
    "shines into its lens or covers it, or lower its exposure",
    Showing.ONE_COLOUR: "shows nothing: its picture has been of one colour since {since}; uncover "
    "its lens, check its cable, or plug it in again",
}


@dataclass(frozen=True, slots=True)
class Sight:
    """What a camera has shown since a moment (UTC) that began `since_s`, in so many frames."""

    showing: Showing
    since: datetime
    since_s: float
    frames: int = 1

    def lasts(self, now_s: float) -> bool:
        """Whether that is so for long enough to be told."""
        return now_s - self.since_s >= LASTING_S and self.frames >= LASTING_FRAMES

    def problem(self, camera: str) -> str:
        """One sentence that says what to do; empty when a scene is shown."""
        if self.showing is Showing.SCENE:
            return ""
        since = f"{self.since:%Y-%m-%d %H:%M:%S} UTC"
        return f"camera {camera} {PROBLEMS[self.showing].format(since=since)}"


class PictureCheck:
    """Looks at the frames of one camera, in their order; keeps 64 lines of the newest."""

    def __init__(self) -> None:
        self._lines: Pixels = np.empty((0, 0, 3), np.uint8)
        self._sight: Sight | None = None

    def look(self, frame: Frame, now_s: float) -> Sight:
        """What the camera shows; trouble only once it lasts.

        now_s: monotonic seconds. The frame's own time is not used: a driver that hangs repeats it.
        """
        lines = _lines(frame.pixels)
        showing = _showing(lines, self._lines)
        self._lines = lines
        scene = Sight(Showing.SCENE, frame.captured_at, now_s)
        self._sight = _continued(self._sight or scene, showing, scene)
        return self._sight if self._sight.lasts(now_s) else scene


def _continued(before: Sight, showing: Showing, scene: Sight) -> Sight:
    """The sight that this frame goes on with, or begins; a repeated picture began with the first.

    A scene begins anew with each frame.
    """
    goes_on = showing is before.showing and showing is not Showing.SCENE
    if goes_on or showing is Showing.FROZEN:
        return replace(before, showing=showing, frames=before.frames + 1)
    return replace(scene, showing=showing)


def _lines(pixels: Pixels) -> Pixels:
    """A copy of LINES lines from the first to the last, uint8 (LINES, width, 3)."""
    return pixels[np.arange(LINES) * (len(pixels) - 1) // (LINES - 1)]


def _showing(lines: Pixels, before: Pixels) -> Showing:
    """What these lines show, by themselves and beside those of the frame before."""
    means = cv2.resize(lines, (AREAS, AREAS), interpolation=cv2.INTER_AREA)
    grey = means.mean(axis=2, dtype=np.float32)
    if grey.max() <= BLACK and np.ptp(grey) <= DARK_DETAIL:
        return Showing.BLACK
    if grey.min() >= WHITE:
        return Showing.WHITE
    if np.ptp(means, axis=(0, 1)).max() <= FLAT:
        return Showing.ONE_COLOUR
    if _same(lines, before) and np.mean((grey > NOISY[0]) & (grey < NOISY[1])) >= NOISY_SHARE:
        return Showing.FROZEN
    return Showing.SCENE


def _same(lines: Pixels, before: Pixels) -> bool:
    """Whether all pixels are equal; a few lines settle it for most pictures, at less cost."""
    return np.array_equal(lines[:4], before[:4]) and np.array_equal(lines, before)
