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
        self._squares = np.square(self.support)
        self._norms = self._squares.sum(axis=1)
        self._log_weights = np.log(weights)

    def judge(self, x: Vector) -> tuple[float, Vector]:
        """The score of a standardised vector, and what each feature adds to its strangeness.

        That is its part in the squared distance from x to the support vectors, each counted by its
        pull on x, so that a warm noon is compared with noons and not with nights. Unlike
        differences of the score, it tells features apart even where the kernel is flat.
        """
        distances = np.maximum(self._norms - 2 * (self.support @ x) + x @ x, 0.0)
        pull = self._log_weights - self.gamma * distances
        strongest = pull.max()
        near = np.exp(pull - strongest)
        total = float(near.sum())
        near /= total
        parts = x * x - 2 * x * (near @ self.support) + near @ self._squares
        return 1.0 - total * math.exp(strongest), np.maximum(parts, 0.0)
