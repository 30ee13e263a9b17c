"""How readings lie in a journal: records with checksums, found again behind what is damaged.

    mark (2 bytes)  bytes of the body (4)  CRC-32 of the body (4)  body

    C5 53: the signals and units of the rows up to the next such record, as JSON
    C5 52: a row: microseconds since 1970 (int64), then a float64 per signal, NaN where it is not

Numbers are little endian. The checksum of a row goes on from that of its signals: a row whose
signals were lost is lost, and never read as one of other signals.
"""

import json
import math
import struct
from collections.abc import Mapping
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

HEAD = struct.Struct("<2sII")
MARK = b"\xc5"
SIGNALS, ROW = MARK + b"S", MARK + b"R"


class Layout:
    """Which signals a row holds, and in which order.

    units: signal → unit, of those that have one. record: what says so in a journal.
    """

    def __init__(self, signals: tuple[str, ...], units: Mapping[str, str]) -> None:
        self.signals = signals
        self.units = {signal: units[signal] for signal in signals if units.get(signal)}
        said = {"signals": signals, "units": self.units}
        body = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
        self._checksum = crc32(body)
        self.record = HEAD.pack(SIGNALS, len(body), self._checksum) + body
        self._numbers = struct.Struct(f"<q{len(signals)}d")
        self.row_bytes = HEAD.size + self._numbers.size

    def row(self, at_us: int, values: Mapping[str, float]) -> bytes | None:
        """The record of a reading; None when it holds a signal that is none of ours.

        Raises ValueError for NaN and what is infinite.
        """
        if not all(map(math.isfinite, values.values())):
            raise ValueError("a reading holds a number that is none")
        if tuple(values) == self.signals:
            body = self._numbers.pack(at_us, *values.values())
        elif values.keys() <= set(self.signals):
            numbers = [values.get(signal, math.nan) for signal in self.signals]
            body = self._numbers.pack(at_us, *numbers)
        else:
            return None
        return HEAD.pack(ROW, len(body), crc32(body, self._checksum)) + body

    def wider(self, signals: Mapping[str, float], units: Mapping[str, str]) -> "Layout":
        """With those behind that are not here yet."""
        more = tuple(signal for signal in signals if signal not in self.signals)
        return Layout(self.signals + more, {**units, **self.units})

    def is_row(self, body: memoryview, checksum: int) -> bool:
        """Whether that is the whole body of a row of ours."""
        return len(body) == self._numbers.size and crc32(body, self._checksum) == checksum

    def rows(self, bodies: bytes) -> "tuple[NDArray[np.int64], NDArray[np.float64]]":
        """Times in microseconds (rows,), and numbers (rows, signals), of bodies in a row."""
        form = np.dtype([("at", "<i8"), ("numbers", "<f8", (len(self.signals),))])
        found = np.frombuffer(bodies, form)
        return found["at"], found["numbers"]


def layout_in(body: memoryview, checksum: int) -> Layout | None:
    """The layout that a record says; None for one that is damaged."""
    if crc32(body) != checksum:
        return None
    said = json.loads(bytes(body))
    return Layout(tuple(said["signals"]), said["units"])
