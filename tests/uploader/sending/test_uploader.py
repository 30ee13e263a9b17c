import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.uploader.bench import Bench
from tests.uploader.samples import NOON, because, entry, file_of, masked, prediction
from uploader.errors import SpoolFull, StoreDenied, StoreRejected, StoreUnavailable
from uploader.sending.uploader import Outcome
from uploader.settings import SpoolSettings


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "spool")
    yield made
    made.spool.close()


def test_a_frame_goes_to_the_store_and_then_from_the_disk(bench: Bench) -> None:
    (record,) = bench.keep()
    assert not bench.drained()
    assert bench.uploader.step() is Outcome.SENT
    sent = bench.store.objects[record.key]
    assert (sent.sha256, sent.content_type) == (record.sha256, "image/jpeg")
    assert sent.metadata["label"] == "ripe"
    assert bench.spool.waiting == (0, 0)
    assert bench.uploader.wait_s == 0


def test_records_follow_in_one_batch_that_names_the_stored_frames(bench: Bench) -> None:
    records = bench.keep(3)
    bench.steps()
    assert not bench.drained()
    bench.uploader.flush()
    assert bench.steps() == [Outcome.SENT, Outcome.IDLE]
    assert bench.drained()
    assert bench.lines() == [json.loads(r.to_json("memory://" + r.key)) for r in records]
    (batch,) = [each for each in bench.store.objects if each.startswith("records/")]
    assert batch.startswith("records/site=farm/device=cam1/date=2026-01-31/")
    assert bench.store.objects[batch].sha256[:12] in batch
    assert bench.uploader.counts.sent == {"frame": 3, "records": 1}


def test_a_flush_seals_when_all_frames_have_been_sent(bench: Bench) -> None:
    bench.keep(3)
    bench.uploader.flush()
    outcomes = [bench.uploader.step() for _ in range(4)]
    assert (outcomes, bench.drained()) == ([Outcome.SENT] * 4, True)
    bench.keep()
    assert bench.steps() == [Outcome.SENT, Outcome.IDLE]
    assert (len(bench.lines()), bench.drained()) == (3, False)


def test_a_batch_is_sealed_at_its_age(bench: Bench) -> None:
    bench.keep()
    bench.steps()
    bench.now_s = 59.5
    assert bench.uploader.step() is Outcome.IDLE
    assert bench.uploader.wait_s == 0.5
    bench.now_s = 60.0
    assert bench.steps() == [Outcome.SENT, Outcome.IDLE]
    assert len(bench.lines()) == 1


def test_a_batch_is_sealed_at_its_size(bench: Bench) -> None:
    bench.keep(12)
    bench.steps()
    batches = [each for each in bench.store.objects if each.startswith("records/")]
    assert len(batches) == 2
    assert len(bench.lines()) == 10


def test_a_batch_holds_one_date_only(bench: Bench) -> None:
    bench.keep(2)
    bench.keep(2, minutes=24 * 60)
    bench.steps()
    bench.uploader.flush()
    bench.steps()
    batches = sorted(each for each in bench.store.objects if each.startswith("records/"))
    assert [each.split("/")[3] for each in batches] == ["date=2026-01-31", "date=2026-02-01"]
    assert len(bench.lines()) == 4


def test_an_object_that_is_no_frame_has_no_line(bench: Bench) -> None:
    bench.spool.put_object("sensors", b"PAR1 rows", "application/x", NOON)
    assert bench.steps() == [Outcome.SENT, Outcome.IDLE]
    assert bench.drained()
    assert bench.uploader.counts.sent == {"sensors": 1}


def test_with_nothing_to_send_it_waits_and_an_arrival_ends_the_wait(bench: Bench) -> None:
    assert bench.uploader.step() is Outcome.IDLE
    assert bench.uploader.wait_s > 0
    assert not bench.spool.arrived.is_set()
    bench.keep()
    assert bench.spool.arrived.is_set()


def test_a_store_that_is_away_is_asked_again_ever_later(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "spool", *[StoreUnavailable("no route: look at the network")] * 3)
    bench.keep()
    waits = []
    for _ in range(3):
        assert bench.uploader.step() is Outcome.UNAVAILABLE
        waits.append(bench.uploader.wait_s)
    assert waits == [0.5, 1.0, 2.0]
    assert bench.uploader.counts.failing == 3
    assert bench.uploader.step() is Outcome.SENT
    counts = bench.uploader.counts
    assert (counts.retries, counts.failing) == (3, 0)
    assert counts.last_error == "no route: look at the network"
    bench.spool.close()


def test_a_denied_upload_is_kept_said_and_asked_slowly(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "spool", *[StoreDenied("no permission: grant it")] * 9)
    bench.keep()
    waits = []
    for _ in range(9):
        assert bench.uploader.step() is Outcome.DENIED
        waits.append(bench.uploader.wait_s)
    assert (waits[0], waits[-1]) == (10, 300)
    assert bench.uploader.counts.last_error == "no permission: grant it"
    assert (bench.uploader.counts.denied, bench.spool.waiting.entries) == (9, 1)
    bench.spool.close()


def test_one_refused_object_does_not_block_the_others(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "spool", StoreDenied("not sensors"), None, None, StoreDenied("not"))
    bench.spool.put_object("sensors", b"PAR1 rows", "x", NOON - timedelta(hours=1))
    bench.keep(2)
    outcomes = [bench.uploader.step() for _ in range(4)]
    assert outcomes == [Outcome.DENIED, Outcome.SENT, Outcome.SENT, Outcome.DENIED]
    assert bench.spool.waiting.entries == 1
    bench.spool.close()


def test_a_rejected_object_is_set_aside_with_the_reason(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "spool", StoreRejected("the key is too long"))
    bad, good = bench.keep(1) + bench.keep(1, minutes=1)
    assert bench.steps() == [Outcome.QUARANTINED, Outcome.SENT, Outcome.IDLE]
    aside = bench.spool.queue.folder / "quarantine"
    (why,) = aside.glob(f"{bad.id}.*.why")
    assert why.read_text() == "the key is too long\n"
    assert list(bench.store.objects) == [good.key]
    assert bench.uploader.counts.quarantined == 1
    bench.spool.close()


def test_a_damaged_entry_is_never_sent(bench: Bench) -> None:
    (record,) = bench.keep()
    path = file_of(bench.spool.queue.folder, record.id)
    path.write_bytes(path.read_bytes()[:-100])
    assert bench.steps() == [Outcome.QUARANTINED, Outcome.IDLE]
    assert bench.store.puts == []
    assert "damaged" in bench.uploader.counts.last_error


def test_what_waited_is_sent_after_a_restart(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "spool", StoreUnavailable("away"))
    records = bench.keep(3)
    bench.uploader.step()
    bench.spool.close()
    again = Bench(tmp_path / "spool")
    assert again.steps() == [Outcome.SENT] * 3 + [Outcome.IDLE]
    assert list(again.store.objects) == [record.key for record in records]
    again.spool.close()


def test_a_disk_that_takes_no_line_loses_nothing(bench: Bench) -> None:
    (record,) = bench.keep()
    log = bench.spool.queue.folder / "records" / "open.jsonl"
    bench.uploader.step()
    bench.uploader.flush()
    bench.steps()
    log.symlink_to("/dev/full")
    (second,) = bench.keep()
    assert bench.uploader.step() is Outcome.SPOOL_FAILED
    assert "full" in bench.uploader.counts.last_error
    assert bench.uploader.wait_s > 0
    assert bench.spool.waiting.entries == 1
    reserve = bench.spool.queue.folder / "reserve"
    assert not list(reserve.iterdir()), "spent, so that a line can be written"
    log.unlink()
    bench.steps()
    assert list(reserve.iterdir())
    bench.uploader.flush()
    bench.steps()
    assert [line["id"] for line in bench.lines()] == [record.id, second.id]
    assert bench.drained()


def test_nothing_new_is_accepted_into_the_room_of_the_reserve(tmp_path: Path) -> None:
    disk = os.statvfs(tmp_path)
    free = disk.f_bavail * disk.f_frsize
    bench = Bench(tmp_path / "spool", settings=SpoolSettings(min_free_bytes=free - (64 << 20)))
    bench.keep()
    bench.spool.queue.reserve.missing_bytes = 128 << 20
    with pytest.raises(SpoolFull, match="min_free_bytes keeps"):
        bench.keep()
    bench.spool.close()


def test_entries_of_another_making_are_sent_like_our_own(bench: Bench) -> None:
    made = entry(b"PAR1 more rows")
    bench.spool.queue.accept(made)
    assert bench.steps() == [Outcome.SENT, Outcome.IDLE]
    assert bench.store.objects[made.key].body == made.body


def test_a_failure_is_told_once_until_it_changes_or_comes_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    denied, away = StoreDenied("no permission"), StoreUnavailable("no connection")
    bench = Bench(tmp_path / "spool", denied, denied, away, None, None, denied)
    for seq in range(3):
        bench.spool.put(masked(seq), prediction(), because("low_confidence"))
    with caplog.at_level("WARNING", "uploader"):
        for _ in range(6):
            bench.uploader.step()
    assert caplog.messages == ["no permission", "no connection", "no permission"]
    bench.spool.close()
