"""One raw picture from a camera: unmasked, so it may not be copied, pickled, printed or saved."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Frame:
    """A raw frame. Its only consumer is the masker; devices/picture_check.py glances at it first.

    pixels: uint8, shape (height, width, 3), BGR.
    camera: name of the camera in the configuration.
    seq: number of the frame on its camera; a gap is a frame that the driver dropped.
    captured_at: wall clock, UTC, for names and records only.
    captured_s: monotonic seconds at capture, for order, age and latency.
    """

    pixels: NDArray[np.uint8]
    camera: str
    seq: int
    captured_at: datetime
    captured_s: float

    def __post_init__(self) -> None:
        if self.pixels.dtype != np.uint8 or self.pixels.ndim != 3 or self.pixels.shape[2] != 3:
            raise ValueError(
                f"a frame is uint8 (height, width, 3), not {self.pixels.dtype} {self.pixels.shape}"
            )
        if 0 in self.pixels.shape:
            raise ValueError(f"a frame has at least one pixel, not {self.pixels.shape}")
        if self.captured_at.utcoffset() != timedelta(0):
            raise ValueError("captured_at must be in UTC")

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.pixels.shape[0])

    def __repr__(self) -> str:
        return f"Frame({self.camera} #{self.seq}, {self.width}x{self.height})"

    def __copy__(self) -> NoReturn:
        raise TypeError("a raw frame is not copied: mask it")

    def __deepcopy__(self, memo: object) -> NoReturn:
        raise TypeError("a raw frame is not copied: mask it")

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a raw frame is not pickled: mask it")
