"""No frame is shown without a look at it, or at a later one, that was answered."""

import threading
from collections.abc import Callable
from contextlib import closing

import pytest

from masking.fill import LEVEL
from masking.masker import Masker
from masking.settings import MaskingSettings
from models.box import Box
from models.errors import ModelError
from tests.masking.footage import at, redacted, says, through, where
from tests.masking.stand_ins import FACE, Detector, Image, finds


@pytest.mark.parametrize("every", [1, 2, 3])
def test_without_a_detector_no_frame_shows_anything(every: int) -> None:
    done = through(None, map(at, range(7)), look_ahead=2, detect_every=every)
    assert redacted(done) == list(range(7))


def test_without_a_detector_no_frame_waits_for_others() -> None:
    masker = Masker(None, MaskingSettings(look_ahead=2))
    assert [len(masker.mask(at(n))) for n in range(3)] == [1, 1, 1]


@pytest.mark.parametrize("every", [1, 2, 3])
def test_after_the_detector_went_no_frame_shows_anything(every: int) -> None:
    with closing(Masker(finds(), MaskingSettings(detect_every=every))) as masker:
        before = [one for n in range(4) for one in masker.mask(at(n))]
        masker.close()
        after = [one for n in range(4, 9) for one in masker.mask(at(n))] + masker.flush()
    assert [one.seq for one in before] == [0, 1]
    assert [one.seq for one in after] == redacted(after) == list(range(4, 9))


def test_a_look_that_fails_redacts_its_frame_and_those_that_waited_for_it() -> None:
    failure = ModelError("the network is gone")
    done = through(says([], failure, [FACE]), map(at, range(8)), look_ahead=2, detect_every=3)
    assert redacted(done) == [1, 2, 3]
    assert {one.receipt.reason for one in done if one.redacted} == {"the network is gone"}
    assert where(done) == [4, 5, 6, 7]


def test_a_failed_look_does_not_take_the_mask_from_its_neighbours() -> None:
    done = through(says([], [FACE], ModelError("gone"), []), map(at, range(7)), look_ahead=2)
    assert redacted(done) == [2]
    assert where(done) == [0, 1, 3, 4, 5, 6]


def hangs(image: Image) -> list[Box]:
    threading.Event().wait(0.3)
    return []


@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize(
    "answer",
    [
        hangs,
        lambda image: [Box(float("nan"), 0, 1, 1, 0.5)],
        lambda image: None,
        lambda image: [(1, 2, 3, 4)],
        lambda image: [Box(1e9, 0, 2e9, 1, 0.5)],
    ],
)
def test_a_detector_that_talks_nonsense_shows_no_frame(
    answer: Callable[[Image], list[Box]], every: int
) -> None:
    done = through(
        Detector(answer), map(at, range(5)), timeout_s=0.02, look_ahead=2, detect_every=every
    )
    assert redacted(done) == list(range(5))
    assert all((one.pixels == LEVEL).all() for one in done)
    assert [one.seq for one in done] == list(range(5))
