"""Frames that are not masked, found and named by `verify` even where records say that they are."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from models.box import Box
from tests.uploader.audit.evidence import FACE, Evidence, Line, Sees, bare_picture
from uploader.audit.finding import Kind
from uploader.audit.question import Question


def without(role: str) -> Callable[[Line], object]:
    def edit(line: Line) -> None:
        looks = line["receipt"]["looks"]
        line["receipt"]["looks"] = [look for look in looks if look["role"] != role]

    return edit


@pytest.mark.parametrize(
    ("edit", "text"),
    [
        (without("again"), "it had no second look"),
        (without("judge"), "no judge looked at it as it is stored"),
        (lambda line: line["receipt"]["looks"][-1].update(found=1), "without a face at last"),
        (lambda line: line["receipt"]["looks"].reverse(), "without a face at last"),
        (
            lambda line: line["receipt"]["looks"].insert(-1, line["receipt"]["looks"].pop()),
            "without a face at last",
        ),
        (lambda line: line["receipt"].update(grow=0.5), "smaller than the faces"),
        (lambda line: line["receipt"].update(treatment="redacted"), "never kept"),
        (
            lambda line: line["receipt"].update(treatment="exempt", faces=[], looks=[]),
            "exempt and no reason is given",
        ),
        (
            lambda line: line["receipt"].update(treatment="exempt", reason="a lab"),
            "and yet says that faces were sought",
        ),
    ],
)
def test_a_receipt_that_lacks_a_step_is_named_though_it_is_signed(
    evidence: Evidence, edit: Callable[[Line], object], text: str
) -> None:
    line = evidence.forge(4, edit)
    found = evidence.verify()
    (finding,) = found.findings
    assert (finding.kind, finding.about) == (Kind.UNMASKED, line["key"])
    assert text in finding.text
    assert found.counts.verified == 11


def test_a_treatment_that_we_do_not_know_is_no_record(evidence: Evidence) -> None:
    evidence.forge(12, lambda line: line["receipt"].update(treatment="none"))
    assert Kind.DAMAGED in evidence.found()


def test_a_bare_frame_with_a_fitting_record_is_found_by_its_pixels(evidence: Evidence) -> None:
    """The thief has the key: signatures, hashes and links all fit."""
    key = evidence.forge_frame(4, bare_picture())
    (finding,) = evidence.findings()
    assert (finding.kind, finding.about) == (Kind.UNMASKED, key)
    x1, y1, x2, y2 = FACE.grown(1.6).pixels(128, 96)
    assert finding.text.startswith(f"nothing covers the face at {x1},{y1} to {x2},{y2}")


def test_a_face_taken_from_the_receipt_is_found_by_the_signature(evidence: Evidence) -> None:
    id = evidence.change(4, lambda line: line["receipt"].update(faces=[]))["id"]
    assert evidence.found() == {Kind.EDITED: [id]}


def test_a_face_added_to_the_receipt_is_not_covered(evidence: Evidence) -> None:
    face = {"x1": 90.0, "y1": 10.0, "x2": 110.0, "y2": 30.0, "score": 0.9}
    line = evidence.forge(4, lambda line: line["receipt"]["faces"].append(face))
    assert evidence.found() == {Kind.UNMASKED: [line["key"]]}


def test_a_thumbnail_beside_the_masked_picture_is_named(evidence: Evidence) -> None:
    body = evidence.path(evidence.lines()[3]["key"]).read_bytes()
    hidden = b"Exif\0\0" + bare_picture()
    segment = b"\xff\xe1" + (len(hidden) + 2).to_bytes(2, "big") + hidden
    key = evidence.forge_frame(4, body[:2] + segment + body[2:])
    (finding,) = evidence.findings()
    assert (finding.kind, finding.about) == (Kind.UNMASKED, key)
    assert "it carries metadata (APP1)" in finding.text


def test_a_picture_of_another_size_is_named(evidence: Evidence) -> None:
    line = evidence.forge(1, lambda line: line.update(width=line["width"] + 2))
    assert evidence.found() == {Kind.CHANGED: [line["key"]]}


def test_something_else_than_a_picture_is_named(evidence: Evidence) -> None:
    key = evidence.forge_frame(4, b"a list of names")
    assert evidence.found() == {Kind.DAMAGED: [key]}


def test_covers_that_are_not_solid_are_counted_as_unproven(evidence: Evidence) -> None:
    evidence.forge(4, lambda line: line["receipt"].update(fill="blur"))
    found = evidence.verify()
    assert (found.fine, found.counts.unproven, found.counts.faces) == (True, 1, 10)


def test_frames_between_two_live_looks_are_counted(evidence: Evidence) -> None:
    """With detect_every, masks are carried over frames; all are looked at before they are kept."""
    assert evidence.verify().counts.between == 0
    evidence.forge(4, without("live"))
    found = evidence.verify()
    assert (found.fine, found.counts.between) == (True, 1)


def test_frames_of_a_judge_that_also_masked_are_counted(evidence: Evidence) -> None:
    """A device that could get no other detector does so, and says so."""

    def edit(line: Line) -> None:
        first, *_, judge = line["receipt"]["looks"]
        judge["detector"] = first["detector"]

    assert evidence.verify().counts.self_judged == 0
    evidence.forge(4, edit)
    found = evidence.verify()
    assert (found.fine, found.counts.self_judged) == (True, 1)


def test_a_detector_that_sees_a_face_names_the_frame(evidence: Evidence) -> None:
    injected = evidence.put("frame", bare_picture(), evidence.lines()[4])
    seeing = Question(detector=Sees("watcher", FACE, Box(1, 1, 9, 9, 0.5)))
    found = evidence.found(seeing)
    assert sorted(found[Kind.FACE]) == sorted([*evidence.frames])
    assert found[Kind.INJECTED] == [injected]
    faces = [f.text for f in evidence.findings(seeing) if f.kind is Kind.FACE]
    two = "watcher sees 2 faces in it (score 0.90)"
    assert set(faces) == {two, f"{two}; its camera is exempt"}
    assert evidence.verify(seeing).counts.verified == 0

    seeing_none = Question(detector=Sees("watcher"))
    assert evidence.found(seeing_none) == {Kind.INJECTED: [injected]}


def test_a_detector_is_shown_what_is_stored(evidence: Evidence) -> None:
    shown: list[tuple[int, ...]] = []

    class Watcher(Sees):
        def detect(self, image: NDArray[np.uint8]) -> list[Box]:
            shown.append(image.shape)
            return []

    key = evidence.frames[3]
    odd = np.zeros((31, 17, 3), np.uint8)
    evidence.path(key).write_bytes(cv2.imencode(".jpg", odd)[1].tobytes())
    assert evidence.found(Question(detector=Watcher("watcher"))) == {Kind.CHANGED: [key]}
    assert sorted(shown) == [(31, 17, 3)] + [(96, 128, 3)] * 11
