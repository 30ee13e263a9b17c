"""A body on its way out: in small pieces, no faster than is allowed, and cut at any time."""

import io
import threading
import time
from collections.abc import Callable

from uploader.errors import UploadCut

PIECE = 16 << 10
"""Bytes handed to the network at once; each has the whole timeout to leave."""
SMOOTH_S = 0.1
"""At a low rate pieces are no larger than what may leave in this time."""


class Throttle:
    """Bytes per second over everything that is sent, one piece after the other. For one thread."""

    def __init__(
        self,
        bytes_per_s: float | None,
        closing: threading.Event,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        """bytes_per_s: None is no limit. clock: monotonic seconds.

        closing: ends what is being sent. wait: for so many seconds or until closing, and whether.
        """
        self._rate, self._clock, self._closing = bytes_per_s, clock, closing
        self._wait = wait or closing.wait
        self._free_s = 0.0

    @property
    def piece(self) -> int:
        """The most that is to be sent at once."""
        return PIECE if self._rate is None else max(1, min(PIECE, int(self._rate * SMOOTH_S)))

    def admit(self, size: int) -> None:
        """Returns when that many bytes may leave. Raises UploadCut when it is closing."""
        if self._closing.is_set():
            raise UploadCut
        if self._rate is None:
            return
        begin_s = max(self._clock(), self._free_s)
        self._free_s = begin_s + size / self._rate
        if self._wait(begin_s - self._clock()):
            raise UploadCut


class PacedBody(io.BytesIO):
    """Bytes that are read at once to be hashed, and throttled once they are `sending`.

    Seeking back begins anew, as for another attempt or a redirect.
    """

    def __init__(self, body: bytes, throttle: Throttle) -> None:
        super().__init__(body)
        self._throttle = throttle
        self.sending = False

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """As any file's; what is read next is not sent."""
        self.sending = False
        return super().seek(offset, whence)

    def read(self, size: int | None = -1, /) -> bytes:
        """As any file's; while sending a piece at most, when it may leave."""
        if not self.sending:
            return super().read(size)
        piece = self._throttle.piece
        data = super().read(min(piece, size) if size is not None and size >= 0 else piece)
        if data:
            self._throttle.admit(len(data))
        return data
