"""Lets through what can be a measurement; leaves out, counts and names what cannot."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from devices.sensor_settings import SignalSettings

MISSING = "missing", "is missing"
NO_NUMBER = "not_a_number"


class Gate:
    """One sensor's signals, on their way in.

    losses: what was left out, by reason: missing (none, or an empty cell), not_a_number (text, NaN,
    infinite), out_of_range (below min or above max), late (older than the reading before).
    """

    def __init__(self, signals: Sequence[SignalSettings]) -> None:
        self.losses: Counter[str] = Counter()
        self._signals = tuple(signals)
        self._last_at: datetime | None = None
        self._wrong: dict[str, str] = {}
        self._still: dict[str, tuple[float, datetime]] = {}

    @property
    def signals(self) -> tuple[str, ...]:
        """Names of the signals, in the order of the configuration."""
        return tuple(signal.name for signal in self._signals)

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with signals now, a sentence for each; empty when all is well."""
        return tuple(self._wrong.values())

    def admit(self, at: datetime, raw: Mapping[str, object]) -> dict[str, float]:
        """The values of a reading by signal name, scaled; empty when nothing of it can be used.

        at: UTC. raw: by signal name; numbers, or text that is one; None or absent is missing.
        """
        if self._last_at is not None and at < self._last_at:
            self.losses["late"] += 1
            return {}
        values: dict[str, float] = {}
        for signal in self._signals:
            value = self._value(signal, raw.get(signal.name))
            if value is not None:
                values[signal.name] = value
                self._watch(signal, value, at)
        if values:
            self._last_at = at
        return values

    def _value(self, signal: SignalSettings, raw: object) -> float | None:
        number = number_in(raw)
        if number is None:
            empty = raw is None or (isinstance(raw, str) and not raw.strip())
            self._left_out(signal, *(MISSING if empty else (NO_NUMBER, f"says {str(raw)[:40]!r}")))
            return None
        value = number * signal.scale + signal.offset
        low, high = signal.min, signal.max
        if (low is not None and value < low) or (high is not None and value > high):
            self._left_out(signal, "out_of_range", f"is out of range: {_shown(value, signal)}")
            return None
        self._wrong.pop(signal.name, None)
        return value

    def _left_out(self, signal: SignalSettings, reason: str, said: str) -> None:
        self.losses[reason] += 1
        self._wrong[signal.name] = f"signal {signal.name} {said}"

    def _watch(self, signal: SignalSettings, value: float, at: datetime) -> None:
        """Notices a value that stands still; it is still a reading."""
        before, since = self._still.setdefault(signal.name, (value, at))
        if value != before:
            self._still[signal.name] = value, at
            return
        stood_s = (at - since).total_seconds()
        if signal.stuck_s is not None and stood_s >= signal.stuck_s:
            said = f"is stuck: {_shown(value, signal)} for {stood_s:.0f} s"
            self._wrong[signal.name] = f"signal {signal.name} {said}"


def number_in(raw: object) -> float | None:
    """The finite number that something is, or that a text says; None for anything else."""
    if isinstance(raw, str) and "_" in raw:
        return None
    if not isinstance(raw, int | float | str):
        return None
    try:
        number = float(raw)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _shown(value: float, signal: SignalSettings) -> str:
    return f"{value:g} {signal.unit}".rstrip()
