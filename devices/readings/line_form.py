"""What a line of text from a small device says: fields, pairs, or JSON."""

import json
from collections.abc import Mapping

from devices.readings.json_form import found
from devices.sensor_settings import SerialSettings


class LineForm:
    """Finds the signals in a line, by how it is written:

    fields  21.5,60         `at` is the number of the field, the first is 1
    pairs   t=21.5,h=60     `at` is the key; a colon stands for = as well
    json    {"t": 21.5}     `at` is the key; a dot goes deeper
    """

    def __init__(self, settings: SerialSettings) -> None:
        self._settings = settings
        self._fields = max(
            (int(s.place) for s in settings.signal if s.place.isdecimal()), default=0
        )

    def raw(self, line: str) -> Mapping[str, object] | None:
        """What a line says of each signal, as written; None when it is damaged."""
        if "\ufffd" in line or "\0" in line:
            return None
        if self._settings.form == "json":
            return self._of_json(line)
        parts = line.split(self._settings.separator) if self._settings.separator else line.split()
        if self._settings.form == "fields":
            return self._of_fields(parts)
        pairs = dict(map(_pair, parts))
        told = {s.name: pairs[s.place] for s in self._settings.signal if s.place in pairs}
        return told or None

    def _of_json(self, line: str) -> Mapping[str, object] | None:
        try:
            said = json.loads(line)
        except (ValueError, RecursionError):
            return None
        if not isinstance(said, dict):
            return None
        return {signal.name: found(said, signal.place) for signal in self._settings.signal}

    def _of_fields(self, parts: list[str]) -> Mapping[str, object] | None:
        if len(parts) < self._fields:
            return None
        return {signal.name: parts[int(signal.place) - 1] for signal in self._settings.signal}


def _pair(part: str) -> tuple[str, str]:
    key, mark, value = part.partition("=")
    if not mark:
        key, _, value = part.partition(":")
    return key.strip(), value.strip()
