import random

import pytest

from devices.streams.pace import Pace


def passed(asked_fps: float, stream_fps: float, seconds: float, unevenness: float = 0.0) -> int:
    """How many frames of such a stream are wanted; unevenness: of a period, to either side."""
    pace, chance = Pace(asked_fps), random.Random(3)
    count = int(seconds * stream_fps)
    moments = sorted(
        (number + chance.uniform(-unevenness, unevenness)) / stream_fps for number in range(count)
    )
    return sum(pace.wants(moment) for moment in moments)


@pytest.mark.parametrize("stream_fps", [25, 30, 60, 240])
def test_a_faster_stream_is_thinned_to_the_asked_rate(stream_fps: float) -> None:
    assert passed(15, stream_fps, seconds=20) == pytest.approx(300, abs=2)


@pytest.mark.parametrize("unevenness", [0.0, 0.2, 0.45])
def test_a_stream_of_the_asked_rate_is_taken_whole_however_uneven_it_comes(
    unevenness: float,
) -> None:
    assert passed(15, 15, seconds=20, unevenness=unevenness) == 300


def test_a_slower_stream_is_taken_whole() -> None:
    assert passed(15, 4, seconds=10, unevenness=0.4) == 40


def test_frames_that_come_all_at_once_are_not_all_wanted() -> None:
    pace = Pace(10)
    assert sum(pace.wants(100.0) for _ in range(30)) == 1
    assert sum(pace.wants(200.0) for _ in range(30)) == 2


def test_a_clock_that_is_set_back_costs_no_frame_but_the_next() -> None:
    pace = Pace(10)
    assert [pace.wants(moment) for moment in (50.0, 50.1, 3.0, 3.1, 3.2)][-2:] == [True, True]
