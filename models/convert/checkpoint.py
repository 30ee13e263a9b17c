"""A checkpoint as MXNet and SageMaker leave it: its graph, its weights, its picture size."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.convert.checkpoint_files import File, find_checkpoint
from models.convert.params import Parameters, read_parameters
from models.convert.symbol import Symbol, read_symbol
from models.errors import BundleError

MAX_TEXT_BYTES = 64 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """A graph and its weights: each is whole, but whether they fit is not known yet.

    where: for people. epoch: None where no file name says it.
    shapes: of the training's inputs, by name, the number of pictures first; empty where unknown.
    """

    where: str
    symbol: Symbol
    parameters: Parameters
    shapes: Mapping[str, tuple[int, ...]]
    epoch: int | None


def open_checkpoint(paths: Sequence[Path], epoch: int | None = None) -> Checkpoint:
    """Reads a checkpoint: a folder, a prefix, a model.tar.gz, or its files in any order.

    epoch: which of several; by default the newest. Nothing is executed, unpickled or unpacked to
    the disk. Raises BundleError with a sentence that names the file at fault.
    """
    found = find_checkpoint(paths, epoch)
    symbol = read_symbol(_text(found.symbol), found.symbol.label)
    parameters = read_parameters(found.params.read(), found.params.label)
    shapes = _shapes(_text(found.shapes), found.shapes.label) if found.shapes else {}
    return Checkpoint(found.params.label, symbol, parameters, shapes, found.epoch)


def _text(file: File) -> bytes:
    content = file.read()
    if len(content) > MAX_TEXT_BYTES:
        raise BundleError(f"{file.label} is larger than {MAX_TEXT_BYTES} bytes")
    return content


def _shapes(content: bytes, where: str) -> Mapping[str, tuple[int, ...]]:
    """SageMaker's model-shapes.json: a list of {"name": "data", "shape": [16, 3, 224, 224]}."""
    try:
        rows = json.loads(content.decode())
        return {_checked(row["name"], str): _sizes(row["shape"]) for row in rows}
    except (ValueError, TypeError, KeyError, RecursionError):
        raise BundleError(
            f'{where} must be a list of {{"name": "data", "shape": [1, 3, 224, 224]}}'
        ) from None


def _sizes(found: Any) -> tuple[int, ...]:
    return tuple(_checked(size, int) for size in _checked(found, list))


def _checked(found: Any, kind: type) -> Any:
    if type(found) is not kind:
        raise TypeError
    return found
