"""Lets through what can be a measurement; leaves out, counts and names what cannot."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from devices.readings.order import Order
from devices.sensor_settings import SignalSettings

MISSING, NO_NUMBER, OUT_OF_RANGE, STUCK = "missing", "not_a_number", "out_of_range", "stuck"


class Gate:
    """One sensor's signals, on their way in.

    losses: what was left out, by reason: missing (none, or an empty cell), not_a_number (text, NaN,
    infinite), out_of_range (below min or above max), and those of `Order`.
    """

    def __init__(self, signals: Sequence[SignalSettings], order: Order) -> None:
        """order: what times are to be believed."""
        self.order = order
        self._signals = tuple(signals)
        self._lost: Counter[str] = Counter()
        self._wrong: dict[str, tuple[str, str]] = {}
        self._still: dict[str, tuple[float, datetime]] = {}

    @property
    def signals(self) -> tuple[str, ...]:
        """Names of the signals, in the order of the configuration."""
        return tuple(signal.name for signal in self._signals)

    @property
    def losses(self) -> Mapping[str, int]:
        """Values and readings left out, by reason."""
        return self._lost + self.order.losses

    @property
    def problems(self) -> Mapping[str, str]:
        """What is wrong now as (signal and reason) → sentence; empty when all is well."""
        wrong = {f"{name} {reason}": said for name, (reason, said) in self._wrong.items()}
        return self.order.problems | wrong

    def admit(self, at: datetime, raw: Mapping[str, object]) -> dict[str, float]:
        """The values of a reading by signal name, scaled; empty when nothing of it can be used.

        at: UTC. raw: by signal name; numbers, or text that is one; None is missing, and a signal
        that has no place here is not looked for.
        """
        if not self.order.believes(at):
            return {}
        values: dict[str, float] = {}
        for signal in self._signals:
            name = signal.name
            value = self._value(signal, raw[name]) if name in raw else None
            if value is not None:
                values[name] = value
                if signal.stuck_s is not None:
                    self._watch(signal, signal.stuck_s, value, at)
        if values:
            self.order.follows(at)
        return values

    def again(self) -> None:
        """The source begins anew, with times that may be older."""
        self.order.again()
        self._still.clear()

    def _value(self, signal: SignalSettings, raw: object) -> float | None:
        number = number_in(raw)
        if number is None:
            empty = raw is None or (isinstance(raw, str) and not raw.strip())
            said = "is missing" if empty else f"is no number: {str(raw)[:40]!r}"
            return self._left_out(signal, MISSING if empty else NO_NUMBER, said)
        value = number * signal.scale + signal.offset
        low, high = signal.min, signal.max
        if (low is not None and value < low) or (high is not None and value > high):
            return self._left_out(
                signal, OUT_OF_RANGE, f"is out of range: {shown(value, signal.unit)}"
            )
        if self._wrong:
            self._wrong.pop(signal.name, None)
        return value

    def _left_out(self, signal: SignalSettings, reason: str, said: str) -> float | None:
        self._lost[reason] += 1
        self._wrong[signal.name] = reason, f"signal {signal.name} {said}"
        return None

    def _watch(self, signal: SignalSettings, stuck_s: float, value: float, at: datetime) -> None:
        """Notices a value that stands still; it is still a reading."""
        before, since = self._still.setdefault(signal.name, (value, at))
        if value != before:
            self._still[signal.name] = value, at
            return
        stood_s = (at - since).total_seconds()
        if stood_s >= stuck_s:
            said = f"is stuck: {shown(value, signal.unit)} for {stood_s:.0f} s"
            self._wrong[signal.name] = STUCK, f"signal {signal.name} {said}"


def number_in(raw: object) -> float | None:
    """The finite number that something is, or that a text says; None for anything else."""
    if type(raw) is float:  # as nearly all are, thousands a second
        return raw if math.isfinite(raw) else None
    if not isinstance(raw, int | float | str) or (isinstance(raw, str) and "_" in raw):
        return None
    try:
        number = float(raw)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def shown(value: float, unit: str) -> str:
    """A number with its unit, for people."""
    return f"{value:g} {unit}".rstrip()
