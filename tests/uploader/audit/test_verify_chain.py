"""What happens to records, found and named by `verify`."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tests.uploader.audit.evidence import (
    Evidence,
    Line,
    another_key,
    chain,
    fill_store,
    sign,
)
from uploader.audit.finding import Kind
from uploader.audit.ledger import Known
from uploader.audit.question import Question
from uploader.receipts.signing import record_hash
from uploader.settings import StoreSettings
from uploader.store import open_store


@pytest.mark.parametrize(
    "edit",
    [
        lambda line: line.update(confidence=0.99),
        lambda line: line.update(scores=[0.0, 1.0]),
        lambda line: line.update(label="face of a neighbour"),
        lambda line: line["receipt"].update(faces=[]),
        lambda line: line["receipt"]["faces"][0].update(score=0.1),
        lambda line: line["receipt"]["looks"][0].update(threshold=0.9),
        lambda line: line["chain"].update(previous="0" * 64),
        lambda line: line["chain"].update(signature=""),
        lambda line: line["chain"].update(signature="Zm9v"),
        lambda line: line.update(more="of this"),
    ],
)
def test_an_edited_record_is_named(evidence: Evidence, edit: Callable[[Line], object]) -> None:
    id = evidence.change(4, edit)["id"]
    found = evidence.verify()
    assert [(finding.kind, finding.about) for finding in found.findings] == [(Kind.EDITED, id)]
    assert found.counts.verified == 11


def test_a_number_that_json_writes_otherwise_is_the_same_record(evidence: Evidence) -> None:
    """The canonical form is signed, not the text: a tool that writes 1.0 as 1 changes nothing."""
    evidence.change(4, lambda line: line.update(width=float(line["width"])))
    assert not [f for f in evidence.findings() if f.kind is Kind.EDITED]


def test_a_removed_record_leaves_a_gap_and_its_frame(evidence: Evidence) -> None:
    line = evidence.lines()[4]
    evidence.remove(5)
    found = {finding.kind: finding for finding in evidence.findings()}
    assert set(found) == {Kind.GAP, Kind.INJECTED}
    assert found[Kind.GAP].about == line["chain"]["chain"]
    assert "number 5 is missing" in found[Kind.GAP].text
    assert found[Kind.INJECTED].about == line["key"]


def test_records_removed_with_their_frames_leave_a_gap(evidence: Evidence) -> None:
    for number in (1, 2, 3, 8):
        evidence.path(evidence.lines()[0 if number < 8 else 4]["key"]).unlink()
        evidence.remove(number)
    gaps = [finding.text for finding in evidence.findings() if finding.kind is Kind.GAP]
    assert [text.split(" missing")[0] for text in gaps] == ["numbers 1 to 3 are", "number 8 is"]
    assert set(evidence.found()) == {Kind.GAP}


def test_a_cut_off_end_shows_when_the_device_told_of_it(evidence: Evidence) -> None:
    last = evidence.lines()[-1]
    told = Known(last["chain"]["chain"], 12, record_hash(last).hex())
    asked = Question(known=(told,))
    assert evidence.found(asked) == {}

    for line in evidence.batch(evidence.batches[-1]):
        evidence.path(line["key"]).unlink()
    evidence.path(evidence.batches[-1]).unlink()
    assert evidence.found() == {}  # nothing within the store can tell
    (finding,) = evidence.findings(asked)
    assert (finding.kind, finding.about) == (Kind.CUT_OFF, told.chain)
    assert finding.text.startswith("numbers 11 to 12 are missing at its end")


def test_a_chain_that_is_gone_shows_when_the_device_told_of_it(evidence: Evidence) -> None:
    asked = Question(known=(Known("ab" * 16, 40, "cd" * 32),))
    (finding,) = evidence.findings(asked)
    assert (finding.kind, finding.about) == (Kind.CUT_OFF, "ab" * 16)
    assert finding.text.startswith("numbers 1 to 40 are missing")


def test_a_chain_that_was_forged_shows_when_the_device_told_of_it(evidence: Evidence) -> None:
    last = evidence.lines()[-1]
    told = Known(last["chain"]["chain"], 12, record_hash(last).hex())
    evidence.forge(4, lambda line: line.update(confidence=0.99))
    assert evidence.found() == {}  # the thief has the key
    assert evidence.found(Question(known=(told,))) == {Kind.FORK: [told.chain]}


def test_a_number_that_was_signed_twice_is_a_fork(evidence: Evidence) -> None:
    other = evidence.lines()[4]
    other["confidence"] = 0.99
    sign(other, evidence.key)
    evidence.write([other])
    found = {finding.kind: finding for finding in evidence.findings()}
    assert set(found) == {Kind.FORK, Kind.DUPLICATE}
    assert "number 5 is signed with different content" in found[Kind.FORK].text
    assert found[Kind.DUPLICATE].about == other["key"]


def test_a_link_that_does_not_fit_is_named(evidence: Evidence) -> None:
    """As when a thief signs one record anew, and not those after it."""

    def edit(line: Line) -> None:
        line["confidence"] = 0.99
        sign(line, evidence.key)

    evidence.change(5, edit)
    assert evidence.found() == {Kind.BROKEN_LINK: [evidence.lines()[5]["id"]]}


def test_a_first_record_that_names_one_before_it_is_named(evidence: Evidence) -> None:
    def edit(line: Line) -> None:
        line["chain"]["previous"] = "ab" * 32
        sign(line, evidence.key)

    evidence.change(1, edit)
    first, second = (line["id"] for line in evidence.lines()[:2])
    assert evidence.found() == {Kind.BROKEN_LINK: [first, second]}


def test_a_record_signed_with_another_key_is_named(evidence: Evidence) -> None:
    other = another_key()

    def edit(line: Line) -> None:
        line["confidence"] = 0.99
        sign(line, other)

    line = evidence.change(12, edit)
    found = evidence.verify()
    (finding,) = found.findings
    assert (finding.kind, finding.about) == (Kind.WRONG_KEY, line["chain"]["chain"])
    assert other.fingerprint in finding.text
    assert line["id"] in finding.text
    assert "not one of those that you trust" in finding.text
    assert found.counts.verified == 11

    (finding,) = evidence.findings(Question())
    assert (finding.kind, "a chain has one key" in finding.text) == (Kind.WRONG_KEY, True)


def test_a_whole_store_signed_with_another_key_shows_only_to_who_names_the_key(
    evidence: Evidence,
) -> None:
    device, evidence.key = evidence.key, another_key()
    evidence.forge(1, lambda line: line.update(confidence=0.99))

    blind = evidence.verify(Question())
    assert blind.fine
    assert not blind.proven
    assert [(key.fingerprint, key.trusted) for key in blind.keys] == [
        (evidence.key.fingerprint, None)
    ]
    asked = evidence.verify(Question(trusted=frozenset({device.public_key})))
    assert [finding.kind for finding in asked.findings] == [Kind.WRONG_KEY]
    assert [key.trusted for key in asked.keys] == [False]
    assert asked.counts.verified == 0


def test_keys_of_several_devices_can_be_trusted(evidence: Evidence, tmp_path: Path) -> None:
    store = open_store(StoreSettings(url=evidence.folder.as_uri()))
    second = fill_store(tmp_path / "spool", store, device="cam2")
    both = frozenset({evidence.key.public_key, second.public_key})
    found = evidence.verify(Question(trusted=both))
    assert found.fine
    assert [chain.devices for chain in found.chains] == [("farm/cam1",), ("farm/cam2",)]
    assert evidence.found() == {Kind.WRONG_KEY: [found.chains[1].chain]}


def test_a_frame_that_another_chain_claims_is_named(evidence: Evidence, tmp_path: Path) -> None:
    """Somebody without the device's key describes its frames in a chain of his own."""
    mine, lines = another_key(), evidence.batch(evidence.batches[0])
    lines[0]["chain"].update(chain="ab" * 16, number=1, previous="")
    sign(lines[0], mine)
    evidence.write(lines[:1])
    assert evidence.found(Question()) == {Kind.DUPLICATE: [lines[0]["key"]]}


def test_a_record_that_names_another_frame_is_named(evidence: Evidence) -> None:
    other = evidence.lines()[5]["key"]
    line = evidence.forge(4, lambda line: line.update({"key": other, "source-ref": f"x/{other}"}))
    assert line["id"] in evidence.found()[Kind.EDITED]


def test_a_source_ref_that_leads_elsewhere_is_named(evidence: Evidence) -> None:
    """It is not signed, since a store may be copied; readers of labels follow it."""
    line = evidence.change(4, lambda line: line.update({"source-ref": "s3://mine/face.jpg"}))
    assert evidence.found() == {Kind.EDITED: [line["id"]]}

    line = evidence.change(4, lambda line: line.update({"source-ref": "s3://mine/" + line["key"]}))
    assert evidence.found() == {Kind.EDITED: ["s3://mine/"]}

    here = evidence.folder.as_uri() + "/"
    evidence.change(4, lambda line: line.update({"source-ref": here + line["key"]}))
    assert evidence.found() == {}  # this store is a copy, which the device goes on to fill


def test_a_batch_in_the_folder_of_another_day_is_named(evidence: Evidence) -> None:
    batch = evidence.batches[0]
    moved = batch.replace("date=2026-01-31", "date=2026-02-01")
    evidence.path(batch).rename(evidence.path(moved))
    ids = [line["id"] for line in evidence.batch(moved)]
    assert evidence.found() == {Kind.EDITED: ids}


def test_a_day_alone_is_verified_with_its_links(evidence: Evidence) -> None:
    trusted = frozenset({evidence.key.public_key})
    first = Question(trusted, until=date(2026, 1, 31))
    second = Question(trusted, since=date(2026, 2, 1))
    for question, numbers in ((first, (1, 6)), (second, (7, 12))):
        found = evidence.verify(question)
        assert found.fine
        assert (found.counts.frames, found.counts.records) == (6, 6)
        assert (found.chains[0].first, found.chains[0].last) == numbers

    evidence.path(evidence.frames[0]).unlink()
    evidence.path(evidence.batches[0]).unlink()
    assert evidence.found(second) == {}
    assert set(evidence.found(first)) == {Kind.GAP, Kind.INJECTED}


def test_the_first_link_of_a_day_is_held_against_the_day_before(evidence: Evidence) -> None:
    def edit(line: Line) -> None:
        line["confidence"] = 0.99
        sign(line, evidence.key)

    evidence.change(6, edit)
    seventh = evidence.lines()[6]["id"]
    assert evidence.found(Question(since=date(2026, 2, 1))) == {Kind.BROKEN_LINK: [seventh]}


def test_frames_of_one_second_around_midnight_make_no_gap(evidence: Evidence) -> None:
    """Cameras take turns: number 6 may be of the day after number 7."""
    lines = evidence.lines()
    lines[5]["chain"]["number"], lines[6]["chain"]["number"] = 7, 6
    lines[5], lines[6] = lines[6], lines[5]
    chain(lines, evidence.key)
    for batch in evidence.batches:
        evidence.path(batch).unlink()
    for day in ("2026-01-31", "2026-02-01"):
        evidence.write([line for line in lines if line["captured_at"].startswith(day)])
    assert evidence.found() == {}
    assert evidence.found(Question(until=date(2026, 1, 31))) == {}
    assert evidence.found(Question(since=date(2026, 2, 1))) == {}
