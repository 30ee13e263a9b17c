"""Lets go of what there is no room for any more, never without writing down what that was.

The line is on the disk before the entry goes, and is uploaded like records are. Whatever dies when,
an entry is still there, or has exactly one tombstone (uploader/lines/line_log.py has the steps).
Where the line cannot be written, nothing goes, and what needed the room is refused.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from uploader.errors import ReceiptError, SpoolError, SpoolFull
from uploader.lines.line_log import MAX_BYTES, Keeper, LineLog, utc_now
from uploader.lines.tombstone import Reason, tombstone
from uploader.queue.admission import Doomed
from uploader.queue.entries import TOMBSTONES
from uploader.receipts.key import DeviceKey
from uploader.record import json_line, rfc3339
from uploader.settings import StoreSettings


class Tombstones:
    """Of one spool. `recover` and `let_go` are thread-safe, the others for the uploader.

    counts: entries let go since the start, by reason.
    """

    def __init__(self, spool: Keeper, site: str, device: str, key: DeviceKey) -> None:
        self._queue, self._key, self._origin = spool.queue, key, (site, device)
        self._log = LineLog(spool, TOMBSTONES, "at")
        self._doubtful: list[Doomed] = []
        self._counts: Counter[Reason] = Counter()

    @property
    def counts(self) -> Mapping[Reason, int]:
        """Entries let go since the start, by reason."""
        return dict(self._counts)

    @property
    def empty(self) -> bool:
        """Whether no line waits to become an object, nor anything of an earlier run."""
        return self._log.empty

    def recover(self) -> None:
        """Puts right what an earlier run, or a failure of the disk, left; to be done first.

        Not while a frame is being put. Raises SpoolError.
        """
        self._log.recover()
        doubtful, self._doubtful = self._doubtful, []
        self._queue.release(doubtful)

    def let_go(self, doomed: Sequence[Doomed], reason: Reason) -> None:
        """Removes the entries; they must be held. Raises SpoolError: then all of them are kept."""
        at = rfc3339(utc_now())
        try:
            if self._log.size_bytes >= MAX_BYTES:
                raise SpoolFull("nobody takes what is written of entries that are let go")
            lines = [self._line(each, reason, at) for each in doomed]
        except (SpoolFull, ReceiptError) as error:
            self._queue.release(doomed)
            raise SpoolFull(f"nothing can be let go: {error}") from error
        try:
            self._log.note(lines, [each.name for each in doomed])
        except SpoolError:
            self._doubtful += doomed
            raise
        self._counts[reason] += len(doomed)

    def due_in_s(self, now_s: float, settings: StoreSettings) -> float:
        """Seconds until the lines are to be sealed, 0 when they are due; infinite for none."""
        return self._log.due_in_s(now_s, settings)

    def seal(self) -> None:
        """Turns the lines into an entry of the spool."""
        self._log.seal()

    def _line(self, doomed: Doomed, reason: Reason, at: str) -> bytes:
        made = tombstone(doomed.name, doomed.header, reason, at, self._origin, self._key)
        return (json_line(made.fields()) + "\n").encode()
