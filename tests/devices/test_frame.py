import copy
import pickle
from dataclasses import FrozenInstanceError
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest
from numpy.typing import NDArray

from devices.frame import Frame
from devices.reading import Reading

NOON = datetime(2026, 1, 31, 12, 0, tzinfo=timezone.utc)


def frame(pixels: NDArray[np.uint8] | None = None, at: datetime = NOON) -> Frame:
    if pixels is None:
        pixels = np.full((3, 4, 3), 201, np.uint8)
    return Frame(pixels, "door", 17, at, 1.5)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_raw_frame_cannot_be_pickled(protocol: int) -> None:
    with pytest.raises(TypeError, match="mask it"):
        pickle.dumps(frame(), protocol)


def test_a_raw_frame_cannot_be_copied() -> None:
    with pytest.raises(TypeError, match="mask it"):
        copy.copy(frame())
    with pytest.raises(TypeError, match="mask it"):
        copy.deepcopy([frame()])


def test_a_raw_frame_shows_no_pixels_when_printed() -> None:
    assert f"{frame()!r} {frame()}" == "Frame(door #17, 4x3) Frame(door #17, 4x3)"


def test_a_frame_knows_its_size_and_cannot_be_changed() -> None:
    assert (frame().width, frame().height) == (4, 3)
    with pytest.raises(FrozenInstanceError):
        frame().seq = 18  # type: ignore[misc]


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((3, 4), np.uint8),
        np.zeros((3, 4, 4), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros((3, 4, 3), np.float32),
    ],
)
def test_what_is_no_bgr_picture_is_no_frame(pixels: NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match="a frame"):
        frame(pixels)


@pytest.mark.parametrize(
    "at", [NOON.replace(tzinfo=None), NOON.astimezone(timezone(timedelta(hours=2)))]
)
def test_times_are_in_utc(at: datetime) -> None:
    with pytest.raises(ValueError, match="UTC"):
        frame(at=at)
    with pytest.raises(ValueError, match="UTC"):
        Reading("climate", at, 1.5, {"co2_ppm": 400.0})
