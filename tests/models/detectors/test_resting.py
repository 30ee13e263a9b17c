"""A detector that is asked seldom: when its network is there, and what is known of it meanwhile."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from models.box import Box
from models.detectors.resting import Resting
from models.errors import ModelError
from models.prediction import ModelId

PICTURE = np.zeros((8, 8, 3), np.uint8)
FACE = Box(1, 1, 3, 3, 0.9)


class Opened:
    """A network that can be seen to be closed."""

    threshold, side = 0.5, 320

    def __init__(self, number: int) -> None:
        self.id = ModelId("numbered", str(number), "0" * 64, "nowhere")
        self.closed = 0

    def detect(self, image: NDArray[np.uint8]) -> list[Box]:
        assert not self.closed, "a closed network was asked"
        return [FACE]

    def at(self, max_side: int) -> "Opened":
        self.side = max_side
        return self

    def close(self) -> None:
        self.closed += 1


class Shelf:
    """Opens one network after another, until it is empty; and a clock."""

    def __init__(self) -> None:
        self.opened: list[Opened] = []
        self.empty, self.now_s = False, 0.0

    def open(self) -> Opened:
        if self.empty:
            raise ModelError("the file is gone")
        self.opened.append(Opened(len(self.opened)))
        return self.opened[-1]

    def clock(self) -> float:
        return self.now_s


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def resting(shelf: Shelf) -> Resting:
    return Resting(shelf.open, shelf.clock)


def test_it_is_opened_at_once_so_that_what_cannot_run_is_known(shelf: Shelf) -> None:
    assert Resting(shelf.open).side == 320
    shelf.empty = True
    with pytest.raises(ModelError, match="gone"):
        Resting(shelf.open)


def test_while_it_is_asked_its_network_stays(resting: Resting, shelf: Shelf) -> None:
    for _ in range(3):
        shelf.now_s += 9
        assert resting.detect(PICTURE) == [FACE]
        assert not resting.rest(10)
    assert [one.closed for one in shelf.opened] == [0]


def test_unused_it_is_freed_once_and_opened_when_it_is_asked_again(
    resting: Resting, shelf: Shelf
) -> None:
    shelf.now_s = 10
    assert resting.rest(10)
    assert not resting.rest(10)
    assert [one.closed for one in shelf.opened] == [1]
    assert resting.detect(PICTURE) == [FACE]
    assert [one.closed for one in shelf.opened] == [1, 0]
    assert resting.id.version == "1"


def test_one_that_cannot_be_opened_again_raises_and_finds_no_empty_list(
    resting: Resting, shelf: Shelf
) -> None:
    shelf.now_s = 10
    resting.rest(10)
    shelf.empty = True
    with pytest.raises(ModelError, match="gone"):
        resting.detect(PICTURE)


@pytest.mark.parametrize("end", [lambda one: None, lambda one: one.rest(0)])
def test_it_may_be_closed_twice(
    resting: Resting, shelf: Shelf, end: Callable[[Resting], object]
) -> None:
    end(resting)
    resting.close()
    resting.close()
    assert [one.closed for one in shelf.opened] == [1]


def test_at_another_size_it_is_another_one(resting: Resting, shelf: Shelf) -> None:
    other = resting.at(640)
    assert (resting.side, other.side) == (320, 640)
    other.close()
    assert [one.closed for one in shelf.opened] == [0, 1]
