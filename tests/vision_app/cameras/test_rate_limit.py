from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.settings import CameraSettings
from vision_app.cameras.rate_limit import CLOCKS_DIFFER, RateLimit, rate_limit

RATES = st.floats(0.1, 240.0)
SHARES = st.lists(st.floats(0.0, 0.98), min_size=1, max_size=200)


def admitted(max_fps: float, times: Sequence[float]) -> list[float]:
    limit = RateLimit(max_fps)
    return [at_s for at_s in times if limit.admits(at_s)]


@settings(deadline=None)
@given(RATES, st.lists(st.floats(0.0, 0.1), min_size=1, max_size=200))
def test_no_stretch_of_time_has_more_than_the_rate_and_two(
    max_fps: float, gaps: list[float]
) -> None:
    times = [sum(gaps[:n]) for n in range(len(gaps))]
    taken = admitted(max_fps, times)
    for first, begin in enumerate(taken):
        for count, end in enumerate(taken[first:], start=1):
            assert count <= (end - begin) * max_fps * CLOCKS_DIFFER + 2 + 1e-6


@settings(deadline=None)
@given(RATES, SHARES)
def test_a_camera_that_keeps_the_rate_loses_nothing_for_its_jitter(
    fps: float, late: list[float]
) -> None:
    times = [(number + share) / fps for number, share in enumerate(late)]
    assert admitted(fps, times) == times


@settings(deadline=None)
@given(RATES, st.floats(1.0, 20.0))
def test_of_a_faster_camera_the_rate_is_reached(max_fps: float, faster: float) -> None:
    fps = max_fps * faster
    taken = admitted(max_fps, [number / fps for number in range(500)])
    assert len(taken) >= 500 / faster - 2


def test_two_of_three_frames_of_thirty_are_twenty() -> None:
    assert len(admitted(20.0, [number / 30 for number in range(300)])) == pytest.approx(202, abs=1)


def test_a_clock_that_begins_anew_refuses_no_frame_for_long() -> None:
    limit = RateLimit(10.0)
    assert limit.admits(5_000.0)
    assert [limit.admits(0.1 * number) for number in range(5)] == [True] * 5


def test_a_device_is_held_to_what_it_was_asked_for_and_a_file_plays_as_it_is() -> None:
    assert rate_limit(CameraSettings(name="a", fps=15)) is not None
    assert rate_limit(CameraSettings(name="a", kind="file", source="x.mp4", fps=15)) is None
    assert rate_limit(CameraSettings(name="a", kind="file", source="x.mp4", max_fps=2)) is not None
