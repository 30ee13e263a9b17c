import pytest

from vision_app.cameras.demand import Demand
from vision_app.cameras.usual import Usual

WORK_S, PERIOD_S = 0.005, 0.010


def hold_s(free_in_s: float, waited_s: float | None = None, age_s: float = 0.0) -> float:
    return Demand(free_in_s, waited_s).hold_s(WORK_S, PERIOD_S, age_s)


@pytest.mark.parametrize("free_in_s", [0.0, 0.004, 0.012])
def test_one_that_has_just_come_is_decoded_so_that_it_is_ready_when_it_is_wanted(
    free_in_s: float,
) -> None:
    assert hold_s(free_in_s) == 0


def test_one_that_would_be_ready_long_before_is_held_until_the_next_is_due() -> None:
    assert hold_s(0.013) == pytest.approx(0.008 + PERIOD_S / 4)


def test_where_no_newer_one_comes_it_is_decoded_at_last() -> None:
    assert hold_s(0.004, age_s=0.008) == pytest.approx(0.0015)
    assert hold_s(0.002, age_s=0.010) == 0


def test_one_that_was_held_while_another_waited_is_decoded_before_it_is_late() -> None:
    assert hold_s(0.006, age_s=0.003) == 0
    assert hold_s(0.008, age_s=0.003) > 0


@pytest.mark.parametrize("waited_s", [0.0, 0.005])
def test_nothing_is_decoded_while_a_new_one_waits(waited_s: float) -> None:
    assert 0 < hold_s(0.0, waited_s) < PERIOD_S


def test_one_that_is_taken_before_it_is_a_period_old_does_not_give_way() -> None:
    assert hold_s(0.003, waited_s=0.006) > 0
    assert hold_s(0.005, waited_s=0.006) == 0


def test_one_that_has_waited_for_long_gives_way_to_one_that_has_just_come_and_no_older() -> None:
    assert hold_s(0.0, waited_s=0.006) == 0
    assert hold_s(0.0, waited_s=0.006, age_s=0.003) > 0


def test_a_frame_is_decoded_at_once_while_nothing_is_known_of_decoding() -> None:
    assert Demand(0.0, None).hold_s(0.0, PERIOD_S, 0.0) == 0


def test_what_happens_once_in_a_while_is_not_usual() -> None:
    usual = Usual()
    assert usual.seconds == 0
    for seconds in (0.010, 0.011, 0.4, 0.010, 0.012):
        usual.heard(seconds)
    assert usual.seconds == 0.011


def test_what_lasts_becomes_usual() -> None:
    usual = Usual()
    for seconds in [0.01] * 50 + [0.03] * 5:
        usual.heard(seconds)
    assert usual.seconds == 0.03
