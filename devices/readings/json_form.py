"""Lines that are JSON objects, and what stands where in such an object."""

import json
from collections.abc import Sequence

from devices.readings.form import Told
from devices.readings.instant import instant
from devices.sensor_settings import SignalSettings


class JsonForm:
    """The keys of the signals, and of the time. A dot goes into an object or, by number, a list."""

    def __init__(self, time_key: str, signals: Sequence[SignalSettings]) -> None:
        self.signals = tuple(signals)
        self._time_key = time_key

    def begin(self, line: str) -> bool:
        """There is no header."""
        return False

    def told(self, line: str) -> Told | None:
        """The values of an object, by signal; what the object lacks is missing."""
        try:
            said = json.loads(line)
        except (ValueError, RecursionError):
            return None
        return self.told_in(said) if isinstance(said, dict) else None

    def told_in(self, said: object) -> Told:
        """The same of an object that was read already."""
        stamp = found(said, self._time_key)
        at = None if stamp is None or isinstance(stamp, bool) else instant(str(stamp))
        return Told(at, {signal.name: found(said, signal.place) for signal in self.signals})


def found(said: object, key: str) -> object:
    """What stands at a key: as it is written, or going deeper at each dot; None for nothing."""
    if isinstance(said, dict) and key in said:
        return said[key]
    first, dot, rest = key.partition(".")
    if not dot:
        return _inside(said, first)
    return found(_inside(said, first), rest)


def _inside(said: object, step: str) -> object:
    if isinstance(said, dict):
        return said.get(step)
    if isinstance(said, list) and step.isdecimal() and int(step) < len(said):
        return said[int(step)]
    return None
