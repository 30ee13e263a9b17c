from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import pytest

from uploader.sending.windows import is_open, opens_at

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = ["22:00-05:00"]


def local(month: int, day: int, hour: int, minute: int = 0, fold: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN, fold=fold)


@pytest.mark.parametrize(
    ("hour", "minute", "is_it"),
    [(21, 59, False), (22, 0, True), (23, 59, True), (0, 0, True), (4, 59, True), (5, 0, False)],
)
def test_a_window_over_midnight_is_open_from_its_begin_until_before_its_end(
    hour: int, minute: int, is_it: bool
) -> None:
    assert is_open(NIGHT, local(1, 31, hour, minute), BERLIN) is is_it


def test_a_window_is_of_the_clock_on_the_wall_wherever_the_moment_was_told() -> None:
    assert is_open(["12:00-13:00"], datetime(2026, 1, 31, 11, 30, tzinfo=timezone.utc), BERLIN)
    assert not is_open(["12:00-13:00"], datetime(2026, 7, 31, 11, 30, tzinfo=timezone.utc), BERLIN)


def test_any_of_several_windows_will_do_and_none_is_always() -> None:
    two = ["01:00-02:00", "12:00-13:00"]
    assert [is_open(two, local(1, 31, hour, 30), BERLIN) for hour in (1, 2, 12)] == [
        True,
        False,
        True,
    ]
    assert is_open([], local(1, 31, 3), BERLIN)


def test_the_next_begin_of_several_is_told_today_or_tomorrow() -> None:
    two = ["01:00-02:00", "22:00-23:00"]
    assert opens_at(two, local(1, 31, 12), BERLIN) == local(1, 31, 22)
    assert opens_at(two, local(1, 31, 23, 30), BERLIN) == local(2, 1, 1)
    assert opens_at([], local(1, 31, 12), BERLIN) is None


def test_the_next_begin_is_at_the_clock_that_will_be() -> None:
    before_summer = local(3, 28, 23, 30).astimezone(timezone.utc)
    at = opens_at(["22:00-23:00"], before_summer, BERLIN)
    assert at == local(3, 29, 22)
    assert at is not None
    assert (at - before_summer).total_seconds() == 21.5 * 3600


def test_a_window_that_the_clock_skips_comes_the_day_after() -> None:
    assert opens_at(["02:15-02:45"], local(3, 28, 22), BERLIN) == local(3, 30, 2, 15)
    assert not any(is_open(["02:15-02:45"], local(3, 29, hour), BERLIN) for hour in (1, 3))


def test_a_window_that_the_clock_shows_twice_opens_twice() -> None:
    window = ["02:15-02:45"]
    first, second = (local(10, 25, 2, 15, fold).astimezone(timezone.utc) for fold in (0, 1))
    assert (second - first).total_seconds() == 3600
    assert opens_at(window, local(10, 25, 1), BERLIN) == first
    assert opens_at(window, local(10, 25, 2, 50), BERLIN) == second
    assert is_open(window, second, BERLIN)


def test_without_a_zone_it_is_the_clock_of_this_machine() -> None:
    now = datetime.now(timezone.utc)
    here = f"{now.astimezone():%H:%M}"
    later = f"{(now.astimezone().hour + 1) % 24:02}:{now.astimezone().minute:02}"
    assert is_open([f"{here}-{later}"], now)
