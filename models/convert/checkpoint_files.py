"""Finds the files of a checkpoint in a folder, behind a prefix, in an archive or in a list."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from models.convert.archive import MAX_BYTES, read_archive
from models.errors import BundleError
from models.read_file import read_file

SYMBOL, PARAMS, SHAPES = "-symbol.json", ".params", "model-shapes.json"
EPOCH = re.compile(r"(?P<prefix>.*)-(?P<epoch>\d{4,9})\.params")
ARCHIVES = (".tar", ".tar.gz", ".tgz")
WAYS = "a folder, a prefix, a model.tar.gz, or both files, *-symbol.json and *.params"


@dataclass(frozen=True, slots=True)
class File:
    """A file of a checkpoint, on the disk or in an archive; label: for people."""

    label: str
    read: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Found:
    """The files of one checkpoint; epoch: None where no name says it."""

    symbol: File
    params: File
    shapes: File | None
    epoch: int | None


def find_checkpoint(paths: Sequence[Path], epoch: int | None) -> Found:
    """Pairs a graph with its weights of the newest epoch, or of the one that is told.

    Raises BundleError when something is missing, or more than one would do.
    """
    where = ", ".join(str(path) for path in paths) or "nothing"
    files = _files(paths)
    graphs = [name for name in files if name.endswith(SYMBOL)]
    graphs = graphs or [name for name in files if name.endswith(".json") and name != SHAPES]
    if len(graphs) != 1:
        raise BundleError(f"{where} holds {_listed(graphs)} for a graph: give {WAYS}")
    params, number = _params(where, files, graphs[0].removesuffix(SYMBOL), epoch)
    return Found(files[graphs[0]], files[params], files.get(SHAPES), number)


def _params(
    where: str, files: Iterable[str], prefix: str, epoch: int | None
) -> tuple[str, int | None]:
    """The name of the weights, and their epoch."""
    named = [name for name in files if name.endswith(PARAMS)]
    parts = {name: match for name in named if (match := EPOCH.fullmatch(name))}
    epochs = {int(m["epoch"]): n for n, m in parts.items() if m["prefix"] == prefix}
    if not epochs and len(named) == 1:
        epochs = {int(match["epoch"]): name for name, match in parts.items()}
        if not epochs and epoch is None:
            return named[0], None
    if not epochs:
        raise BundleError(f"{where} holds {_listed(named)} for the weights: give {WAYS}")
    chosen = max(epochs) if epoch is None else epoch
    if chosen not in epochs:
        there = ", ".join(str(number) for number in sorted(epochs))
        raise BundleError(f"{where} has no epoch {chosen}, only {there}")
    return epochs[chosen], chosen


def _files(paths: Sequence[Path]) -> Mapping[str, File]:
    if len(paths) == 1:
        return _around(paths[0])
    missing = [path for path in paths if not path.is_file()]
    if missing:
        raise BundleError(f"{missing[0]} is not a file")
    files = {path.name: _on_disk(path) for path in paths}
    if len(files) != len(paths):
        raise BundleError("two files have the same name: give one checkpoint")
    return files


def _around(path: Path) -> Mapping[str, File]:
    if path.is_dir():
        return {file.name: _on_disk(file) for file in _inside(path) if _is_wanted(file.name)}
    if path.is_file() and path.name.endswith(ARCHIVES):
        members = read_archive(path, _is_wanted)
        return {name: File(f"{path}: {name}", partial(bytes, c)) for name, c in members.items()}
    if path.is_file():
        raise BundleError(f"{path} alone is not a checkpoint: give {WAYS}")
    beside = _inside(path.parent) if path.parent.is_dir() else ()
    files = {file.name: _on_disk(file) for file in beside if _belongs(file.name, path.name)}
    if not files:
        raise BundleError(f"{path} does not exist: give {WAYS}")
    return files


def _inside(folder: Path) -> Sequence[Path]:
    try:
        return list(folder.iterdir())
    except OSError as error:
        raise BundleError(f"{folder} cannot be read: {error.strerror}") from None


def _belongs(name: str, prefix: str) -> bool:
    match = EPOCH.fullmatch(name)
    return name in (prefix + SYMBOL, prefix + PARAMS, SHAPES) or (
        match is not None and match["prefix"] == prefix
    )


def _is_wanted(name: str) -> bool:
    return name.endswith((SYMBOL, PARAMS)) or name == SHAPES


def _on_disk(path: Path) -> File:
    return File(str(path), partial(read_file, path, MAX_BYTES))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)[:10]) or "nothing"
