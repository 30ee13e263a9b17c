"""What masking a frame costs is measured, not guessed, whatever else the process does meanwhile."""

import threading
import time
from collections.abc import Iterator

import pytest

from masking.cost import HEIGHT, WIDTH, cost_ms
from masking.settings import MaskingSettings
from models.box import Box
from models.errors import ModelError
from tests.masking.stand_ins import Detector, Image

SETTINGS = MaskingSettings()
WORK_MS = 30.0


def burn(milliseconds: float) -> None:
    until_s = time.thread_time() + milliseconds / 1000
    while time.thread_time() < until_s:
        pass


def working(shapes: list[tuple[int, ...]] | None = None, milliseconds: float = WORK_MS) -> Detector:
    """A detector that works for so long and finds a face. shapes: gets those of the pictures."""

    def answer(image: Image) -> list[Box]:
        if shapes is not None:
            shapes.append(image.shape)
        burn(milliseconds)
        return [Box(100, 100, 200, 230, 0.9)]

    return Detector(answer)


@pytest.fixture
def busy_camera() -> Iterator[None]:
    """Another thread of this process that works all the time."""
    stop = threading.Event()

    def run() -> None:
        while not stop.is_set():
            burn(1)

    camera = threading.Thread(target=run)
    camera.start()
    yield
    stop.set()
    camera.join()


def test_the_work_of_the_detector_and_of_masking_counts() -> None:
    shapes: list[tuple[int, ...]] = []
    assert WORK_MS < cost_ms(working(shapes), SETTINGS) < 1.5 * WORK_MS
    assert set(shapes) == {(HEIGHT, WIDTH, 3)}
    assert 1 < len(shapes) < 8


def test_what_other_threads_do_meanwhile_does_not_count(busy_camera: None) -> None:
    assert WORK_MS < cost_ms(working(), SETTINGS) < 1.5 * WORK_MS


def test_one_that_is_slow_looks_only_once() -> None:
    shapes: list[tuple[int, ...]] = []
    assert 300 < cost_ms(working(shapes, 300), SETTINGS) < 400
    assert len(shapes) == 1


def test_a_first_frame_that_takes_longer_than_the_limit_is_waited_for() -> None:
    """A runtime compiles its network for each new size; some need seconds for that."""
    hasty = SETTINGS.model_copy(update={"timeout_s": 0.001})
    assert cost_ms(working(), hasty) > WORK_MS


def test_one_that_fails_costs_nothing_but_is_refused() -> None:
    def break_down(image: Image) -> list[Box]:
        raise ModelError("the network is torn")

    with pytest.raises(ModelError, match="a frame could not be masked: the network is torn"):
        cost_ms(Detector(break_down), SETTINGS)
