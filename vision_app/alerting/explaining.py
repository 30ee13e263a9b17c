"""Says what makes a moment strange: which signals, by how much, and how far from the usual."""

from collections.abc import Mapping

from models.anomaly.anomaly import Anomaly
from models.anomaly.usual import Usual
from vision_app.alerting.alert import Push

TOLD = 3
"""So many signals are named to people, if their share is at least LEAST."""
LEAST = 0.1
FAR = 2.0
"""Usual deviations within which the level of a signal is as ever."""


class Explaining:
    """What is known of one sensor's signals."""

    def __init__(self, units: Mapping[str, str], usual: Mapping[str, Usual]) -> None:
        self._units, self._usual = units, usual

    def pushes(self, anomaly: Anomaly, values: Mapping[str, float]) -> tuple[Push, ...]:
        """Each signal of the model, the largest share first."""
        return tuple(self._push(name, share, values) for name, share in anomaly.signals)

    def _push(self, signal: str, share: float, values: Mapping[str, float]) -> Push:
        value, usual = values.get(signal), self._usual.get(signal)
        return Push(
            signal=signal,
            share=round(share, 4),
            value=value,
            unit=self._units.get(signal, ""),
            usual=_short(usual.mean) if usual else None,
            deviations=_short(usual.off(value)) if usual and value is not None else None,
        )


def sentence(pushes: tuple[Push, ...]) -> str:
    """For people: what pushes the score."""
    told = [_clause(push) for push in pushes[:TOLD] if push.share >= LEAST]
    return "; ".join(told) or "no single signal stands out"


def _clause(push: Push) -> str:
    return f"{push.signal} makes {push.share:.0%} of it: {_level(push)}"


def _level(push: Push) -> str:
    if push.value is None:
        return "it lacks in the newest reading"
    now = _with_unit(push.value, push.unit)
    if push.usual is None or push.deviations is None:
        return now
    usual = _with_unit(push.usual, push.unit)
    if abs(push.deviations) < FAR:
        return f"{now}, near the usual {usual}, but it moves otherwise"
    side = "above" if push.deviations > 0 else "below"
    return f"{now}, {abs(push.deviations):.3g} usual deviations {side} the usual {usual}"


def _with_unit(value: float, unit: str) -> str:
    return f"{value:.4g} {unit}".rstrip()


def _short(number: float) -> float:
    return float(f"{number:.5g}")
