"""Fits a temperature to labelled frames, and finds out on others whether it is any better.

logits and truth: as in `models.calibration.temperature`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.calibration.reliability import Bin, expected_calibration_error, reliability
from models.calibration.temperature import (
    HIGHEST,
    LOWEST,
    Floats,
    Truth,
    confidence,
    fit_temperature,
    nll,
    right,
)
from models.errors import CalibrationError

MIN_FRAMES = 100
MIN_PER_LABEL = 10
NAMED = 10


@dataclass(frozen=True, slots=True)
class Fit:
    """A temperature from all frames, and what it is worth on frames that it was not fitted to.

    The frames are split in two halves, alike in labels; a temperature of one half is measured on
    the other, both ways. nll: mean negative log-likelihood of the truth, in nats per frame.
    """

    temperature: float
    samples: int
    accuracy: float
    ece_before: float
    ece_after: float
    nll_before: float
    nll_after: float
    before: tuple[Bin, ...]
    after: tuple[Bin, ...]

    @property
    def better(self) -> bool:
        """Whether held-out frames say that it is better than the temperature of before."""
        return self.nll_after < self.nll_before


def fit(logits: Floats, truth: Truth, labels: Sequence[str], present: float) -> Fit:
    """Fits a temperature, and compares it with the present one.

    Raises CalibrationError where the frames are too few or cannot tell.
    """
    require_enough(truth, labels)
    correct = right(logits, truth)
    temperature = fit_temperature(logits, truth)
    _require_inside(temperature, correct)
    held_out = _held_out(logits, truth)
    now, then = (
        confidence(logits, np.full(len(logits), present), truth.ndim > 1),
        confidence(logits, held_out, truth.ndim > 1),
    )
    return Fit(
        temperature=temperature,
        samples=len(logits),
        accuracy=float(correct.mean()),
        ece_before=expected_calibration_error(now, correct),
        ece_after=expected_calibration_error(then, correct),
        nll_before=float(nll(logits / present, truth).mean()),
        nll_after=float(nll(logits / held_out[:, np.newaxis], truth).mean()),
        before=reliability(now, correct),
        after=reliability(then, correct),
    )


def require_enough(truth: Truth, labels: Sequence[str]) -> None:
    """Raises CalibrationError, with the counts, where frames or those of a label are too few."""
    if len(truth) < MIN_FRAMES:
        raise CalibrationError(
            f"{len(truth)} labelled frames are too few to calibrate with: label at least "
            f"{MIN_FRAMES}, and {MIN_PER_LABEL} of each label"
        )
    counts = truth.sum(axis=0) if truth.ndim > 1 else np.bincount(truth, minlength=len(labels))
    few = [f"{name} {n}" for name, n in zip(labels, counts, strict=True) if n < MIN_PER_LABEL]
    if few:
        more = f" and {len(few) - NAMED} more" if len(few) > NAMED else ""
        raise CalibrationError(
            f"each label needs at least {MIN_PER_LABEL} frames to calibrate with; too few of: "
            f"{', '.join(few[:NAMED])}{more}"
        )


def _require_inside(temperature: float, correct: NDArray[np.bool_]) -> None:
    if LOWEST * 1.001 < temperature < HIGHEST / 1.001:
        return
    if correct.all():
        why = "all frames are named rightly, so that nothing tells how sure is too sure: label more"
    elif not correct.any():
        why = "no frame is named rightly: are these the model's labels, in its order?"
    else:
        why = "its scores say next to nothing of these frames: are they what the model is for?"
    raise CalibrationError(
        f"the temperature runs to {temperature:.3g}, the end of its range; {why}"
    )


def _held_out(logits: Floats, truth: Truth) -> Floats:
    """For each frame the temperature of the half that it is not in, (frames,)."""
    second = _halves(truth)
    temperatures = np.empty(len(logits))
    for half in (second, ~second):
        temperatures[half] = fit_temperature(logits[~half], truth[~half])
    return temperatures


def _halves(truth: Truth) -> NDArray[np.bool_]:
    """Which frames are in the second half: every other one of each label, the same at each call."""
    drawn = np.random.default_rng(0).random(len(truth))
    order = np.lexsort((drawn, truth if truth.ndim == 1 else np.zeros(len(truth))))
    second = np.empty(len(truth), np.bool_)
    second[order] = np.arange(len(truth)) % 2 == 1
    return second
