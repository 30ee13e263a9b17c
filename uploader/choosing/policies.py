"""What makes a frame worth a label: one small function for each kind of `[[keep.policy]]`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.did_you_mean import did_you_mean
from uploader.choosing import kinds
from uploader.choosing.frames import Frames
from uploader.choosing.kinds import PolicySettings
from uploader.choosing.settings import KeepSettings
from uploader.errors import PolicyError

Bits = NDArray[np.bool_]
Match = Callable[[Frames], Bits]
"""(n,) of n frames: which of them match."""

SHOWN = 12
"""So many names are listed where none is like the one that was written."""


@dataclass(frozen=True, slots=True)
class Names:
    """What policies may speak of: labels of the model, sensors that may alert, cameras."""

    labels: tuple[str, ...]
    sensors: tuple[str, ...]
    cameras: tuple[str, ...]


def least_confidence(policy: kinds.LeastConfidence, names: Names) -> Match:
    """The best score is at most the threshold."""
    return lambda frames: frames.best_score <= policy.threshold


def margin(policy: kinds.Margin, names: Names) -> Match:
    """The best score is ahead of the second by at most the threshold."""
    return lambda frames: frames.margin <= policy.threshold


def entropy(policy: kinds.Entropy, names: Names) -> Match:
    """The entropy is above the threshold, in nats or of 1."""
    if not policy.normalised:
        return lambda frames: frames.entropy > policy.threshold
    most = log(max(len(names.labels), 2))
    return lambda frames: np.minimum(frames.entropy / most, 1.0) > policy.threshold


def confidence(policy: kinds.ConfidenceRange, names: Names) -> Match:
    """The calibrated confidence lies outside of a range."""
    below, above = policy.below, policy.above
    return lambda frames: (frames.confidence < below) | (frames.confidence > above)


def close_to(policy: kinds.CloseTo, names: Names) -> Match:
    """The score of any of the classes, else the best, is nearer to the threshold than epsilon."""
    near, epsilon = policy.threshold, policy.epsilon
    if not policy.classes:
        return lambda frames: np.abs(frames.best_score - near) < epsilon
    columns = np.array(_known(policy.classes, names.labels, "the model has no class"))
    return lambda frames: (np.abs(frames.scores[:, columns] - near) < epsilon).any(axis=1)


def classes(policy: kinds.Classes, names: Names) -> Match:
    """The best label is one of these."""
    wanted = np.zeros(len(names.labels), np.bool_)
    wanted[_known(policy.classes, names.labels, "the model has no class")] = True
    return lambda frames: wanted[frames.best]


def masked(policy: kinds.MaskedFaces, names: Names) -> Match:
    """So many faces were masked."""
    return lambda frames: frames.faces >= policy.at_least


def sensor(policy: kinds.SensorAlert, names: Names) -> Match:
    """An alert of one of the sensors is raised."""
    if not names.sensors:
        raise PolicyError("no [[sensor]] has a model, so no alert is ever raised: name a model")
    lacks = "there is no [[sensor]] with a model that is named"
    asked = _known(policy.sensors or names.sensors, names.sensors, lacks)
    bits = np.uint64(sum(1 << index for index in set(asked)))
    return lambda frames: (frames.alerts & bits) != 0


def audit(policy: kinds.Audit, names: Names) -> Match:
    """By chance."""
    return lambda frames: frames.draw < policy.share


KINDS: Mapping[str, Callable[[Any, Names], Match]] = {
    "least_confidence": least_confidence,
    "margin": margin,
    "entropy": entropy,
    "confidence": confidence,
    "close_to": close_to,
    "classes": classes,
    "masked": masked,
    "sensor": sensor,
    "audit": audit,
}


def matcher(policy: PolicySettings, names: Names) -> Match:
    """What decides about frames as the policy says.

    Raises PolicyError when it speaks of a class, a sensor or a camera that is not there.
    """
    _known(policy.cameras, names.cameras, "there is no [[camera]] that is named")
    return KINDS[policy.kind](policy, names)


def reason_of(policy: PolicySettings) -> str:
    """What records and counts call it."""
    return policy.name or policy.kind


def policies_of(keep: KeepSettings) -> tuple[PolicySettings, ...]:
    """Those that are written, else those that `below`, `masked` and `above` stand for.

    In this order a frame counts as what it is worth most as: what the model is unsure of teaches it
    most; what a person covers in part is seen seldom; what it is sure of only proves it right.
    """
    if keep.policy:
        return keep.policy
    default: list[PolicySettings] = []
    if keep.below > 0:
        low = kinds.ConfidenceRange(kind="confidence", name="low_confidence", below=keep.below)
        default.append(low)
    if keep.masked:
        default.append(kinds.MaskedFaces(kind="masked"))
    if keep.above < 1:
        high = kinds.ConfidenceRange(kind="confidence", name="high_confidence", above=keep.above)
        default.append(high)
    return tuple(default)


def _known(wanted: Sequence[str], names: tuple[str, ...], lacks: str) -> list[int]:
    """Where the wanted names stand among all. Raises PolicyError for one that does not."""
    places = {name: index for index, name in enumerate(names)}
    for name in wanted:
        if name not in places:
            listed = ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")
            guess = did_you_mean(name, names, f"known here: {listed or 'none'}")
            raise PolicyError(f"{lacks} {name!r}; {guess}")
    return [places[name] for name in wanted]
