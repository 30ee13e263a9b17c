"""Looks into the folder of a spool from outside, also while a process uses it; changes nothing."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from uploader.errors import Damaged, SpoolError
from uploader.identity import EPOCH
from uploader.lines.log_files import log_files
from uploader.queue import lock, quarantine
from uploader.queue.disk_errors import translated
from uploader.queue.entries import RECORDS, TOMBSTONES, entries
from uploader.queue.entry import read_header, unpack
from uploader.queue.entry_name import EntryName, entry_name
from uploader.queue.waiting import Backlog

REASONS = 5


@dataclass(frozen=True, slots=True)
class SetAside:
    """A file in quarantine, and why it lies there."""

    path: Path
    size_bytes: int
    why: str


@dataclass(frozen=True, slots=True)
class Status:
    """How a spool is.

    user: the process that uses it; 0 where none does. waiting, quarantined: how much. oldest: when
    the entry that waits for longest was made. lines: of records and tombstones that are in no entry
    yet. why: the commonest reasons for quarantine, and how many files each has. free_bytes: of its
    disk.
    """

    user: int
    waiting: Mapping[str, Backlog]
    oldest: datetime | None
    lines: Mapping[str, int]
    quarantined: Backlog
    why: Mapping[str, int]
    free_bytes: int


def status(folder: Path) -> Status:
    """How the spool is. Raises SpoolError when the folder is none, or cannot be read."""
    with _spool(folder):
        counts, sizes, first = Counter[str](), Counter[str](), ""
        for name in entries(folder):
            what = kind(folder, name)
            counts[what] += 1
            sizes[what] += name.size
            first = min(first or name.id, name.id)
        aside = list(set_aside(folder))
        disk = os.statvfs(folder)
        return Status(
            user=lock.holder(folder),
            waiting={one: Backlog(count, sizes[one]) for one, count in sorted(counts.items())},
            oldest=made_at(first) if first else None,
            lines={one: _lines(folder / one) for one in (RECORDS, TOMBSTONES)},
            quarantined=Backlog(len(aside), sum(one.size_bytes for one in aside)),
            why=dict(Counter(one.why for one in aside).most_common(REASONS)),
            free_bytes=disk.f_bavail * disk.f_frsize,
        )


def waiting(folder: Path) -> list[EntryName]:
    """What waits, the oldest first. Raises SpoolError."""
    with _spool(folder):
        return sorted(entries(folder))


def header(folder: Path, name: EntryName) -> Mapping[str, Any]:
    """What an entry says of itself. Raises Damaged, also where it has just left."""
    return read_header(folder / str(name))


def damages(folder: Path) -> Iterator[tuple[EntryName, str]]:
    """Reads every entry that waits: each, and what is wrong with it, or nothing.

    Raises SpoolError. One that is sent while this looks is passed over.
    """
    for name in waiting(folder):
        path = folder / str(name)
        try:
            unpack(name, path.read_bytes())
        except FileNotFoundError:
            continue
        except OSError as error:
            yield name, f"{name.id} cannot be read ({error.strerror})"
        except Damaged as error:
            yield name, str(error)
        else:
            yield name, ""


def set_aside(folder: Path) -> Iterator[SetAside]:
    """What lies in quarantine. Raises SpoolError."""
    with _spool(folder):
        for path in sorted((folder / quarantine.NAME).glob("*")):
            with suppress(FileNotFoundError):  # it has just been taken away
                if path.suffix != quarantine.WHY:
                    yield SetAside(path, path.lstat().st_size, _why(path))


def kind(folder: Path, name: EntryName) -> str:
    """What an entry holds; only batches, of which there are few, are opened to know."""
    if name.value is not None:
        return "frames" if name.chain else "readings"
    try:
        return str(header(folder, name)["kind"])
    except Damaged:
        return RECORDS


def made_at(id: str) -> datetime:
    """When an id was made, by the wall clock of then."""
    return EPOCH + timedelta(milliseconds=UUID(id).int >> 80)


def may_return(one: SetAside) -> str:
    """Why a file must stay in quarantine; nothing where it may be sent after all."""
    name = entry_name(one.path.name)
    if name is None:
        return "it is no entry of a spool"
    try:
        unpack(name, one.path.read_bytes())
    except Damaged as error:
        return str(error)
    except OSError as error:
        return f"it cannot be read ({error.strerror})"
    return ""


@contextmanager
def _spool(folder: Path) -> Iterator[None]:
    if not (folder / lock.NAME).exists():
        raise SpoolError(f"{folder} is no spool: name the configuration whose spool it is")
    with translated(folder):
        yield


def _why(path: Path) -> str:
    try:
        told = path.with_name(path.name + quarantine.WHY).read_text("utf-8", errors="replace")
    except FileNotFoundError:
        return "nobody wrote down why"
    return told.strip()


def _lines(folder: Path) -> int:
    """Of an open log and those that are being sealed."""
    count = 0
    for path in log_files(folder):
        with suppress(FileNotFoundError):  # it has just become an entry
            count += path.read_bytes().count(b"\n")
    return count
