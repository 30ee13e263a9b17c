import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.uploader.bench import Bench
from tests.uploader.disks import KillPoints
from tests.uploader.receipts.chains import check_chains
from tests.uploader.samples import file_of
from uploader.record import Record
from uploader.sending.uploader import Outcome


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "spool")
    yield made
    made.spool.close()


def check_exactly_once(bench: Bench, records: list[Record]) -> None:
    check_chains(bench.lines())
    assert sorted(line["id"] for line in bench.lines()) == sorted(r.id for r in records)
    frames = {key: o.sha256 for key, o in bench.store.objects.items() if key.startswith("frames/")}
    assert frames == {record.key: record.sha256 for record in records}
    assert len({(sent.key, sent.sha256) for sent in bench.store.puts}) == len(
        {sent.key for sent in bench.store.puts}
    )


def test_a_kill_at_any_moment_loses_and_doubles_nothing(bench: Bench, tmp_path: Path) -> None:
    records = bench.keep(7)  # batches hold five
    points = KillPoints(bench, tmp_path / "copies")
    bench.drain()
    points.stop()
    check_exactly_once(bench, records)

    assert len(points.found) > 40
    for folder, objects in points.found:
        again = Bench(folder)
        again.store.objects = objects
        again.drain()
        check_exactly_once(again, records)
        again.spool.close()


def restarted(bench: Bench) -> Bench:
    """The next run, with what is in the store."""
    bench.spool.close()
    again = Bench(bench.spool.queue.folder)
    again.store.objects = bench.store.objects
    return again


def test_an_entry_that_a_power_cut_brings_back_is_not_sent_again(bench: Bench) -> None:
    records = bench.keep(2)
    entry = file_of(bench.spool.queue.folder, records[0].id)
    content = entry.read_bytes()
    bench.uploader.step()
    entry.write_bytes(content)  # its removal was not on the disk yet

    again = restarted(bench)
    again.drain()

    assert records[0].key not in [sent.key for sent in again.store.puts]
    check_exactly_once(again, records)
    again.spool.close()


def test_a_torn_line_is_cut_off_and_its_frame_sent_again(bench: Bench, tmp_path: Path) -> None:
    records = bench.keep(2)
    second = file_of(bench.spool.queue.folder, records[1].id)
    content = second.read_bytes()
    bench.uploader.step()
    bench.uploader.step()
    log = bench.spool.queue.folder / "records" / "open.jsonl"
    whole = log.read_bytes()
    first = whole.index(b"\n") + 1
    bench.spool.close()

    for cut in range(first, len(whole), 151):
        for tail in (b"", bytes(40)):
            folder = tmp_path / f"{cut}-{len(tail)}"
            shutil.copytree(bench.spool.queue.folder, folder)
            (folder / second.name).write_bytes(content)
            (folder / "records" / "open.jsonl").write_bytes(whole[:cut] + tail)
            again = Bench(folder)
            again.store.objects = dict(bench.store.objects)
            again.drain()
            assert again.spool.quarantined.entries == 0
            check_exactly_once(again, records)
            again.spool.close()


def test_a_line_that_the_disk_damaged_is_set_aside_and_the_others_sent(bench: Bench) -> None:
    records = bench.keep(3)
    bench.steps()
    log = bench.spool.queue.folder / "records" / "open.jsonl"
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(lines[0] + b"\x00" * 50 + b"\n" + lines[2])

    again = restarted(bench)
    again.drain()

    assert [line["id"] for line in again.lines()] == [records[0].id, records[2].id]
    assert again.spool.quarantined.entries == 1
    again.spool.close()


def test_a_batch_that_is_not_ours_is_set_aside(bench: Bench) -> None:
    folder = bench.spool.queue.folder / "records"
    folder.mkdir()
    (folder / "x.sealing").write_bytes(b"[]\n")
    assert bench.uploader.step() is Outcome.IDLE
    assert bench.spool.quarantined.entries == 1
    assert bench.drained()


def test_an_open_batch_is_sealed_at_the_next_start(bench: Bench) -> None:
    records = bench.keep(2)
    bench.steps()
    again = restarted(bench)
    assert again.steps() == [Outcome.SENT, Outcome.IDLE]
    assert again.drained()
    check_exactly_once(again, records)
    again.spool.close()


def test_a_line_carries_what_the_frame_was_spooled_with(bench: Bench) -> None:
    (record,) = bench.keep()
    bench.drain()
    assert bench.lines() == [json.loads(record.to_json("memory://" + record.key))]
