"""Lines about entries that leave the spool, collected until some hundred of them are an object.

An entry leaves by a line: of its record, when the store has it (uploader/lines/batch.py), or of its
tombstone, when it is let go (uploader/lines/tombstones.py). It has exactly one line in the store,
whatever dies when. In the log's folder `open.jsonl` takes lines, and `<id>.sealing` takes no more:
it is about to become the spool entry `<id>`.

    step                                      if it ends here (kill -9 or power cut), the next start
    1 line written to open.jsonl              cuts off a line without its end: the entry waits on
    2 open.jsonl fsynced                      finds the id in it: removes the entry
    3 the entry removed                       entry may be back after a power cut: as 2
    4 open.jsonl renamed to <id>.sealing,     has one of the two names: as 2
      the log's folder fsynced
    5 the spool's folder fsynced, and         no entry comes back any more, and the log is not
      the chain's head kept                   searched for the newest link (receipts/chain.py)
    6 entry <id> written durably              makes it of <id>.sealing, or keeps the one it finds
    7 <id>.sealing removed, folder fsynced    sends entry <id>, which was not sent before this
    8 entry <id> sent and removed             sends it again: same key, same bytes

Steps 2 and 5 look as if one could save them; without either, a power cut loses or doubles a line.
"""

import gzip
import json
import math
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any, Protocol

from models import durable
from uploader.errors import SpoolError
from uploader.identity import BatchKind, is_id, new_id
from uploader.lines.log_files import OPEN, SEALING, id_in, noted
from uploader.queue.disk_errors import translated
from uploader.queue.disk_queue import DiskQueue
from uploader.queue.entry_name import EntryName
from uploader.queue.object_spool import ObjectSpool
from uploader.settings import StoreSettings

MAX_BYTES = 8 << 20
"""A log is due at this size: it is compressed in memory."""


def utc_now() -> datetime:
    """The wall clock; it only names objects."""
    return datetime.now(timezone.utc)


class KeepsHead(Protocol):
    """What is asked before lines may leave the disk; `uploader.receipts.chain.Chain` does it."""

    def keep(self) -> None:
        """Writes down the newest link. Raises SpoolError."""


class Keeper(ObjectSpool, Protocol):
    """The spool, as a log needs it."""

    queue: DiskQueue

    @property
    def chain(self) -> KeepsHead:
        """Of the receipts of all frames."""


class LineLog:
    """The open log of one kind of lines. `recover` and `note` are thread-safe; `seal` is for one.

    kind: also the name of the folder. dated: the field of a line that says under which date its
    object lies. Every method raises SpoolError when the disk fails. Nothing is lost then: `recover`
    is to be called until it succeeds, and puts right what was left half done.
    """

    def __init__(self, spool: Keeper, kind: BatchKind, dated: str) -> None:
        self._spool, self._queue, self._kind, self._dated = spool, spool.queue, kind, dated
        self._folder = spool.queue.folder / kind
        self._log = self._folder / OPEN
        self._guard = threading.Lock()
        self._since_s: float | None = None
        self._unfinished = False
        self.lines = self.size_bytes = 0
        self.recovered = False

    def recover(self) -> bool:
        """Puts right what an earlier run, or a failure of the disk, left; to be done first.

        Returns whether that was needed: then what was found is due at once. Not while a frame is
        being put.
        """
        if self.recovered:
            return False
        if self._is_damaged():
            self._spool.chain.keep()
        return self._put_right()

    def note(self, lines: Sequence[bytes], names: Iterable[EntryName]) -> None:
        """Writes the lines, then removes the entries that they are about; after `recover` only."""
        with self._guard, self._changing():
            begins = not self.lines
            durable.make_folder(self._folder)
            with open(self._log, "ab") as log:
                log.writelines(lines)
                log.flush()
                os.fsync(log.fileno())
            if begins:
                durable.sync_folder(self._folder)
            self.lines += len(lines)
            self.size_bytes += sum(map(len, lines))
            for name in names:
                self._queue.remove(name)

    @property
    def empty(self) -> bool:
        """Whether no line waits in it that is in no entry yet."""
        return self.recovered and not self.lines and not self._unfinished

    def due_in_s(self, now_s: float, settings: StoreSettings) -> float:
        """Seconds until it is to be sealed, 0 when it is due; infinite while it is empty.

        now_s: monotonic; a log is as old as the time since it was first asked about.
        """
        if self._unfinished:
            return 0.0
        if not self.lines:
            return math.inf
        if self.lines >= settings.records_max or self.size_bytes >= MAX_BYTES:
            return 0.0
        self._since_s = now_s if self._since_s is None else self._since_s
        return max(0.0, self._since_s + settings.records_every_s - now_s)

    def seal(self) -> None:
        """Turns the lines into an entry of the spool; not while a frame is being put."""
        with self._guard, self._changing():
            if self._log.exists():
                self._unfinished = True
                self._log.rename(self._folder / f"{new_id(utc_now())}{SEALING}")
                durable.sync_folder(self._folder)
            self.lines = self.size_bytes = 0
            self._since_s = None
        with translated(self._folder):
            self._finish()
        self._unfinished = False

    def _finish(self) -> None:
        for path in sorted(self._folder.glob(f"*{SEALING}")):
            self._queue.sync()
            self._spool.chain.keep()
            lines = path.read_bytes()
            first = lines[: lines.find(b"\n") + 1]
            if id_in(first) and is_id(path.stem):
                self._put(path.stem, lines, json.loads(first))
                path.unlink()
            else:
                self._queue.set_aside(path, f"These {self._kind} do not begin with a line of ours.")
            durable.sync_folder(self._folder)

    def _put(self, id: str, lines: bytes, first: dict[str, Any]) -> None:
        self._spool.put_object(
            self._kind,
            gzip.compress(lines, mtime=0),
            "application/gzip",
            at=datetime.fromisoformat(first[self._dated].replace("Z", "+00:00")),
            metadata={"schema": first["schema"], "lines": str(lines.count(b"\n"))},
            id=id,
        )

    def _is_damaged(self) -> bool:
        with self._guard:
            return not self.recovered and bool(self._damaged())

    def _put_right(self) -> bool:
        with self._guard:
            if self.recovered:
                return False
            with translated(self._folder):
                self._repair()
            self.recovered = True
            return True

    def _repair(self) -> None:
        if self._log.exists():
            self._repair_open()
        self._unfinished = bool(self.lines) or any(self._folder.glob(f"*{SEALING}"))
        ids = set(noted(self._folder))
        for name in self._queue.named(ids) if ids else ():
            self._queue.remove(name)

    def _repair_open(self) -> None:
        """Cuts off, or sets aside, what is no whole line."""
        damaged, whole = self._damaged(), [line for line in self._read() if id_in(line)]
        if damaged:
            path = self._folder / f"{new_id(utc_now())}.damaged"
            durable.write(path, *damaged)
            self._queue.set_aside(path, f"These lines of {self._kind} are damaged.")
        self._write_again(whole)
        self.lines, self.size_bytes = len(whole), sum(map(len, whole))

    def _write_again(self, whole: Sequence[bytes]) -> None:
        """A line whose fsync failed may be in memory and not on the disk.

        Where only an end is cut off this needs no room, as on a disk that is full.
        """
        if not whole:
            self._log.unlink()
            return
        kept = b"".join(whole)
        with open(self._log, "r+b") as log:
            if log.read(len(kept)) == kept:
                log.seek(0)
                log.write(kept)
                log.truncate()
                log.flush()
                os.fsync(log.fileno())
                return
        durable.write(self._log, kept)

    def _damaged(self) -> list[bytes]:
        """Lines that were whole once: no crash does that, a failing disk may."""
        return [line for line in self._read()[:-1] if not id_in(line)]

    def _read(self) -> list[bytes]:
        with translated(self._folder):
            return self._log.read_bytes().splitlines(keepends=True) if self._log.exists() else []

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Whatever fails within is put right by `recover`."""
        if not self.recovered:
            raise SpoolError(f"{self._folder} must be put right first: look at the disk")
        self.recovered = False
        with translated(self._folder):
            yield
        self.recovered = True
