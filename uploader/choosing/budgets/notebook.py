"""Where budgets are remembered between two runs: `spent.json` and `learned.json` in one folder."""

import logging
from pathlib import Path

from models import durable
from uploader import checked_file
from uploader.choosing.budgets.learned import Learned
from uploader.choosing.budgets.spent import Spent
from uploader.errors import Damaged

log = logging.getLogger("uploader")

SPENT, LEARNED = "spent.json", "learned.json"
UNWRITTEN = "what is kept is counted but not remembered ({}): look at the disk of the spool"


class Notebook:
    """Two files that are replaced as a whole. Without a folder nothing is remembered.

    problem: why they cannot be written, as a sentence; empty while they can.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._writer = checked_file.Writer(UNWRITTEN)

    @property
    def problem(self) -> str:
        """See above."""
        return self._writer.problem

    @property
    def remembers(self) -> bool:
        """Whether there is a folder."""
        return self._folder is not None

    def spent(self) -> Spent | None:
        """None where no run has spent anything. Raises Damaged when nobody can know."""
        try:
            written = self._read(SPENT)
            return None if written is None else Spent.model_validate_json(written)
        except (OSError, ValueError) as error:
            raise Damaged(f"{self._folder}/{SPENT} cannot be used ({_short(error)})") from error

    def learned(self) -> Learned | None:
        """None where nothing was learned, or nothing of it can be used, which the log says."""
        try:
            written = self._read(LEARNED)
            return None if written is None else Learned.model_validate_json(written)
        except (OSError, ValueError) as error:
            log.warning(
                "how uncertain frames are is learned anew: %s/%s cannot be used (%s)",
                self._folder, LEARNED, _short(error),
            )  # fmt: skip
            return None

    def keep_spent(self, spent: Spent) -> None:
        """Returns when a power cut would leave it, or the disk failed."""
        self._write(SPENT, spent.model_dump_json(by_alias=True).encode())

    def keep_learned(self, learned: Learned) -> None:
        """As keep_spent."""
        self._write(LEARNED, learned.model_dump_json(by_alias=True).encode())

    def _read(self, name: str) -> bytes | None:
        return checked_file.read(self._folder / name) if self._folder else None

    def _write(self, name: str, body: bytes) -> None:
        if self._folder is not None:
            self._writer.write(self._folder / name, body)


def _short(error: OSError | ValueError) -> str:
    """One line of it."""
    return durable.reason(error) if isinstance(error, OSError) else str(error).partition("\n")[0]
