"""Finds the entries in the folder of a spool by their names, and puts aside what is none."""

import errno
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from models import durable
from uploader.errors import Damaged
from uploader.identity import BatchKind, is_id
from uploader.queue import lock, quarantine, reserve, slots
from uploader.queue.entry import Entry, name_of, read_header, unpack
from uploader.queue.entry_name import ENTRY, EntryName, entry_name
from uploader.queue.quarantine import Quarantine

RECORDS: BatchKind = "records"
TOMBSTONES: BatchKind = "tombstones"
CHAIN, CHOOSING, CLOCK = "chain", "choosing", "clock.json"
RETRY = "retry"
"""A file that says that entries have come back from quarantine (uploader/queue/retry.py)."""
FOLDERS = frozenset(
    {quarantine.NAME, reserve.NAME, slots.NAME, RECORDS, TOMBSTONES, CHAIN, CHOOSING}
)
OURS = FOLDERS | {lock.NAME, RETRY}


def entries(folder: Path) -> Iterator[EntryName]:
    """The names of all entries, in no order. Raises OSError."""
    with os.scandir(folder) as found:
        for item in found:
            name = entry_name(item.name)
            if name is not None and item.is_file(follow_symlinks=False):
                yield name


def tidied(folder: Path, quarantine: Quarantine) -> Iterator[EntryName]:
    """The same at a start: removes what was never finished, sets aside what is not ours."""
    strange: list[Path] = []
    with os.scandir(folder) as found:
        for item in found:
            name = entry_name(item.name)
            if name is not None and item.is_file(follow_symlinks=False):
                yield name
            elif item.name not in OURS:
                strange.append(Path(item.path))
    for path in strange:
        if path.name.endswith(ENTRY + durable.TEMP):
            path.unlink()
        elif (adopted := _adopted(path)) is not None:
            yield adopted
        else:
            with suppress(OSError):  # one that cannot be moved is never taken for an entry
                quarantine.take(path, "This file is no entry of the spool.")


def _adopted(path: Path) -> EntryName | None:
    """The new name of an entry that a version with short names wrote: `<id>.entry`."""
    if not is_id(path.name.removesuffix(ENTRY)) or path.is_symlink():
        return None
    try:
        header = read_header(path)
    except Damaged:
        return None
    size = path.stat().st_size
    name = name_of(header["id"], header["kind"], header["record"], day=0, size=size)
    path.rename(path.with_name(str(name)))
    return name


def read_entry(folder: Path, name: EntryName) -> Entry:
    """The entry, verified bit by bit. Raises Damaged where it is not whole; OSError."""
    try:
        return unpack(name, (folder / str(name)).read_bytes())
    except OSError as error:
        if error.errno in (errno.EIO, errno.ENOENT, errno.EISDIR):
            raise Damaged(f"{name.id} cannot be read ({error.strerror})") from error
        raise
