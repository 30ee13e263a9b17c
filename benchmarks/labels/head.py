"""The last layer of a network: what is trained anew each time that labels come."""

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from models.calibration.temperature import Floats, confidence, fit_temperature
from models.scores import softmax

STRENGTH, ITERATIONS = 50.0, 300
UNKNOWN = -30.0
"""Logit of a class that no label named yet."""
CALIBRATE = 4
"""One of so many labels drawn by chance says how sure the others may be."""


@dataclass(frozen=True, slots=True)
class Head:
    """A linear classifier with its temperature."""

    linear: LogisticRegression
    classes: int
    temperature: float = 1.0

    def logits(self, embeddings: NDArray[np.float32]) -> Floats:
        """(n, classes)."""
        logits = np.full((len(embeddings), self.classes), UNKNOWN)
        logits[:, self.linear.classes_] = self.linear.decision_function(embeddings)
        return logits

    def scores(self, embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, classes), raw."""
        return np.stack([softmax(row) for row in self.logits(embeddings)]).astype(np.float32)

    def confidence(self, embeddings: NDArray[np.float32]) -> Floats:
        """(n,), calibrated."""
        temperatures = np.full(len(embeddings), self.temperature)
        return confidence(self.logits(embeddings), temperatures, multi=False)

    def accuracy(self, embeddings: NDArray[np.float32], truth: NDArray[np.int64]) -> float:
        """How many of 1 it names rightly."""
        return float((self.logits(embeddings).argmax(axis=1) == truth).mean())


def trained(
    embeddings: NDArray[np.float32], labels: NDArray[np.int64], classes: int, by_chance: int
) -> Head:
    """On all of them. Its temperature is that of a head which has not seen a part of the first
    `by_chance` ones: only what was drawn by chance says how often a head is right."""
    apart = by_chance // CALIBRATE
    sceptic = Head(_fitted(embeddings[apart:], labels[apart:]), classes)
    temperature = fit_temperature(sceptic.logits(embeddings[:apart]), labels[:apart])
    return Head(_fitted(embeddings, labels), classes, temperature)


def _fitted(embeddings: NDArray[np.float32], labels: NDArray[np.int64]) -> LogisticRegression:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return LogisticRegression(C=STRENGTH, max_iter=ITERATIONS).fit(embeddings, labels)
