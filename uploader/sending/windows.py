"""Times of the day as people write them ("22:00-05:00"): is it one now, and when is the next."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, timezone, tzinfo

DAYS_AHEAD = 3
"""A time that a change of the clock skips today comes tomorrow."""


def is_open(windows: Sequence[str], now: datetime, zone: tzinfo | None = None) -> bool:
    """Whether the clock on the wall shows a time within any of them; without any it always does.

    now: any aware time. zone: None is that of this machine.
    """
    at = now.astimezone(zone).time()
    return not windows or any(_holds(*_parsed(window), at) for window in windows)


def opens_at(windows: Sequence[str], now: datetime, zone: tzinfo | None = None) -> datetime | None:
    """The next moment, in UTC, at which one of them begins; None when there is none."""
    now = now.astimezone(timezone.utc)
    today = now.astimezone(zone).date()
    days = [today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD)]
    begins = {_parsed(window)[0] for window in windows}
    moments = (_moment(day, at, zone, fold) for at in begins for day in days for fold in (0, 1))
    return min((at for at in moments if at > now and is_open(windows, at, zone)), default=None)


def _parsed(window: str) -> tuple[time, time]:
    begin, _, end = window.partition("-")
    return time.fromisoformat(begin), time.fromisoformat(end)


def _holds(begin: time, end: time, at: time) -> bool:
    return begin <= at < end if begin < end else at >= begin or at < end


def _moment(day: date, at: time, zone: tzinfo | None, fold: int) -> datetime:
    """That time of that day. fold: of a time that the clock shows twice, the first or the second.

    One that the clock skips is moved on by as much as it skips (fold 0).
    """
    return datetime.combine(day, at.replace(fold=fold), zone).astimezone(timezone.utc)
