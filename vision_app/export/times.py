"""Moments as a person writes them: a day, an instant with its time zone, or how long ago."""

import re
from datetime import datetime, timedelta, timezone

from uploader.identity import EPOCH

DAY = timedelta(days=1)
AGO = re.compile("([0-9]{1,6})([dh])")
INSTANTS = ("%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z")


def since(text: str, now: datetime) -> datetime:
    """The first moment, UTC. Raises ValueError, a sentence."""
    return _moment(text, now, timedelta(0))


def until(text: str, now: datetime) -> datetime:
    """The moment before which all lies, UTC; of a day its end. Raises ValueError, a sentence."""
    return _moment(text, now, DAY)


def _moment(text: str, now: datetime, of_a_day: timedelta) -> datetime:
    try:
        day = _day(text)
        moment = day + of_a_day if day else _instant(text, now)
    except OverflowError:
        moment = None
    if moment is None or moment < EPOCH:
        raise ValueError(f"{text} lies in no year from 1970 to 9999")
    return moment


def _day(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=timezone.utc)
    except ValueError:
        return None


def _instant(text: str, now: datetime) -> datetime:
    ago = AGO.fullmatch(text)
    if ago:
        return now - (DAY if ago[2] == "d" else timedelta(hours=1)) * int(ago[1])
    for form in INSTANTS:
        try:
            return datetime.strptime(text.upper(), form).astimezone(timezone.utc)
        except ValueError:
            continue
    raise ValueError(
        f"{text!r} is no time that is known here: write 2026-11-01 (UTC), "
        "2026-11-01T06:00:00Z, 7d or 24h"
    )
