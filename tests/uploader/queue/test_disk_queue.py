import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.uploader.samples import entry, file_of, of_kind_frame
from uploader.errors import Damaged, SpoolError, SpoolFull
from uploader.queue.disk_queue import DiskQueue
from uploader.queue.entry import Entry, name_of, pack
from uploader.queue.entry_name import EntryName
from uploader.settings import SpoolSettings

SETTINGS = SpoolSettings(min_free_bytes=0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def queue(folder: Path) -> Iterator[DiskQueue]:
    opened = DiskQueue(folder, SETTINGS)
    yield opened
    opened.close()


def reopened(queue: DiskQueue, settings: SpoolSettings = SETTINGS) -> DiskQueue:
    queue.close()
    return DiskQueue(queue.folder, settings)


def drained(queue: DiskQueue) -> list[Entry]:
    read = []
    while (name := queue.oldest()) is not None:
        read.append(queue.read(name))
        queue.remove(name)
    return read


def test_what_was_accepted_is_there_after_a_restart_oldest_first(queue: DiskQueue) -> None:
    made = [entry(b"PAR1 %d" % minute, minute) for minute in (2, 0, 1)]
    for each in made:
        queue.accept(each)
    again = reopened(queue)
    assert again.waiting.entries == 3
    assert again.waiting.size_bytes == sum(len(b"".join(pack(each))) for each in made)
    assert drained(again) == [made[1], made[2], made[0]]
    assert again.waiting == (0, 0)
    again.close()


def test_records_go_before_all_others(queue: DiskQueue) -> None:
    old, records = entry(minutes=0), entry(minutes=9)
    records = Entry(records.id, "records", records.key, "", records.sha256, records.body)
    queue.accept(old)
    queue.accept(records)
    assert [each.kind for each in drained(queue)] == ["records", "sensors"]


def test_arrival_is_signalled(queue: DiskQueue) -> None:
    assert not queue.arrived.is_set()
    queue.accept(entry())
    assert queue.arrived.is_set()


def test_a_second_process_is_refused_with_a_sentence(queue: DiskQueue) -> None:
    with pytest.raises(SpoolError, match=f"in use by process {os.getpid()}: stop it"):
        DiskQueue(queue.folder, SETTINGS)
    reopened(queue).close()


def test_somebodys_documents_are_no_spool(tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("dear")
    mode = tmp_path.stat().st_mode
    with pytest.raises(SpoolError, match="no spool and not empty"):
        DiskQueue(tmp_path, SETTINGS)
    assert letter.read_text() == "dear"
    assert (os.listdir(tmp_path), tmp_path.stat().st_mode) == (["letter.txt"], mode)


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SpoolError, match=r"cannot be written .*make it writable"):
        DiskQueue(tmp_path / "file" / "spool", SETTINGS)


def test_leftovers_go_and_foreign_files_are_set_aside_with_the_reason(queue: DiskQueue) -> None:
    kept, torn = entry(), entry()
    queue.accept(kept)
    (queue.folder / f"{torn.id}.entry.tmp").write_bytes(b"half")
    (queue.folder / f"{torn.id}.entry").write_bytes(b"")
    (queue.folder / "holiday.jpg").write_bytes(b"\xff\xd8")
    (queue.folder / "..entry").write_bytes(b"?")
    (queue.folder / "sub").mkdir()
    (queue.folder / "link.entry").symlink_to("/etc/hostname")

    again = reopened(queue)

    assert drained(again) == [kept]
    assert sorted(os.listdir(again.folder)) == ["quarantine", "reserve", "slots", "spool.lock"]
    aside = [name for name in os.listdir(again.folder / "quarantine") if not name.endswith(".why")]
    assert sorted(aside) == sorted(
        [f"{torn.id}.entry", "holiday.jpg", "..entry", "sub", "link.entry"]
    )
    assert "no entry" in (again.folder / "quarantine" / "holiday.jpg.why").read_text()
    assert again.quarantined.entries == 5
    again.close()
    once_more = DiskQueue(queue.folder, SETTINGS)
    assert once_more.quarantined.entries == 5
    once_more.close()


def test_foreign_files_of_one_name_are_all_kept(queue: DiskQueue) -> None:
    for content in ("first", "second"):
        (queue.folder / "note").write_text(content)
        queue = reopened(queue)
    aside = queue.folder / "quarantine"
    assert [(aside / name).read_text() for name in ("note", "note.2")] == ["first", "second"]
    queue.close()


def test_a_changed_entry_is_damaged_and_can_be_set_aside(queue: DiskQueue) -> None:
    made = entry(b"PAR1 rows")
    name = queue.accept(made)
    path = file_of(queue.folder, made.id)
    path.write_bytes(path.read_bytes().replace(b"rows", b"rowz"))
    with pytest.raises(Damaged, match="body"):
        queue.read(name)
    queue.quarantine(name, "its body changed")
    assert (queue.oldest(), queue.waiting) == (None, (0, 0))
    why = queue.folder / "quarantine" / f"{name}.why"
    assert why.read_text() == "its body changed\n"


def test_an_entry_that_somebody_removed_is_damaged_and_forgotten(queue: DiskQueue) -> None:
    made = entry()
    name = queue.accept(made)
    file_of(queue.folder, made.id).unlink()
    with pytest.raises(Damaged, match="No such file"):
        queue.read(name)
    queue.quarantine(name, "gone")
    assert (queue.oldest(), queue.waiting) == (None, (0, 0))


def test_removing_twice_keeps_the_books(queue: DiskQueue) -> None:
    made, other = entry(), entry(minutes=1)
    first, second = queue.accept(made), queue.accept(other)
    queue.remove(first)
    queue.remove(first)
    assert (queue.waiting, queue.oldest()) == ((1, second.size), second)


@pytest.mark.parametrize(
    ("settings", "fitting", "why"),
    [
        (SpoolSettings(max_count=10, min_free_bytes=0), 10, "max_count allows 10 entries"),
        (SpoolSettings(max_bytes=1 << 20, min_free_bytes=0), 6, "max_bytes allows 1048576 bytes"),
        (SpoolSettings(min_free_bytes=1 << 60), 0, f"min_free_bytes keeps {1 << 60} bytes"),
    ],
)
def test_at_a_bound_nothing_more_is_taken(
    folder: Path, settings: SpoolSettings, fitting: int, why: str
) -> None:
    queue = DiskQueue(folder, settings)
    for _ in range(fitting):
        queue.accept(entry(b"PAR1" + bytes(150_000)))
    with pytest.raises(SpoolFull, match=why):
        queue.accept(entry(b"PAR1" + bytes(150_000)))
    assert queue.waiting.entries == fitting == len(list(folder.glob("*.entry")))
    assert queue.waiting.size_bytes <= settings.max_bytes
    queue.close()


def test_the_quarantine_counts_against_the_bounds(folder: Path) -> None:
    settings = SpoolSettings(max_count=10, min_free_bytes=0)
    queue = DiskQueue(folder, settings)
    for _ in range(10):
        queue.accept(entry())
        oldest = queue.oldest()
        assert oldest is not None
        queue.quarantine(oldest, "because")
    with pytest.raises(SpoolFull, match="0 entries wait, 10 lie in quarantine"):
        queue.accept(entry())
    queue = reopened(queue, settings)
    with pytest.raises(SpoolFull):
        queue.accept(entry())
    queue.close()


def test_a_bound_holds_when_many_threads_put_at_once(folder: Path) -> None:
    queue = DiskQueue(folder, SpoolSettings(max_count=25, min_free_bytes=0))
    refused: list[SpoolFull] = []

    def produce() -> None:
        for _ in range(10):
            try:
                queue.accept(entry())
            except SpoolFull as full:
                refused.append(full)

    threads = [threading.Thread(target=produce) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(list(folder.glob("*.entry"))) == queue.waiting.entries == 25
    assert len(refused) == 55
    queue.close()


def test_producers_and_a_consumer_lose_and_double_nothing(folder: Path) -> None:
    queue = DiskQueue(folder, SETTINGS)
    made = [[of_kind_frame(b"%d" % number) for number in range(40)] for _ in range(4)]

    def produce(mine: list[Entry]) -> None:
        for each in mine:
            queue.accept(each)

    threads = [threading.Thread(target=produce, args=[mine]) for mine in made]
    for thread in threads:
        thread.start()
    seen: list[str] = []
    while len(seen) < 160 and queue.arrived.wait(10):
        queue.arrived.clear()
        seen += [each.id for each in drained(queue)]
    for thread in threads:
        thread.join()
    assert sorted(seen) == sorted(each.id for mine in made for each in mine)
    queue.close()


def test_a_backlog_beyond_the_window_is_sent_whole_and_in_order(folder: Path) -> None:
    queue = DiskQueue(folder, SETTINGS)
    made = [EntryName(entry(minutes=m).id, "", 0, 50, 0, 1) for m in range(4200)]
    for name in made:  # not durably: this test is about order
        (folder / str(name)).write_bytes(b"x")
    queue = reopened(queue)
    late = queue.accept(entry(minutes=5000))
    seen = []
    while (oldest := queue.oldest()) is not None:
        seen.append(oldest)
        queue.remove(oldest)
    assert seen == [*made, late]
    assert queue.waiting == (0, 0)
    queue.close()


@pytest.mark.parametrize(
    ("target", "kind", "why"),
    [("/dev/full", SpoolFull, "free some of it"), ("/nowhere/x", SpoolError, "look at the disk")],
)
def test_a_disk_that_refuses_leaves_nothing_accepted(
    queue: DiskQueue, target: str, kind: type[SpoolError], why: str
) -> None:
    made = entry()
    name = name_of(made.id, made.kind, None, 0, len(b"".join(pack(made))))
    temp = queue.folder / f"{name}.tmp"
    temp.symlink_to(target)  # what is written lands on a disk that is full, or is none
    with pytest.raises(kind, match=why):
        queue.accept(made)
    assert not temp.is_symlink()
    assert (queue.oldest(), queue.waiting, queue.named({made.id})) == (None, (0, 0), [])
    queue.accept(made)
    assert drained(queue) == [made]


def test_records_go_first_after_a_restart_as_well(queue: DiskQueue) -> None:
    old, records = entry(minutes=0), entry(minutes=9)
    queue.accept(old)
    queue.accept(Entry(records.id, "records", records.key, "", records.sha256, records.body))
    again = reopened(queue)
    assert [each.kind for each in drained(again)] == ["records", "sensors"]
    again.close()


def test_an_entry_under_a_short_name_of_an_earlier_version_is_sent(queue: DiskQueue) -> None:
    made = [entry(minutes=1), of_kind_frame(minutes=2)]
    for each in made:
        (queue.folder / f"{each.id}.entry").write_bytes(b"".join(pack(each)))
    again = reopened(queue)
    assert again.waiting.size_bytes == sum(len(b"".join(pack(each))) for each in made)
    assert drained(again) == made
    assert again.quarantined.entries == 0
    again.close()


def test_a_start_opens_no_entry(queue: DiskQueue) -> None:
    """A hundred thousand wait after a long outage: their names must do."""
    for minute in range(3):
        queue.accept(of_kind_frame(minutes=minute))
    opened: list[str] = []

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if listening and event == "open":
            opened.append(str(arguments[0]))

    listening = [True]
    sys.addaudithook(note)
    again = reopened(queue)
    listening.clear()
    assert again.waiting.entries == 3
    assert opened
    assert not [path for path in opened if ".entry" in path]
    again.close()
