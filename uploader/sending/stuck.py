"""What failed to be sent and was not sent since: the success of another object does not mend it."""

from collections import OrderedDict
from pathlib import Path

from uploader.queue.entry_name import EntryName

MOST = 16


class Stuck:
    """The entries that failed last, with why. For one thread, but `problem` for any."""

    def __init__(self, folder: Path) -> None:
        """folder: where the entries lie; one that is there no more is stuck no more."""
        self._folder = folder
        self._why: OrderedDict[EntryName, str] = OrderedDict()
        self.problem = ""

    def failed(self, name: EntryName, why: str) -> None:
        """An entry was not sent."""
        self._why[name] = why
        self._why.move_to_end(name)
        if len(self._why) > MOST:
            self._why.popitem(last=False)
        self.problem = why

    def gone(self) -> None:
        """An entry was sent, or set aside: looks which of those that failed still wait."""
        for name in list(self._why):
            if not (self._folder / str(name)).exists():
                del self._why[name]
        self.problem = next(reversed(self._why.values()), "")
