"""The number and the moment of each frame, out of what a driver writes on its buffers."""

from devices.v4l2 import abi as v4l2

LARGEST_GAP = 1 << 16
"""No driver loses so many frames unnoticed: a larger jump is a new count."""


class Numbering:
    """Frame numbers that only rise, out of the driver's 32-bit ones, which wrap and restart."""

    def __init__(self, first_seq: int) -> None:
        self._number = first_seq - 1
        self._driver: int | None = None

    def next(self, driver_sequence: int) -> tuple[int, int]:
        """(number of this frame, frames that the driver dropped before it)."""
        ahead = 1 if self._driver is None else (driver_sequence - self._driver) & 0xFFFF_FFFF
        step = ahead if 0 < ahead < LARGEST_GAP else 1
        self._driver = driver_sequence
        self._number += step
        return self._number, step - 1


class Moments:
    """When frames were captured, on the monotonic clock; never going back.

    A driver's stamp counts if it is on that clock and lies between the start of the stream and now,
    whether it is of the start of the exposure or of the last line. Else a frame was captured when
    it was taken: some drivers use another clock, or pass on what a program wrote, or stamp a moment
    that is still to come.
    """

    def __init__(self, began_s: float) -> None:
        self._began_s = self._newest_s = began_s

    def of(self, buffer: v4l2.Buffer, now_s: float) -> float:
        """Monotonic seconds of a buffer's capture; now_s: when it was taken."""
        stamped_s = buffer.timestamp.tv_sec + buffer.timestamp.tv_usec / 1e6
        clock = buffer.flags & v4l2.BUF_FLAG_TIMESTAMP_MASK
        right = clock == v4l2.BUF_FLAG_TIMESTAMP_MONOTONIC
        sane = right and self._began_s <= stamped_s <= now_s
        self._newest_s = max(self._newest_s, stamped_s if sane else now_s)
        return self._newest_s
