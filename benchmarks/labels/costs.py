"""What choosing costs: a decision, a look at what was kept before, a million frames replayed."""

import time
from collections.abc import Callable
from datetime import datetime, timezone

import numpy as np

from benchmarks.labels.device import unlimited
from devices.frame import Frame
from masking.masked_frame import MaskedFrame
from masking.masker import Masker
from masking.settings import MaskingSettings
from models.prediction import ModelId, Prediction
from uploader.choosing.chooser import Chooser
from uploader.choosing.looks.duplicates import Duplicates
from uploader.choosing.looks.fingerprint import fingerprint
from uploader.choosing.policies import Names
from uploader.choosing.settings import KeepSettings

MODEL = ModelId("random", "1", "0" * 64, "none")
EMBEDDED = 1024
RUNS, BATCHES = 200, 7


def decision_us(classes: int) -> float:
    """Of a frame that is not wanted, as most are: from its scores to the answer, microseconds."""
    labels = tuple(f"class {n}" for n in range(classes))
    keep, frame = KeepSettings(), _masked()
    names = Names(labels, sensors=(), cameras=("shelf",))
    chooser = Chooser(
        keep, names, unlimited(keep, time.monotonic), Duplicates(keep.duplicates), time.monotonic
    )
    sure = _prediction(labels, confidence=0.99)
    assert chooser.wanted(frame, sure, alerts=0) is None
    return _took_s(lambda: chooser.wanted(frame, sure, alerts=0)) * 1e6


def duplicate_ms(embedded: bool) -> float:
    """Of a 1080p frame: what it looks like, and whether that is among all that are remembered."""
    duplicates, rng = Duplicates(KeepSettings().duplicates), np.random.default_rng(0)
    frame = _masked()
    for _ in range(KeepSettings().duplicates.remember):
        look = fingerprint(_masked(rng), _prediction(embedding=embedded, rng=rng))
        duplicates.kept("shelf", look, 0.0)
    opinion = _prediction(embedding=embedded, rng=rng)
    return _took_s(lambda: duplicates.near("shelf", fingerprint(frame, opinion), 1.0)) * 1e3


def _took_s(run: Callable[[], object]) -> float:
    """Of one core, for one run: the best of some batches."""
    took = []
    for _ in range(BATCHES):
        began = time.process_time()
        for _ in range(RUNS):
            run()
        took.append((time.process_time() - began) / RUNS)
    return min(took)


def _prediction(
    labels: tuple[str, ...] = ("a", "b"),
    confidence: float = 0.5,
    embedding: bool = False,
    rng: np.random.Generator | None = None,
) -> Prediction:
    rest = (1 - confidence) / (len(labels) - 1)
    scores = (confidence, *[rest] * (len(labels) - 1))
    drawn = (rng or np.random.default_rng(0)).standard_normal(EMBEDDED).astype(np.float32)
    drawn.flags.writeable = False
    return Prediction(labels, scores, confidence, MODEL, drawn if embedding else None)


def _masked(rng: np.random.Generator | None = None) -> MaskedFrame:
    """1080p, of a camera that needs no masking."""
    pixels = np.full((1080, 1920, 3), 128, np.uint8)
    if rng is not None:
        pixels[:] = np.kron(rng.integers(0, 255, (9, 16, 3)), np.ones((120, 120, 1)))
    frame = Frame(pixels, "shelf", 0, datetime.now(timezone.utc), 0.0)
    exempt = Masker(None, MaskingSettings(look_ahead=0), "a benchmark without people")
    return exempt.mask(frame)[0]
