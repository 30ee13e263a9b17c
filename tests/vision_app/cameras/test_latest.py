import time
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timezone
from functools import partial
from threading import Thread

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.frame import Frame
from vision_app.cameras.demand import Demand
from vision_app.cameras.latest import Latest
from vision_app.cameras.rate_limit import RateLimit

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
PIXELS = np.zeros((2, 2, 3), np.uint8)


def frame(camera: str, seq: int, captured_s: float | None = None) -> Frame:
    return Frame(PIXELS, camera, seq, START, float(seq) if captured_s is None else captured_s)


def served(
    fps: Mapping[str, float],
    takes_s: float,
    seconds: float,
    phase: Mapping[str, float] | None = None,
) -> tuple[Counter[str], dict[str, float]]:
    """How many frames of each camera a pipeline sees through that takes so long for each, and for
    how long the camera that waited the longest had a frame waiting."""
    latest, seen, waited = Latest(), Counter[str](), dict.fromkeys(fps, 0.0)
    offsets = phase or {}
    arrivals = sorted(
        (offsets.get(camera, 0.0) + number / rate, camera)
        for camera, rate in fps.items()
        for number in range(int(rate * seconds))
    )
    free_s, since = 0.0, dict[str, float]()
    for at_s, camera in [*arrivals, (seconds, "")]:
        while since and free_s < at_s:
            free_s = max(free_s, min(since.values()))
            if free_s >= at_s:
                break
            taken = latest.take(0)
            assert taken is not None
            latest.done(taken.camera)
            waited[taken.camera] = max(waited[taken.camera], free_s - since.pop(taken.camera))
            seen[taken.camera] += 1
            free_s += takes_s
        if camera:
            latest.put(frame(camera, 0, at_s))
            since.setdefault(camera, at_s)
    return seen, waited


def max_min_fair(wants: Mapping[str, float], capacity: float) -> dict[str, float]:
    """Nobody gets more than they want, and nobody could get more but from one who gets less."""
    fair, left = dict[str, float](), capacity
    for number, (camera, want) in enumerate(sorted(wants.items(), key=lambda pair: pair[1])):
        fair[camera] = min(want, left / (len(wants) - number))
        left -= fair[camera]
    return fair


@pytest.mark.parametrize(
    "fps",
    [
        {"fast": 60.0, "slow": 1.0},
        {"a": 30.0, "b": 30.0, "c": 30.0},
        {"slow": 2.1, "middle": 8.3, "fast": 30.0, "faster": 60.0},
        {f"slow-{n}": 1.0 + n / 7 for n in range(6)} | {"fast": 120.0},
    ],
)
def test_where_not_all_get_through_each_camera_gets_its_fair_share(fps: dict[str, float]) -> None:
    seen, _ = served(fps, takes_s=0.05, seconds=100.0)
    for camera, rate in max_min_fair(fps, 20.0).items():
        assert seen[camera] / 100.0 >= 0.9 * rate


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(st.floats(0.5, 60.0), st.floats(0.0, 1.0)), min_size=1, max_size=8),
    st.floats(0.005, 0.1),
)
def test_no_frame_waits_for_another_camera_twice(
    cameras: list[tuple[float, float]], takes_s: float
) -> None:
    fps = {f"camera-{number}": rate for number, (rate, _) in enumerate(cameras)}
    phase = {f"camera-{number}": begin for number, (_, begin) in enumerate(cameras)}
    _, waited = served(fps, takes_s, 10.0, phase)
    assert max(waited.values()) <= len(cameras) * takes_s + 1e-9


@settings(deadline=None, max_examples=50)
@given(st.floats(0.5, 60.0), st.integers(1, 7))
def test_a_camera_that_wants_less_than_an_equal_share_gets_all_it_wants(
    fps: float, others: int
) -> None:
    takes_s = 0.99 / (fps * (others + 1))
    busy = {f"busy-{number}": 3.0 / takes_s for number in range(others)}
    seen, _ = served({"modest": fps} | busy, takes_s, 20 / fps)
    assert seen["modest"] >= int(fps * (20 / fps)) - 1


def test_what_is_not_admitted_comes_back_and_does_not_wait() -> None:
    latest, early = Latest(), frame("a", 1)
    assert latest.put(early, lambda: False) is early
    assert latest.take(0) is None


def test_a_limit_makes_no_frame_older_that_waits_for_its_turn() -> None:
    latest, limit = Latest(), RateLimit(1.0)
    for seq in range(9):
        at_s = 10.0 + seq / 30
        latest.put(frame("a", seq, at_s), partial(limit.admits, at_s))
    taken = latest.take(0)
    assert taken is not None
    assert taken.seq == 8


def test_the_newest_frame_wins_and_the_older_comes_back() -> None:
    latest = Latest()
    assert latest.put(frame("a", 1)) is None
    replaced = latest.put(frame("a", 2))
    assert replaced is not None
    assert replaced.seq == 1
    taken = latest.take(0)
    assert taken is not None
    assert taken.seq == 2
    assert latest.take(0) is None


def test_a_fast_camera_does_not_starve_a_slow_one() -> None:
    latest = Latest()
    latest.put(frame("slow", 1))
    for seq in range(5):
        latest.put(frame("fast", seq))
    order = [latest.take(0), latest.take(0)]
    assert [f.camera for f in order if f] == ["slow", "fast"]


def test_a_camera_keeps_its_turn_when_its_frame_is_replaced() -> None:
    latest = Latest()
    latest.put(frame("a", 1))
    latest.put(frame("b", 1))
    latest.put(frame("a", 2))
    first = latest.take(0)
    assert first is not None
    assert (first.camera, first.seq) == ("a", 2)


def test_the_frames_of_a_camera_are_not_seen_through_by_two_at_once() -> None:
    latest = Latest()
    latest.put(frame("a", 1))
    assert latest.take(0) is not None
    latest.put(frame("a", 2))
    latest.put(frame("b", 1))
    second = latest.take(0)
    assert second is not None
    assert second.camera == "b"
    assert latest.take(0) is None
    latest.done("a")
    third = latest.take(0)
    assert third is not None
    assert (third.camera, third.seq) == ("a", 2)


def test_who_waits_is_woken_when_a_camera_is_free_again() -> None:
    latest, taken = Latest(), list[Frame | None]()
    latest.put(frame("a", 1))
    assert latest.take(0) is not None
    latest.put(frame("a", 2))
    waits = Thread(target=lambda: taken.append(latest.take(10)))
    began_s = time.monotonic()
    waits.start()
    latest.done("a")
    waits.join()
    assert taken[0] is not None
    assert time.monotonic() - began_s < 5


def test_a_camera_is_reserved_by_one_at_a_time_and_its_frames_wait_meanwhile() -> None:
    latest = Latest()
    with latest.reserved("a") as mine, latest.reserved("a") as theirs:
        assert (mine, theirs) == (True, False)
        latest.put(frame("a", 1))
        assert latest.take(0) is None
    assert latest.take(0) is not None
    with latest.reserved("a") as mine:
        assert not mine
    latest.put(frame("a", 2))
    assert latest.take(0) is None, "who found it taken gave nothing back"


class Watch:
    """A clock that the test sets."""

    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def seen_through(latest: Latest, watch: Watch, camera: str, takes_s: float) -> None:
    """One frame is taken, and done with after so long."""
    latest.put(frame(camera, 1))
    assert latest.take(0) is not None
    watch.now_s += takes_s
    latest.done(camera)


def test_a_camera_of_which_nobody_has_a_frame_is_wanted_now() -> None:
    watch = Watch()
    latest = Latest(watch)
    assert latest.demand("a") == Demand(0.0, None)
    seen_through(latest, watch, "a", takes_s=0.5)
    assert latest.demand("a") == Demand(0.0, None)


def test_it_is_told_when_who_has_a_frame_will_be_done_as_a_rule_and_that_it_is_late_never() -> None:
    watch = Watch()
    latest = Latest(watch)
    for takes_s in (0.5, 0.5, 8.0, 0.25, 0.5):
        seen_through(latest, watch, "a", takes_s)
    seen_through(latest, watch, "b", takes_s=2.0)
    latest.put(frame("a", 2))
    assert latest.take(0) is not None
    for after_s, free_in_s in ((0.125, 0.375), (0.25, 0.125), (1.0, 0.0)):
        watch.now_s += after_s
        assert latest.demand("a").free_in_s == free_in_s
    assert latest.demand("b").free_in_s == 0.0


def test_it_is_told_for_how_long_the_newest_frame_waits() -> None:
    watch = Watch()
    latest = Latest(watch)
    latest.put(frame("a", 1))
    watch.now_s += 1.0
    latest.put(frame("a", 2))
    watch.now_s += 0.5
    assert latest.demand("a") == Demand(0.0, 0.5)
    assert latest.demand("b").waited_s is None


def test_who_looks_for_late_frames_says_nothing_of_how_long_frames_take() -> None:
    watch = Watch()
    latest = Latest(watch)
    seen_through(latest, watch, "a", takes_s=1.0)
    for _ in range(20):
        with latest.reserved("a"):
            assert latest.demand("a").free_in_s == 0.0
            watch.now_s += 0.01
    latest.put(frame("a", 2))
    assert latest.take(0) is not None
    assert latest.demand("a").free_in_s == 1.0


def test_one_that_a_newer_one_is_about_to_replace_is_not_taken_and_not_lost() -> None:
    latest = Latest()
    latest.put(frame("a", 1))
    latest.put(frame("b", 1))
    with latest.renewing("a"):
        other = latest.take(0)
        assert other is not None
        assert other.camera == "b"
        assert latest.take(0) is None
    kept = latest.take(0)
    assert kept is not None
    assert (kept.camera, kept.seq) == ("a", 1)


def test_the_newer_one_is_taken_as_soon_as_it_is_there() -> None:
    latest = Latest()
    latest.put(frame("a", 1))
    with latest.renewing("a"):
        replaced = latest.put(frame("a", 2))
        taken = latest.take(0)
    assert replaced is not None
    assert taken is not None
    assert (replaced.seq, taken.seq) == (1, 2)
    latest.done("a")
    assert latest.take(0) is None


def test_who_waits_is_woken_when_the_newer_one_did_not_come() -> None:
    latest, taken = Latest(), list[Frame | None]()
    waits = Thread(target=lambda: taken.append(latest.take(10)))
    latest.put(frame("a", 1))
    began_s = time.monotonic()
    with latest.renewing("a"):
        waits.start()
    waits.join()
    assert taken[0] is not None
    assert time.monotonic() - began_s < 5
