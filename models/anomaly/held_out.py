"""Judges each part of the data by what was learnt from the others, and chooses the threshold."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.anomaly.learn import Learner
from models.anomaly.moments import Vector
from models.anomaly.standard import Standard
from models.anomaly.training_rows import TrainingRows
from models.errors import ModelError

PARTS = 5
MAX_JUDGED = 10_000
MAX_THRESHOLD = 0.9999
"""Scores end at 1. A threshold near it, which readings that differ too much among themselves would
ask for, could hardly ever be passed: the model would be silent."""
BASIS_WINDOWS = 1.75
"""Windows beside one another that at least must lie above a threshold: what rests on fewer rests on
one moment that happened to be in the data. So 40 windows cannot tell a rate below 4%."""
CLEAR = 0.7
"""Of the way, in the logarithm of 1 − score, from the edge of the known to the threshold: where an
alarm may end."""
_Z95 = 1.959964


@dataclass(frozen=True, slots=True)
class Threshold:
    """A score, the share of held-out normal readings above it, and between what limits that share
    lies with a probability of 95%, readings that share their windows counted as one."""

    score: float
    false_alarm_rate: float
    interval: tuple[float, float]

    @property
    def clear(self) -> float:
        """The score at which an alarm may end."""
        return 1.0 - float((1.0 - self.score) ** CLEAR)


def judged_rows(count: int) -> NDArray[np.intp]:
    """Indices of the rows that are held out in turn, evenly spread."""
    return np.linspace(0, count - 1, min(count, MAX_JUDGED)).round().astype(np.intp)


def held_out_scores(rows: TrainingRows, kept: NDArray[np.bool_], learner: Learner) -> Vector:
    """A score for each of `judged_rows`, by a model that knows nothing of the fifth of the time
    around it.

    Rows whose window reaches into that fifth are kept from the model too. kept: which of the rows
    may be learnt from. Raises ModelError when the file is too short.
    """
    judged = judged_rows(len(rows.times_s))
    return np.concatenate(
        [_scores_of(rows, kept, part, learner) for part in np.array_split(judged, PARTS)]
    )


def strange(scores: Vector, share: float) -> NDArray[np.bool_]:
    """Which scores are among the highest `share` of them."""
    return scores > np.quantile(scores, 1 - share) if share else np.zeros(len(scores), bool)


def threshold(scores: Vector, rate: float, windows: float) -> Threshold:
    """The threshold that this share of held-out scores lies above, or as small a one as they tell.

    windows: how many windows beside one another the scores come from.
    """
    told = min(max(rate, BASIS_WINDOWS / windows), 0.5)
    wanted = float(np.quantile(scores, 1 - told))
    score = min(max(wanted, 0.0), MAX_THRESHOLD)
    above = float(np.mean(scores > score))
    return Threshold(score, above, wilson(above, max(1.0, min(windows, len(scores)))))


def wilson(share: float, count: float) -> tuple[float, float]:
    """The 95% interval of a share that was seen in `count` independent cases."""
    around = 1 + _Z95**2 / count
    middle = (share + _Z95**2 / (2 * count)) / around
    reach = _Z95 * math.sqrt(share * (1 - share) / count + (_Z95 / (2 * count)) ** 2) / around
    return max(0.0, middle - reach), min(1.0, middle + reach)


def _scores_of(
    rows: TrainingRows,
    kept: NDArray[np.bool_],
    part: NDArray[np.intp],
    learner: Learner,
) -> Vector:
    start_s = rows.times_s[part[0]] - rows.window_s
    end_s = rows.times_s[part[-1]] + rows.window_s
    others = kept & ((rows.times_s < start_s) | (rows.times_s > end_s))
    if others.sum() < 10:
        raise ModelError(
            f"the readings cover too little time for a window of {rows.window_s:g} s: "
            "record normal readings for longer, or use a shorter window"
        )
    known = rows.features[others]
    if np.isnan(known).all(axis=0).any():
        known = rows.features
    standard = Standard.of(known, rows.names, rows.wandering)
    svm = learner(standard.apply(rows.features[others]))
    return svm.scores(standard.apply(rows.features[part]))
