"""Alerts on the disk, a small file each: <id>.<version>.json in the folder `alerts` of the data.

A version is a file of its own, so that whatever ends in between, the one before is whole:

    step                                   if it ends here, the next start
    1 the new version is written           kill -9: finds it, or the one before if it is torn;
                                           a power cut: as torn
    2 the file and its folder are fsynced  finds it
    3 older versions are removed           finds the newest

Whoever waits to tell of an alert waits for step 1 alone: from there on nothing but a power cut can
make this device forget it.
"""

import logging
import os
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from zlib import crc32

from pydantic import BaseModel, ConfigDict

from models import durable
from uploader import checked_file
from uploader.identity import is_id
from vision_app.alerting.alert import Alert

log = logging.getLogger("vision_app")

FOLDER = "alerts"
NAME = re.compile(r"([0-9a-f-]{36})\.([0-9]{1,9})\.json")


class Kept(BaseModel):
    """An alert, and who has been told of which of its changes.

    told: publisher → number of a change → seconds since 1970 when that was confirmed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    alert: Alert
    told: Mapping[str, Mapping[int, float]]


class Shelf:
    """The folder. For one thread at a time.

    problem: why alerts cannot be kept, as a sentence; empty while they can. damaged: alerts of
    which no whole file was found.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._versions: dict[str, int] = {}
        self.problem, self.damaged = "", 0

    def load(self) -> list[Kept]:
        """What an earlier run left, the oldest first; files that are not needed are removed."""
        kept: list[Kept] = []
        for id, versions in sorted(_found(self._folder).items()):
            whole = _newest_whole(self._folder, id, versions)
            if whole is None:
                self.damaged += 1
                log.warning("the alert %s cannot be read and is forgotten", id)
                self._remove(id, versions)
                continue
            version, one = whole
            self._versions[id] = version
            self._remove(id, versions - {version})
            kept.append(one)
        return kept

    def keep(self, all: Iterable[Kept], written: Callable[[str], None]) -> bool:
        """Writes the newest of some alerts; whether a power cut would leave them.

        written: is told the id of each as soon as kill -9 would leave it.
        """
        try:
            durable.make_folder(self._folder)
            new = [self._written(one, written) for one in all]
            for id in new:
                _sync(self._path(id, self._versions[id]))
            durable.sync_folder(self._folder)
        except OSError as error:
            self._complain(
                f"alerts cannot be kept in {self._folder} ({durable.reason(error)}), and would be "
                "forgotten at a restart: make room there, or look at the disk"
            )
            return False
        self._complain("")
        for id in new:
            self._remove(id, _found(self._folder, id).get(id, set()) - {self._versions[id]})
        return True

    def drop(self, id: str) -> None:
        """Forgets an alert."""
        self._remove(id, _found(self._folder, id).get(id, set()))
        self._versions.pop(id, None)

    def _written(self, one: Kept, written: Callable[[str], None]) -> str:
        id = one.alert.id
        version = self._versions.get(id, 0) + 1
        path = self._path(id, version)
        body = one.model_dump_json().encode()
        try:
            path.write_bytes(b"%08x\n" % crc32(body) + body)
        except OSError:
            with suppress(OSError):
                path.unlink()
            raise
        self._versions[id] = version
        written(id)
        return id

    def _remove(self, id: str, versions: Iterable[int]) -> None:
        for version in versions:
            with suppress(OSError):
                self._path(id, version).unlink()

    def _path(self, id: str, version: int) -> Path:
        return self._folder / f"{id}.{version}.json"

    def _complain(self, problem: str) -> None:
        if problem and problem != self.problem:
            log.warning("%s", problem)
        self.problem = problem


def read(folder: Path) -> list[Kept]:
    """What is there, the oldest first; changes nothing, so also beside a running service."""
    found = (_newest_whole(folder, id, vs) for id, vs in sorted(_found(folder).items()))
    return [whole[1] for whole in found if whole]


def _found(folder: Path, id: str = "*") -> dict[str, set[int]]:
    """The versions of each alert."""
    found: dict[str, set[int]] = {}
    for path in folder.glob(f"{id}.*.json"):
        named = NAME.fullmatch(path.name)
        if named and is_id(named[1]):
            found.setdefault(named[1], set()).add(int(named[2]))
    return found


def _newest_whole(folder: Path, id: str, versions: Iterable[int]) -> tuple[int, Kept] | None:
    for version in sorted(versions, reverse=True):
        try:
            body = checked_file.read(folder / f"{id}.{version}.json")
            kept = Kept.model_validate_json(body or b"")
        except (OSError, ValueError):
            continue
        if kept.alert.id == id:
            return version, kept
    return None


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
