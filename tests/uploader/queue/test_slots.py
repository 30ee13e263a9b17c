"""Entries that are written over zeros: how, and where there are none."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.uploader.disks import without_slots
from tests.uploader.samples import entry, of_kind_frame
from uploader.errors import SpoolFull, Unsettled
from uploader.queue.admission import Admission
from uploader.queue.disk_queue import DiskQueue
from uploader.queue.entry import Entry, name_of, pack
from uploader.queue.inspection import damages, set_aside, status
from uploader.queue.quarantine import Quarantine
from uploader.queue.reserve import Reserve
from uploader.queue.slot import Blank, Slot
from uploader.queue.slots import FILES, MOST_BYTES, Slots
from uploader.queue.stock import Stock
from uploader.queue.tail import NONE, Tail
from uploader.settings import SpoolSettings

SETTINGS = SpoolSettings(min_free_bytes=0)


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[DiskQueue]:
    opened = DiskQueue(tmp_path / "spool", SETTINGS)
    yield opened
    opened.close()


def made(size: int = 5000) -> Entry:
    return of_kind_frame(os.urandom(size))


def prepared(queue: DiskQueue, size: int = 5000) -> None:
    """With slots for entries of that size."""
    queue.accept(made(size))
    queue.slots.fill()


def blanks(queue: DiskQueue) -> list[Path]:
    return sorted((queue.folder / "slots").iterdir())


def inodes(folder: Path) -> set[int]:
    return {path.stat().st_ino for path in folder.iterdir() if path.is_file()}


def tail(size: int, before: str = NONE) -> Tail:
    one = entry()
    return Tail(before, name_of(one.id, one.kind, None, 0, size))


def test_an_entry_takes_a_slot_and_its_name_and_is_read_before_and_after_it_is_cut(
    queue: DiskQueue,
) -> None:
    prepared(queue)
    there, one = inodes(queue.folder / "slots"), made()
    name = queue.accept(one)
    path = queue.folder / str(name)
    assert path.stat().st_ino in there
    assert len(blanks(queue)) == FILES - 1
    assert path.stat().st_size > name.size
    assert queue.read(name) == one
    assert [why for _, why in damages(queue.folder)] == ["", ""]
    queue.close()
    assert path.stat().st_size == name.size
    assert path.read_bytes() == b"".join(pack(one))


def test_what_stands_behind_an_entry_and_is_none_of_ours_is_noticed(queue: DiskQueue) -> None:
    prepared(queue)
    name = queue.accept(made())
    path = queue.folder / str(name)
    whole = path.read_bytes()
    for wrong in (whole[: name.size] + b"x", whole + b"x", whole.replace(b"\n- ", b"\n? ")):
        path.write_bytes(wrong)
        assert [why for each, why in damages(queue.folder) if each == name] != [""]


def test_slots_are_zeros_of_the_size_of_late_and_few(queue: DiskQueue) -> None:
    prepared(queue, 300_000)
    assert len(blanks(queue)) == MOST_BYTES // blanks(queue)[0].stat().st_size
    assert 300_000 < blanks(queue)[0].stat().st_size < 350_000
    assert not any(blanks(queue)[0].read_bytes())


def test_larger_entries_have_larger_slots_and_smaller_ones_smaller_slots_by_and_by(
    queue: DiskQueue,
) -> None:
    prepared(queue, 20_000)
    prepared(queue, 60_000)
    assert {path.stat().st_size for path in blanks(queue)} == {69_632}
    for _ in range(130):
        queue.accept(made(20_000))
    queue.slots.fill()
    assert {path.stat().st_size for path in blanks(queue)} == {24_576}


@pytest.mark.parametrize("size", [100, 70_000])
def test_an_entry_that_fits_in_no_slot_comes_as_a_new_file(queue: DiskQueue, size: int) -> None:
    """Too large; or so small that more zeros than bytes would have been written."""
    prepared(queue, 20_000)
    before = set(blanks(queue))
    name = queue.accept(made(size))
    assert before.issubset(blanks(queue)) or size > 20_000
    assert (queue.folder / str(name)).stat().st_size == name.size


def test_where_slots_cannot_lie_entries_are_accepted_all_the_same(queue: DiskQueue) -> None:
    without_slots(queue.folder)
    prepared(queue)
    queue.accept(made())
    queue.sync()
    assert queue.waiting.entries == 2
    queue.close()
    again = DiskQueue(queue.folder, SETTINGS)
    assert (again.waiting.entries, again.quarantined.entries) == (2, 0)
    again.close()


def test_where_little_is_free_there_are_no_slots(tmp_path: Path) -> None:
    disk = os.statvfs(tmp_path)
    slots = Slots(tmp_path, min_free_bytes=disk.f_bavail * disk.f_frsize - (1 << 20))
    assert slots.take(tmp_path / "x", tail(100_000)) is None
    slots.fill()
    assert list(slots.folder.iterdir()) == []
    slots.close()


def test_where_the_disk_must_keep_room_slots_give_theirs_back_first(tmp_path: Path) -> None:
    slots, name = Slots(tmp_path, 0), tail(3000).name
    books = Stock(list), Quarantine(tmp_path), Reserve(tmp_path)
    admission = Admission(tmp_path, SpoolSettings(min_free_bytes=1 << 60), *books, slots)
    slots.fill()
    assert len(list(slots.folder.iterdir())) == FILES
    with pytest.raises(SpoolFull, match="min_free_bytes"):
        admission.admit(name, admission.free_bytes(), may_let_go=False)
    assert list(slots.folder.iterdir()) == []
    slots.close()


def test_an_end_leaves_no_slots(queue: DiskQueue) -> None:
    prepared(queue)
    assert blanks(queue)
    queue.close()
    queue.close()
    assert blanks(queue) == []


def test_slots_are_no_entries_and_nothing_foreign(queue: DiskQueue) -> None:
    prepared(queue)
    (queue.folder / "slots" / "notes.txt").write_text("mine")
    assert status(queue.folder).waiting["readings"].entries == 1
    assert list(set_aside(queue.folder)) == []
    assert len(list(damages(queue.folder))) == 1
    queue.close()
    again = DiskQueue(queue.folder, SETTINGS)
    assert (again.waiting.entries, again.quarantined.entries) == (1, 0)
    assert (queue.folder / "slots" / "notes.txt").read_text() == "mine"
    again.close()


def test_what_cannot_be_flushed_may_come_back_and_is_said_to(tmp_path: Path) -> None:
    reads, writes = os.pipe()
    place = tmp_path / "1.slot"
    place.touch()
    slot = Slot(Blank(place, writes, 4096), tmp_path / "x", 3, b"", lambda file, size: None)
    with pytest.raises(Unsettled, match="look at the disk"):
        slot.write(b"abc")
    slot.close()
    slot.close()
    os.close(reads)
    assert not place.exists()


def test_what_cannot_be_written_to_its_end_comes_back_never(tmp_path: Path) -> None:
    place = tmp_path / "1.slot"
    place.touch()
    full = os.open("/dev/full", os.O_WRONLY)
    slot = Slot(Blank(place, full, 4096), tmp_path / "x", 3, b"", lambda file, size: None)
    with pytest.raises(OSError, match="No space"):
        slot.write(b"abc")
    assert slot.undo()
    slot.close()
    assert not place.exists()
