"""How far the clock of this device is from that of the server, by the Date of its answers."""

from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

WRONG_S = 300.0
"""From here on it is said. Amazon refuses requests whose time is wrong by a quarter of an hour."""

UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def ahead_s(date: str, now: datetime) -> float:
    """Seconds by which now, of this device, is after the Date of an answer; 0 for no such date."""
    try:
        server = parsedate_to_datetime(date)
    except (TypeError, ValueError):
        return 0.0
    return (now - server.replace(tzinfo=server.tzinfo or timezone.utc)).total_seconds()


def complaint(ahead_s: float) -> str:
    """What to say of a clock that is so far off; nothing where it is near enough."""
    if abs(ahead_s) < WRONG_S:
        return ""
    where = "ahead of" if ahead_s > 0 else "behind"
    return f"the clock of this device is {_span(abs(ahead_s))} {where} the server's: set it (NTP)"


def _span(seconds: float) -> str:
    """In the largest unit, and the one below it: 3 hours 12 minutes."""
    left, parts = round(seconds), []
    for name, size in UNITS:
        count, left = divmod(left, size)
        parts.append(f"{count} {name}{'s' * (count != 1)}" if count else "")
    first = next(place for place, part in enumerate(parts) if part)
    return " ".join(filter(None, parts[first : first + 2]))
