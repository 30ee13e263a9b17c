import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.uploader.bench import Bench
from tests.uploader.disks import FailingDisk, KillPoints, without_slots
from tests.uploader.receipts.chains import check_chains
from tests.uploader.samples import because, file_of, masked, prediction
from uploader.errors import SpoolError, SpoolFull, Unsettled
from uploader.queue.tail import tail_of
from uploader.sending.uploader import Outcome


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def disk() -> Iterator[FailingDisk]:
    made = FailingDisk()
    yield made
    made.refuse()


def restarted(bench: Bench) -> Bench:
    bench.spool.close()
    again = Bench(bench.spool.queue.folder)
    again.store.objects = bench.store.objects
    return again


@pytest.mark.parametrize("slots", [False, True])
def test_a_kill_at_any_moment_leaves_one_whole_chain(
    folder: Path, tmp_path: Path, slots: bool
) -> None:
    bench = Bench(folder)
    if not slots:
        without_slots(folder)
    points = KillPoints(bench, tmp_path / "copies")
    for minutes in range(3):
        bench.keep(1, minutes)
        bench.spool.queue.slots.fill()
        bench.keep(1, minutes)
        bench.steps()
    bench.drain()
    points.stop()
    bench.spool.close()

    begun = [(copy, sent) for copy, sent in points.found if (copy / "chain" / "head.json").exists()]
    assert len(begun) > 50
    assert any(tail_of(place.read_bytes()) for place in tmp_path.rglob("*.slot")) == slots
    for copy, sent in begun:
        again = Bench(copy)
        again.store.objects = sent
        again.keep(2, minutes=9)
        again.drain()
        (length,) = check_chains(again.lines()).values()
        assert 2 <= length <= 8
        assert again.spool.quarantined.entries == 0
        again.spool.close()


def test_a_line_that_a_power_cut_tore_still_has_its_entry(folder: Path) -> None:
    bench = Bench(folder)
    newest = bench.keep(2)[-1]
    file = file_of(folder, newest.id)
    content = file.read_bytes()
    bench.steps()
    file.write_bytes(content)
    log = folder / "records" / "open.jsonl"
    log.write_bytes(log.read_bytes()[:-40])
    again = restarted(bench)
    again.keep(1)
    again.drain()
    assert list(check_chains(again.lines()).values()) == [3]
    again.spool.close()


def test_a_kill_while_a_damaged_line_is_set_aside_gives_no_number_again(
    folder: Path, tmp_path: Path
) -> None:
    bench = Bench(folder)
    bench.keep(3)
    bench.steps()
    log = folder / "records" / "open.jsonl"
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(lines[0] + bytes(9) + b"\n" + lines[1])  # the newest is lost, and not the last
    again = restarted(bench)
    points = KillPoints(again, tmp_path / "copies")
    again.drain()
    points.stop()
    again.spool.close()

    assert len(points.found) > 10
    for copy, sent in points.found:
        once_more = Bench(copy)
        once_more.store.objects = sent
        once_more.keep(2)
        once_more.drain()
        assert sorted(check_chains(once_more.lines()).values()) == [2, 2]
        once_more.spool.close()


@pytest.mark.parametrize(
    ("refused", "lengths"),
    [
        ([("open", ".entry.tmp")], [4]),
        ([("os.rename", ".entry.tmp")], [4]),
        ([("open", "/spool")], [2, 2]),
        ([("open", "/spool"), ("os.remove", ".entry")], [2, 3]),
    ],
)
def test_a_disk_that_fails_leaves_neither_gap_nor_fork(
    folder: Path, disk: FailingDisk, refused: list[tuple[str, str]], lengths: list[int]
) -> None:
    """In the last case the name of the entry could not be taken away: it is there at the end."""
    bench = Bench(folder)
    without_slots(folder)
    bench.keep(2)
    disk.refuse(*refused)
    with pytest.raises(SpoolError, match="look at the disk") as refusal:
        bench.keep(1)
    disk.refuse()
    assert isinstance(refusal.value, Unsettled) == (len(lengths) > 1)
    bench.keep(2)
    again = restarted(bench)
    again.drain()
    assert sorted(check_chains(again.lines()).values()) == lengths
    again.spool.close()


@pytest.mark.parametrize("comes_back", [False, True])
def test_an_entry_that_was_not_accepted_may_come_back_after_a_restart(
    folder: Path, tmp_path: Path, disk: FailingDisk, comes_back: bool
) -> None:
    bench = Bench(folder)
    without_slots(folder)
    accepted = {file_of(folder, record.id) for record in bench.keep(2)}
    disk.refuse(("open", "/spool"), ("os.remove", ".entry"))
    with pytest.raises(Unsettled):
        bench.keep(1)
    disk.refuse()
    (left,) = set(folder.glob("*.entry")) - accepted
    shutil.move(left, tmp_path / "left")
    bench.keep(1, minutes=1)
    bench.drain()
    if comes_back:
        shutil.move(tmp_path / "left", left)
    again = restarted(bench)
    again.keep(2, minutes=2)
    again.drain()
    assert sorted(check_chains(again.lines()).values()) == [2 + comes_back, 3]
    again.spool.close()


def test_where_the_head_cannot_be_kept_nothing_is_sealed(folder: Path, disk: FailingDisk) -> None:
    bench = Bench(folder)
    bench.keep(5)  # a batch
    disk.refuse(("open", "head.json.tmp"))
    outcomes = [bench.uploader.step() for _ in range(7)]
    assert outcomes == [Outcome.SENT] * 5 + [Outcome.SPOOL_FAILED] * 2
    assert list((folder / "records").glob("*.sealing"))
    assert bench.spool.waiting.entries == 0
    disk.refuse()
    bench.drain()
    again = restarted(bench)
    again.keep(1)
    again.drain()
    assert list(check_chains(again.lines()).values()) == [6]
    again.spool.close()


def test_on_a_full_disk_no_chain_begins_and_no_frame_is_accepted(folder: Path) -> None:
    bench = Bench(folder)
    (folder / "chain").mkdir()
    (folder / "chain" / "head.json.tmp").symlink_to("/dev/full")
    with pytest.raises(SpoolFull, match="free some of it"):
        bench.keep(1)
    assert bench.spool.waiting.entries == 0
    bench.keep(2)
    bench.drain()
    assert list(check_chains(bench.lines()).values()) == [2]
    bench.spool.close()


def test_where_the_spool_cannot_be_synced_at_a_start_another_may_open_it(
    folder: Path, disk: FailingDisk
) -> None:
    Bench(folder).spool.close()
    disk.refuse(("open", "/spool"))
    with pytest.raises(SpoolError, match="look at the disk"):
        Bench(folder)
    disk.refuse()
    Bench(folder).spool.close()


@pytest.mark.parametrize("refused", [("open", ".entry.tmp"), ("open", "/spool")])
def test_many_threads_on_a_disk_that_fails_at_times_leave_whole_chains(
    folder: Path, disk: FailingDisk, refused: tuple[str, str]
) -> None:
    bench = Bench(folder)
    without_slots(folder)
    accepted: list[str] = []

    def produce() -> None:
        for seq in range(25):
            try:
                record = bench.spool.put(masked(seq), prediction(), because("low_confidence"))
                accepted.append(record.id)
            except SpoolError:
                pass

    threads = [threading.Thread(target=produce) for _ in range(6)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        disk.refuse(refused)
        threads[0].join(0.002)
        disk.refuse()
        threads[0].join(0.02)
    bench.drain()
    lines = bench.lines()
    check_chains(lines)
    assert sorted(line["id"] for line in lines) == sorted(accepted)
    assert 25 < len(accepted) < 150, "some were refused"
    bench.spool.close()


def test_a_torn_newest_entry_ends_its_chain(folder: Path) -> None:
    """As a file system leaves it that has a name on the disk before what it names."""
    bench = Bench(folder)
    without_slots(folder)
    newest = bench.keep(3)[-1]
    file = file_of(folder, newest.id)
    file.write_bytes(file.read_bytes()[:-100])
    again = restarted(bench)
    assert [record.chain.number for record in again.keep(2)] == [1, 2]
    again.drain()
    assert sorted(check_chains(again.lines()).values()) == [2, 2]
    assert again.spool.quarantined.entries == 1
    again.spool.close()


def test_a_kill_while_the_newest_line_is_sealed_gives_no_number_again(
    folder: Path, tmp_path: Path
) -> None:
    bench = Bench(folder)
    bench.keep(3)
    bench.steps()
    points = KillPoints(bench, tmp_path / "copies")
    bench.drain()
    points.stop()
    bench.spool.close()

    assert len(points.found) > 10
    for copy, sent in points.found:
        again = Bench(copy)
        again.store.objects = sent
        assert [record.chain.number for record in again.keep(2)] == [4, 5]
        again.drain()
        assert list(check_chains(again.lines()).values()) == [5]
        again.spool.close()
