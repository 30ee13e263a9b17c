"""Nothing that was accepted goes without a tombstone, and nothing that has one stays."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

from tests.uploader.bench import Bench
from tests.uploader.disks import FailingDisk, KillPoints
from tests.uploader.receipts.chains import check_chains
from tests.uploader.samples import KEY, NOON, file_of, masked, prediction
from uploader.choosing.choice import Choice
from uploader.errors import (
    NotCompared,
    NotTaken,
    SpoolError,
    SpoolFull,
    StoreDenied,
    StoreError,
    StoreUnavailable,
    UploadCut,
)
from uploader.queue.entry_name import entry_name
from uploader.receipts.signing import record_hash, signed
from uploader.record import Record
from uploader.sending.uploader import Outcome
from uploader.settings import SpoolSettings

SCHEMA = json.loads((Path(__file__).parents[3] / "docs/schemas/tombstone.json").read_text())
EMPTY = gzip.compress(b"")
TEN = SpoolSettings(max_count=10, min_free_bytes=0)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A spool for ten entries."""
    made = Bench(tmp_path / "spool", settings=TEN)
    yield made
    made.spool.close()


@pytest.fixture
def disk() -> Iterator[FailingDisk]:
    made = FailingDisk()
    yield made
    made.refuse()


def keep(bench: Bench, *values: float) -> list[Record]:
    """Keeps a frame of each value."""
    chosen = [Choice(("low_confidence",), "low_confidence", value) for value in values]
    return [bench.spool.put(masked(seq), prediction(), choice) for seq, choice in enumerate(chosen)]


def filled(bench: Bench) -> list[Record]:
    """Ten frames, each worth more than the one before."""
    return keep(bench, *(n / 20 for n in range(10)))


def restarted(bench: Bench, settings: SpoolSettings = TEN) -> Bench:
    bench.spool.close()
    again = Bench(bench.spool.queue.folder, settings=settings)
    again.store.objects = bench.store.objects
    return again


def check_each_once(bench: Bench, records: list[Record]) -> list[str]:
    """Every accepted frame is in the store with its line, or has one tombstone; returns these."""
    stored = [key for key in bench.store.objects if key.startswith("frames/")]
    lines = [line["key"] for line in bench.lines()]
    gone = [stone["key"] for stone in bench.tombstones()]
    assert sorted(stored) == sorted(lines)
    assert sorted(lines + gone) == sorted(record.key for record in records)
    return gone


def test_the_least_valuable_goes_for_what_is_worth_more(bench: Bench) -> None:
    records = filled(bench) + keep(bench, 0.9, 0.8)
    assert bench.spool.waiting.entries == 10
    assert bench.spool.tombstones.counts == {"max_count": 2}
    bench.drain()
    assert check_each_once(bench, records) == [records[0].key, records[1].key]


def test_what_is_worth_no_more_than_the_others_is_refused(bench: Bench) -> None:
    keep(bench, *[0.5] * 10)
    with pytest.raises(SpoolFull, match=r"max_count allows 10 entries.* worth more"):
        keep(bench, 0.5)
    with pytest.raises(SpoolFull):
        keep(bench, 0.2)
    assert bench.spool.tombstones.counts == {}
    assert bench.spool.waiting.entries == 10


def test_bytes_are_a_bound_as_well(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "s", settings=SpoolSettings(max_bytes=1 << 20, min_free_bytes=0))
    bench.spool.put_object("sensors", b"PAR1" + bytes((1 << 20) - 30_000), "x", NOON)
    records, refused = [], False
    while not refused:
        try:
            records += keep(bench, 0.1)
        except SpoolFull:
            refused = True
    assert bench.spool.tombstones.counts == {}
    records += keep(bench, 0.9)
    assert bench.spool.tombstones.counts == {"max_bytes": 1}
    assert bench.spool.waiting.size_bytes <= 1 << 20
    bench.drain()
    assert len(check_each_once(bench, records)) == 1
    bench.spool.close()


def test_what_is_being_sent_is_never_let_go(bench: Bench) -> None:
    records = filled(bench)
    sending = bench.spool.queue.oldest()
    assert sending is not None
    assert sending.value == 0
    keep(bench, 0.9)
    assert bench.spool.queue.named({sending.id})
    assert not bench.spool.queue.named({records[1].id})
    bench.spool.queue.postpone(sending)
    keep(bench, 0.9)
    assert not bench.spool.queue.named({sending.id})


@pytest.mark.parametrize("error", [StoreUnavailable("lost"), UploadCut(), NotCompared("403")])
def test_what_the_store_may_have_is_never_let_go(tmp_path: Path, error: StoreError) -> None:
    """Its answer was lost. That the next attempt is refused does not say that it is not there."""
    clear = [StoreDenied("no permission"), NotTaken("no connection")]
    bench = Bench(tmp_path / "spool", error, settings=TEN)
    records = filled(bench)
    bench.uploader.step()
    (lost,) = bench.store.puts
    for answer in clear:
        records += keep(bench, 0.9)
        bench.store.answers = [answer] * 9
        for _ in range(9):
            bench.uploader.step()
        bench.store.answers.clear()
    records += keep(bench, 0.9)
    bench.drain()
    gone = check_each_once(bench, records)
    assert (lost.key in gone, len(gone)) == (False, 3)
    bench.spool.close()


def test_what_the_store_surely_has_not_may_be_let_go(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "spool", NotTaken("no connection"), settings=TEN)
    records = filled(bench)
    assert bench.uploader.step() is Outcome.UNAVAILABLE
    records += keep(bench, 0.9)
    bench.drain()
    assert check_each_once(bench, records) == [records[0].key]
    bench.spool.close()


def test_where_all_may_be_in_the_store_what_comes_is_refused(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "spool", *[StoreUnavailable("lost")] * 10, settings=TEN)
    records = filled(bench)
    for _ in range(10):
        bench.uploader.step()
    with pytest.raises(SpoolFull, match="may be in the store"):
        keep(bench, 0.9)
    bench.drain()
    assert check_each_once(bench, records) == []
    bench.spool.close()


def test_what_the_store_took_stays_while_no_line_about_it_can_be_written(bench: Bench) -> None:
    keep(bench, 0.5)
    bench.drain()
    records = filled(bench)
    log = bench.spool.queue.folder / "records" / "open.jsonl"
    log.symlink_to("/dev/full")
    assert bench.uploader.step() is Outcome.SPOOL_FAILED
    log.unlink()
    bench.store.answers = [NotTaken("no connection")]
    assert bench.uploader.step() is Outcome.UNAVAILABLE
    records += keep(bench, 0.9)
    bench.drain()
    gone = [stone["key"] for stone in bench.tombstones()]
    assert gone == [records[1].key]


def test_records_tombstones_and_sensor_files_outlast_frames(bench: Bench) -> None:
    """Records and tombstones speak of what is gone already; readings are worth the best frame."""
    for kind, body in (("records", EMPTY), ("tombstones", EMPTY), ("sensors", b"PAR1")):
        bench.spool.put_object(kind, body, "x", NOON)  # type: ignore[arg-type]
    keep(bench, *[0.5] * 7)
    keep(bench, *[0.98] * 7)
    with pytest.raises(SpoolFull):
        keep(bench, 0.98)
    bench.drain()
    kinds = [key.split("/")[0] for key in bench.store.objects]
    assert (kinds.count("sensors"), kinds.count("frames")) == (1, 7)
    assert len(bench.tombstones()) == 7


def test_a_frame_that_is_in_the_store_already_is_not_let_go(bench: Bench) -> None:
    """After a power cut its entry is back, and the line about it is in the log."""
    records = filled(bench)
    entry = file_of(bench.spool.queue.folder, records[0].id)
    content = entry.read_bytes()
    assert bench.uploader.step() is Outcome.SENT
    entry.write_bytes(content)
    again = restarted(bench)
    records += keep(again, 0.9, 0.9)
    again.drain()
    assert records[0].key not in check_each_once(again, records)
    again.spool.close()


def as_of_day(day: int, *paths: Path) -> None:
    """As if these had been accepted on that day, and the clock stood there."""
    for path in paths:
        name = entry_name(path.name)
        assert name is not None
        path.rename(path.with_name(str(name._replace(day=day))))
        (path.parent / "choosing" / "clock.json").unlink(missing_ok=True)


def test_what_is_too_old_goes_when_its_day_is_over(tmp_path: Path) -> None:
    folder, settings = tmp_path / "spool", SpoolSettings(max_age_days=2, min_free_bytes=0)
    bench = Bench(folder, settings=settings)
    records = keep(bench, 0.1, 0.9)
    bench.spool.close()
    as_of_day(5, *folder.glob("*.entry"))
    again = Bench(folder, settings=settings)
    records += keep(again, 0.5)
    assert (again.spool.today, again.spool.oldest_days) == (5, 0)
    again.spool.close()
    as_of_day(8, file_of(folder, records[2].id))
    last = Bench(folder, settings=settings)
    assert last.spool.oldest_days == 3
    records += keep(last, 0.5)
    assert last.spool.tombstones.counts == {"max_age": 2}, "where there is no uploader as well"
    last.drain()
    assert sorted(check_each_once(last, records)) == sorted(r.key for r in records[:2])
    assert {stone["reason"] for stone in last.tombstones()} == {"max_age"}
    last.spool.close()


def test_what_is_too_old_goes_though_nothing_new_comes(tmp_path: Path) -> None:
    folder, settings = tmp_path / "spool", SpoolSettings(max_age_days=2, min_free_bytes=0)
    bench = Bench(folder, settings=settings)
    records = keep(bench, 0.1, 0.9)
    bench.spool.close()
    first = file_of(folder, records[0].id)
    as_of_day(5, first)
    again = Bench(folder, StoreUnavailable("away"), settings=settings)
    again.uploader.step()
    assert again.spool.tombstones.counts == {"max_age": 1}
    again.drain()
    assert check_each_once(again, records) == [records[1].key]
    again.spool.close()


def test_a_tombstone_says_what_went_and_is_signed(bench: Bench) -> None:
    record = filled(bench)[0]
    keep(bench, 0.9)
    bench.drain()
    (stone,) = bench.tombstones()
    validator = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
    validator.validate(stone)
    told: dict[str, object] = {
        "id": record.id,
        "key": record.key,
        "sha256": record.sha256,
        "camera": "bench",
    }
    told |= {"size_bytes": record.size_bytes, "captured_at": "2026-01-31T12:00:00.250Z"}
    told |= {"reason": "max_count", "value": 0, "kind": "frame", "site": "farm", "device": "cam1"}
    assert stone.items() >= told.items()
    link = stone["chain"]
    assert (link["chain"], link["number"]) == (record.chain.chain, 1)
    assert link["sha256"] == record_hash(record.fields("")).hex()
    assert signed(KEY.public_key, record_hash(stone), link["signature"])
    (key,) = [key for key in bench.store.objects if key.startswith("tombstones/")]
    assert key.startswith("tombstones/site=farm/device=cam1/date=")
    assert bench.store.objects[key].metadata == {"schema": "vision-app/tombstone/1", "lines": "1"}


def test_readings_have_a_tombstone_without_a_link(bench: Bench) -> None:
    bench.spool.put_object("sensors", b"PAR1 rows", "x", NOON)
    keep(bench, *[1.0] * 9)
    bench.spool.close()
    for path in bench.spool.queue.folder.glob("*.-.99.0.*"):
        path.rename(path.with_name(path.name.replace(".-.99.0.", ".-.0.0.")))
    again = Bench(bench.spool.queue.folder, settings=TEN)
    keep(again, 0.9)
    again.drain()
    (stone,) = again.tombstones()
    jsonschema.Draft202012Validator(SCHEMA).validate(stone)
    assert (stone["kind"], stone["camera"], stone["chain"]["number"]) == ("sensors", "", 0)
    again.spool.close()


def test_where_the_tombstone_cannot_be_written_the_new_frame_is_refused(bench: Bench) -> None:
    records = filled(bench)
    log = bench.spool.queue.folder / "tombstones" / "open.jsonl"
    log.parent.mkdir()
    log.symlink_to("/dev/full")
    with pytest.raises(SpoolFull, match="free some of it"):
        keep(bench, 0.9)
    assert all(bench.spool.queue.named({record.id}) for record in records)
    log.unlink()
    assert bench.spool.tombstones.counts == {}
    records += keep(bench, 0.9)
    bench.drain()
    assert check_each_once(bench, records) == [records[0].key]


@pytest.mark.parametrize("event", ["open", "os.remove"])
def test_a_disk_that_fails_in_the_middle_loses_and_doubles_nothing(
    bench: Bench, disk: FailingDisk, event: str
) -> None:
    records = filled(bench)
    ending = "tombstones/open.jsonl" if event == "open" else ".entry"
    disk.refuse((event, ending))
    with pytest.raises(SpoolError, match="look at the disk"):
        keep(bench, 0.9)
    disk.refuse()
    records += keep(bench, 0.95)
    bench.drain()
    assert check_each_once(bench, records) == [records[0].key]


def test_a_damaged_entry_is_not_let_go_but_set_aside(bench: Bench) -> None:
    records = filled(bench)
    damaged = file_of(bench.spool.queue.folder, records[0].id)
    damaged.write_bytes(b"damaged")
    records += keep(bench, 0.9)
    assert damaged.exists()
    bench.drain()
    assert bench.spool.quarantined.entries == 1
    assert check_each_once(bench, records[1:]) == [records[1].key]


def test_a_log_that_nobody_seals_is_bounded(bench: Bench) -> None:
    """As on a device without a store."""
    filled(bench)
    keep(bench, 0.9)
    folder = bench.spool.queue.folder / "tombstones"
    line = (folder / "open.jsonl").read_bytes()
    (folder / "open.jsonl").write_bytes(line * ((8 << 20) // len(line) + 1))
    again = restarted(bench)
    with pytest.raises(SpoolFull, match="nobody takes what is written"):
        keep(again, 0.95)
    assert again.spool.waiting.entries == 10
    again.uploader.step()
    keep(again, 0.95)
    again.spool.close()


def test_a_kill_at_any_moment_leaves_each_entry_or_one_tombstone(
    bench: Bench, tmp_path: Path
) -> None:
    records = filled(bench)
    points = KillPoints(bench, tmp_path / "copies")
    records += keep(bench, 0.8)
    bench.store.answers = [None, StoreUnavailable("away")]
    bench.uploader.step()
    bench.uploader.step()
    records += keep(bench, 0.9, 0.9)
    bench.drain()
    points.stop()
    assert len(check_each_once(bench, records)) == 2

    assert len(points.found) > 60
    for folder, objects in points.found[:30] + points.found[30::4]:
        again = Bench(folder, settings=TEN)
        again.store.objects = objects
        accepted = {line["key"] for line in again.lines()} | {s["key"] for s in again.tombstones()}
        again.drain()
        ours = {r.key for r in records[:10]} | accepted
        here = [r for r in records if r.key in ours or known(again, r)]
        check_each_once(again, here)
        assert len(check_chains(again.lines(), again.tombstones())) == 1
        assert again.spool.quarantined.entries == 0
        again.spool.close()


def known(bench: Bench, record: Record) -> bool:
    """Whether the store or a tombstone knows it: it need not, as its put may not have ended."""
    keys = {stone["key"] for stone in bench.tombstones()} | set(bench.store.objects)
    return record.key in keys


def test_the_newest_link_is_found_in_a_tombstone(bench: Bench) -> None:
    keep(bench, *[0.5] * 9, 0.1)
    bench.spool.put_object("sensors", b"PAR1 rows", "x", NOON)
    assert bench.spool.tombstones.counts == {"max_count": 1}
    again = restarted(bench)
    assert [record.chain.number for record in keep(again, 0.9)] == [11]
    again.drain()
    gone = sorted(stone["chain"]["number"] for stone in again.tombstones())
    assert (len(gone), gone[-1]) == (2, 10)
    again.spool.close()


def test_a_batch_of_tombstones_is_sealed_at_its_age(bench: Bench) -> None:
    filled(bench)
    keep(bench, 0.9)
    bench.store.answers = [StoreUnavailable("away")]
    bench.uploader.step()
    assert not bench.tombstones()
    bench.now_s = 60.0
    bench.steps()
    assert len(bench.tombstones()) == 1


def test_the_spool_is_drained_when_its_tombstones_are_in_the_store(bench: Bench) -> None:
    filled(bench)
    keep(bench, 0.9)
    bench.steps()
    assert not bench.drained()
    bench.drain()
    assert len(bench.tombstones()) == 1
