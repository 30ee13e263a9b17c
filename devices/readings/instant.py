"""Reads the times that sensors write: RFC 3339, or seconds since 1970."""

import math
import re
from datetime import datetime, timezone

_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d+))? ?([Zz]|[+-]\d\d:?\d\d)?"
)


def instant(text: str) -> datetime | None:
    """The moment in UTC, or None when the text is no time. A time without an offset is UTC."""
    text = text.strip()
    found = _RFC3339.fullmatch(text)
    return _from_seconds(text) if found is None else _from_parts(*found.groups())


def _from_parts(date: str, clock: str, fraction: str | None, offset: str | None) -> datetime | None:
    """Written out in the one form that every supported Python reads."""
    clock = clock if len(clock) == 8 else f"{clock}:00"
    micros = (fraction or "").ljust(6, "0")[:6]
    try:
        return datetime.fromisoformat(f"{date}T{clock}.{micros}{_offset(offset)}").astimezone(
            timezone.utc
        )
    except (ValueError, OverflowError):
        return None


def _offset(text: str | None) -> str:
    if text is None or text in "Zz":
        return "+00:00"
    return text if ":" in text else f"{text[:3]}:{text[3:]}"


def _from_seconds(text: str) -> datetime | None:
    try:
        seconds = float(text)
        return datetime.fromtimestamp(seconds, timezone.utc) if math.isfinite(seconds) else None
    except (ValueError, OverflowError, OSError):
        return None
