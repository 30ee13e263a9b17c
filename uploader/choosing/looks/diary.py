"""Where the memory of what was kept lies between two runs: `kept.json` in one folder."""

import logging
from pathlib import Path

from models import durable
from uploader import checked_file
from uploader.choosing.looks.remembered import Remembered

log = logging.getLogger("uploader")

KEPT = "kept.json"
UNWRITTEN = "what kept frames look like will be forgotten ({}): look at the disk of the spool"


class Diary:
    """One file that is replaced as a whole. Without a folder nothing is remembered.

    problem: why it cannot be written, as a sentence; empty while it can.
    """

    def __init__(self, folder: Path | None) -> None:
        self._file = folder / KEPT if folder else None
        self._writer = checked_file.Writer(UNWRITTEN)

    @property
    def problem(self) -> str:
        """See above."""
        return self._writer.problem

    def read(self) -> Remembered | None:
        """None where nothing was kept, or nothing of it can be used, which the log says."""
        try:
            written = checked_file.read(self._file) if self._file else None
            return None if written is None else Remembered.model_validate_json(written)
        except (OSError, ValueError) as error:
            self.forget(error)
            return None

    def forget(self, error: OSError | ValueError) -> None:
        """Says that what was written cannot be used, and why."""
        reason = durable.reason(error) if isinstance(error, OSError) else str(error)
        log.warning(
            "what kept frames looked like is forgotten, so some may be kept once more: "
            "%s cannot be used (%s)", self._file, reason.partition("\n")[0],
        )  # fmt: skip

    def write(self, remembered: Remembered) -> None:
        """Returns when a power cut would leave it, or the disk failed."""
        if self._file is not None:
            body = remembered.model_dump_json(by_alias=True).encode()
            self._writer.write(self._file, body)
