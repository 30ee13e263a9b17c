"""Finds batches of records: in a store below the folders of their days, or among synced files.

Frames are never listed: of a store, only `records/` is, from the first day that is asked for on.
"""

from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from uploader.audit.layout import Place, place
from uploader.audit.parallel import in_parallel
from uploader.errors import ObjectMissing, StoreRejected
from uploader.lines.reading import MAX_BATCH
from uploader.reading import Stored, StoreReader
from vision_app.errors import Refused
from vision_app.export.wanted import Wanted

RECORDS = "records/"
ENDING = ".jsonl.gz"
WORKERS = 8
AHEAD = 16
"""Batches that are read before the first of them is looked at; the device packs 8 MB into one."""

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch, read. day: of one device; a record that stands twice does so within one of them.

    where: what its key says; None where a file has another name. body: or what keeps it from being
    read, as a clause.
    """

    name: str
    day: str
    where: Place | None
    body: bytes | str


class Batches(Protocol[Found]):
    """Where batches come from, so that those of one day stand together."""

    def find(self) -> Iterator[Found]:
        """Those of the days that are asked for."""

    def read(self, found: Found) -> Batch:
        """Called from several threads."""


def in_order(batches: Batches[Found]) -> Generator[Batch, None, None]:
    """All of them, read some at a time, until it is closed. Raises what they raise."""
    with ThreadPoolExecutor(WORKERS) as pool:
        yield from in_parallel(pool, batches.read, batches.find(), AHEAD)


class StoredBatches:
    """Those of a store, device by device and day by day."""

    def __init__(self, reader: StoreReader, wanted: Wanted) -> None:
        self._reader, self._wanted = reader, wanted

    def find(self) -> Iterator[tuple[Stored, Place]]:
        """Raises Refused where no device has written, and StoreError."""
        device = ""
        for device in self._devices():
            yield from self._of(device)
        if not device:
            raise Refused(
                f"there are no records below {self._reader.uri(RECORDS)}: "
                "name the store as its devices do, with the prefix"
            )

    def read(self, found: tuple[Stored, Place]) -> Batch:
        """Thread-safe. Raises StoreUnavailable or StoreDenied."""
        stored, where = found
        try:
            body = _bounded(stored.size) or self._reader.read(stored.key)
        except (ObjectMissing, StoreRejected) as error:
            return Batch(stored.key, where.folder, where, str(error))
        return Batch(stored.key, where.folder, where, body)

    def _devices(self) -> Iterator[str]:
        for site in _told(RECORDS, "site", self._wanted.sites) or self._reader.folders(RECORDS):
            if site.startswith(f"{RECORDS}site="):
                yield from (
                    device
                    for device in _told(site, "device", self._wanted.devices)
                    or self._reader.folders(site)
                    if device.startswith(f"{site}device=")
                )

    def _of(self, device: str) -> Iterator[tuple[Stored, Place]]:
        wanted = self._wanted
        for stored in self._reader.objects(device, after=f"{device}date={wanted.first_day}"):
            where = place(stored.key)
            if where is not None and where.date > wanted.last_day:
                return
            if where is not None and where.room == "records":
                yield stored, where


class FileBatches:
    """Those in files and folders that were copied from a store; their folders may be missing."""

    def __init__(self, paths: Iterable[Path], wanted: Wanted) -> None:
        self._paths, self._wanted = paths, wanted

    def find(self) -> Iterator[tuple[Path, str, Place | None]]:
        """Sorted by device and day where all have folders that say so, else one after the other.

        Raises Refused where a path is not there or holds no batch.
        """
        files = [(path, _place(path)) for path in _files(self._paths)]
        in_order = all(where is not None for _, where in files)
        for path, where in sorted(files, key=_order) if in_order else files:
            if where is None or self._wanted.first_day <= where.date <= self._wanted.last_day:
                yield path, where.folder if where and in_order else "", where

    def read(self, found: tuple[Path, str, Place | None]) -> Batch:
        """Thread-safe."""
        path, day, where = found
        try:
            return Batch(str(path), day, where, _bounded(path.stat().st_size) or path.read_bytes())
        except OSError as error:
            return Batch(str(path), day, where, f"it cannot be read ({error.strerror})")


def _told(above: str, name: str, values: tuple[str, ...]) -> list[str]:
    return [f"{above}{name}={value}/" for value in sorted(set(values))]


def _bounded(size: int) -> str:
    return f"it has {size} bytes: no device wrote that" if size > MAX_BATCH else ""


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            found = sorted(path.rglob(f"*{ENDING}"))
            if not found:
                raise Refused(f"there is no *{ENDING} in {path}: name what was synced of {RECORDS}")
            yield from found
        elif path.exists():
            yield path
        else:
            raise Refused(f"there is no file or folder {path}")


def _place(path: Path) -> Place | None:
    """By its last folders; the first, `records`, need not have been synced."""
    return place(RECORDS + "/".join(path.parts[-4:]))


def _order(found: tuple[Path, Place | None]) -> tuple[str, str]:
    path, where = found
    assert where is not None, "sorted only where all have a place"
    return where.folder, path.name
