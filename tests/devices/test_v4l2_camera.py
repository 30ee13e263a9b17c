from pathlib import Path

import pytest

from devices import v4l2_abi as v4l2
from devices.camera import open_camera
from devices.cameras.v4l2 import Numbering, captured_s
from devices.errors import DeviceUnavailable
from devices.settings import CameraSettings

MONOTONIC = v4l2.BUF_FLAG_TIMESTAMP_MONOTONIC
COPIED = 0x4000


def numbers(first_seq: int, *driver: int) -> list[tuple[int, int]]:
    numbering = Numbering(first_seq)
    return [numbering.next(sequence) for sequence in driver]


def test_the_first_frame_has_the_number_asked_for_whatever_the_driver_says() -> None:
    assert numbers(41, 7, 8) == [(41, 0), (42, 0)]


def test_a_gap_in_the_drivers_numbers_is_a_gap_in_ours_and_counted() -> None:
    assert numbers(0, 0, 1, 5) == [(0, 0), (1, 0), (5, 3)]


def test_numbers_go_on_rising_when_the_drivers_wrap() -> None:
    assert numbers(0, 2**32 - 2, 2**32 - 1, 1) == [(0, 0), (1, 0), (3, 1)]


@pytest.mark.parametrize("driver", [(0, 0, 0), (9, 4, 0)])
def test_numbers_go_on_rising_when_the_drivers_do_not(driver: tuple[int, ...]) -> None:
    assert numbers(0, *driver) == [(0, 0), (1, 0), (2, 0)]


@pytest.mark.parametrize(
    ("seconds", "micros", "flags", "expected"),
    [
        (99, 500_000, MONOTONIC, 99.5),
        (99, 500_000, MONOTONIC | v4l2.BUF_FLAG_ERROR, 99.5),
        (100, 40_000, MONOTONIC, 100.0),
        (99, 500_000, 0, 100.0),
        (99, 500_000, COPIED, 100.0),
        (0, 0, MONOTONIC, 100.0),
    ],
)
def test_the_drivers_time_is_taken_when_it_is_monotonic_and_not_to_come(
    seconds: int, micros: int, flags: int, expected: float
) -> None:
    buffer = v4l2.Buffer(timestamp=v4l2.TimeVal(seconds, micros), flags=flags)
    assert captured_s(buffer, 100.0) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("absent", "is not there: plug it in"),
        ("name:Nobody's camera", "is not there: plug it in"),
        ("text", "is not a camera"),
        ("folder", "is not a camera|is a folder"),
        ("/dev/null", "is not a camera"),
    ],
)
def test_what_is_no_camera_is_refused_with_a_sentence(
    source: str, sentence: str, tmp_path: Path
) -> None:
    (tmp_path / "text").write_text("I am a file")
    (tmp_path / "folder").mkdir()
    name = source if source.startswith(("/", "name:")) else str(tmp_path / source)
    with pytest.raises(DeviceUnavailable, match=f"^camera {name} ({sentence})"):
        open_camera(CameraSettings(name="door", source=name))
