"""Fits the One-Class SVM: exactly on as many rows as that takes seconds for, or to all of them.

The only file that needs scikit-learn.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from models.anomaly.coverage import covering
from models.anomaly.one_class_svm import OneClassSvm
from models.errors import ModelError

Method = Literal["exact", "nystroem"]
Learner = Callable[[NDArray[np.float64]], OneClassSvm]

MAX_EXACT = 10_000
"""Rows of an exact fit, which takes time with the square of them and more."""
LANDMARKS = 500
_BLOCK = 20_000
_STEPS = 1_000_000
"""Rows that the descent looks at: fewer rows are gone through more often."""
_SEED = 1


def learner(method: Method, nu: float, gamma: float) -> Learner:
    """How standardised rows become a model."""
    return partial(learn if method == "exact" else learn_all, nu=nu, gamma=gamma)


def learn(z: NDArray[np.float64], nu: float, gamma: float) -> OneClassSvm:
    """The exact One-Class SVM of standardised rows; of more than MAX_EXACT, of some that lie
    wherever they lie. Raises ModelError without scikit-learn."""
    kind = _scikit_learn().svm.OneClassSVM(nu=nu, gamma=gamma)
    fitted = kind.fit(z[covering(z, MAX_EXACT)])
    rho = float(fitted.offset_[0])
    return OneClassSvm(fitted.support_vectors_, fitted.dual_coef_[0] / rho, gamma)


def learn_all(z: NDArray[np.float64], nu: float, gamma: float) -> OneClassSvm:
    """An approximation to the One-Class SVM of all rows, however many (Nystroem, and stochastic
    gradient descent in blocks). Raises ModelError without scikit-learn."""
    marks = z[covering(z, LANDMARKS)]
    roots = _root(_kernel(marks, marks, gamma))
    descent = _scikit_learn().linear_model.SGDOneClassSVM(
        nu=nu, random_state=_SEED, average=len(z) // 10
    )
    random = np.random.default_rng(_SEED)
    for _ in range(max(1, _STEPS // len(z))):
        for part in np.array_split(random.permutation(len(z)), -(-len(z) // _BLOCK)):
            descent.partial_fit(_kernel(z[part], marks, gamma) @ roots)
    rho = float(descent.offset_[0])
    if not rho > 0:
        raise ModelError("these rows are too much alike for an approximation: fit them exactly")
    return OneClassSvm(marks, roots @ descent.coef_ / rho, gamma)


def _root(kernel: NDArray[np.float64]) -> NDArray[np.float64]:
    """The inverse square root of a kernel matrix, without what is only rounding in it."""
    values, vectors = np.linalg.eigh(kernel)
    kept = values > 1e-9 * values[-1]
    return np.asarray((vectors[:, kept] / np.sqrt(values[kept])) @ vectors[:, kept].T)


def _kernel(z: NDArray[np.float64], marks: NDArray[np.float64], gamma: float) -> Any:
    far = 2 * gamma * (z @ marks.T) - gamma * np.square(marks).sum(axis=1)
    far -= gamma * np.square(z).sum(axis=1)[:, np.newaxis]
    return np.exp(np.minimum(far, 0.0, out=far), out=far)


def _scikit_learn() -> Any:
    try:
        import sklearn.linear_model
        import sklearn.svm
    except ImportError as error:
        raise ModelError("fitting needs scikit-learn: pip install 'vision-app[train]'") from error
    return sklearn
