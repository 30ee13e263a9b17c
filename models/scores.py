"""From a network's raw output to probabilities and a calibrated confidence."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.backend import TensorSpec
from models.bundles.manifest import Output
from models.errors import BundleError, ModelError


class Scores:
    """What the manifest says of the output, ready to be applied.

    Temperature needs logits; of probabilities it takes the logarithms, and of a zero that of a
    floor. A zero says: less than half a step of the output (quantised: its scale; else the smallest
    normal number of its type). All zeros together are given half a step, so that they weigh
    nothing at temperature 1 and a wrong one costs a finite price when a temperature is fitted.
    """

    def __init__(self, output: Output, tensor: TensorSpec) -> None:
        """Raises BundleError when the file's quantisation of the output is no number."""
        if not math.isfinite(tensor.scale):
            raise BundleError(f"the network's output is quantised in steps of {tensor.scale}")
        self._multi = output.kind.startswith("multi-label")
        self._logits = output.kind.endswith("logits")
        self._spread = sigmoid if self._multi else softmax
        self._temperature = output.temperature
        self._scale, self._zero_point = tensor.scale, float(tensor.zero_point)
        self._step = tensor.scale or _smallest(tensor.dtype)

    def of(self, raw: NDArray[Any]) -> tuple[NDArray[np.float64], float]:
        """One output of any shape as (probabilities, confidence of the best).

        Raises ModelError when the network answered with something that is not a number.
        """
        real = self._real(raw)
        scores = self._spread(real) if self._logits else real
        if self._temperature == 1.0:
            return scores, float(scores.max())
        return scores, float(self._spread(self._gathered(real) / self._temperature).max())

    def logits(self, raw: NDArray[Any]) -> NDArray[np.float64]:
        """What is divided by the temperature, one number per label; raises as `of` does."""
        return self._gathered(self._real(raw))

    def _real(self, raw: NDArray[Any]) -> NDArray[np.float64]:
        real: NDArray[np.float64]
        real = np.subtract(raw.reshape(-1), self._zero_point, dtype=np.float64)
        if self._scale:
            real *= self._scale
        elif not np.isfinite(real).all():
            raise ModelError("the network answered with numbers that are not finite")
        return real

    def _gathered(self, real: NDArray[np.float64]) -> NDArray[np.float64]:
        if self._logits:
            return real
        if self._multi:
            return _log(real, self._step / 2) - _log(1 - real, self._step / 2)
        return _log(real, self._step / 2 / real.size)


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities that sum to 1."""
    powers = np.exp(logits - logits.max())
    return np.asarray(powers / powers.sum())


def sigmoid(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities that are each for themselves."""
    return np.asarray((1 + np.tanh(logits / 2)) / 2)


def _log(probabilities: NDArray[np.float64], floor: float) -> NDArray[np.float64]:
    return np.asarray(np.log(np.maximum(probabilities, floor)))


def _smallest(dtype: str) -> float:
    kind: np.dtype[Any] = np.dtype(dtype)
    return float(np.finfo(kind).tiny) if kind.kind == "f" else 1.0
