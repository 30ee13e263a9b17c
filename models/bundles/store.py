"""The bundles on this device: brought in whole, activated at once, and the one before kept.

<store>/<name>/<version>/ is a bundle, <store>/<name>/active.json says which version the name stands
for. Whatever is killed at whatever moment: a version is there or it is not, and is active or not.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from models import durable
from models.bundles.activation import (
    STATE,
    History,
    find_stored,
    read_history,
    stored_names,
    versions,
    write_history,
)
from models.bundles.bundle import Bundle, copy_files, open_bundle
from models.classifier import first_proven
from models.errors import BundleError, StoreError
from models.settings import ModelSettings

LOCK = ".lock"
NEW, OLD = ".new-", ".old-"
"""What is being brought in or taken away; found later, nobody is at it any more."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A version of a bundle in the store."""

    name: str
    version: str
    folder: Path
    active: bool
    previous: bool


class Store:
    """Changes are made by one process at a time; reading needs no turn."""

    def __init__(self, settings: ModelSettings) -> None:
        """settings: name the store, and how a bundle is tried on this machine."""
        assert settings.store is not None, "completed by config.complete"
        self.folder = settings.store
        self._settings = settings

    def bundles(self) -> tuple[Stored, ...]:
        """All versions of all names. Raises StoreError where one cannot be read."""
        return tuple(
            Stored(name, version, self.folder / name / version, *self._state(name, version))
            for name in stored_names(self.folder)
            for version in versions(self.folder / name)
        )

    def add(self, where: str) -> Stored:
        """Brings a copy of a bundle that reproduces its golden example here.

        The first version of a name is active at once; one that was damaged here is replaced.
        Raises ModelError; what is there stays as it is then.
        """
        with self._turn(), open_bundle(where) as bundle:
            name, version = bundle.manifest.name, bundle.manifest.version
            place = self.folder / name / version
            if not self._holds(bundle, place):
                self._bring(bundle, place)
            return Stored(name, version, place, *self._state(name, version))

    def activate(self, wanted: str) -> Stored:
        """Makes a version that is here the one that its name stands for, after it was tried here.

        wanted: name@version. Raises ModelError; the name then stands for what it did.
        """
        with self._turn():
            name, _, version = wanted.partition("@")
            place = find_stored(self.folder, wanted) if version else None
            if place is None:
                raise StoreError(f"{wanted!r} is not in {self.folder}: {self._there(name)}")
            self._prove(place)
            with self._disk():
                write_history(place.parent, self._history(name).then(version))
            return Stored(name, version, place, *self._state(name, version))

    def rollback(self, name: str) -> Stored:
        """Makes the version active that was so before, after it was tried here.

        Raises ModelError; the name then stands for what it did.
        """
        with self._turn():
            if name not in stored_names(self.folder):
                raise StoreError(f"{name!r} is not in {self.folder}: {self._there('')}")
            history = read_history(self.folder / name)
            if history.previous is None:
                raise StoreError(
                    f"no version of {name} was active before {history.active}: "
                    f"vision-app model activate {name}@VERSION"
                )
            place = self.folder / name / history.previous
            self._prove(place)
            with self._disk():
                write_history(self.folder / name, history.rolled_back())
            return Stored(name, place.name, place, *self._state(name, place.name))

    def prune(self, name: str | None = None) -> tuple[str, ...]:
        """Removes all versions but the active one and the one before; returns name@version of each.

        Raises StoreError.
        """
        with self._turn():
            names = stored_names(self.folder)
            if name is not None and name not in names:
                raise StoreError(f"{name!r} is not in {self.folder}: {self._there('')}")
            return tuple(gone for one in names if name in (None, one) for gone in self._pruned(one))

    def _bring(self, bundle: Bundle, place: Path) -> None:
        """One rename is the moment at which the version is there."""
        first_proven(bundle, self._settings).close()
        known = bool(versions(place.parent))
        with self._disk():
            temp = Path(mkdtemp(prefix=NEW, dir=self.folder))
            try:
                temp.chmod(0o755)
                (temp / place.name).mkdir()
                copy_files(bundle, temp / place.name)
                open_bundle(str(temp / place.name)).close()
                if not known:
                    write_history(temp, History((place.name,)))
                durable.sync_tree(temp)
                came, target = (temp / place.name, place) if known else (temp, place.parent)
                if target.exists():
                    _remove(target, self.folder)
                os.rename(came, target)
            finally:
                shutil.rmtree(temp, ignore_errors=True)
            durable.sync_folder(place.parent)
            durable.sync_folder(self.folder)

    def _pruned(self, name: str) -> Iterator[str]:
        folder = self.folder / name
        history = read_history(folder).shortened()
        with self._disk():
            write_history(folder, history)
            for version in versions(folder):
                if version not in history.activated:
                    _remove(folder / version, self.folder)
                    yield f"{name}@{version}"

    def _prove(self, place: Path) -> None:
        with open_bundle(str(place)) as bundle:
            first_proven(bundle, self._settings).close()

    def _holds(self, bundle: Bundle, place: Path) -> bool:
        """Whether it is here, whole; StoreError where another one has its place."""
        try:
            there = open_bundle(str(place))
        except BundleError:
            return False
        if there.manifest != bundle.manifest:
            raise StoreError(
                f"{place} is another bundle of that name and version: give this one another "
                "version in its manifest, or with --version"
            )
        return True

    def _history(self, name: str) -> History:
        try:
            return read_history(self.folder / name)
        except BundleError:
            return History()

    def _state(self, name: str, version: str) -> tuple[bool, bool]:
        history = self._history(name)
        return version == history.active, version == history.previous

    def _there(self, name: str) -> str:
        found = [f"{one.name}@{one.version}" for one in self.bundles() if name in ("", one.name)]
        return f"it holds {', '.join(found)}" if found else "vision-app model add brings bundles"

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Nobody else changes the store meanwhile; what a killed process left is taken away."""
        with self._disk():
            durable.make_folder(self.folder)
            lock = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._sweep()
            yield
        except BlockingIOError:
            raise StoreError(
                f"another process is changing {self.folder}: try again when it is done"
            ) from None
        finally:
            os.close(lock)

    def _sweep(self) -> None:
        for left in (*self.folder.glob(f"{NEW}*"), *self.folder.glob(f"{OLD}*")):
            shutil.rmtree(left, ignore_errors=True)
        for left in self.folder.glob(f"*/{STATE}{durable.TEMP}"):
            left.unlink(missing_ok=True)

    @contextmanager
    def _disk(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(
                f"the store {self.folder} cannot be changed: {durable.reason(error)}"
            ) from None


def _remove(folder: Path, store: Path) -> None:
    """Gone at once under its name, then from the disk."""
    temp = Path(mkdtemp(prefix=OLD, dir=store))
    os.rename(folder, temp / folder.name)
    durable.sync_folder(folder.parent)
    shutil.rmtree(temp, ignore_errors=True)
