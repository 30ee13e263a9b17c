import pytest

from devices.streams.timeline import Timeline


def ages(stamped: list[tuple[float, float]]) -> list[float]:
    """Of frames with these (stamps, arrivals), how old each was when it came."""
    timeline = Timeline()
    return [arrived - timeline.captured_s(stamp, arrived) for stamp, arrived in stamped]


def test_frames_that_come_as_they_are_stamped_are_new() -> None:
    assert ages([(n / 10, 500 + n / 10) for n in range(20)]) == pytest.approx([0] * 20)


def test_a_frame_that_waited_on_the_way_is_as_old_as_it_is_late() -> None:
    told = ages([(0.0, 500.0), (0.1, 500.1), (0.2, 500.9), (0.3, 500.9), (0.4, 500.9)])
    assert told == pytest.approx([0, 0, 0.7, 0.6, 0.5], abs=0.001)


def test_what_waited_before_the_first_frame_came_is_found_out_by_sooner_ones() -> None:
    told = ages([(0.0, 501.0), (0.5, 501.0), (1.0, 501.0), (1.1, 501.4)])
    assert told == pytest.approx([0, 0, 0, 0.3], abs=0.001)


def test_no_frame_is_from_the_future() -> None:
    assert all(age >= 0 for age in ages([(0.0, 500.0), (7.0, 500.1), (7.1, 500.2), (3, 500.3)]))


def test_a_clock_that_is_a_little_slow_makes_no_frame_old() -> None:
    hour = [(n * (1 - 2e-4), 500.0 + n) for n in range(3600)]
    assert max(ages(hour)) < 0.01


def test_a_clock_that_is_set_begins_anew() -> None:
    assert ages([(3.0, 500.0), (3.1, 500.1), (0.0, 500.2), (0.1, 500.5)])[2:] == pytest.approx(
        [0, 0.2], abs=0.001
    )
    assert ages([(0.0, 500.0), (0.1, 500.1), (0.2, 900.0)])[2] == pytest.approx(0)
