"""The temperature that makes a classifier as sure as it is right, and what is computed with it.

Temperature scaling: confidence is the softmax (multi-label: the sigmoid) of logits / T. Source:
Guo et al., On Calibration of Modern Neural Networks, 2017. For both, the negative log-likelihood is
convex in 1/T, so that its slope has one zero, and bisection cannot miss it.

logits: float64 (frames, labels), as `Classifier.logits` gives them.
truth: int64 (frames,), the index of each frame's label; multi-label: bool (frames, labels).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

LOWEST, HIGHEST = 0.05, 20.0
"""Temperatures that are looked at. Where all frames are right, or all wrong, the best one is 0 or
infinite; the fit then ends at one of these."""
STEPS = 30
"""Halvings of that range; they leave less than 1e-8 of it."""

Floats = NDArray[np.float64]
Truth = NDArray[Any]


def fit_temperature(logits: Floats, truth: Truth) -> float:
    """The temperature between LOWEST and HIGHEST with the least negative log-likelihood."""
    low, high = np.log(1 / HIGHEST), np.log(1 / LOWEST)
    for _ in range(STEPS):
        middle = (low + high) / 2
        if _slope(logits, truth, float(np.exp(middle))) > 0:
            high = middle
        else:
            low = middle
    return float(np.exp(-(low + high) / 2))


def nll(logits: Floats, truth: Truth) -> Floats:
    """Negative log-likelihood of each frame's truth in nats, (frames,); of all labels together."""
    if truth.ndim > 1:
        costs: Floats = (np.logaddexp(0, logits) - truth * logits).sum(axis=1)
        return costs
    top = logits.max(axis=1)
    spread = np.log(np.exp(logits - top[:, np.newaxis]).sum(axis=1)) + top
    return np.asarray(spread - logits[np.arange(len(truth)), truth])


def confidence(logits: Floats, temperatures: Floats, multi: bool) -> Floats:
    """Calibrated probability of each frame's best label, (frames,)."""
    best = logits.max(axis=1) / temperatures
    if multi:
        return np.asarray((1 + np.tanh(best / 2)) / 2)
    cooled = logits / temperatures[:, np.newaxis]
    return np.asarray(1 / np.exp(cooled - best[:, np.newaxis]).sum(axis=1))


def right(logits: Floats, truth: Truth) -> NDArray[np.bool_]:
    """Whether the best label is true of the frame, (frames,)."""
    best = logits.argmax(axis=1)
    if truth.ndim > 1:
        return np.asarray(truth[np.arange(len(best)), best], np.bool_)
    return np.asarray(best == truth, np.bool_)


def _slope(logits: Floats, truth: Truth, inverse: float) -> float:
    """Derivative of the summed negative log-likelihood by 1/T."""
    cooled = logits * inverse
    if truth.ndim > 1:
        return float((((1 + np.tanh(cooled / 2)) / 2 - truth) * logits).sum())
    powers = np.exp(cooled - cooled.max(axis=1, keepdims=True))
    expected = (powers * logits).sum(axis=1) / powers.sum(axis=1)
    return float((expected - logits[np.arange(len(truth)), truth]).sum())
