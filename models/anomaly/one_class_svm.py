"""A One-Class SVM with an RBF kernel, in numpy alone: how far outside the known a point lies."""

import math

import numpy as np
from numpy.typing import NDArray

from models.anomaly.window import Vector


class OneClassSvm:
    """score(x) = 1 − Σ weight_i · exp(−gamma · |x − support_i|²).

    0 is the edge of the known, below it is inside, 1 is infinitely far outside. With the weights
    being scikit-learn's dual coefficients / rho, its decision_function is −rho · score.

    support: float64, shape (vectors, features). weights: float64, shape (vectors,), above 0.
    """

    def __init__(self, support: NDArray[np.float64], weights: Vector, gamma: float) -> None:
        if support.ndim != 2 or weights.shape != support.shape[:1] or not weights.size:
            raise ValueError("a One-Class SVM has support vectors, each with one weight")
        if not (np.isfinite(support).all() and np.isfinite(weights).all() and (weights > 0).all()):
            raise ValueError("support vectors and weights are finite, weights above 0")
        if not 0 < gamma < math.inf:
            raise ValueError(f"gamma is above 0, not {gamma}")
        self.support = np.ascontiguousarray(support)
        self.weights = weights
        self.gamma = gamma
        self._bias = np.log(weights) - gamma * np.square(self.support).sum(axis=1)

    def judge(self, x: Vector) -> tuple[float, Vector]:
        """The score of a standardised vector, and how strange each feature is.

        That is its squared distance to the mean of the support vectors, each counted by its pull on
        x, so that a warm noon is compared with noons and not with nights. Unlike differences of the
        score, it tells features apart even where the kernel is flat.
        """
        near = self._bias + 2 * self.gamma * (self.support @ x)
        strongest = near.max()
        near = np.exp(near - strongest)
        total = float(near.sum())
        score = 1.0 - total * math.exp(strongest - self.gamma * float(x @ x))
        return score, np.square(x - (near @ self.support) / total)
