"""Which model judges a sensor: the one that is configured, until a better one took its place.

<folder>/<sensor>/<hash of the configured model>/<version>/ is a bundle, active.json beside it says
which one is in use, and which was before. Another model in the configuration has another hash, so
what took the place of the one before counts no more.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from models import durable
from models.anomaly.bundle import folder_of, open_bundle
from models.anomaly.stream import AnomalyModel
from models.bundles.activation import STATE, History, read_history, write_history
from models.bundles.seal import MANIFEST, SEAL_FILE
from models.errors import BundleError, StoreError

LOCK, NOTES = ".lock", "replaced.jsonl"
MAX_NOTES = 100
_NAMED_BY = 16
"""Digits of a hash that name a folder."""


@dataclass(frozen=True, slots=True)
class InUse:
    """The models of one sensor. configured: the bundle that its configuration names."""

    folder: Path
    configured: Path

    @staticmethod
    def of(folder: Path, sensor: str, configured: Path, model: AnomalyModel) -> "InUse":
        """folder: of all sensors. model: the configured one, opened."""
        return InUse(folder / sensor / model.id.sha256[:_NAMED_BY], configured)

    def stamp(self) -> tuple[int, int] | None:
        """Another one whenever another model is in use; takes microseconds."""
        try:
            found = os.stat(self.folder / STATE)
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino

    @property
    def path(self) -> Path:
        """The bundle in use. Raises StoreError where nobody can know."""
        if not (self.folder / STATE).exists():
            return self.configured
        return self.folder / str(self._history().active)

    def replace(self, bundle: Path, why: str) -> Path:
        """Puts a copy of the bundle in use; the one before stays for `rollback`.

        why: goes into replaced.jsonl. Returns where it lies. Raises ModelError; what was in use
        then still is.
        """
        with self._turn():
            history = self._history()
            if not history.activated:
                history = history.then(self._copied(self.configured))
            history = history.then(self._copied(bundle)).shortened()
            write_history(self.folder, history)
            self._note(history, why)
            for gone in self.folder.iterdir():
                if gone.is_dir() and gone.name not in history.activated:
                    shutil.rmtree(gone, ignore_errors=True)
            return self.folder / history.activated[-1]

    def rollback(self) -> Path:
        """Puts the one before in use again; returns where it lies. Raises ModelError."""
        with self._turn():
            history = self._history()
            if history.previous is None:
                raise StoreError("no model was in use before this one: nothing to go back to")
            open_bundle(self.folder / history.previous)
            write_history(self.folder, history.rolled_back())
            self._note(history.rolled_back(), "rolled back")
            return self.folder / history.previous

    def _history(self) -> History:
        try:
            return read_history(self.folder) if (self.folder / STATE).exists() else History()
        except BundleError:
            raise StoreError(
                f"{self.folder / STATE} does not say which model is in use: remove {self.folder}, "
                "then it is the configured one"
            ) from None

    def _note(self, history: History, why: str) -> None:
        """The newest notes, one in a line."""
        path, at = self.folder / NOTES, datetime.now(timezone.utc)
        before = path.read_bytes().splitlines(keepends=True) if path.exists() else []
        note = {"at": at.isoformat(timespec="seconds"), "in_use": history.active, "why": why}
        line = json.dumps(note, ensure_ascii=False).encode() + b"\n"
        durable.write(path, *before[1 - MAX_NOTES :], line)

    def _copied(self, bundle: Path) -> str:
        """The version under which a copy lies here, which is opened before it gets its name."""
        manifest = open_bundle(bundle).manifest
        version = f"{manifest.version[:40]}-{manifest.weights.sha256[:_NAMED_BY]}"
        if not (self.folder / version).exists():
            source = folder_of(bundle)
            with durable.new_folder(self.folder / version) as new:
                for name in (MANIFEST, SEAL_FILE, manifest.weights.file):
                    shutil.copyfile(source / name, new / name)
                open_bundle(new)
        return version

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """One process at a time; OSError becomes StoreError."""
        try:
            durable.make_folder(self.folder)
            lock = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StoreError(f"models cannot be kept: {durable.reason(error)}") from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError:
            raise StoreError(
                f"another process is changing {self.folder}: try again when it is done"
            ) from None
        except OSError as error:
            raise StoreError(f"models cannot be kept: {durable.reason(error)}") from None
        finally:
            os.close(lock)
