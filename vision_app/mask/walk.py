"""Finds the pictures and videos below a folder, one by one, and where each is to go."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vision_app.mask.kinds import Kind, kind_of
from vision_app.mask.places import within
from vision_app.mask.report import End, Outcome


@dataclass(frozen=True, slots=True)
class Task:
    """One file to mask. name: as below IN."""

    name: Path
    source: Path
    target: Path
    kind: Kind


def walk(source: Path, target: Path) -> Iterator[Task | Outcome]:
    """What is to be done for a file, or for all files below a folder in the order of their names.

    What cannot be done is an outcome already. Links to files are followed, those to folders not,
    so that no loop has to be found out. Folders are listed when their turn comes.
    """
    if source.is_dir():
        yield from _Walk(source, target).below()
    else:
        yield _file(Path(source.name), source, target)


@dataclass(frozen=True, slots=True)
class _Walk:
    source: Path
    target: Path

    def below(self) -> Iterator[Task | Outcome]:
        folders = [Path()]
        while folders:
            folder = folders.pop()
            inner: list[Path] = []
            for name, what in self._listed(folder, inner):
                yield what or _file(name, self.source / name, self.target / name)
            folders += reversed(inner)

    def _listed(self, folder: Path, inner: list[Path]) -> Iterator[tuple[Path, Outcome | None]]:
        """The files of a folder, each with its outcome if it has one; the folders into inner."""
        there = self.target / folder
        if there.exists() and within(there, self.source):
            why = "its place below OUT is a link into IN"
            yield folder, Outcome(folder, End.NOT_WRITTEN, why)
            return
        try:
            with os.scandir(self.source / folder) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            yield folder, Outcome(folder, End.BROKEN, f"cannot be listed: {error.strerror}")
            return
        for entry in listed:
            name = folder / entry.name
            if entry.is_dir(follow_symlinks=False):
                inner.append(name)
            else:
                yield name, self._refused(name, entry)

    def _refused(self, name: Path, entry: "os.DirEntry[str]") -> Outcome | None:
        path = self.source / name
        if entry.is_symlink() and path.is_dir():
            return Outcome(name, End.LEFT_OUT, "a link to a folder, which is not followed")
        if entry.is_symlink() and within(path, self.target):
            return Outcome(name, End.EXISTS, "it is a link to a file in OUT")
        return None


def _file(name: Path, source: Path, target: Path) -> Task | Outcome:
    kind = kind_of(source)
    if kind is None:
        return Outcome(name, End.LEFT_OUT, "no picture and no video, by its ending")
    if source.exists() and not source.is_file():
        return Outcome(name, End.LEFT_OUT, "no plain file")
    return Task(name, source, target, kind)
