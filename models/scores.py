"""From a network's raw output to probabilities and a calibrated confidence."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.backend import TensorSpec
from models.errors import ModelError
from models.manifest import Output

TINY = np.finfo(np.float64).tiny


class Scores:
    """What the manifest says of the output, ready to be applied."""

    def __init__(self, output: Output, tensor: TensorSpec) -> None:
        multi = output.kind.startswith("multi-label")
        self._logits = output.kind.endswith("logits")
        self._spread, self._gathered = (sigmoid, _log_odds) if multi else (softmax, _log)
        self._temperature = output.temperature
        self._scale, self._zero_point = tensor.scale, tensor.zero_point

    def of(self, raw: NDArray[Any]) -> tuple[NDArray[np.float64], float]:
        """One output of any shape as (probabilities, confidence of the best).

        Raises ModelError when the network answered with something that is not a number.
        """
        real = np.asarray(raw.reshape(-1), np.float64)
        if self._scale:
            real = (real - self._zero_point) * self._scale
        if not np.isfinite(real).all():
            raise ModelError("the network answered with numbers that are not finite")
        scores = self._spread(real) if self._logits else real
        return scores, self._confidence(real, scores)

    def _confidence(self, real: NDArray[np.float64], scores: NDArray[np.float64]) -> float:
        if self._temperature == 1.0:
            return float(scores.max())
        logits = real if self._logits else self._gathered(real)
        return float(self._spread(logits / self._temperature).max())


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities that sum to 1."""
    powers = np.exp(logits - logits.max())
    return np.asarray(powers / powers.sum())


def sigmoid(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities that are each for themselves."""
    return np.asarray((1 + np.tanh(logits / 2)) / 2)


def _log(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.log(np.maximum(probabilities, TINY)))


def _log_odds(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    return _log(probabilities) - _log(1 - probabilities)
