"""What is written down as it comes, and what of it can be read whatever befell the file."""

import random
import resource
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest

from uploader.bulk.form import Layout
from uploader.bulk.journal import Journal
from uploader.bulk.readings import Readings, read_journal

NOON = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)
Rows = list[tuple[int, dict[str, float]]]


def opened(folder: Path, *signals: str) -> Journal:
    return Journal(folder / "a.open", date(2026, 1, 31), 0.0, Layout(signals, {}))


def rows(readings: Readings) -> Rows:
    """Seconds since noon, and the numbers that are there."""
    noon_us = int(NOON.timestamp() * 1e6)
    return [
        (
            (int(at_us) - noon_us) // 1_000_000,
            {name: float(c[i]) for name, c in readings.columns.items() if not np.isnan(c[i])},
        )
        for i, at_us in enumerate(readings.times_us)
    ]


def written(folder: Path, told: Rows) -> Path:
    journal = opened(folder)
    for second, values in told:
        journal.append(NOON + timedelta(seconds=second), values)
    journal.close()
    return journal.path


def changing(count: int) -> Rows:
    """Every ten rows another signal joins."""
    return [(i, {f"s{n}": i + n / 8 for n in range(1 + i // 10)}) for i in range(count)]


def test_signals_that_join_later_are_missing_before(tmp_path: Path) -> None:
    told: Rows = [(0, {"a": 1.5}), (1, {"b": 2.5}), (2, {}), (3, {"b": 3.5, "a": 4.5})]
    found = read_journal(written(tmp_path, told))
    assert rows(found) == told
    assert list(found.columns) == ["a", "b"]


def test_times_never_fall_even_where_the_clock_was_set_back(tmp_path: Path) -> None:
    told: Rows = [(5, {"a": 5}), (6, {"a": 6}), (1, {"a": 1}), (2, {"b": 2}), (6, {"a": 7})]
    assert rows(read_journal(written(tmp_path, told))) == [
        (1, {"a": 1}), (2, {"b": 2}), (5, {"a": 5}), (6, {"a": 6}), (6, {"a": 7}),
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(30))
def test_of_a_damaged_file_all_that_is_read_is_true_and_what_is_far_from_it_is_read(
    tmp_path: Path, seed: int
) -> None:
    told, draw = changing(200), random.Random(seed)
    path = written(tmp_path, told)
    data = bytearray(path.read_bytes())
    where, length = draw.randrange(len(data)), draw.choice([1, 7, 512])
    data[where : where + length] = draw.choice([bytes(length), draw.randbytes(length), b""])
    path.write_bytes(data)
    found = read_journal(path)
    assert all(row in told for row in rows(found))
    assert len(rows(found)) >= 200 - 12 - length // 30
    assert found.torn >= 200 - len(rows(found)) - 12
    assert (found.torn > 0) == (bytes(data) != written_again(tmp_path, told))


def written_again(folder: Path, told: Rows) -> bytes:
    (folder / "again").mkdir()
    return written(folder / "again", told).read_bytes()


def test_rows_whose_signals_are_lost_are_never_read_as_those_of_others(tmp_path: Path) -> None:
    """Of as many signals, so that nothing but the checksum tells them apart."""
    with closing(opened(tmp_path)) as journal:
        journal.append(NOON, {"a": 1.0})
        end = journal.size
        journal.layout = Layout(("b",), {})
        for second in range(3):
            journal.append(NOON + timedelta(seconds=second), {"b": 2.0})
    data = bytearray(journal.path.read_bytes())
    data[end + 12] ^= 1
    journal.path.write_bytes(data)
    found = read_journal(journal.path)
    assert rows(found) == [(0, {"a": 1.0})]
    assert found.torn >= 3


@contextmanager
def files_of(most: int) -> Iterator[None]:
    """No file may become larger; Python has no signal for it."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_row_that_had_no_room_leaves_nothing_and_the_next_has_its_place(tmp_path: Path) -> None:
    with closing(opened(tmp_path)) as journal:
        journal.append(NOON, {"a": 0.0})
        with files_of(journal.size + 5), pytest.raises(OSError, match="No space left"):
            journal.append(NOON, {"a": 1.0, "b": 1.0})
        assert journal.path.stat().st_size == journal.size
        journal.append(NOON + timedelta(seconds=1), {"b": 2.0})
    found = read_journal(journal.path)
    assert rows(found) == [(0, {"a": 0.0}), (1, {"b": 2.0})]
    assert found.torn == 0
