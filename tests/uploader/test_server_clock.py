from datetime import timedelta
from email.utils import format_datetime

import pytest

from tests.uploader.samples import NOON
from uploader.stores.server_clock import ahead_s, complaint


def date(**ahead: float) -> str:
    return format_datetime(NOON.replace(microsecond=0) + timedelta(**ahead), usegmt=True)


def test_the_difference_is_told_with_its_amount_and_its_side() -> None:
    assert complaint(ahead_s(date(hours=-3, minutes=-12), NOON)) == (
        "the clock of this device is 3 hours 12 minutes ahead of the server's: set it (NTP)"
    )
    assert "364 days 23 hours behind the" in complaint(ahead_s(date(days=364, hours=23.1), NOON))
    assert "1 day ahead" in complaint(86_400 + 59)
    assert "5 minutes 1 second behind" in complaint(-301)


def test_a_clock_that_is_near_enough_is_not_complained_of() -> None:
    assert complaint(ahead_s(date(seconds=-299), NOON)) == ""
    assert complaint(ahead_s(date(seconds=-301), NOON))


@pytest.mark.parametrize("text", ["", "yesterday", "Sat, 99 Jan 2026 12:00:00 GMT"])
def test_an_answer_without_a_date_proves_nothing(text: str) -> None:
    assert ahead_s(text, NOON) == 0.0
