import logging
import time
from threading import Event as Flag

import pytest

from vision_app.worker import Worker, stop_together


class Beat:
    """Counts its steps, and tells when there were three."""

    def __init__(self, wait_s: float = 0.0) -> None:
        self.wait_s = wait_s
        self.steps = 0
        self.three = Flag()

    def step(self) -> None:
        self.steps += 1
        if self.steps >= 3:
            self.three.set()


class Broken:
    wait_s = 0.0

    def step(self) -> None:
        raise ZeroDivisionError("a planted bug")


def no_bug(name: str) -> None:
    raise AssertionError(f"{name} has a bug")


def test_a_worker_steps_until_it_is_stopped() -> None:
    beat = Beat()
    worker = Worker("beat", beat, no_bug)
    worker.start()
    assert beat.three.wait(5)
    worker.stop()
    steps = beat.steps
    worker.stop()
    assert beat.steps == steps


def test_a_stop_does_not_wait_for_a_long_pause() -> None:
    beat = Beat(wait_s=3600)
    worker = Worker("beat", beat, no_bug)
    worker.start()
    worker.stop(timeout_s=5)
    assert beat.steps <= 1


def test_a_bug_is_logged_and_reported(caplog: pytest.LogCaptureFixture) -> None:
    told, who = Flag(), []

    def on_bug(name: str) -> None:
        who.append(name)
        told.set()

    with caplog.at_level(logging.ERROR):
        worker = Worker("broken", Broken(), on_bug)
        worker.start()
        assert told.wait(5)
        worker.stop()
    assert who == ["broken"]
    assert "a planted bug" in caplog.text


class Hanging:
    wait_s = 0.0

    def __init__(self) -> None:
        self.inside, self.release = Flag(), Flag()

    def step(self) -> None:
        self.inside.set()
        self.release.wait(30)


def hanging() -> tuple[Hanging, Worker]:
    loop = Hanging()
    worker = Worker("hanging", loop, no_bug)
    worker.start()
    assert loop.inside.wait(5)
    return loop, worker


def test_a_loop_that_hangs_is_left_behind() -> None:
    loop, worker = hanging()
    assert not worker.stop(timeout_s=0.05)
    loop.release.set()
    assert worker.stop(timeout_s=5)


def test_several_that_hang_are_left_behind_after_one_time_not_after_one_each() -> None:
    stuck = [hanging() for _ in range(20)]
    beat = Beat(wait_s=3600)
    well = Worker("beat", beat, no_bug)
    well.start()
    began_s = time.monotonic()
    ended = stop_together([worker for _, worker in stuck] + [well], timeout_s=0.2)
    assert time.monotonic() - began_s < 2
    assert ended == [False] * 20 + [True]
    for loop, worker in stuck:
        loop.release.set()
        assert worker.stop(timeout_s=5)


def test_all_are_asked_before_any_is_waited_for() -> None:
    beats = [Beat(wait_s=3600) for _ in range(3)]
    workers = [Worker("beat", beat, no_bug) for beat in beats]
    for worker in workers:
        worker.start()
    assert stop_together(workers, timeout_s=5) == [True] * 3
