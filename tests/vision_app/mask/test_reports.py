"""What is written about a job: a document that fits its schema, whole or absent; and its sums."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from masking.masked_frame import Look
from models.box import Box
from models.durable import TEMP
from models.prediction import ModelId
from vision_app.errors import AppError
from vision_app.mask.naming import shown
from vision_app.mask.report import End, Outcome, Report
from vision_app.mask.report_file import ReportFile, report_file
from vision_app.mask.tally import MAX_NAMED, Tally

SCHEMA = Path(__file__).parents[3] / "docs" / "schemas" / "mask-report.json"
BOX = Box(1.23456, 2, 30, 40, 0.987654)
LOOK = Look("live", ModelId("centerface", "1", "ab" * 32, "opencv"), 0.2, 1280, 1)


def picture(*boxes: Box) -> Report:
    return Report("jpeg", 64, 48, "cd" * 32, (LOOK,), "solid", 1.6, (boxes,), len(boxes))


def video(*frames: tuple[Box, ...]) -> Report:
    count = sum(map(len, frames))
    return Report("mp4", 64, 48, "cd" * 32, (LOOK,), "blur", 1.6, frames, count, 25.0, 1, 2)


def masked(name: str, report: Report) -> Outcome:
    return Outcome(Path(name), End.MASKED, output=Path(name), report=report)


def tally(*outcomes: Outcome) -> Tally:
    counted = Tally()
    for outcome in outcomes:
        counted.add(outcome)
    return counted


def written(*outcomes: Outcome, stopped: bool = False) -> dict[str, Any]:
    """The document about these, which fits the schema."""
    file = BytesIO()
    report = ReportFile(file)
    for outcome in outcomes:
        report.add(outcome)
    report.finish(tally(*outcomes).counts, stopped)
    document: dict[str, Any] = json.loads(file.getvalue())
    jsonschema.validate(document, json.loads(SCHEMA.read_text()))
    return document


def test_every_end_fits_the_schema() -> None:
    failures = [Outcome(Path("a.jpg"), end, "why") for end in End if end is not End.MASKED]
    document = written(*failures, masked("b.jpg", picture()), stopped=True)
    assert [row["end"] for row in document["inputs"]] == [
        *(end.value for end in End if end is not End.MASKED),
        "masked",
    ]
    assert set(document["counts"]) == {end.value for end in End}
    assert document["stopped"] is True


def test_a_job_without_any_input_fits_the_schema() -> None:
    assert written()["inputs"] == []


def test_the_boxes_of_a_picture_and_of_every_frame_of_a_video_are_there() -> None:
    document = written(masked("a.jpg", picture(BOX, BOX)), masked("b.mp4", video((BOX,), (), ())))
    one, other = document["inputs"]
    box = {"x1": 1.23, "y1": 2, "x2": 30, "y2": 40, "score": 0.9877}
    assert one["boxes"] == [box, box]
    assert one["faces"] == 2
    assert one["looks"][0]["detector"]["sha256"] == "ab" * 32
    assert other["frames"] == [[box], [], []]
    assert (other["fps"], other["carried"], other["redacted"]) == (25.0, 1, 2)
    assert other["fill"] == "blur"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (b"two words.jpg", "two words.jpg"),
        ("grüß 熟.jpg".encode(), "grüß 熟.jpg"),
        (b"caf\xe9.jpg", "caf\\xe9.jpg"),
        (b"two\nlines\x1b[2J.jpg", "two\\nlines\\x1b[2J.jpg"),
    ],
)
def test_any_name_can_be_printed_on_a_line_and_reported(name: bytes, text: str) -> None:
    path = Path(name.decode("utf-8", "surrogateescape"))
    assert shown(path) == text
    assert shown(path).encode("utf-8")
    assert written(Outcome(path, End.BROKEN, "why"))["inputs"][0]["input"] == text


def test_the_report_has_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "boxes.json"
    with report_file(path) as report:
        assert report is not None
        report.add(masked("a.jpg", picture(BOX)))
        assert [one.name for one in path.parent.iterdir()] == ["boxes.json" + TEMP]
        report.finish({}, False)
    assert [one.name for one in path.parent.iterdir()] == ["boxes.json"]
    assert json.loads(path.read_bytes())["inputs"]


def test_a_job_that_breaks_leaves_no_report_and_the_former_one_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "boxes.json"
    path.write_text("former")
    with pytest.raises(ZeroDivisionError), report_file(path):
        raise ZeroDivisionError
    assert [one.name for one in tmp_path.iterdir()] == ["boxes.json"]
    assert path.read_text() == "former"


def _finished(path: Path) -> None:
    with report_file(path) as report:
        assert report is not None
        report.finish({}, False)


def test_a_report_that_does_not_fit_the_disk_is_told(tmp_path: Path) -> None:
    (tmp_path / f"boxes.json{TEMP}").symlink_to("/dev/full")
    with pytest.raises(AppError, match="the report cannot be written: No space left"):
        _finished(tmp_path / "boxes.json")
    assert list(tmp_path.iterdir()) == []


def test_a_job_is_good_when_every_picture_has_its_output_and_there_was_one() -> None:
    left_out = Outcome(Path("notes.txt"), End.LEFT_OUT, "no picture")
    whole = masked("a.jpg", picture(BOX))
    withheld = Outcome(Path("b.jpg"), End.WITHHELD, "a face shows")
    assert not tally().good
    assert not tally(left_out).good
    assert tally(left_out, whole).good
    assert not tally(left_out, whole, withheld).good
    told = tally(left_out, whole, withheld).sentence
    assert told == "1 masked, 1 withheld, 1 left out; 1 face covered"


def test_the_sum_names_what_has_no_output_but_not_without_end() -> None:
    ends = [Outcome(Path(f"{n}.jpg"), End.BROKEN, "it is empty") for n in range(MAX_NAMED + 5)]
    values = tally(*ends).as_values()
    assert values["counts"]["broken"] == MAX_NAMED + 5
    assert len(values["without_output"]) == MAX_NAMED
    assert values["without_output"][0] == {"input": "0.jpg", "end": "broken", "why": "it is empty"}
    assert json.dumps(values)


def test_nothing_at_all_is_said_in_words() -> None:
    assert tally().sentence == "there was nothing to mask"
