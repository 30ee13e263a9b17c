"""Tells a network's scores from its embedding, and makes numbers of the latter."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.backend import TensorSpec
from models.did_you_mean import did_you_mean
from models.errors import BackendUnavailable, BundleError, ModelError


@dataclass(frozen=True, slots=True)
class Outputs:
    """Which of a network's outputs is which: scores, and embedding, None where there is none.

    note: for people, where the backend leaves the embedding out.
    """

    scores: int
    embedding: int | None = None
    note: str = ""


def find_outputs(
    file: str, embedding: str | None, tensors: Sequence[TensorSpec], classes: int
) -> Outputs:
    """As a person named them. embedding: what the file calls it; None: it has only scores.

    Raises BundleError when the file has others, BackendUnavailable when the backend does not say
    what they are called, and their sizes do not tell either.
    """
    names = [tensor.name for tensor in tensors]
    if len(tensors) != (1 if embedding is None else 2):
        expected = "one of scores" if embedding is None else "one of scores and an embedding"
        raise BundleError(f"{file} has {_counted(names)}, not {expected}")
    if embedding is None:
        return Outputs(0)
    if embedding in names:
        return Outputs(1 - names.index(embedding), names.index(embedding))
    if all(names):
        meant = did_you_mean(embedding, names, f"it has {', '.join(names)}")
        raise BundleError(f"{file} has no output {embedding!r} to be the embedding: {meant}")
    return _by_size(file, tensors, classes)


def embedding_of(raw: NDArray[Any], tensor: TensorSpec) -> NDArray[np.float32]:
    """One output of any shape as (n,) float32, read-only.

    Raises ModelError when the network answered with something that is not a number.
    """
    numbers = raw.reshape(-1).astype(np.float32)
    if tensor.scale:
        numbers = (numbers - np.float32(tensor.zero_point)) * np.float32(tensor.scale)
    if not np.isfinite(numbers).all():
        raise ModelError("the network answered with an embedding that is not finite")
    numbers.flags.writeable = False
    return numbers


def _by_size(file: str, tensors: Sequence[TensorSpec], classes: int) -> Outputs:
    fitting = [at for at, tensor in enumerate(tensors) if abs(math.prod(tensor.shape)) == classes]
    if len(fitting) != 1:
        raise BackendUnavailable(f"it does not say which output of {file} are the scores")
    note = (
        f"the backend does not say which output of {file} is the embedding, so near-duplicates "
        "are told by a perceptual hash: use another backend"
    )
    return Outputs(fitting[0], note=note)


def _counted(names: Sequence[str]) -> str:
    listed = f" ({', '.join(names)})" if all(names) else ""
    return f"{len(names)} output{'' if len(names) == 1 else 's'}{listed}"
