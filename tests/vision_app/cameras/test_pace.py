import pytest

from vision_app.cameras.pace import Pace


def after(*stretches: tuple[float, float], asked_fps: float = 30.0) -> tuple[Pace, float]:
    """A camera that had these paces, each as (frames a second, seconds); and the time then."""
    pace, now_s = Pace(asked_fps), 100.0
    for fps, seconds in stretches:
        for _ in range(round(fps * seconds)):
            now_s += 1 / fps
            pace.arrived(now_s)
    return pace, now_s


def test_nothing_is_said_before_there_is_a_pace() -> None:
    pace, now_s = after((15, 1.0))
    assert pace.fps(now_s) is None
    assert pace.slow(now_s) == ""


@pytest.mark.parametrize("fps", [1.0, 6.0, 29.97, 200.0])
def test_a_steady_camera_is_not_slow_and_its_pace_is_known(fps: float) -> None:
    pace, now_s = after((fps, 20.0))
    assert pace.fps(now_s) == pytest.approx(fps, rel=0.01)
    assert pace.slow(now_s) == ""


def test_a_camera_that_slows_down_is_named_within_two_seconds() -> None:
    pace, now_s = after((6.0, 10.0), (1.0, 2.0), asked_fps=6.0)
    assert pace.slow(now_s).startswith("delivers 1 frames a second and has delivered 6:")


def test_one_that_is_fast_again_is_slow_no_more() -> None:
    pace, now_s = after((30.0, 5.0), (5.0, 5.0), (30.0, 2.0))
    assert pace.slow(now_s) == ""


def test_one_that_never_was_faster_is_not_called_slow() -> None:
    pace, now_s = after((5.0, 20.0), asked_fps=30.0)
    assert pace.slow(now_s) == ""


def test_one_that_was_faster_than_asked_may_become_as_slow_as_asked() -> None:
    pace, now_s = after((60.0, 5.0), (10.0, 5.0), asked_fps=10.0)
    assert pace.slow(now_s) == ""


def test_jitter_is_no_slowness() -> None:
    pace, now_s = Pace(30.0), 0.0
    for index in range(600):
        now_s += 0.1 if index % 5 == 0 else 0.02
        pace.arrived(now_s)
        assert pace.slow(now_s) == ""


def test_a_standstill_is_another_trouble() -> None:
    pace, now_s = after((10.0, 5.0))
    for late_s in (20.0, 20.1, 20.2):
        pace.arrived(now_s + late_s)
        assert pace.slow(now_s + late_s) == ""
