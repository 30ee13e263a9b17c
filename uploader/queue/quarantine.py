"""Where files go that must not be sent, each beside a text that says why."""

from contextlib import suppress
from pathlib import Path

from uploader.queue.waiting import Backlog

NAME = "quarantine"
WHY = ".why"


class Quarantine:
    """A folder in the spool. What lies in it counts against the bounds of the spool."""

    def __init__(self, spool: Path) -> None:
        self._folder = spool / NAME
        self._folder.mkdir(exist_ok=True)
        self.count()

    def count(self) -> None:
        """Looks how much lies here: somebody may have taken files away. Raises OSError."""
        sizes = [path.lstat().st_size for path in self._folder.iterdir() if path.suffix != WHY]
        self.holds = Backlog(len(sizes), sum(sizes))

    def take(self, path: Path, why: str) -> None:
        """Moves the file here and, where the disk has room, writes down why. Raises OSError."""
        size = path.lstat().st_size
        target = self._free(path.name)
        path.rename(target)
        self.holds = Backlog(self.holds.entries + 1, self.holds.size_bytes + size)
        with suppress(OSError):
            target.with_name(target.name + WHY).write_text(why + "\n", encoding="utf-8")

    def _free(self, name: str) -> Path:
        """A name that is not taken yet: two foreign files may have had the same."""
        target, number = self._folder / name, 1
        while target.exists() or target.is_symlink():
            number += 1
            target = self._folder / f"{name}.{number}"
        return target
