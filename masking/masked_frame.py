"""A picture that went through the masker: the only pixels that anything else may see."""

from dataclasses import InitVar, dataclass
from datetime import datetime
from typing import Literal, NoReturn

import numpy as np
from numpy.typing import NDArray

from models.box import Box
from models.prediction import ModelId

Treatment = Literal["masked", "redacted", "exempt"]


class Seal:
    """Proof that the maker is the masker. There is one, and only the masking package holds it."""

    __slots__ = ()


SEAL = Seal()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was done to a frame, for its record.

    treatment: masked (faces sought, those found covered), redacted (wholly covered), exempt.
    faces: boxes found, before growing, in pixels of the frame.
    detector: who sought them; None when nobody did.
    threshold: score from which a detection counted.
    reason: why the frame was redacted, or why its camera is exempt; else empty.
    second_look: who looked again before keeping, and how many more it found; None before that.
    """

    treatment: Treatment
    faces: tuple[Box, ...]
    detector: ModelId | None
    threshold: float
    reason: str = ""
    second_look: int | None = None


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
