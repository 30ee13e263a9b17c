"""Notices when numbers are not what their maker says they are: logits, or probabilities."""

import numpy as np
from numpy.typing import NDArray

from models.bundles.bundle import Bundle
from models.classifier import Classifier
from models.errors import BundleError

SLACK = {"float32": 0.01, "float16": 0.05, "int8": 0.01}
"""How far probabilities may be from a sum of 1; whole numbers lose half a step of 1/256 each."""


def require_kind(classifier: Classifier, bundle: Bundle, scores: NDArray[np.float32]) -> None:
    """Raises BundleError when what the network says of the golden image contradicts output.kind.

    scores: what the classifier makes of it. Logits that may be anything are believed.
    """
    kind, precision = bundle.manifest.output.kind, bundle.manifest.weights[0].precision
    slack = SLACK[precision] + (len(scores) / 512 if precision == "int8" else 0)
    if kind == "logits" and _are_shares(classifier.logits(bundle.golden.image), slack):
        raise BundleError(
            "the network's output already sums to 1 and is nowhere negative: it gives "
            "probabilities, not logits"
        )
    if kind == "probabilities" and not _are_shares(scores, slack):
        raise BundleError(
            f"the network's output runs from {scores.min():.3g} to {scores.max():.3g} and sums to "
            f"{scores.sum():.3g}: these are no probabilities; is its kind logits?"
        )
    if kind == "multi-label-probabilities" and not _are_between(scores, 1e-3):
        raise BundleError(
            f"the network's output runs from {scores.min():.3g} to {scores.max():.3g}: these are "
            "no probabilities; is its kind multi-label-logits?"
        )


def _are_shares(values: NDArray[np.floating], slack: float) -> bool:
    return values.size > 1 and _are_between(values, 1e-3) and abs(values.sum() - 1) <= slack


def _are_between(values: NDArray[np.floating], slack: float) -> bool:
    return bool(values.min() >= -slack and values.max() <= 1 + slack)
