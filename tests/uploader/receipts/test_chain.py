import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.uploader.bench import Bench
from tests.uploader.disks import without_slots
from tests.uploader.receipts.chains import check_chains, numbers
from tests.uploader.samples import KEY, because, entry, file_of, masked, of_kind_frame, prediction
from uploader.errors import SpoolFull, StoreUnavailable
from uploader.receipts.key import DeviceKey
from uploader.receipts.signing import record_hash
from uploader.sending.uploader import Outcome
from uploader.settings import SpoolSettings
from uploader.spool import Spool


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def bench(folder: Path) -> Iterator[Bench]:
    made = Bench(folder)
    yield made
    made.spool.close()


def restarted(bench: Bench, key: DeviceKey = KEY) -> Bench:
    """The next run, with what is in the store."""
    bench.spool.close()
    again = Bench(bench.spool.queue.folder, key=key)
    again.store.objects = bench.store.objects
    return again


def test_each_record_names_the_one_before_and_is_signed(bench: Bench) -> None:
    records = bench.keep(7)
    bench.drain()
    assert list(check_chains(bench.lines()).values()) == [7]
    assert [record.chain.number for record in records] == list(range(1, 8))
    assert {record.chain.public_key for record in records} == {KEY.public_key}


def test_the_head_is_the_newest_record_as_it_stands_in_the_store(bench: Bench) -> None:
    bench.keep(3)
    bench.drain()
    head, newest = bench.spool.chain.head, max(bench.lines(), key=lambda line: numbers([line])[0])
    assert head is not None
    assert (head.number, head.sha256) == (3, record_hash(newest).hex())
    assert (head.chain, head.public_key) == (newest["chain"]["chain"], KEY.public_key)


@pytest.mark.parametrize("where", ["waiting", "noted", "sealed", "sent"])
def test_a_restart_goes_on_wherever_the_newest_record_is(bench: Bench, where: str) -> None:
    bench.keep(3)
    if where != "waiting":
        bench.steps()
    if where == "sealed":
        bench.store.answers = [StoreUnavailable("down")]
        bench.uploader.flush()
        assert bench.uploader.step() is Outcome.UNAVAILABLE
    if where == "sent":
        bench.drain()
    again = restarted(bench)
    assert [record.chain.number for record in again.keep(2)] == [4, 5]
    again.drain()
    assert list(check_chains(again.lines()).values()) == [5]
    again.spool.close()


def test_the_head_is_written_once_per_batch_not_once_per_frame(bench: Bench, folder: Path) -> None:
    file = folder / "chain" / "head.json"
    bench.keep(3)
    bench.steps()
    assert json.loads(file.read_bytes())["number"] == 0
    bench.drain()
    assert json.loads(file.read_bytes())["number"] == 3


def test_a_head_that_stands_on_the_disk_is_not_written_again(bench: Bench, folder: Path) -> None:
    bench.keep(1)
    bench.spool.chain.keep()
    written = (folder / "chain" / "head.json").stat().st_ino
    bench.spool.chain.keep()
    assert (folder / "chain" / "head.json").stat().st_ino == written


def test_many_threads_make_one_chain_while_it_is_sent(bench: Bench) -> None:
    def produce() -> None:
        for seq in range(20):
            bench.spool.put(masked(seq), prediction(), because("low_confidence"))

    threads = [threading.Thread(target=produce) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        bench.uploader.step()
    bench.drain()
    assert list(check_chains(bench.lines()).values()) == [80]


def test_a_frame_that_the_spool_refuses_takes_no_number(folder: Path) -> None:
    with Spool(folder, SpoolSettings(max_count=10, min_free_bytes=0), "f", "c", 90, KEY) as spool:
        accepted: list[int] = []

        def produce() -> None:
            for seq in range(5):
                try:
                    record = spool.put(masked(seq), prediction(), because("low_confidence"))
                except SpoolFull:
                    name = spool.queue.oldest()
                    if name is not None:
                        spool.queue.remove(name)
                else:
                    accepted.append(record.chain.number)

        threads = [threading.Thread(target=produce) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(accepted) < 20, "some were refused"
        assert sorted(accepted) == list(range(1, len(accepted) + 1))


def test_an_entry_in_quarantine_keeps_its_number(bench: Bench, folder: Path) -> None:
    without_slots(folder)
    newest = bench.keep(3)[-1]
    file = file_of(folder, newest.id)
    file.write_bytes(file.read_bytes()[:-1])
    assert Outcome.QUARANTINED in bench.steps()
    shutil.rmtree(folder / "quarantine")
    again = restarted(bench)
    again.keep(1)
    again.drain()
    assert sorted(numbers(again.lines())) == [1, 2, 4]
    again.spool.close()


def test_a_wiped_spool_begins_a_new_chain(bench: Bench, folder: Path) -> None:
    bench.keep(3)
    bench.drain()
    shutil.rmtree(folder)
    again = restarted(bench)
    again.keep(2)
    again.drain()
    assert sorted(check_chains(again.lines()).values()) == [2, 3]
    again.spool.close()


@pytest.mark.parametrize("content", [b"", b"{}", b"[1, 2]", b'{"chain": 1}', b"\xff", None])
def test_a_damaged_head_begins_a_new_chain(
    bench: Bench, folder: Path, content: bytes | None
) -> None:
    bench.keep(3)
    bench.drain()
    file = folder / "chain" / "head.json"
    file.unlink() if content is None else file.write_bytes(content)
    again = restarted(bench)
    again.keep(2)
    again.drain()
    assert sorted(check_chains(again.lines()).values()) == [2, 3]
    again.spool.close()


def test_a_head_of_other_types_begins_a_new_chain(bench: Bench, folder: Path) -> None:
    bench.keep(1)
    file = folder / "chain" / "head.json"
    file.write_bytes(file.read_bytes().replace(b'"number": 0', b'"number": "0"'))
    again = restarted(bench)
    again.keep(1)
    again.drain()
    assert sorted(check_chains(again.lines()).values()) == [1, 1]
    again.spool.close()


def test_another_key_begins_another_chain(bench: Bench) -> None:
    bench.keep(3)
    again = restarted(bench, DeviceKey(Ed25519PrivateKey.generate()))
    again.keep(2)
    again.drain()
    assert sorted(check_chains(again.lines()).values()) == [2, 3]
    assert len({line["chain"]["public_key"] for line in again.lines()}) == 2
    again.spool.close()


@pytest.mark.parametrize("sent_before_the_next_frame", [False, True])
def test_when_the_newest_entry_cannot_be_read_its_number_is_not_given_again(
    bench: Bench, folder: Path, sent_before_the_next_frame: bool
) -> None:
    newest = bench.keep(3)[-1]
    file = file_of(folder, newest.id)
    file.write_bytes(file.read_bytes().replace(b'"number":3', b'"number":2'))
    again = restarted(bench)
    if sent_before_the_next_frame:
        again.drain()
        again = restarted(again)
    again.keep(2)
    again.drain()
    assert sorted(check_chains(again.lines()).values()) == [2, 2]
    again.spool.close()


def test_when_a_line_cannot_be_read_its_number_is_not_given_again(
    bench: Bench, folder: Path
) -> None:
    bench.keep(3)
    bench.steps()
    log = folder / "records" / "open.jsonl"
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(lines[0] + bytes(9) + b"\n" + lines[1])  # the newest is lost, and not the last
    again = restarted(bench)
    assert again.uploader.step() is Outcome.SENT
    again = restarted(again)
    again.keep(2)
    again.drain()
    assert sorted(check_chains(again.lines()).values()) == [2, 2]
    again.spool.close()


def test_a_record_that_this_device_did_not_sign_is_not_gone_on_from(
    bench: Bench, folder: Path
) -> None:
    bench.keep(2)
    bench.steps()
    log = folder / "records" / "open.jsonl"
    log.write_bytes(log.read_bytes().replace(b'"number":2', b'"number":9'))
    again = restarted(bench)
    assert [record.chain.number for record in again.keep(2)] == [1, 2]
    again.spool.close()


def test_what_has_no_link_is_passed_over(bench: Bench, folder: Path) -> None:
    """Readings of sensors, and frames that a version without receipts kept."""
    bench.keep(1)
    bench.steps()
    bench.spool.queue.accept(entry())
    bench.spool.queue.accept(of_kind_frame())
    with (folder / "records" / "open.jsonl").open("a") as log:
        log.write('{"id": "018f"}\n')
    again = restarted(bench)
    assert [record.chain.number for record in again.keep(1)] == [2]
    again.spool.close()


def test_no_chain_is_told_of_before_a_frame_was_kept(bench: Bench) -> None:
    assert bench.spool.chain.head is None


def test_a_name_that_is_not_true_misleads_nobody(bench: Bench, folder: Path) -> None:
    """Somebody renamed an entry: then all are opened, and that one is set aside."""
    chain = bench.keep(3)[0].chain.chain
    fourth = file_of(folder, bench.keep(1)[0].id)
    fourth.rename(folder / fourth.name.replace(f"{chain[:8]}-4", f"{chain[:8]}-9"))
    again = restarted(bench)
    assert [record.chain.number for record in again.keep(1)] == [5]
    again.drain()
    assert sorted(numbers(again.lines())) == [1, 2, 3, 5]
    assert again.spool.quarantined.entries == 1
    again.spool.close()


def test_only_the_newest_of_the_entries_is_opened_at_a_start(bench: Bench, folder: Path) -> None:
    kept = bench.keep(4)
    for record in kept[:3]:
        file_of(folder, record.id).write_bytes(b"cannot be read")
    again = restarted(bench)
    assert [record.chain.number for record in again.keep(1)] == [5]
    again.spool.close()
