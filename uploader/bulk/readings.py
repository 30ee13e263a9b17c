"""What a journal holds, by column and in the order of time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from uploader.bulk.form import HEAD, MARK, ROW, SIGNALS, Layout, layout_in
from uploader.bulk.json_lines import rows_of_lines

Times = NDArray[np.int64]
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """A journal's readings.

    times_us: int64 (rows,), microseconds since 1970, never falling. columns: signal → float64
    (rows,), NaN where it is not. units: signal → unit, of those that have one. torn: readings that
    could not be read, as after a power cut.
    """

    times_us: Times
    columns: Mapping[str, Numbers]
    units: Mapping[str, str]
    torn: int = 0


class Run:
    """Rows of one layout that lie one behind the other."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.bodies: list[memoryview] = []


def read_journal(path: Path) -> Readings:
    """What a journal holds, also one that an earlier version wrote. Raises OSError."""
    data = path.read_bytes()
    runs, torn = runs_in(data)
    if runs:
        parts = [(run.layout, *run.layout.rows(b"".join(run.bodies))) for run in runs]
    else:
        parts, torn = rows_of_lines(data)
    return _joined(parts, torn)


def runs_in(data: bytes) -> tuple[list[Run], int]:
    """Whole rows, and about how many are not: counted by the bytes between those that are."""
    runs: list[Run] = []
    torn = end = 0
    for start, mark, body in _records(data, runs):
        torn += _rows_in(start - end, runs)
        end = start + HEAD.size + len(body)
        if mark == ROW:
            runs[-1].bodies.append(body)
    return runs, torn + _rows_in(len(data) - end, runs)


def _records(data: bytes, runs: list[Run]) -> Iterator[tuple[int, bytes, memoryview]]:
    """Each whole record: where it begins, its mark, its body. Signals begin a run."""
    view, at = memoryview(data), 0
    while 0 <= at <= len(data) - HEAD.size:
        mark, size, checksum = HEAD.unpack_from(data, at)
        body = view[at + HEAD.size : at + HEAD.size + size]
        whole = len(body) == size
        if whole and mark == ROW and runs and runs[-1].layout.is_row(body, checksum):
            yield at, ROW, body
        elif whole and mark == SIGNALS and (layout := layout_in(body, checksum)):
            runs.append(Run(layout))
            yield at, SIGNALS, body
        else:
            at = data.find(MARK, at + 1)
            continue
        at += HEAD.size + size


def _rows_in(gap: int, runs: list[Run]) -> int:
    return -(-gap // runs[-1].layout.row_bytes) if runs else bool(gap)


def _joined(parts: list[tuple[Layout, Times, Numbers]], torn: int) -> Readings:
    times = np.concatenate([times for _, times, _ in parts] or [np.empty(0, np.int64)])
    signals = dict.fromkeys(signal for layout, _, _ in parts for signal in layout.signals)
    columns = {signal: np.full(len(times), np.nan) for signal in signals}
    units: dict[str, str] = {}
    start = 0
    for layout, some, numbers in parts:
        for place, signal in enumerate(layout.signals):
            columns[signal][start : start + len(some)] = numbers[:, place]
        units |= layout.units
        start += len(some)
    if np.any(np.diff(times) < 0):
        order = np.argsort(times, kind="stable")
        times = times[order]
        columns = {signal: column[order] for signal, column in columns.items()}
    return Readings(times, columns, units, torn)
