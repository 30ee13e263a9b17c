"""Writes the report of `vision-app mask` line by line, so that a million inputs need no memory."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from models import durable
from models.box import Box
from vision_app.errors import AppError
from vision_app.mask.naming import shown
from vision_app.mask.report import Outcome, Report
from vision_app.version import version

SCHEMA = "vision-app/mask-report/1"


class ReportFile:
    """One JSON document (docs/schemas/mask-report.json): a line for each input, as it ends."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._first = file, True
        self._put(f'{{"schema":{_json(SCHEMA)},"version":{_json(version())},"inputs":[')

    def add(self, outcome: Outcome) -> None:
        """How an input ended, with all boxes of its output."""
        about = {"input": shown(outcome.name), "end": outcome.end.value, "why": outcome.why}
        self._put("\n" if self._first else ",\n")
        self._first = False
        if outcome.report is None or outcome.output is None:
            self._put(_json(about))
            return
        about["output"] = shown(outcome.output)
        self._put(_json(about | _fields(outcome.report))[:-1])
        self._boxes(outcome.report)
        self._put("}")

    def finish(self, counts: Mapping[str, int], stopped: bool) -> None:
        """The sums, and whether there were inputs that nobody came to."""
        self._put(f'\n],"counts":{_json(counts)},"stopped":{_json(stopped)}}}\n')

    def _boxes(self, report: Report) -> None:
        if report.fps is None:
            (only,) = report.frames
            self._put(f',"boxes":{_json(_corners(only))}')
            return
        self._put(',"frames":[')
        for number, boxes in enumerate(report.frames):
            self._put("," * bool(number) + _json(_corners(boxes)))
        self._put("]")

    def _put(self, text: str) -> None:
        self._file.write(text.encode("ascii"))


@contextmanager
def report_file(path: Path | None) -> Iterator[ReportFile | None]:
    """The report, which has its name only when the block ends well; None without a path.

    Raises AppError when it cannot be written.
    """
    if path is None:
        yield None
        return
    try:
        durable.make_folder(path.parent)
        with durable.new_file(path) as file:
            yield ReportFile(file)
    except OSError as error:
        raise AppError(f"the report cannot be written: {durable.reason(error)}") from None


def _fields(report: Report) -> dict[str, Any]:
    """What is known of an output but for its boxes."""
    fields: dict[str, Any] = {
        "format": report.format,
        "width": report.width,
        "height": report.height,
        "sha256": report.sha256,
        "faces": report.faces,
        "fill": report.fill,
        "grow": report.grow,
        "looks": [asdict(look) for look in report.looks],
    }
    if report.fps is not None:
        fields |= {"fps": report.fps, "carried": report.carried, "redacted": report.redacted}
    return fields


def _corners(boxes: Sequence[Box]) -> list[dict[str, float]]:
    """Hundredths of a pixel are more than a detector knows."""
    return [
        {corner: round(value, 2) for corner, value in asdict(box).items() if corner != "score"}
        | {"score": round(box.score, 4)}
        for box in boxes
    ]


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
