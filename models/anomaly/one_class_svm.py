"""A One-Class SVM with an RBF kernel, in numpy alone: how far outside the known a point lies."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.anomaly.moments import Vector

_BLOCK = 4096


class OneClassSvm:
    """score(x) = 1 − Σ weight_i · exp(−gamma · |x − support_i|²).

    0 is the edge of the known, below it is inside, 1 is infinitely far outside. With the weights
    being scikit-learn's dual coefficients / rho, its decision_function is −rho · score.

    support: float64 or float32, shape (vectors, features); it is computed in. weights: float64,
    shape (vectors,); those of an approximation (Nystroem) may be below 0, but not all of them.
    """

    def __init__(
        self, support: NDArray[np.float64] | NDArray[np.float32], weights: Vector, gamma: float
    ) -> None:
        if support.ndim != 2 or weights.shape != support.shape[:1] or not weights.size:
            raise ValueError("a One-Class SVM has support vectors, each with one weight")
        if not (np.isfinite(support).all() and np.isfinite(weights).all()):
            raise ValueError("support vectors and weights are finite")
        if not (weights > 0).any():
            raise ValueError("a One-Class SVM has weights above 0")
        if not 0 < gamma < math.inf:
            raise ValueError(f"gamma is above 0, not {gamma}")
        self.support: NDArray[Any] = np.ascontiguousarray(support)
        self.weights = weights
        self.gamma = gamma
        self._bias = -gamma * np.square(self.support).sum(axis=1)
        self._signed = weights.astype(self.support.dtype)
        self._pull = np.maximum(self._signed, 0.0)

    def score(self, x: Vector) -> float:
        """The score of a standardised vector."""
        x = x.astype(self.support.dtype, copy=False)
        far = self._near(x)
        far -= self.gamma * x.dot(x)
        np.minimum(far, 0.0, out=far)
        return 1.0 - float(self._signed.dot(np.exp(far, out=far)))

    def parts(self, x: Vector) -> Vector:
        """How strange each feature of a standardised vector is.

        That is its squared distance to the mean of the support vectors, each counted by its pull on
        x, so that a warm noon is compared with noons and not with nights. Unlike differences of the
        score, it tells features apart even where the kernel is flat.
        """
        x = x.astype(self.support.dtype, copy=False)
        near = self._near(x)
        pull = np.exp(near - near.max()) * self._pull
        compared_with = (pull @ self.support) / (float(pull.sum()) or 1.0)
        return np.asarray(np.square(x - compared_with))

    def scores(self, z: NDArray[np.float64]) -> Vector:
        """The scores of rows, float64, shape (rows,)."""
        return np.concatenate(
            [self._scores(z[at : at + _BLOCK]) for at in range(0, max(len(z), 1), _BLOCK)]
        )

    def _near(self, x: NDArray[Any]) -> NDArray[Any]:
        """−gamma · |x − support_i|², but for the part of it that is the same for all of them."""
        near: NDArray[Any] = self.support.dot(2 * self.gamma * x)
        near += self._bias
        return near

    def _scores(self, z: NDArray[np.float64]) -> Vector:
        far = self._bias + 2 * self.gamma * (z @ self.support.T)
        far -= self.gamma * np.square(z).sum(axis=1)[:, np.newaxis]
        return np.asarray(1.0 - np.exp(np.minimum(far, 0.0)) @ self.weights)
