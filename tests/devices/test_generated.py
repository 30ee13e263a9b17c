import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from devices.camera import Camera, open_camera
from devices.errors import DeviceLost, DeviceUnavailable, NothingYet
from devices.settings import CameraSettings
from devices.simulated.footage import CYCLE_S, SCENES, WALK_S, Footage
from devices.simulated.greenhouse import CLASSES
from tests.checks_camera import check_camera

WIDTH, HEIGHT, FPS = 96, 72, 15.0
CYCLE = round(CYCLE_S * FPS)
MAGENTA = (255, 0, 255)


def settings(**changes: object) -> CameraSettings:
    given = {"name": "bench", "kind": "generated", "width": WIDTH, "height": HEIGHT, "fps": 100.0}
    return CameraSettings.model_validate(given | changes)


def opener(**changes: object) -> Callable[[int], Camera]:
    return lambda first_seq: open_camera(settings(**changes), first_seq)


@pytest.fixture(scope="module")
def portrait(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A person of a colour that grows in no greenhouse."""
    path = tmp_path_factory.mktemp("portrait") / "portrait.png"
    assert cv2.imwrite(str(path), np.full((128, 128, 3), MAGENTA, np.uint8))
    return path


@pytest.fixture(scope="module")
def footage(portrait: Path) -> Footage:
    return Footage(WIDTH, HEIGHT, FPS, 7, portrait)


def somebody(picture: NDArray[np.uint8]) -> bool:
    distance = np.abs(picture.astype(int) - MAGENTA).max(axis=2)
    return bool((distance < 30).mean() > 0.02)


def test_it_is_a_camera() -> None:
    check_camera(opener())


def test_the_same_seed_gives_the_same_footage() -> None:
    one, other = (Footage(WIDTH, HEIGHT, FPS, 3) for _ in range(2))
    assert all(np.array_equal(one.picture(n), other.picture(n)) for n in (0, 100, 299))


def test_another_seed_gives_other_footage() -> None:
    one, other = (Footage(WIDTH, HEIGHT, FPS, seed).picture(0) for seed in (3, 4))
    assert np.abs(one.astype(int) - other).mean() > 5


def test_the_footage_shows_every_class_and_begins_again(footage: Footage) -> None:
    assert {footage.label(n) for n in range(CYCLE)} == set(CLASSES)
    assert {label for label, _ in SCENES} == set(CLASSES)
    for number in (0, 137):
        assert np.array_equal(footage.picture(number), footage.picture(number + CYCLE))
        assert footage.label(number) == footage.label(number + CYCLE)


def test_consecutive_pictures_move(footage: Footage) -> None:
    for number in (10, 110, 290):
        one, two = footage.picture(number).astype(int), footage.picture(number + 1).astype(int)
        assert 0.5 < np.abs(one - two).mean() < 40


def test_the_person_is_seen_in_the_walk_only(footage: Footage) -> None:
    seen = [number / FPS for number in range(CYCLE) if somebody(footage.picture(number))]
    assert WALK_S[0] <= min(seen) < WALK_S[0] + 1
    assert WALK_S[1] - 1 < max(seen) <= WALK_S[1]
    assert len(seen) > 0.7 * (WALK_S[1] - WALK_S[0]) * FPS


def test_without_a_portrait_nobody_walks() -> None:
    alone = Footage(WIDTH, HEIGHT, FPS, 7)
    assert not any(somebody(alone.picture(number)) for number in range(75, 150, 5))


def test_a_picture_is_the_callers_own(footage: Footage) -> None:
    footage.picture(0)[:] = 0
    assert footage.picture(0).any()


def test_the_frames_are_those_of_the_footage_by_number() -> None:
    with open_camera(settings(seed=5), first_seq=1000) as camera:
        frame = camera.read(1.0)
    expected = Footage(WIDTH, HEIGHT, 100.0, 5).picture(frame.seq - 1000)
    assert np.array_equal(frame.pixels, expected)


def test_nothing_comes_before_its_time() -> None:
    with open_camera(settings(fps=0.01)) as camera:
        camera.read(1.0)
        begin_s = time.monotonic()
        with pytest.raises(NothingYet, match="bench"):
            camera.read(0.05)
        assert 0.05 <= time.monotonic() - begin_s < 1


def test_a_slow_reader_gets_the_newest_picture_and_the_others_are_counted() -> None:
    with open_camera(settings(fps=1000.0)) as camera:
        first = camera.read(1.0)
        with open_camera(settings(fps=20.0)) as clock:
            clock.read(1.0)
            clock.read(1.0)
        second = camera.read(1.0)
        skipped = second.seq - first.seq - 1
        assert skipped >= 20
        assert camera.losses["driver_dropped"] == skipped + first.seq
        assert time.monotonic() - second.captured_s < 0.2


def test_closing_ends_a_wait_at_once() -> None:
    camera = open_camera(settings(fps=0.01))
    camera.read(1.0)
    closer = Thread(target=camera.close)
    begin_s = time.monotonic()
    closer.start()
    with pytest.raises(DeviceLost, match="open it again"):
        camera.read(30.0)
    closer.join()
    assert time.monotonic() - begin_s < 5


def test_its_mode_says_what_it_makes() -> None:
    with open_camera(settings(fps=15)) as camera:
        assert camera.mode == "generated 96x72 at 15 fps"


def test_a_missing_portrait_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DeviceUnavailable, match=r"there is no portrait .*nobody\.png"):
        open_camera(settings(portrait=tmp_path / "nobody.png"))


def test_a_portrait_that_is_no_picture_is_one_sentence(tmp_path: Path) -> None:
    text = tmp_path / "portrait.png"
    text.write_text("not a picture")
    with pytest.raises(DeviceUnavailable, match="not a readable picture"):
        open_camera(settings(portrait=text))
