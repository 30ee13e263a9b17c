"""A folder as object store: for the demo, for tests, and for a network disk on the site.

Keys become paths. A file system has no portable place for user metadata, so it is not kept here;
nothing is lost by that, since the records hold all of it. The folder itself is created, its parent
is not: where a network disk is not mounted, uploads wait instead of filling the device's own disk.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import unquote, urlsplit

from models import durable
from uploader.errors import NotTaken, ObjectMissing, StoreDenied, StoreRejected, StoreUnavailable
from uploader.reading import Stored
from uploader.settings import StoreSettings
from uploader.store import Upload

PROBE = ".vision-app-probe"
DENIED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
NOT_TAKEN = frozenset({errno.ENOENT, errno.ENOSPC, errno.EDQUOT})
REJECTED = frozenset({errno.ENAMETOOLONG, errno.EINVAL, errno.EISDIR, errno.ENOTDIR})


class FolderStore:
    """Objects as files below one folder."""

    def __init__(self, settings: StoreSettings) -> None:
        self._folder, self._verify = _folder(settings), settings.verify

    def uri(self, key: str) -> str:
        """file:///folder/key."""
        return f"{self._folder.as_uri()}/{key}"

    def put(self, upload: Upload) -> None:
        """Returns when the file and all folders above it are on the disk; see `Store.put`."""
        path = self._path(upload.key)
        with self._translated():
            self._mounted()
            if self._verify and path.exists():
                self._require_same(path, upload)
                return
            durable.make_folder(path.parent)
            durable.write(path, upload.body)

    def check(self, write: bool = False) -> str:
        """Writes a file and removes it."""
        probe = self._folder / PROBE
        with self._translated():
            self._mounted()
            durable.write(probe, b"")
            probe.unlink()
        return f"The folder {self._folder} can be written."

    def close(self) -> None:
        """Nothing is held open."""

    def _path(self, key: str) -> Path:
        return _path(self._folder, key)

    def _require_same(self, path: Path, upload: Upload) -> None:
        size = path.stat().st_size
        if size != len(upload.body) or path.read_bytes() != upload.body:
            raise StoreRejected(
                f"{path} is another file of {size} bytes, which was not overwritten: look at it"
            )

    def _mounted(self) -> None:
        """Creates the store's own folder, in a parent that must be there."""
        if not self._folder.is_dir():
            self._folder.mkdir()
            durable.sync_folder(self._folder.parent)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            said = f"the store {self._folder} cannot be written ({error.strerror})"
            if error.errno in DENIED:
                raise StoreDenied(f"{said}: let this user write there") from error
            if error.errno in REJECTED:
                raise StoreRejected(f"{said}: the key does not fit this file system") from error
            if error.errno == errno.ENOENT:
                said += f": is {self._folder.parent} mounted?"
            raise (NotTaken if error.errno in NOT_TAKEN else StoreUnavailable)(said) from error


class FolderReader:
    """Lists and reads the files below one folder. Symbolic links are listed, never followed."""

    def __init__(self, settings: StoreSettings) -> None:
        self._folder = _folder(settings)

    def uri(self, key: str) -> str:
        """file:///folder/key."""
        return f"{self._folder.as_uri()}/{key}"

    def objects(self, prefix: str = "", after: str = "") -> Iterator[Stored]:
        """See `StoreReader.objects`; looks into no folder that cannot hold one of them."""
        self._require()
        with self._translated("the list of objects"):
            for found in self._below(self._folder, prefix, after):
                if found.key.startswith(prefix) and found.key > after:
                    yield found

    def folders(self, prefix: str) -> Iterator[str]:
        """See `StoreReader.folders`."""
        self._require()
        parents = [self._folder]
        for part in prefix.split("/")[:-1]:
            parents.append(parents[-1] / part)
        if any(parent.is_symlink() for parent in parents[1:]) or not parents[-1].is_dir():
            return
        with self._translated("the list of folders"), os.scandir(parents[-1]) as entries:
            names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
        yield from (f"{prefix}{name}/" for name in sorted(names))

    def read(self, key: str) -> bytes:
        """See `StoreReader.read`."""
        path = _path(self._folder, key)
        if path.is_symlink() or (path.exists() and not path.is_file()):
            raise StoreRejected(f"{key} is no file but a link or a device: see who put it there")
        with self._translated(key):
            return path.read_bytes()

    def close(self) -> None:
        """Nothing is held open."""

    def _require(self) -> None:
        if not self._folder.is_dir():
            raise StoreDenied(f"there is no folder {self._folder}: name the one of the store")

    def _below(self, folder: Path, prefix: str, after: str) -> Iterator[Stored]:
        """What is removed meanwhile, as the half-written files of a device are, is passed over."""
        with suppress(FileNotFoundError), os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if entry.is_dir(follow_symlinks=False):
                    if _leads_to(self._key(entry) + "/", prefix, after):
                        yield from self._below(Path(entry.path), prefix, after)
                else:
                    with suppress(FileNotFoundError):
                        yield self._stored(entry)

    def _stored(self, entry: os.DirEntry[str]) -> Stored:
        said = entry.stat(follow_symlinks=False)
        modified = datetime.fromtimestamp(said.st_mtime, timezone.utc)
        return Stored(self._key(entry), said.st_size, modified)

    def _key(self, entry: os.DirEntry[str]) -> str:
        return Path(entry.path).relative_to(self._folder).as_posix()

    @contextmanager
    def _translated(self, what: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            raise ObjectMissing(f"{what} is not in {self._folder}") from error
        except OSError as error:
            said = f"{what} in {self._folder} cannot be read ({error.strerror})"
            if error.errno in DENIED:
                raise StoreDenied(f"{said}: let this user read it") from error
            raise StoreUnavailable(f"{said}: mend the disk, then try again") from error


def _folder(settings: StoreSettings) -> Path:
    return Path(unquote(urlsplit(settings.url).path))


def _leads_to(folder: str, prefix: str, after: str) -> bool:
    """Whether a folder, with "/" behind it, may hold keys of that prefix greater than after."""
    shared = folder.startswith(prefix) or prefix.startswith(folder)
    return shared and (folder > after or after.startswith(folder))


def _path(folder: Path, key: str) -> Path:
    parts = key.split("/")
    if not all(parts) or "\0" in key or any(part in (".", "..") for part in parts):
        raise StoreRejected(f"the key {key!r} would leave the folder {folder}")
    return folder.joinpath(*parts)
