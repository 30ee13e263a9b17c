"""What the model said of every frame, kept on the device so that policies can be tried later.

No pixels: scores, what the masked frame looks like in 64 bits, and how large it was where it was
kept. A file begins with one line of JSON that names what its rows speak of:

    {"schema": "vision-app/scores/1", "model": …, "labels": […], "sensors": […], "cameras": […]}

After it come rows of `row_type`, little-endian, as long as the process lives and the file is not
full. A row that a power cut left half is none. The oldest files go when there are too many bytes.
"""

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from masking.masked_frame import MaskedFrame
from models import durable
from models.prediction import Prediction
from uploader.choosing.looks.fingerprint import hash_of
from uploader.choosing.settings import ScoreLogSettings
from uploader.errors import ScoreLogError
from uploader.identity import EPOCH, new_id

log = logging.getLogger("uploader")

SCHEMA, ENDING = "vision-app/scores/1", ".scores"
FOLDER = "scores"
"""Below the data folder."""
FILES = 16
"""Each may take this part of all bytes."""
MAX_HEADER = 1 << 20


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


class ScoreLog:
    """Writes rows, for one thread. A disk that fails costs rows and is counted, nothing else.

    lost: rows that could not be written. problem: why, as a sentence; empty while all is well.
    """

    def __init__(
        self,
        folder: Path,
        settings: ScoreLogSettings,
        cameras: tuple[str, ...],
        sensors: tuple[str, ...],
        now: Callable[[], float],
    ) -> None:
        """now: steady seconds."""
        self._now = now
        self._folder, self._cameras, self._sensors = folder, cameras, sensors
        self._most = settings.max_bytes // FILES
        self._file: BinaryIO | None = None
        self._header: Header | None = None
        self.lost = 0
        self.problem = ""

    def add(
        self, masked: MaskedFrame, prediction: Prediction, alerts: int, size_bytes: int
    ) -> None:
        """Writes down a frame that was classified; size_bytes: of its JPEG, 0 if it has none."""
        header = Header(prediction.model.sha256, prediction.labels, self._sensors, self._cameras)
        row = np.zeros((), header.row_type)
        row["at_ms"] = (masked.captured_at - EPOCH).total_seconds() * 1000
        row["steady_s"], row["camera"] = self._now(), self._cameras.index(masked.camera)
        row["faces"], row["size"] = min(masked.faces, 0xFFFF), size_bytes
        row["alerts"], row["hash"] = alerts, hash_of(masked)
        row["confidence"], row["scores"] = prediction.confidence, prediction.scores
        try:
            self._opened(header, masked).write(row.tobytes())
        except OSError as error:
            self._failed(error)
        else:
            self.problem = ""

    def close(self) -> None:
        """Closes the file; a later row would begin another."""
        file, self._file = self._file, None
        if file is not None:
            try:
                file.close()
            except OSError as error:
                self._failed(error)

    def _opened(self, header: Header, masked: MaskedFrame) -> BinaryIO:
        """The file that takes the row: a new one where the other is full or speaks of others."""
        if self._file and (header != self._header or self._file.tell() >= self._most):
            self.close()
        if self._file is None:
            durable.make_folder(self._folder)
            self._make_room()
            path = self._folder / f"{new_id(masked.captured_at)}{ENDING}"
            self._file, self._header = path.open("xb"), header
            self._file.write(head(header))
        return self._file

    def _make_room(self) -> None:
        """Removes the oldest files until a full one more would fit."""
        for path in sorted(self._folder.glob(f"*{ENDING}"))[: 1 - FILES or None]:
            path.unlink()

    def _failed(self, error: OSError) -> None:
        problem = f"scores are not logged ({durable.reason(error)}): free or mend that disk"
        if problem != self.problem:
            log.warning("%s", problem)
        self.problem, self.lost, self._file = problem, self.lost + 1, None


def score_files(folder: Path) -> Iterator[tuple[Header, NDArray[np.void]]]:
    """Every file of a log, the oldest first: what its rows speak of, and they, (n,).

    Raises ScoreLogError for one that cannot be read, or when there is none.
    """
    paths = sorted(folder.glob(f"*{ENDING}"))
    if not paths:
        raise ScoreLogError(
            f"{folder} holds no log of scores: write [keep.score_log] enabled = true, and let "
            "vision-app run collect some"
        )
    for path in paths:
        yield _read(path)


def head(header: Header) -> bytes:
    """The line with which a file begins."""
    names = {"model": header.model, "labels": header.labels}
    others = {"sensors": header.sensors, "cameras": header.cameras}
    return json.dumps({"schema": SCHEMA, **names, **others}).encode() + b"\n"


def _read(path: Path) -> tuple[Header, NDArray[np.void]]:
    try:
        with path.open("rb") as file:
            line = file.readline(MAX_HEADER)
        header = _parsed(line)
        return header, np.fromfile(path, header.row_type, offset=len(line))
    except OSError as error:
        raise ScoreLogError(f"{path} cannot be read ({error.strerror})") from error
    except (ValueError, TypeError, KeyError) as error:
        raise ScoreLogError(f"{path} is no log of scores of this version: remove it") from error


def _parsed(line: bytes) -> Header:
    fields = json.loads(line)
    if not line.endswith(b"\n") or fields["schema"] != SCHEMA:
        raise ValueError("another schema")
    lists = (tuple(map(str, fields[name])) for name in ("labels", "sensors", "cameras"))
    return Header(str(fields["model"]), *lists)
