"""A file of a log of scores: what the model said of frames, so that policies can be tried later.

No pixels: scores, what the masked frame looks like in 64 bits, and how large it was where it was
kept. A file begins with one line of JSON that names what its rows speak of:

    {"schema": "vision-app/scores/1", "model": …, "labels": […], "sensors": […], "cameras": […]}

After it come rows of `row_type`, little-endian. A row that a power cut left half is none. Files are
numbered in the order in which they were begun, whatever the wall clock said.
"""

import json
import mmap
import os
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from uploader.errors import ScoreLogError

SCHEMA, ENDING = "vision-app/scores/1", ".scores"
MAX_HEADER = 1 << 24


@dataclass(frozen=True, slots=True)
class Header:
    """What the rows of a file speak of. model: the hash of its weights."""

    model: str
    labels: tuple[str, ...]
    sensors: tuple[str, ...]
    cameras: tuple[str, ...]

    @property
    def row_type(self) -> np.dtype[np.void]:
        """A row: when, by the wall clock and in steady seconds; of which camera, by its index;
        masked faces; bytes of the JPEG, 0 of a frame that was not kept; alerts, hash (see
        `Frames`, `hash_of`); calibrated confidence and all raw scores."""
        return np.dtype(
            [
                ("at_ms", "<i8"), ("steady_s", "<f8"), ("camera", "<u2"), ("faces", "<u2"),
                ("size", "<u4"), ("alerts", "<u8"), ("hash", "<u8"), ("confidence", "<f8"),
                ("scores", "<f4", (len(self.labels),)),
            ]
        )  # fmt: skip


class Extent(NamedTuple):
    """Where the whole rows of a file lie. begin: bytes before them. rows: how many they are."""

    header: Header
    begin: int
    rows: int

    @property
    def end(self) -> int:
        """Bytes of the file up to the last whole row."""
        return self.begin + self.rows * self.header.row_type.itemsize


@dataclass(frozen=True, slots=True, eq=False)
class ScoreFile:
    """What the rows of a file speak of, and they: (n,) of `row_type`, on the disk until needed."""

    path: Path
    header: Header
    rows: NDArray[np.void]


def head(header: Header) -> bytes:
    """The line with which a file begins."""
    names = {"model": header.model, "labels": header.labels}
    others = {"sensors": header.sensors, "cameras": header.cameras}
    return json.dumps({"schema": SCHEMA, **names, **others}).encode() + b"\n"


def paths_in(folder: Path) -> list[Path]:
    """The files of a log, the oldest first."""
    return sorted(folder.glob(f"*{ENDING}"))


def score_files(folder: Path) -> list[ScoreFile]:
    """Every file of a log that has rows, the oldest first.

    It may be written meanwhile: rows that come later are none of these, and those of a file that is
    removed can still be read. Raises ScoreLogError for one that is no such file, or when there is
    none.
    """
    found = [file for path in paths_in(folder) if (file := _read(path)) is not None]
    if not found:
        raise ScoreLogError(
            f"{folder} holds no log of scores: write [keep.score_log] enabled = true, and let "
            "vision-app run collect some"
        )
    return found


def extent(path: Path) -> Extent | None:
    """Where the rows of a file lie; None where not even its first line is whole.

    Raises ScoreLogError when it is no file of a log; OSError.
    """
    with path.open("rb") as file:
        line = file.readline(MAX_HEADER)
        if len(line) < MAX_HEADER and not line.endswith(b"\n"):
            return None
        room = os.fstat(file.fileno()).st_size - len(line)
    try:
        header = _parsed(line)
    except (ValueError, TypeError, KeyError) as error:
        raise ScoreLogError(f"{path} is no log of scores of this version: remove it") from error
    return Extent(header, len(line), room // header.row_type.itemsize)


def _read(path: Path) -> ScoreFile | None:
    try:
        found = extent(path)
        if found is None or not found.rows:
            return None
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), found.end, access=mmap.ACCESS_READ)
    except FileNotFoundError:  # the oldest goes when there are too many bytes
        return None
    except OSError as error:
        raise ScoreLogError(f"{path} cannot be read ({error.strerror})") from error
    header, begin, rows = found
    return ScoreFile(path, header, np.frombuffer(mapped, header.row_type, rows, begin))


def _parsed(line: bytes) -> Header:
    fields = json.loads(line)
    if fields["schema"] != SCHEMA or not fields["labels"]:
        raise ValueError("another schema, or nothing to speak of")
    lists = (tuple(map(str, fields[name])) for name in ("labels", "sensors", "cameras"))
    return Header(str(fields["model"]), *lists)
