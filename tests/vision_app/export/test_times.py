from datetime import datetime, timedelta, timezone

import pytest

from vision_app.export import times

NOW = datetime(2026, 11, 8, 15, 30, tzinfo=timezone.utc)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=timezone.utc)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-01T06:00:00Z", utc(2026, 11, 1, 6)),
        ("2026-11-01t06:00:00.25z", utc(2026, 11, 1, 6, 0, 0, 250_000)),
        ("2026-11-01T06:00:00+02:00", utc(2026, 11, 1, 4)),
        ("7d", NOW - timedelta(days=7)),
        ("24h", NOW - timedelta(days=1)),
        ("0h", NOW),
    ],
)
def test_a_moment_is_read_in_utc(text: str, moment: datetime) -> None:
    assert times.since(text, NOW) == times.until(text, NOW) == moment
    assert times.since(text, NOW).utcoffset() == timedelta(0)


def test_a_day_is_meant_whole() -> None:
    assert times.since("2026-11-01", NOW) == utc(2026, 11, 1)
    assert times.until("2026-11-01", NOW) == utc(2026, 11, 2)


@pytest.mark.parametrize(
    "text",
    ["2026-11-01T06:00:00", "2026-13-01", "20261101", "yesterday", "7", "d", "-7d", "", "١d"],
)
def test_what_is_no_moment_is_refused_with_what_is(text: str) -> None:
    with pytest.raises(ValueError, match="write 2026-11-01"):
        times.since(text, NOW)


@pytest.mark.parametrize("text", ["999999d", "0001-01-01T00:00:00+14:00", "1969-12-30"])
def test_what_lies_before_all_clocks_is_refused(text: str) -> None:
    for read in (times.since, times.until):
        with pytest.raises(ValueError, match=r"no year from 1970 to 9999"):
            read(text, NOW)


def test_the_last_day_of_all_has_no_end() -> None:
    with pytest.raises(ValueError, match=r"no year from 1970 to 9999"):
        times.until("9999-12-31", NOW)
