"""What happens to objects of a store, found and named by `verify`."""

import gzip
import os
from collections.abc import Callable

import pytest

from tests.uploader.audit.evidence import Evidence, bare_picture
from uploader.audit.audit import NO_RECORD
from uploader.audit.finding import Kind
from uploader.audit.question import Question
from uploader.audit.verify import verify
from uploader.errors import StoreDenied
from uploader.reading import open_reader


def test_a_store_that_nobody_touched_is_fine(pristine: Evidence) -> None:
    found = pristine.verify()
    assert found.fine, found.findings
    counts = found.counts
    assert (counts.frames, counts.records, counts.verified) == (12, 12, 12)
    assert (counts.masked, counts.faces, counts.exempt) == (10, 10, 2)
    (camera,) = found.exempt
    assert (camera.camera, camera.reason, camera.frames) == ("bench", "over seedlings", 2)
    (chain,) = found.chains
    assert (chain.devices, chain.first, chain.last, chain.records) == (("farm/cam1",), 1, 12, 12)
    assert chain.begun.isoformat() == "2026-01-31T12:00:00.250000+00:00"


def test_the_progress_ends_when_every_object_was_read(pristine: Evidence) -> None:
    told: list[tuple[int, int]] = []
    verify(open_reader(pristine.settings), Question(), lambda *seen: told.append(seen))
    objects = len(pristine.frames) + len(pristine.batches)
    assert told == [(done, objects) for done in range(1, objects + 1)]


def test_a_removed_frame_is_named(evidence: Evidence) -> None:
    key = evidence.frames[3]
    evidence.path(key).unlink()
    assert evidence.found() == {Kind.MISSING: [key]}
    assert evidence.verify().counts.verified == 11


def test_a_changed_frame_is_named(evidence: Evidence) -> None:
    key = evidence.frames[3]
    evidence.path(key).write_bytes(bare_picture())
    assert evidence.found() == {Kind.CHANGED: [key]}
    evidence.path(key).write_bytes(b"")
    assert evidence.found() == {Kind.CHANGED: [key]}
    assert evidence.verify().counts.verified == 11


def test_a_frame_too_large_for_any_device_is_named_and_not_read(evidence: Evidence) -> None:
    key = evidence.frames[3]
    os.truncate(evidence.path(key), 65 << 20)
    assert evidence.found() == {Kind.DAMAGED: [key]}
    assert "no device wrote that" in evidence.findings()[0].text


def test_swapped_frames_are_named_each_with_the_other(evidence: Evidence) -> None:
    one, two = evidence.frames[2], evidence.frames[8]
    bodies = evidence.path(one).read_bytes(), evidence.path(two).read_bytes()
    evidence.path(two).write_bytes(bodies[0])
    evidence.path(one).write_bytes(bodies[1])
    told = {finding.about: finding for finding in evidence.findings()}
    assert {finding.kind for finding in told.values()} == {Kind.SWAPPED}
    assert told[one].text == f"it holds the picture of {two}"
    assert told[two].text == f"it holds the picture of {one}"


def test_an_injected_frame_is_named_though_its_name_is_right(evidence: Evidence) -> None:
    key = evidence.put("frame", bare_picture(), evidence.lines()[4])
    (finding,) = evidence.findings()
    assert (finding.kind, finding.about, finding.text) == (Kind.INJECTED, key, NO_RECORD)


def test_a_frame_whose_batch_is_not_there_yet_is_named_so(evidence: Evidence) -> None:
    last = evidence.batches[-1]
    keys = [line["key"] for line in evidence.batch(last)]
    evidence.path(last).unlink()
    assert evidence.found() == {Kind.INJECTED: keys}


@pytest.mark.parametrize(
    "key",
    ["holiday.jpg", "frames/holiday.jpg", "records/notes.txt", "thumbnails/a/b.jpg", "a\x1b[2J"],
)
def test_a_foreign_object_is_named_wherever_it_lies(evidence: Evidence, key: str) -> None:
    evidence.path(key).parent.mkdir(parents=True, exist_ok=True)
    evidence.path(key).write_bytes(bare_picture())
    assert evidence.found() == {Kind.FOREIGN: [key]}


def test_a_write_that_was_never_finished_is_named_as_one(evidence: Evidence) -> None:
    key = evidence.frames[0] + ".tmp"
    evidence.path(key).write_bytes(b"\xff\xd8")
    (finding,) = evidence.findings()
    assert (finding.kind, finding.about) == (Kind.FOREIGN, key)
    assert "never finished" in finding.text


def test_a_link_in_place_of_a_frame_is_named_and_not_followed(evidence: Evidence) -> None:
    key = evidence.frames[3]
    evidence.path(key).rename(evidence.folder.parent / "elsewhere.jpg")
    evidence.path(key).symlink_to(evidence.folder.parent / "elsewhere.jpg")
    assert evidence.found() == {Kind.DAMAGED: [key]}


def test_sensor_files_are_what_their_names_say(evidence: Evidence) -> None:
    like = evidence.lines()[0]
    evidence.put("sensors", b"PAR1 readings PAR1", like)
    assert evidence.verify().fine
    assert evidence.verify().counts.sensor_files == 1

    changed = evidence.put("sensors", b"PAR1 other readings PAR1", like)
    evidence.path(changed).write_bytes(b"PAR1 wrong readings PAR1")
    faces = [bare_picture(), bare_picture() + b"PAR1", b"PAR1" + bare_picture()]
    keys = sorted(evidence.put("sensors", face, like) for face in faces)
    assert evidence.found() == {Kind.CHANGED: [changed], Kind.INJECTED: keys}


@pytest.mark.parametrize(
    ("damage", "text"),
    [
        (lambda body: body[: len(body) // 2], "cut off"),
        (lambda body: body[:-4], "cut off"),
        (lambda body: b"no gzip at all", "no gzip file"),
        (lambda body: body[:20] + b"\0" * 9 + body[29:], "damaged"),
        (lambda body: body + b"a face", "behind its end"),
        (lambda body: gzip.compress(bytes(65 << 20)), "more than 64 MB"),
        (lambda body: gzip.compress(b'{"half": '), "cut off"),
    ],
)
def test_a_damaged_batch_is_named_with_its_frames(
    evidence: Evidence, damage: Callable[[bytes], bytes], text: str
) -> None:
    key = evidence.batches[-1]
    frames = [line["key"] for line in evidence.batch(key)]
    evidence.path(key).write_bytes(damage(evidence.path(key).read_bytes()))
    (told,) = [each for each in evidence.findings() if each.kind is Kind.DAMAGED]
    assert told.about == key
    assert text in told.text
    assert evidence.found()[Kind.INJECTED] == frames
    assert evidence.found()[Kind.CHANGED] == [key]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (b"\xff\xfe", "no JSON"),
        (
            b'{"schema": "vision-app/record/1", "schema": "vision-app/record/1"}',
            "stands in it twice",
        ),
        (b"[" * 5000, "no JSON"),
        (b"[]", "not of the schema"),
        (b'{"schema": "vision-app/record/99"}', "use the vision-app that wrote it"),
        (b'{"schema": "vision-app/record/1"}', "is no record (id: Field required)"),
    ],
)
def test_a_line_that_is_no_record_is_named_by_its_number(
    evidence: Evidence, line: bytes, text: str
) -> None:
    body = gzip.compress(line + b"\n")
    key = evidence.put("records", body, evidence.lines()[0])
    (finding,) = evidence.findings()
    assert (finding.kind, finding.about) == (Kind.DAMAGED, key)
    assert finding.text.startswith("line 1 ")
    assert text in finding.text


def test_an_exact_copy_of_a_batch_is_named_record_by_record(evidence: Evidence) -> None:
    lines = evidence.batch(evidence.batches[0])
    body = evidence.path(evidence.batches[0]).read_bytes()
    evidence.put("records", body, lines[0])
    assert evidence.found() == {Kind.DUPLICATE: [line["id"] for line in lines]}


def test_a_store_that_is_not_there_cannot_be_verified(pristine: Evidence) -> None:
    nowhere = Evidence(pristine.folder / "nowhere", pristine.key)
    with pytest.raises(StoreDenied, match="there is no folder"):
        nowhere.verify()
