"""How a camera's motion is followed, and when it is said that it was not."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from masking.tracking.motion import CameraMotion, Seen

Image = NDArray[np.uint8]


def scenery(seed: int, width: int = 1600, height: int = 900) -> Image:
    """Patches of light and dark, as broad as things are."""
    coarse = np.random.default_rng(seed).integers(0, 255, (height // 30, width // 30, 3), np.uint8)
    return np.asarray(cv2.resize(coarse, (width, height)), np.uint8)


def view(world: Image, x: int, y: int) -> Image:
    return world[y : y + 720, x : x + 1280]


def test_a_pan_is_followed_frame_after_frame() -> None:
    world, motion = scenery(1), CameraMotion()
    motion.follow(view(world, 0, 0))
    for n in range(1, 26):
        moved = motion.follow(view(world, 10 * n, 4 * n))
        assert moved.seen is Seen.FOLLOWED
        assert abs(moved.x + 10) < 4
        assert abs(moved.y + 4) < 4


def test_a_slow_pan_over_soft_scenery_is_no_standstill() -> None:
    world = (scenery(1) // 16 + 100).astype(np.uint8)
    motion = CameraMotion()
    motion.follow(view(world, 0, 0))
    moved = motion.follow(view(world, 10, 0))
    assert abs(moved.x + 10) < 4


def test_what_is_compared_is_never_changed() -> None:
    world, motion = scenery(2), CameraMotion()
    for n in range(6):
        motion.follow(view(world, 8 * n, 0))
    moved = motion.follow(view(world, 40, 0))
    assert moved.seen is Seen.FOLLOWED
    assert abs(moved.x) + abs(moved.y) < 1


def test_the_first_picture_another_scene_and_another_size_are_cuts() -> None:
    motion = CameraMotion()
    assert motion.follow(view(scenery(3), 0, 0)).seen is Seen.CUT
    assert motion.follow(view(scenery(3), 4, 0)).seen is Seen.FOLLOWED
    for seed in (4, 5, 6):
        assert motion.follow(view(scenery(seed), 0, 0)).seen is Seen.CUT
    assert motion.follow(view(scenery(6), 0, 0)[:600]).seen is Seen.CUT


def test_noise_before_a_dark_wall_is_a_standstill() -> None:
    motion, noise = CameraMotion(), np.random.default_rng(1)
    for n in range(5):
        dark = noise.integers(0, 12, (720, 1280, 3), np.uint8)
        moved = motion.follow(dark)
        assert n == 0 or (moved.seen, moved.x, moved.y) == (Seen.FOLLOWED, 0, 0)


def test_lights_that_go_on_are_not_another_scene() -> None:
    world, motion = scenery(7), CameraMotion()
    motion.follow((view(world, 0, 0) // 4).astype(np.uint8))
    assert motion.follow(view(world, 0, 0)).seen is Seen.FOLLOWED


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 400), st.integers(1, 400), st.integers(0, 9))
def test_pictures_of_any_size_have_an_answer(width: int, height: int, seed: int) -> None:
    motion, noise = CameraMotion(), np.random.default_rng(seed)
    for _ in range(3):
        picture = noise.integers(0, 255, (height, width, 3), np.uint8)
        moved = motion.follow(picture)
        assert abs(moved.x) <= width
        assert abs(moved.y) <= height


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 4000, 3), (3000, 1, 3), (2161, 3841, 3)])
def test_pictures_of_odd_shapes_stand_still(shape: tuple[int, int, int]) -> None:
    motion, picture = CameraMotion(), np.full(shape, 77, np.uint8)
    motion.follow(picture)
    moved = motion.follow(picture[:, ::-1])
    assert moved.seen is Seen.FOLLOWED
    assert abs(moved.x) + abs(moved.y) < 0.01
