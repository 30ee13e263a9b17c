"""A folder as object store: for the demo, for tests, and for a network disk on the site.

Keys become paths. A file system has no portable place for user metadata, so it is not kept here;
nothing is lost by that, since the records hold all of it. The folder itself is created, its parent
is not: where a network disk is not mounted, uploads wait instead of filling the device's own disk.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from models import durable
from uploader.errors import StoreDenied, StoreRejected, StoreUnavailable
from uploader.settings import StoreSettings
from uploader.store import Upload

PROBE = ".vision-app-probe"
DENIED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
REJECTED = frozenset({errno.ENAMETOOLONG, errno.EINVAL, errno.EISDIR, errno.ENOTDIR})


class FolderStore:
    """Objects as files below one folder."""

    def __init__(self, settings: StoreSettings) -> None:
        self._folder = Path(unquote(urlsplit(settings.url).path))

    def uri(self, key: str) -> str:
        """file:///folder/key."""
        return f"{self._folder.as_uri()}/{key}"

    def put(self, upload: Upload) -> None:
        """Returns when the file and all folders above it are on the disk; see `Store.put`."""
        path = self._path(upload.key)
        with self._translated():
            self._mounted()
            durable.make_folder(path.parent)
            durable.write(path, upload.body)

    def check(self) -> str:
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
        parts = key.split("/")
        if not all(parts) or "\0" in key or any(part in (".", "..") for part in parts):
            raise StoreRejected(f"the key {key!r} would leave the folder {self._folder}")
        return self._folder.joinpath(*parts)

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
            raise StoreUnavailable(said) from error
