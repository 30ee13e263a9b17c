"""What devices let go, told apart by `verify` from what somebody removed."""

import gzip
import json
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from tests.uploader.audit.evidence import Evidence, Line, another_key, bare_picture, fill_store
from uploader.audit.finding import Kind
from uploader.audit.ledger import Known
from uploader.audit.question import Question
from uploader.audit.tally import Recordless
from uploader.receipts.signing import record_hash
from uploader.settings import SpoolSettings, StoreSettings
from uploader.store import open_store

TEN = SpoolSettings(max_count=10, min_free_bytes=0)


def test_what_a_full_device_let_go_is_counted_apart_and_no_gap(tmp_path: Path) -> None:
    store = open_store(StoreSettings(url=(tmp_path / "store").as_uri()))
    key = fill_store(tmp_path / "spool", store, frames=14, bounds=TEN, value=lambda seq: seq / 20)
    evidence = Evidence(tmp_path / "store", key)
    found = evidence.verify()
    assert found.fine, found.findings
    assert found.let_go == {"max_count": 4}
    assert (found.counts.let_go, found.counts.records, found.counts.verified) == (4, 10, 10)

    (stones,) = evidence.stones
    evidence.path(stones).unlink()
    assert set(evidence.found()) == {Kind.GAP}


def test_a_missing_number_with_a_tombstone_is_no_gap(evidence: Evidence) -> None:
    for number in (1, 5, 9):
        evidence.bury(number)
    found = evidence.verify()
    assert found.fine, found.findings
    assert found.let_go == {"max_count": 3}
    assert (found.chains[0].first, found.chains[0].records) == (2, 9)


def test_a_tombstone_holds_the_chain_together(evidence: Evidence) -> None:
    """The record after it names the hash of the record that went."""
    line = evidence.bury(5)
    (key,) = evidence.stones
    (stone,) = stones_in(evidence, key)
    stone["chain"]["sha256"] = "ab" * 32
    signed(evidence, stone)
    evidence.path(key).unlink()
    evidence.write_stones([stone])
    sixth = next(each for each in evidence.lines() if each["chain"]["number"] == 6)
    assert evidence.found() == {Kind.BROKEN_LINK: [sixth["id"]]}
    assert line["id"] != sixth["id"]


@pytest.mark.parametrize(
    "edit",
    [
        lambda stone: stone.update(reason="max_age"),
        lambda stone: stone["chain"].update(number=4),
        lambda stone: stone["chain"].update(signature=""),
        lambda stone: stone.update(more="of this"),
    ],
)
def test_an_edited_tombstone_is_named_and_explains_nothing(
    evidence: Evidence, edit: Callable[[Line], object]
) -> None:
    line = evidence.bury(5)
    (key,) = evidence.stones
    (stone,) = stones_in(evidence, key)
    edit(stone)
    evidence.path(key).unlink()
    evidence.write_stones([stone])
    chain = line["chain"]["chain"]
    assert evidence.found() == {Kind.EDITED: [line["id"]], Kind.GAP: [chain]}
    assert evidence.verify().let_go == {}


@pytest.mark.parametrize("trusting", [True, False])
def test_a_forged_tombstone_is_named_and_explains_nothing(
    evidence: Evidence, trusting: bool
) -> None:
    other = another_key()
    line = evidence.bury(5, key=other)
    found = {f.kind: f for f in evidence.findings(None if trusting else Question())}
    assert set(found) == {Kind.WRONG_KEY, Kind.GAP}
    assert found[Kind.WRONG_KEY].about == line["id"]
    assert other.fingerprint in found[Kind.WRONG_KEY].text


def test_a_tombstone_of_readings_that_another_key_signed_is_named(evidence: Evidence) -> None:
    evidence.bury(5)
    (key,) = evidence.stones
    (stone,) = stones_in(evidence, key)
    line, other = dict(stone, id="019c1482-8000-7abc-8def-0123456789ab"), another_key()
    chain = {"chain": "", "number": 0, "sha256": "", "public_key": other.public_key}
    line |= {"kind": "sensors", "chain": chain | {"signature": ""}}
    line["chain"]["signature"] = other.sign(record_hash(line))
    evidence.write_stones([line])
    assert evidence.found() == {Kind.WRONG_KEY: [line["id"]]}
    assert evidence.verify().let_go == {"max_count": 1}
    assert evidence.verify(Question()).let_go == {"max_count": 2}


def test_two_tombstones_of_one_frame_are_named(evidence: Evidence) -> None:
    line = evidence.bury(5, stones=2)
    assert evidence.found() == {Kind.DUPLICATE: [line["id"]]}
    assert evidence.verify().let_go == {"max_count": 1}


@pytest.fixture
def late(evidence: Evidence) -> Line:
    """A frame that was sent; the device was killed before it noted that, and let it go later."""
    body = evidence.path(evidence.lines()[4]["key"]).read_bytes()
    line = evidence.bury(5)
    evidence.path(line["key"]).write_bytes(body)
    return line


def test_a_frame_whose_record_went_with_its_entry_is_counted_apart(
    evidence: Evidence, late: Line
) -> None:
    for question in (None, Question()):
        found = evidence.verify(question)
        assert found.fine, found.findings
        assert found.recordless == (Recordless(late["key"], late["chain"]["chain"], 5),)
        counts = found.counts
        assert (counts.frames, counts.verified, counts.recordless) == (12, 11, 1)
        assert (counts.let_go, found.let_go) == (0, {})


def test_another_picture_than_its_tombstone_names_is_an_accusation(
    evidence: Evidence, late: Line
) -> None:
    evidence.path(late["key"]).write_bytes(bare_picture())
    found = evidence.found()
    assert found == {Kind.INJECTED: [late["key"]], Kind.NOT_GONE: [late["key"]]}
    assert evidence.verify().recordless == ()


def test_a_picture_that_cannot_be_read_is_not_what_its_tombstone_names(
    evidence: Evidence, late: Line
) -> None:
    path = evidence.path(late["key"])
    path.unlink()
    path.symlink_to("/dev/null")
    assert set(evidence.found()) == {Kind.INJECTED, Kind.NOT_GONE, Kind.DAMAGED}


@pytest.mark.parametrize("trusting", [True, False])
def test_a_tombstone_of_another_key_vouches_for_no_picture(
    evidence: Evidence, trusting: bool
) -> None:
    """Nor does it where any key is taken: a chain of which there is no record proves nothing."""
    key = evidence.put("frame", bare_picture(), evidence.lines()[4])
    evidence.bury(5)
    (stones,) = evidence.stones
    (stone,) = stones_in(evidence, stones)
    other, sha = another_key(), sha256(bare_picture()).hexdigest()
    link = {"chain": "ab" * 16, "number": 1, "sha256": sha, "public_key": other.public_key}
    stone |= {"id": key.split("/")[-1][:36], "key": key, "sha256": sha}
    stone["chain"] = link | {"signature": ""}
    stone["chain"]["signature"] = other.sign(record_hash(stone))
    evidence.write_stones([stone])
    found = evidence.found(None if trusting else Question())
    assert found[Kind.INJECTED] == [key]
    assert set(found) == {Kind.INJECTED, Kind.WRONG_KEY if trusting else Kind.NOT_GONE}


def test_what_a_picture_without_record_carries_is_named(evidence: Evidence) -> None:
    """Though the device signed it: whoever has its key may have."""
    line = evidence.lines()[4]
    body = evidence.path(line["key"]).read_bytes() + b"a face behind the end"
    evidence.bury(5)
    (stones,) = evidence.stones
    (stone,) = stones_in(evidence, stones)
    evidence.path(stones).unlink()
    key = evidence.put("frame", body, line)
    stone |= {"key": key, "sha256": sha256(body).hexdigest()}
    signed(evidence, stone)
    evidence.write_stones([stone])
    assert evidence.found() == {Kind.UNMASKED: [key]}


def test_readings_that_were_sent_and_let_go_are_there_as_they_were(evidence: Evidence) -> None:
    evidence.bury(5)
    (key,) = evidence.stones
    (stone,) = stones_in(evidence, key)
    body = b"PAR1 readings PAR1"
    file = evidence.put("sensors", body, evidence.lines()[0])
    stone |= {"id": file.split("/")[-1][:36], "key": file, "sha256": sha256(body).hexdigest()}
    stone |= {"kind": "sensors"}
    stone["chain"] |= {"chain": "", "number": 0, "sha256": ""}
    signed(evidence, stone)
    evidence.write_stones([stone])
    assert evidence.found() == {} == evidence.found(Question())
    assert evidence.verify().counts.let_go == 1
    evidence.path(file).write_bytes(b"PAR1 other readings PAR1")
    assert evidence.found() == {Kind.NOT_GONE: [file], Kind.CHANGED: [file]}


def test_a_tombstone_of_what_has_a_record_is_named(evidence: Evidence, late: Line) -> None:
    evidence.write([late])
    assert evidence.found() == {Kind.NOT_GONE: [late["id"]]}


def test_a_head_may_be_a_frame_that_was_let_go(evidence: Evidence) -> None:
    last = evidence.lines()[-1]
    evidence.bury(12)
    told = Known(last["chain"]["chain"], 12, record_hash(last).hex())
    assert evidence.found(Question(known=(told,))) == {}
    wrong = Known(told.chain, 12, "ab" * 32)
    assert evidence.found(Question(known=(wrong,))) == {Kind.FORK: [told.chain]}


def test_a_day_alone_is_explained_by_what_was_let_go_later(evidence: Evidence) -> None:
    """A frame waits for days before it goes: its tombstone lies under the day on which it went."""
    evidence.bury(3)
    (key,) = evidence.stones
    later = key.replace("date=2026-01-31", "date=2026-03-01")
    evidence.path(later).parent.mkdir(parents=True)
    evidence.path(key).rename(evidence.path(later))
    first, second = Question(until=date(2026, 1, 31)), Question(since=date(2026, 2, 1))
    assert evidence.found(first) == {} == evidence.found(second)
    assert evidence.verify(first).let_go == {"max_count": 1}
    assert evidence.verify(second).let_go == {}


@pytest.mark.parametrize("schema", ["vision-app/tombstone/1", "vision-app/record/1"])
def test_a_line_that_is_no_tombstone_is_named(evidence: Evidence, schema: str) -> None:
    key = evidence.write_stones([{"schema": schema} | placed(evidence)])
    assert evidence.found() == {Kind.DAMAGED: [key]}


def test_a_picture_among_the_tombstones_is_named(evidence: Evidence) -> None:
    key = evidence.put("tombstones", bare_picture(), evidence.lines()[0])
    assert evidence.found() == {Kind.DAMAGED: [key]}


def test_a_tombstone_among_those_of_another_device_is_named(evidence: Evidence) -> None:
    line = evidence.bury(5)
    (key,) = evidence.stones
    moved = key.replace("device=cam1", "device=cam2")
    evidence.path(moved).parent.mkdir(parents=True)
    evidence.path(key).rename(evidence.path(moved))
    assert evidence.found() == {Kind.EDITED: [line["id"]]}


def placed(evidence: Evidence) -> Line:
    line = evidence.lines()[0]
    return {name: line[name] for name in ("site", "device", "captured_at")}


def stones_in(evidence: Evidence, key: str) -> list[Line]:
    text = gzip.decompress(evidence.path(key).read_bytes())
    return [json.loads(line) for line in text.splitlines()]


def signed(evidence: Evidence, stone: Line) -> None:
    stone["chain"]["signature"] = evidence.key.sign(record_hash(stone))
