from itertools import pairwise

import pytest

from devices.v4l2 import abi as v4l2
from devices.v4l2.timing import Moments, Numbering

MONOTONIC = v4l2.BUF_FLAG_TIMESTAMP_MONOTONIC
COPIED = 0x4000
START_OF_EXPOSURE = 0x10000
BEGAN_S = 90.0


def numbers(first_seq: int, *driver: int) -> list[tuple[int, int]]:
    numbering = Numbering(first_seq)
    return [numbering.next(sequence) for sequence in driver]


def stamped(seconds: float, flags: int) -> v4l2.Buffer:
    whole = int(seconds)
    micros = round((seconds - whole) * 1e6)
    return v4l2.Buffer(timestamp=v4l2.TimeVal(whole, micros), flags=flags)


def test_the_first_frame_has_the_number_asked_for_whatever_the_driver_says() -> None:
    assert numbers(41, 7, 8) == [(41, 0), (42, 0)]


def test_a_gap_in_the_drivers_numbers_is_a_gap_in_ours_and_counted() -> None:
    assert numbers(0, 0, 1, 5) == [(0, 0), (1, 0), (5, 3)]


def test_numbers_go_on_rising_when_the_drivers_wrap() -> None:
    assert numbers(0, 2**32 - 2, 2**32 - 1, 1) == [(0, 0), (1, 0), (3, 1)]


@pytest.mark.parametrize("driver", [(0, 0, 0), (9, 4, 0), (9, 2_000_009, 2_000_010)])
def test_numbers_go_on_rising_when_the_drivers_begin_a_new_count(driver: tuple[int, ...]) -> None:
    assert numbers(0, *driver) == [(0, 0), (1, 0), (2, 0)]


@pytest.mark.parametrize(
    ("seconds", "flags", "expected"),
    [
        (99.5, MONOTONIC, 99.5),
        (99.5, MONOTONIC | START_OF_EXPOSURE, 99.5),
        (99.5, MONOTONIC | v4l2.BUF_FLAG_ERROR, 99.5),
        (100.04, MONOTONIC, 100.0),
        (89.9, MONOTONIC, 100.0),
        (99.5, 0, 100.0),
        (99.5, COPIED, 100.0),
        (0.0, MONOTONIC, 100.0),
    ],
)
def test_the_drivers_time_is_taken_when_it_is_monotonic_and_of_this_stream(
    seconds: float, flags: int, expected: float
) -> None:
    assert Moments(BEGAN_S).of(stamped(seconds, flags), 100.0) == pytest.approx(expected)


def test_no_frame_is_older_than_the_one_before_it() -> None:
    moments = Moments(BEGAN_S)
    seen = [
        moments.of(stamped(at, MONOTONIC), 100.0 + n) for n, at in enumerate((0, 99.9, 99, 102))
    ]
    assert all(earlier <= later for earlier, later in pairwise(seen))
    assert seen[-1] == 102.0
