"""What became of one input of `vision-app mask`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from masking.fill import FillName
from masking.masked_frame import Look
from models.box import Box
from vision_app.errors import AppError


class End(str, Enum):
    """How an input ended; there is an output for `masked` alone."""

    MASKED = "masked"
    BROKEN = "broken"
    """It cannot be read, or holds no whole picture."""
    REDACTED = "redacted"
    """A detector failed, so that nobody knows where the faces are."""
    WITHHELD = "withheld"
    """A face shows even after everything that was found was covered."""
    EXISTS = "exists"
    """Its output is there already, or is the input itself."""
    NOT_WRITTEN = "not_written"
    """The disk did not take the output."""
    LEFT_OUT = "left_out"
    """No picture and no video, by its ending."""
    STOPPED = "stopped"
    """The command was interrupted before it was done."""


class Unmasked(AppError):
    """One input has no output; the message is a clause that says why. The others are not harmed."""

    def __init__(self, end: End, why: str) -> None:
        self.end = end
        super().__init__(why)


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """What was written for one input, and what was covered in it.

    format: jpeg, png, webp, bmp, tiff, or the container of a video. width, height: pixels.
    sha256: of the output file. looks: who sought faces; of a video their sums over all frames.
    fill, grow: how boxes are covered, and by what their sides are multiplied before.
    frames: the boxes covered, before growing, in pixels of the output: of a picture one sequence,
    of a video one for each frame in order. May be walked more than once.
    faces: how many boxes those are. fps: of a video its rate, else None.
    carried: how many of the boxes were seen only in frames before or after.
    redacted: frames of a video that were covered whole.
    """

    format: str
    width: int
    height: int
    sha256: str
    looks: tuple[Look, ...]
    fill: FillName
    grow: float
    frames: Iterable[Sequence[Box]]
    faces: int
    fps: float | None = None
    carried: int = 0
    redacted: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """One input, named as below IN, and how it ended.

    output: its name below OUT, or that of OUT. report: what was written. Both are None for every
    end but `masked`, where why is empty.
    """

    name: Path
    end: End
    why: str = ""
    output: Path | None = None
    report: Report | None = None
