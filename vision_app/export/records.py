"""Every record that is asked for, once, batch after batch; what is damaged is said and left out."""

from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256

from uploader.lines.reading import read_line, unpacked
from vision_app.export.batches import Batch
from vision_app.export.kept import Kept, kept
from vision_app.export.sums import Sums
from vision_app.export.wanted import Wanted


class Records:
    """Iterated once.

    say: is told each fault. follow: is told which batch is next, and the sums so far. frames: as in
    `kept`. Of the records of one device and day, the ids are remembered, and nothing else.
    """

    def __init__(
        self,
        batches: Iterable[Batch],
        wanted: Wanted,
        say: Callable[[str], None],
        follow: Callable[[Batch, Sums], None],
        frames: str | None = None,
    ) -> None:
        self._batches, self._wanted, self._frames = batches, wanted, frames
        self._say, self._follow = say, follow
        self._day, self._seen = "", set[str]()
        self.sums = Sums()

    def __iter__(self) -> Iterator[Kept]:
        """Raises StoreUnavailable or StoreDenied when the store cannot be read."""
        for batch in self._batches:
            self.sums.batches += 1
            self._follow(batch, self.sums)
            yield from self._of(batch)

    def fault(self, what: str) -> None:
        """Counts what is left out, and says it."""
        self.sums.faults += 1
        self._say(what)

    def _of(self, batch: Batch) -> Iterator[Kept]:
        if batch.day != self._day:
            self._day, self._seen = batch.day, set()
        try:
            lines = _lines(batch)
        except ValueError as error:
            self.fault(f"{batch.name}: {error}; its records are left out")
            return
        for number, text in enumerate(lines, start=1):
            try:
                found = self._asked_for(batch, text)
            except ValueError as error:
                self.fault(f"{batch.name}, line {number}: {error}; it is left out")
            else:
                if found is not None:
                    yield found

    def _asked_for(self, batch: Batch, text: bytes) -> Kept | None:
        line = read_line(text)
        if not self._wanted.asks(line.record):
            self.sums.not_asked_for += 1
            return None
        found = kept(line, batch.where.folder if batch.where else "", self._frames)
        if line.record.id in self._seen:
            self.sums.seen_before += 1
            return None
        self._seen.add(line.record.id)
        return found


def _lines(batch: Batch) -> list[bytes]:
    """Raises ValueError with a clause where the batch is not what a device wrote."""
    if isinstance(batch.body, str):
        raise ValueError(batch.body)
    if batch.where and not sha256(batch.body).hexdigest().startswith(batch.where.sha12):
        raise ValueError("it is not what its name was made of")
    return unpacked(batch.body)
