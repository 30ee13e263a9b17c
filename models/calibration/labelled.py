"""Labelled frames: a folder per label, or a CSV of files and labels; all faults told at once.

The CSV has the columns `file` and `label`; other columns are only looked at to choose rows. For a
multi-label model it has one row per file and label, and a row with an empty label for a file that
shows none of them.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from devices.pixels import Damaged, decode_file
from models.did_you_mean import did_you_mean
from models.errors import CalibrationError

MAX_FRAMES = 20_000
NAMED = 20


@dataclass(frozen=True, slots=True)
class Source:
    """Where labelled frames are found.

    where: a folder with a folder per label, or a CSV. files: the folder that the files of a CSV are
    relative to; default: the CSV's own. rows: only rows of the CSV with this (column, value).
    """

    where: Path
    files: Path | None = None
    rows: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Labelled:
    """A picture file and what it shows, as places in the model's labels."""

    path: Path
    labels: tuple[int, ...]


Row = tuple[Path, str]


def read_labelled(source: Source, labels: Sequence[str], multi: bool) -> tuple[Labelled, ...]:
    """The labelled frames of a source, in order; no picture is opened yet.

    Raises CalibrationError with all that is wrong.
    """
    folders = source.where.is_dir()
    if multi and folders:
        raise CalibrationError(
            "a folder per label cannot say that a frame has several, as this multi-label model "
            "needs: write a CSV with the columns file,label and one row per file and label"
        )
    try:
        return _checked(_folders(source.where) if folders else _rows(source), labels, multi)
    except OSError as error:
        raise CalibrationError(f"{error.filename} cannot be read: {error.strerror}") from None


def pictures(frames: Iterable[Labelled], faults: list[str]) -> Iterator[NDArray[np.uint8]]:
    """The frames' pictures, uint8 BGR; a frame that cannot be read is told in faults instead."""
    for frame in frames:
        try:
            yield decode_file(frame.path.read_bytes())
        except OSError as error:
            faults.append(f"{frame.path} cannot be read ({error.strerror})")
        except Damaged as error:
            faults.append(f"{frame.path}: {error}")


def require_no(faults: Sequence[str]) -> None:
    """Raises CalibrationError with the faults, if there are any."""
    if faults:
        more = f"\n  and {len(faults) - NAMED} more" if len(faults) > NAMED else ""
        listed = "\n  ".join(faults[:NAMED])
        raise CalibrationError(f"the labelled frames have faults:\n  {listed}{more}")


def _checked(rows: Iterable[Row], labels: Sequence[str], multi: bool) -> tuple[Labelled, ...]:
    places = {label: place for place, label in enumerate(labels)}
    found: dict[Path, list[int]] = {}
    unknown: Counter[str] = Counter()
    for path, label in rows:
        known = found.setdefault(path, [])
        if label in places:
            known.append(places[label])
        elif label or not multi:
            unknown[label] += 1
        if len(found) > MAX_FRAMES:
            raise CalibrationError(f"name a random sample of at most {MAX_FRAMES} frames")
    require_no([*_unknown(unknown, labels), *_inconsistent(found, labels, multi)])
    return tuple(Labelled(path, tuple(known)) for path, known in found.items())


def _unknown(unknown: Counter[str], labels: Sequence[str]) -> Iterator[str]:
    for label, count in unknown.items():
        meant = did_you_mean(label, labels, "it is none of the model's labels")
        yield f"label {label!r} of {count} file{'s' * (count != 1)}: {meant}"


def _inconsistent(
    found: dict[Path, list[int]], labels: Sequence[str], multi: bool
) -> Iterator[str]:
    for path, known in found.items():
        if not path.is_file():
            yield f"{path} is not a file"
        if not multi and len(known) > 1:
            named = " and ".join(repr(labels[place]) for place in known)
            yield f"{path} is labelled {named}: a frame has one label here"


def _folders(where: Path) -> Iterator[Row]:
    for folder in _visible(where):
        if not folder.is_dir():
            raise CalibrationError(
                f"{folder} lies beside the folders of the labels: move it into the one of its label"
            )
        for path in _visible(folder):
            yield path, folder.name


def _visible(folder: Path) -> list[Path]:
    """All in a folder, in order; names that begin with a dot are the file manager's, not ours."""
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _rows(source: Source) -> Iterator[Row]:
    beside = source.files or source.where.parent
    try:
        with source.where.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            _require_columns(source, rows.fieldnames or ())
            for row in rows:
                if source.rows is None or row[source.rows[0]] == source.rows[1]:
                    yield beside / (row["file"] or ""), (row["label"] or "").strip()
    except (UnicodeDecodeError, csv.Error) as error:
        raise CalibrationError(f"{source.where} must be a CSV in UTF-8 ({error})") from None


def _require_columns(source: Source, found: Sequence[str]) -> None:
    needed = ("file", "label", *((source.rows[0],) if source.rows else ()))
    if missing := [name for name in needed if name not in found]:
        raise CalibrationError(
            f"{source.where} has no column {' and no column '.join(missing)}: its first line must "
            f"name the columns {', '.join(needed)}"
        )
