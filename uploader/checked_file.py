"""A small file that is replaced as a whole, and whose checksum tells whether it is unharmed."""

import logging
from pathlib import Path
from zlib import crc32

from models import durable

log = logging.getLogger("uploader")


def write(path: Path, body: bytes) -> None:
    """Returns when a power cut would leave it: two fsyncs. Creates its folder. Raises OSError."""
    durable.make_folder(path.parent)
    durable.write(path, b"%08x\n" % crc32(body), body)


def read(path: Path) -> bytes | None:
    """What was written; None where nothing was. Raises OSError, and ValueError when damaged."""
    try:
        written = path.read_bytes()
    except FileNotFoundError:
        return None
    checksum, _, body = written.partition(b"\n")
    if checksum != b"%08x" % crc32(body):
        raise ValueError("it is damaged, or not ours")
    return body


class Writer:
    """Writes such files for those who go on where that fails, which is said once.

    problem: why the latest could not be written, as a sentence; empty while they can.
    """

    def __init__(self, sentence: str) -> None:
        """sentence: what the failure means and what to do, with {} for its reason."""
        self.problem = ""
        self._sentence = sentence

    def write(self, path: Path, body: bytes) -> bool:
        """Whether a power cut would leave it now."""
        try:
            write(path, body)
        except OSError as error:
            self._complain(self._sentence.format(durable.reason(error)))
            return False
        self._complain("")
        return True

    def _complain(self, problem: str) -> None:
        if problem and problem != self.problem:
            log.warning("%s", problem)
        self.problem = problem
