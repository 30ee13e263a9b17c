"""Fits the One-Class SVM, and judges each part of the data by what was learnt from the others.

The only file that needs scikit-learn.
"""

import numpy as np
from numpy.typing import NDArray

from models.anomaly.one_class_svm import OneClassSvm
from models.anomaly.standard import Standard
from models.anomaly.training_rows import TrainingRows
from models.anomaly.window import Vector
from models.errors import ModelError

PARTS = 5


def learn(z: NDArray[np.float64], nu: float, gamma: float) -> OneClassSvm:
    """The One-Class SVM of standardised rows. Raises ModelError without scikit-learn."""
    try:
        from sklearn.svm import OneClassSVM
    except ImportError as error:
        raise ModelError("fitting needs scikit-learn: pip install 'vision-app[train]'") from error
    fitted = OneClassSVM(nu=nu, gamma=gamma).fit(z)
    rho = float(fitted.offset_[0])
    return OneClassSvm(fitted.support_vectors_, fitted.dual_coef_[0] / rho, gamma)


def held_out_scores(rows: TrainingRows, nu: float, gamma: float) -> Vector:
    """A score for every row, by a model that knows nothing of the fifth of the time around it.

    Rows whose window reaches into that fifth are kept from the model too. Raises ModelError when
    the file is too short for that.
    """
    parts = np.array_split(np.arange(len(rows.times_s)), PARTS)
    return np.concatenate([_scores_of_part(rows, part, nu, gamma) for part in parts])


def _scores_of_part(rows: TrainingRows, part: NDArray[np.intp], nu: float, gamma: float) -> Vector:
    start_s = rows.times_s[part[0]] - rows.window_s
    end_s = rows.times_s[part[-1]] + rows.window_s
    others = rows.features[(rows.times_s < start_s) | (rows.times_s > end_s)]
    if len(others) < 10 or np.isnan(others).all(axis=0).any():
        raise ModelError(
            f"the readings cover too little time for a window of {rows.window_s:g} s: "
            "record normal readings for longer, or use a shorter window"
        )
    standard = Standard.of(others)
    svm = learn(standard.apply(others), nu, gamma)
    return np.array([svm.judge(z)[0] for z in standard.apply(rows.features[part])])
