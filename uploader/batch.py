"""Record lines of frames that are in the store, one object for some hundred of them.

A frame has exactly one line in the bucket, whatever dies when. Of the files in `records/` of the
spool's folder, `open.jsonl` takes lines and `<id>.sealing` takes no more: it is about to become the
spool entry `<id>`. Everything below happens on the uploader's thread, in this order.

    step                                      if it ends here (kill -9 or power cut), the next start
    1 the store has the frame                 sends the frame again: same key, same bytes
    2 line written to open.jsonl              cuts off a line without its end; then as 1
    3 open.jsonl fsynced                      finds the id in it: removes the entry, sends nothing
    4 the frame's entry removed               entry may be back after a power cut: as 3
    5 the chain's head kept, and              no entry comes back any more: the log may go
      the spool's folder fsynced              (uploader/receipts/chain.py)
    6 open.jsonl renamed to <id>.sealing      has one of the two names: seals again, or as 7
    7 records/ fsynced                        makes the entry <id> of <id>.sealing
    8 entry <id> written durably              finds the entry, keeps it, goes on with 9
    9 <id>.sealing removed, records/ fsynced  sends entry <id>, which was not sent before this
    10 entry <id> sent and removed            sends it again: same key, same bytes

Steps 3 and 5 look as if one could save them; without either, a power cut loses or doubles a line.
An open log that is found at a start is sealed at once. A batch holds lines of one date of capture
only, so that `date=` in its key tells readers the truth.
"""

import gzip
import json
import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any

from models import durable
from uploader.disk_queue import translated
from uploader.entries import OPEN, RECORDS
from uploader.entry import Entry
from uploader.entry_name import EntryName
from uploader.identity import is_id, new_id
from uploader.record import json_line
from uploader.settings import StoreSettings
from uploader.spool import Spool

SEALING = ".sealing"
MAX_BYTES = 8 << 20
"""A batch is sealed at this size: it is compressed in memory."""


def utc_now() -> datetime:
    """The wall clock; it only names batches."""
    return datetime.now(timezone.utc)


class Batch:
    """The open batch of a spool. Not thread-safe.

    Every method raises SpoolError when the disk fails. Nothing is lost then: `recover` is to be
    called until it succeeds, and puts right what was left half done.
    """

    def __init__(
        self, spool: Spool, settings: StoreSettings, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._spool, self._queue, self._settings, self._now = spool, spool.queue, settings, now
        self._folder = spool.queue.folder / RECORDS
        self._log = self._folder / OPEN
        self._date = ""
        self._since_s = 0.0
        self._bytes = 0
        self.lines = 0
        self.recovered = False

    def recover(self) -> None:
        """Finishes what an earlier run, or a failure of the disk, left behind; to be done first."""
        if self.recovered:
            return
        with translated(self._folder):
            durable.make_folder(self._folder)
            self._finish_sealing()
            for name in self._queue.named(frozenset(self._repaired())):
                self._queue.remove(name)
            self._seal()
        self.recovered = True

    def add(self, name: EntryName, entry: Entry, uri: str, now_s: float) -> None:
        """Notes that the store has the entry under uri, then lets go of it. now_s: monotonic."""
        if entry.record is not None:
            fields = {**entry.record, "source-ref": uri}
            self._turn_over(fields["captured_at"][:10], now_s)
            self._append((json_line(fields) + "\n").encode())
        self._queue.remove(name)

    def due_in_s(self, now_s: float) -> float:
        """Seconds until the batch is to be sealed, 0 when it is due; infinite while it is empty."""
        if not self.lines:
            return math.inf
        if self.lines >= self._settings.records_max or self._bytes >= MAX_BYTES:
            return 0.0
        return max(0.0, self._since_s + self._settings.records_every_s - now_s)

    def seal(self) -> None:
        """Turns the open batch into an entry of the spool."""
        with self._changing():
            self._seal()

    def _turn_over(self, date: str, now_s: float) -> None:
        if self.lines and date != self._date:
            self.seal()
        if not self.lines:
            self._date, self._since_s = date, now_s

    def _append(self, line: bytes) -> None:
        with self._changing():
            with open(self._log, "ab") as log:
                log.write(line)
                log.flush()
                os.fsync(log.fileno())
            if not self.lines:
                durable.sync_folder(self._folder)
        self.lines, self._bytes = self.lines + 1, self._bytes + len(line)

    def _seal(self) -> None:
        if self._log.exists():
            self._spool.chain.keep()
            self._queue.sync()
            self._log.rename(self._folder / f"{new_id(self._now())}{SEALING}")
            durable.sync_folder(self._folder)
            self._finish_sealing()
        self.lines = self._bytes = 0

    def _finish_sealing(self) -> None:
        for path in sorted(self._folder.glob(f"*{SEALING}")):
            lines = path.read_bytes()
            first = lines[: lines.find(b"\n") + 1]
            if _id(first) and is_id(path.stem):
                self._spool_batch(path.stem, lines, json.loads(first))
                path.unlink()
            else:
                self._queue.set_aside(path, "This batch of records does not begin with a record.")
            durable.sync_folder(self._folder)

    def _spool_batch(self, id: str, lines: bytes, first: dict[str, Any]) -> None:
        self._spool.put_object(
            "records",
            gzip.compress(lines, mtime=0),
            "application/gzip",
            at=datetime.fromisoformat(first["captured_at"].replace("Z", "+00:00")),
            metadata={"schema": first["schema"], "lines": str(lines.count(b"\n"))},
            id=id,
        )

    def _repaired(self) -> list[str]:
        """The ids in the log, after cutting off what is no whole line.

        It is written anew, since a line whose fsync failed may be in memory and not on the disk.
        """
        if not self._log.exists():
            return []
        lines = self._log.read_bytes().splitlines(keepends=True)
        ids = {line: _id(line) for line in lines}
        whole = [line for line in lines if ids[line]]
        self._set_aside([line for line in lines[:-1] if not ids[line]])
        if whole:
            durable.write(self._log, *whole)
        else:
            self._log.unlink()
        return [ids[line] for line in whole]

    def _set_aside(self, damaged: list[bytes]) -> None:
        """Lines that were whole once: no crash does that, a failing disk may."""
        if damaged:
            self._spool.chain.keep()
            path = self._folder / f"{new_id(self._now())}.damaged"
            durable.write(path, *damaged)
            self._queue.set_aside(path, "These lines of a batch of records are damaged.")

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Whatever fails within is put right by `recover`."""
        self.recovered = False
        with translated(self._folder):
            yield
        self.recovered = True


def _id(line: bytes) -> str:
    """The id of the frame in a whole line, else nothing."""
    try:
        fields = json.loads(line) if line.endswith(b"\n") else {}
    except ValueError:
        return ""
    id = str(fields.get("id", "")) if isinstance(fields, dict) else ""
    return id if is_id(id) else ""
