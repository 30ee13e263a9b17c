"""Ways to put 100 KB onto a disk so that a power cut leaves them: ours, SQLite's, and the least."""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime, timezone
from hashlib import sha256
from itertools import count
from pathlib import Path

from benchmarks.spooling.frames import QUALITY, choice, masked, prediction
from benchmarks.spooling.signed import Signed
from models import durable
from uploader.encode import jpeg
from uploader.identity import new_id, object_key
from uploader.queue.entry import Entry, pack
from uploader.receipts.key import DeviceKey, open_key
from uploader.settings import SpoolSettings
from uploader.spool import Spool

Way = Callable[[], object]
"""Puts one blob; returns when a power cut would leave it."""

BARE, QUEUE, SQLITE = "a bare file", "our queue", "SQLite"
SPOOL, SPOOL_IN_SQLITE = "Spool.put of a frame", "the same of a frame into SQLite"
INSERT = "INSERT INTO blobs (id, head, body) VALUES (?, ?, ?)"
SETTINGS = SpoolSettings(min_free_bytes=0, max_count=1_000_000, max_bytes=1 << 40)


@contextmanager
def ways(folder: Path) -> Iterator[Mapping[str, Way]]:
    """All of them, thread-safe, each in a place of its own; the blob is the same JPEG.

    a bare file: written beside its name, fsync, rename, fsync of the folder, and nothing else.
    SQLite: WAL, synchronous=FULL, a transaction for each. Spool.put: a masked frame is encoded, its
    record linked and signed, and the entry accepted; or put into SQLite.
    """
    body = jpeg(masked(), QUALITY)
    with ExitStack() as opened:
        yield {
            BARE: _bare(folder / "bare", body),
            QUEUE: _queue(opened.enter_context(spool(folder / "queue")), body),
            SQLITE: _sqlite(opened.enter_context(_database(folder / "blobs.db")), body),
            SPOOL: _put(opened.enter_context(spool(folder / "spool"))),
            SPOOL_IN_SQLITE: _put_into(
                opened.enter_context(_database(folder / "frames.db")),
                Signed(key(folder / "frames")),
            ),
        }


def spool(folder: Path, settings: SpoolSettings = SETTINGS) -> Spool:
    """The spool in a folder."""
    return Spool(folder, settings, "farm", "cam1", QUALITY, key(folder))


def key(folder: Path) -> DeviceKey:
    """The key of the device whose spool it is; it lies beside it."""
    return open_key(folder.with_name(f"{folder.name}-key"))


def _bare(folder: Path, body: bytes) -> Way:
    folder.mkdir()
    number = count()
    return lambda: durable.write(folder / f"{next(number)}.jpg", body)


def _queue(kept: Spool, body: bytes) -> Way:
    at, digest = datetime.now(timezone.utc), sha256(body).hexdigest()

    def put() -> None:
        id = new_id(at)
        key = object_key("sensors", "farm", "cam1", at, id, digest)
        kept.queue.accept(Entry(id, "sensors", key, "image/jpeg", digest, body))

    return put


def _sqlite(database: sqlite3.Connection, body: bytes) -> Way:
    turn = threading.Lock()

    def put() -> None:
        id = new_id(datetime.now(timezone.utc))
        with turn, database:
            database.execute(INSERT, (id, b"", body))

    return put


def _put(kept: Spool) -> Way:
    frame, opinion, chosen = masked(), prediction(), choice()
    return lambda: kept.put(frame, opinion, chosen)


def _put_into(database: sqlite3.Connection, signed: Signed) -> Way:
    frame, opinion, turn = masked(), prediction(), threading.Lock()

    def put() -> None:
        body = jpeg(frame, QUALITY)
        with turn, database:
            entry = signed.entry(frame, opinion, body)
            database.execute(INSERT, (entry.id, *pack(entry)))

    return put


@contextmanager
def _database(path: Path) -> Iterator[sqlite3.Connection]:
    """One connection for all threads: writers of their own would only wait for each other."""
    with closing(sqlite3.connect(path, check_same_thread=False)) as database:
        (mode,) = database.execute("PRAGMA journal_mode=WAL").fetchone()
        assert mode == "wal", mode
        database.execute("PRAGMA synchronous=FULL")
        database.execute("CREATE TABLE blobs (n INTEGER PRIMARY KEY, id, head BLOB, body BLOB)")
        yield database
