"""Writes down what the model said of every frame, on the device (score_file.py says how).

A row is with the system when it is written, so that nothing is lost when the process ends, however
it ends; a power cut takes the rows of the last seconds. The oldest file goes when there are too
many bytes.
"""

import errno
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from io import FileIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from masking.masked_frame import MaskedFrame
from models import durable
from models.prediction import Prediction
from uploader.choosing.looks.fingerprint import hash_of
from uploader.choosing.score_file import ENDING, Header, extent, head, paths_in
from uploader.choosing.settings import ScoreLogSettings
from uploader.errors import ScoreLogError
from uploader.identity import EPOCH

log = logging.getLogger("uploader")

FOLDER = "scores"
"""Below the data folder."""
FILES = 16
"""Each may take this part of all bytes."""
AGAIN_S = 60.0
"""So long a disk that failed is left alone."""
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A frame as the log has it; values: one of header.row_type, without its size."""

    header: Header
    values: NDArray[np.void]


class ScoreLog:
    """Makes rows, and writes them for one thread. A disk that fails costs rows, which are counted,
    and nothing else.

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
        self._now, self._again_s = now, float("-inf")
        self._folder, self._cameras, self._sensors = folder, cameras, sensors
        self._max_bytes, self._full_bytes = settings.max_bytes, settings.max_bytes // FILES
        self._file: FileIO | None = None
        self._header: Header | None = None
        self.lost = 0
        self.problem = ""

    def add(
        self,
        masked: MaskedFrame,
        prediction: Prediction,
        alerts: int,
        size_bytes: int,
        at_s: float | None = None,
    ) -> None:
        """Writes down a frame that was classified; size_bytes: of its JPEG, 0 if it has none."""
        self.write(self.row(masked, prediction, alerts, at_s), size_bytes)

    def row(
        self,
        masked: MaskedFrame,
        prediction: Prediction,
        alerts: int,
        at_s: float | None = None,
    ) -> Row:
        """What is to be written of a frame; any thread may ask.

        at_s: steady seconds at which a policy asked for it; now, where none did.
        """
        header = Header(prediction.model.sha256, prediction.labels, self._sensors, self._cameras)
        values = np.zeros((), header.row_type)
        values["at_ms"] = (masked.captured_at - EPOCH) // MILLISECOND
        values["steady_s"] = self._now() if at_s is None else at_s
        values["camera"] = self._cameras.index(masked.camera)
        values["faces"], values["alerts"] = min(masked.faces, 0xFFFF), alerts
        values["hash"], values["confidence"] = hash_of(masked), prediction.confidence
        values["scores"] = prediction.scores
        return Row(header, values)

    def write(self, row: Row, size_bytes: int) -> None:
        """Writes a row, behind those that were written before; size_bytes: of the frame's JPEG."""
        now_s = self._now()
        if now_s < self._again_s:
            self.lost += 1
            return
        row.values["size"] = size_bytes
        try:
            _append(self._opened(row.header), row.values.tobytes())
        except OSError as error:
            self._failed(error, now_s)
        else:
            self._well()

    def close(self) -> None:
        """Closes the file; a later row opens it again."""
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def _opened(self, header: Header) -> FileIO:
        """The file that takes the row: a new one where the other is full or speaks of others."""
        if self._file and (header != self._header or self._file.tell() >= self._full_bytes):
            self.close()
        if self._file is None:
            durable.make_folder(self._folder)
            self._file = self._taken_up(header) or self._begun(header)
            self._header = header
        return self._file

    def _taken_up(self, header: Header) -> FileIO | None:
        """The newest file, behind its last whole row, where it can take more."""
        for path in paths_in(self._folder)[-1:]:
            try:
                found = extent(path)
            except ScoreLogError:
                return None
            if found and found.header == header and found.end < self._full_bytes:
                os.truncate(path, found.end)
                return FileIO(path, "a")
        return None

    def _begun(self, header: Header) -> FileIO:
        paths = paths_in(self._folder)
        self._make_room(paths)
        number = max((int(path.stem) for path in paths if path.stem.isdecimal()), default=0) + 1
        path = self._folder / f"{number:08}{ENDING}"
        file = FileIO(path, "x")
        try:
            _append(file, head(header))
        except OSError:
            file.close()
            path.unlink()
            raise
        return file

    def _make_room(self, paths: list[Path]) -> None:
        """Removes the oldest files until a full one more fits."""
        sizes = [path.stat().st_size for path in paths]
        excess = sum(sizes) + self._full_bytes - self._max_bytes
        for path, size in zip(paths, sizes, strict=True):
            if excess > 0:
                path.unlink()
            excess -= size

    def _failed(self, error: OSError, now_s: float) -> None:
        problem = f"scores are not logged ({durable.reason(error)}): free or mend that disk"
        if problem != self.problem:
            log.warning("%s", problem)
        self.problem, self.lost, self._again_s = problem, self.lost + 1, now_s + AGAIN_S
        self.close()

    def _well(self) -> None:
        if self.problem:
            log.warning("scores are logged again; those of %d frames are missing so far", self.lost)
        self.problem = ""


def _append(file: FileIO, data: bytes) -> None:
    """Raises OSError where not all of it is written: what is half is cut off when it goes on."""
    if file.write(data) < len(data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), file.name)
