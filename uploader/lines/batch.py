"""Record lines of frames that are in the store, one object for some hundred of them.

A frame has exactly one line in the bucket, whatever dies when: when the store has the frame, its
line goes into a log and its entry off the disk (uploader/lines/line_log.py has the steps). What
ends in between sends the frame again: same key, same bytes.

An open log that is found at a start is sealed at once. A batch holds lines of one date of capture
only, so that `date=` in its key tells readers the truth.
"""

from uploader.lines.line_log import LineLog
from uploader.queue.entries import RECORDS
from uploader.queue.entry import Entry
from uploader.queue.entry_name import EntryName
from uploader.record import json_line
from uploader.settings import StoreSettings
from uploader.spool import Spool


class Batch:
    """The open batch of a spool. Not thread-safe.

    Every method raises SpoolError when the disk fails. Nothing is lost then: `recover` is to be
    called until it succeeds, and puts right what was left half done.
    """

    def __init__(self, spool: Spool) -> None:
        self._queue, self._log = spool.queue, LineLog(spool, RECORDS, "captured_at")
        self._date = ""

    @property
    def empty(self) -> bool:
        """Whether no line waits in it, nor anything of an earlier run."""
        return self._log.empty

    def recover(self) -> None:
        """Finishes what an earlier run, or a failure of the disk, left behind; to be done first."""
        if self._log.recover():
            self._log.seal()

    def add(self, name: EntryName, entry: Entry, uri: str) -> None:
        """Notes that the store has the entry under uri, then lets go of it."""
        if entry.record is None:
            self._queue.remove(name)
            return
        fields = {**entry.record, "source-ref": uri}
        date = fields["captured_at"][:10]
        if date != self._date:
            self._log.seal()
            self._date = date
        self._log.note([(json_line(fields) + "\n").encode()], [name])

    def due_in_s(self, now_s: float, settings: StoreSettings) -> float:
        """Seconds until the batch is to be sealed, 0 when it is due; infinite while it is empty."""
        return self._log.due_in_s(now_s, settings)

    def seal(self) -> None:
        """Turns the open batch into an entry of the spool."""
        self._log.seal()
