"""What may not go now waits and is said; what is stuck stays said; what hangs is cut."""

import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.uploader.bench import Bench
from tests.uploader.samples import NOON
from tests.uploader.stores import MemoryStore
from uploader.errors import StoreDenied, StoreUnavailable
from uploader.sending.gate import Gate
from uploader.sending.uploader import Outcome, Uploader
from uploader.settings import BulkSettings, StoreSettings
from uploader.store import Upload

NIGHT = ("22:00-05:00",)


class Wall:
    """The clock on the wall."""

    def __init__(self) -> None:
        self.now = NOON

    def gate(self, frames: tuple[str, ...] = (), readings: tuple[str, ...] | None = None) -> Gate:
        store = StoreSettings(url="file:///unused", windows=frames)
        return Gate(store, BulkSettings(windows=readings), lambda: self.now, timezone.utc)


@pytest.fixture
def wall() -> Wall:
    return Wall()


def readings(bench: Bench, count: int = 1) -> None:
    for number in range(count):
        at = NOON - timedelta(hours=1, seconds=number)
        bench.spool.put_object("sensors", b"PAR1 rows %d" % number, "x", at)


def test_outside_its_window_nothing_is_sent_and_it_is_said_until_when(
    tmp_path: Path, wall: Wall
) -> None:
    bench = Bench(tmp_path / "spool", gate=wall.gate(NIGHT))
    assert (bench.uploader.step(), bench.uploader.waiting_for) == (Outcome.IDLE, "")
    bench.keep(2)
    assert bench.uploader.step() is Outcome.WAITING
    assert 0 < bench.uploader.wait_s <= 1
    assert "until 2026-01-31 22:00" in bench.uploader.waiting_for
    assert (bench.store.puts, bench.uploader.problem) == ([], "")
    wall.now = datetime(2026, 1, 31, 22, 0, tzinfo=timezone.utc)
    assert bench.steps() == [Outcome.SENT, Outcome.SENT, Outcome.IDLE]
    assert bench.uploader.waiting_for == ""
    bench.spool.close()


def test_frames_go_at_once_while_readings_wait_for_their_window(tmp_path: Path, wall: Wall) -> None:
    bench = Bench(tmp_path / "spool", gate=wall.gate(readings=NIGHT))
    readings(bench, 3)
    (record,) = bench.keep()
    assert bench.uploader.step() is Outcome.SENT
    assert list(bench.store.objects) == [record.key]
    assert bench.uploader.step() is Outcome.WAITING
    assert bench.uploader.waiting_for.startswith("files of readings wait until")
    bench.keep(1, minutes=1)
    assert bench.uploader.step() is Outcome.SENT
    wall.now += timedelta(hours=11)
    bench.uploader.flush()
    bench.steps()
    assert bench.uploader.counts.sent == {"frame": 2, "sensors": 3, "records": 1}
    bench.spool.close()


def test_readings_go_while_frames_and_their_records_wait(tmp_path: Path, wall: Wall) -> None:
    bench = Bench(tmp_path / "spool", gate=wall.gate(NIGHT, readings=()))
    bench.keep()
    readings(bench)
    assert bench.uploader.step() is Outcome.SENT
    assert bench.uploader.counts.sent == {"sensors": 1}
    assert bench.uploader.step() is Outcome.WAITING
    bench.spool.close()


def test_the_end_does_not_break_a_window(tmp_path: Path, wall: Wall) -> None:
    wall.now = datetime(2026, 1, 31, 23, 0, tzinfo=timezone.utc)
    bench = Bench(tmp_path / "spool", gate=wall.gate(NIGHT))
    bench.keep(2)
    assert bench.uploader.step() is Outcome.SENT
    wall.now += timedelta(hours=8)
    bench.uploader.flush()
    assert [bench.uploader.step() for _ in range(3)] == [Outcome.WAITING] * 3
    assert not bench.drained()
    assert len(bench.store.puts) == 1
    bench.spool.close()


def test_a_denial_stays_said_while_others_are_sent(tmp_path: Path) -> None:
    denied = StoreDenied("no permission for sensors")
    bench = Bench(tmp_path / "spool", denied, None, denied)
    readings(bench)
    bench.keep()
    assert bench.uploader.step() is Outcome.DENIED
    assert bench.uploader.step() is Outcome.SENT
    assert bench.uploader.counts.failing == 0
    assert bench.uploader.problem == "no permission for sensors"
    assert bench.uploader.step() is Outcome.DENIED
    assert bench.uploader.step() is Outcome.SENT
    assert bench.uploader.problem == ""
    bench.spool.close()


def test_of_several_that_are_stuck_the_last_that_still_waits_is_said(tmp_path: Path) -> None:
    first, second = StoreDenied("the first"), StoreUnavailable("the second")
    bench = Bench(tmp_path / "spool", first, second, StoreDenied("again"), None)
    bench.keep(2)
    said = []
    for _ in range(4):
        bench.uploader.step()
        said.append(bench.uploader.problem)
    assert said == ["the first", "the second", "again", "again"]
    bench.steps()
    assert bench.uploader.problem == ""
    bench.spool.close()


def test_a_disk_that_fails_after_an_outage_is_what_is_said(tmp_path: Path) -> None:
    """Not the outage: nothing was sent since, but it is not what a person has to mend first."""
    bench = Bench(tmp_path / "spool", None, None, StoreUnavailable("is it mounted?"))
    bench.keep()
    bench.drain()
    bench.keep(2)
    assert bench.uploader.step() is Outcome.UNAVAILABLE
    log = bench.spool.queue.folder / "records" / "open.jsonl"
    log.symlink_to("/dev/full")
    assert bench.uploader.step() is Outcome.SPOOL_FAILED
    assert "full" in bench.uploader.problem
    log.unlink()
    assert bench.uploader.step() is Outcome.SENT
    assert bench.uploader.problem == "is it mounted?"
    bench.steps()
    assert bench.uploader.problem == ""
    bench.spool.close()


class Hanging(MemoryStore):
    """A store whose put does not come back by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.release, self.closed = (threading.Event() for _ in range(3))

    def put(self, upload: Upload) -> None:
        self.begun.set()
        self.release.wait(20)

    def close(self) -> None:
        self.closed.set()


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    store = Hanging()
    yield store
    store.release.set()


def test_an_upload_that_hangs_is_cut_and_waits_in_the_spool(
    tmp_path: Path, hanging: Hanging
) -> None:
    bench = Bench(tmp_path / "spool")
    uploader = Uploader(bench.spool, hanging, StoreSettings(url="file:///unused"))
    bench.keep()

    def cuts() -> None:
        hanging.begun.wait(20)
        uploader.cut()

    cutter = threading.Thread(target=cuts)
    cutter.start()
    began_s = time.monotonic()
    assert uploader.step() is Outcome.UNAVAILABLE
    assert time.monotonic() - began_s < 10
    cutter.join()
    assert hanging.closed.is_set()
    assert uploader.step() is Outcome.UNAVAILABLE
    assert bench.spool.waiting.entries == 1
    hanging.release.set()
    assert bench.spool.waiting.entries == 1
    bench.spool.close()
