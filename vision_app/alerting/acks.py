"""Where people say that they have seen an alert: a command on this device, or a message."""

from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from models import durable
from uploader.identity import is_id

FOLDER = "acknowledged"
"""Below that of the alerts: an empty file for each, named by its id."""
MOST = 64
"""Messages that wait; and files that are taken at once."""
ID_BYTES = 36


class Acks:
    """Ids of alerts that were acknowledged, from files and from messages, until they are taken.

    refused: messages that were no id, or one too many.
    """

    def __init__(self, folder: Path) -> None:
        """folder: that of the alerts."""
        self._folder = folder / FOLDER
        self._came: deque[str] = deque()
        self.refused = 0

    def hear(self, message: bytes) -> None:
        """Takes a message, from any thread: nothing but an id counts."""
        text = message[: ID_BYTES + 1].decode("ascii", "replace")
        if len(self._came) >= MOST or not is_id(text):
            self.refused += 1
        else:
            self._came.append(text)

    def take(self) -> Iterator[str]:
        """Each id; for one thread."""
        while self._came:
            yield self._came.popleft()
        paths = (path for path in self._folder.glob("*") if is_id(path.name))
        for path in list(islice(paths, MOST)):
            yield path.name
            with suppress(OSError):
                path.unlink()


def leave(folder: Path, id: str) -> Path:
    """Leaves word for the service that the alert was acknowledged; the file goes when it has heard.

    Raises OSError.
    """
    durable.make_folder(folder / FOLDER)
    path = folder / FOLDER / id
    durable.write(path)
    return path
