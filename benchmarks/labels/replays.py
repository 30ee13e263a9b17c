"""How long a replay of a million frames takes: two cameras, 43 classes, 15 frames a second."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from uploader.choosing.score_file import ENDING, Header, head
from uploader.choosing.settings import KeepSettings
from vision_app.simulate.log import open_log
from vision_app.simulate.outcome import Outcome
from vision_app.simulate.replay import replay

FRAMES, CHUNK, CLASSES, FPS = 1_000_000, 50_000, 43, 15.0
BEGAN_MS = 1_790_000_000_000
SURE, SPREAD = 6.0, 2.2
"""Logits: the mean by which one class leads, and the deviation of all."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of it, and the seconds that it took."""

    outcome: Outcome
    took_s: float


def replayed(keep: KeepSettings) -> Replayed:
    """Drawn frames, whose looks are all different: so nothing is settled early."""
    with _log() as folder:
        began = time.perf_counter()
        outcome = replay(open_log(folder), keep)
        return Replayed(outcome, time.perf_counter() - began)


@contextmanager
def _log() -> Iterator[Path]:
    rng = np.random.default_rng(0)
    header = Header("0" * 64, tuple(f"c{n}" for n in range(CLASSES)), (), ("door", "till"))
    with tempfile.TemporaryDirectory() as name:
        with Path(name, f"drawn{ENDING}").open("wb") as file:
            file.write(head(header))
            for begin in range(0, FRAMES, CHUNK):
                file.write(_rows(header, begin, rng).tobytes())
        yield Path(name)


def _rows(header: Header, begin: int, rng: np.random.Generator) -> np.ndarray:
    rows = np.zeros(CHUNK, header.row_type)
    logits = rng.normal(0, SPREAD, (CHUNK, CLASSES))
    logits[np.arange(CHUNK), rng.integers(CLASSES, size=CHUNK)] += rng.gamma(2, SURE / 2, CHUNK)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    rows["scores"] = powers / powers.sum(axis=1, keepdims=True)
    rows["confidence"] = rows["scores"].max(axis=1)
    rows["steady_s"] = np.arange(begin, begin + CHUNK) / FPS
    rows["at_ms"] = BEGAN_MS + rows["steady_s"] * 1000
    rows["camera"] = rng.integers(len(header.cameras), size=CHUNK)
    rows["faces"] = rng.random(CHUNK) < 0.05
    rows["hash"] = rng.integers(1 << 63, size=CHUNK)
    return rows
