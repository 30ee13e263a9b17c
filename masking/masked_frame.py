"""A picture that went through the masker: the only pixels that anything else may see."""

from dataclasses import InitVar, dataclass
from datetime import datetime
from typing import Literal, NoReturn

import numpy as np
from numpy.typing import NDArray

from masking.fill import FillName
from models.box import Box
from models.faces import FaceDetector
from models.prediction import ModelId

Treatment = Literal["masked", "redacted", "exempt"]
Role = Literal["live", "again", "second", "judge"]


class Seal:
    """Proof that the maker is the masker. There is one, and only the masking package holds it."""

    __slots__ = ()


SEAL = Seal()


@dataclass(frozen=True, slots=True)
class Look:
    """One detector's look at a frame.

    role: live (the first, at every frame), again (the same detector, closer, before the frame is
    kept), second (another one), judge (one that sees the picture only as it will be stored).
    threshold: score from which a detection counted; of again and second, where both see the face
    (masking/pair.py). side: longer side of what it saw, pixels.
    found: how many faces it found that were not covered yet.
    """

    role: Role
    detector: ModelId
    threshold: float
    side: int
    found: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was done to a frame, for its record.

    treatment: masked (faces sought, those found covered), redacted (wholly covered), exempt.
    faces: every box that was covered, before growing, in pixels of the frame.
    looks: who sought them, in order; none in a frame that nobody looked at.
    fill, grow: how boxes are covered, and by what their sides are multiplied before.
    carried: how many of the faces were seen in frames before or after this one, not in it.
    reason: why the frame was redacted, or why its camera is exempt; else empty.
    """

    treatment: Treatment
    faces: tuple[Box, ...]
    looks: tuple[Look, ...]
    fill: FillName
    grow: float
    carried: int = 0
    reason: str = ""


def look(role: Role, detector: FaceDetector, found: int) -> Look:
    """What a detector saw, for the receipt."""
    return Look(role, detector.id, detector.threshold, detector.side, found)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MaskedFrame:
    """A masked frame; made by the masker only (masking/sealing.py).

    seal: shown once and not kept, so that nobody can borrow it from a frame that has it.
    pixels: uint8, shape (height, width, 3), BGR, read-only, a copy of its own.
    The other fields are those of the frame it was made from, and the receipt.
    It is neither copied nor pickled: both would make a MaskedFrame past the seal.
    """

    seal: InitVar[Seal]
    pixels: NDArray[np.uint8]
    camera: str
    seq: int
    captured_at: datetime
    captured_s: float
    receipt: Receipt

    def __post_init__(self, seal: Seal) -> None:
        if seal is not SEAL:
            raise TypeError("only the masker makes a MaskedFrame")
        if self.pixels.flags.writeable:
            raise ValueError("masked pixels must be read-only")

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.pixels.shape[0])

    @property
    def redacted(self) -> bool:
        """Whether the whole picture is covered."""
        return self.receipt.treatment == "redacted"

    @property
    def faces(self) -> int:
        """How many faces were found and covered."""
        return len(self.receipt.faces)

    def __repr__(self) -> str:
        return (
            f"MaskedFrame({self.camera} #{self.seq}, {self.width}x{self.height}, "
            f"{self.receipt.treatment}, {self.faces} faces)"
        )

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a masked frame is neither copied nor pickled: share it, it cannot change")
