"""The hash of the same scene stays, that of another changes, and covers do not count."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.uploader.choosing.pictures import HEIGHT, WIDTH, Pixels, again, scene, with_cover
from uploader.choosing.looks.perceptual_hash import perceptual_hash
from uploader.choosing.settings import DuplicateSettings

PHOTOGRAPHS = Path(__file__).parents[5] / "shared" / "data" / "grocery" / "images"
NEAR = DuplicateSettings().bits
SCENES = range(40)


def apart(one: int, other: int) -> int:
    return (one ^ other).bit_count()


def covered_hash(pixels: Pixels, x: int, y: int, side: int) -> int:
    rect = (x, y, x + side, y + side)
    return perceptual_hash(with_cover(pixels, x, y, side), [rect])


@pytest.mark.parametrize("said", [{}, {"gain": 0.8}, {"gain": 1.2}, {"shift": 4}], ids=str)
def test_the_same_scene_has_nearly_the_same_hash(said: dict[str, float]) -> None:
    moved = [
        apart(perceptual_hash(scene(n)), perceptual_hash(again(scene(n), n, **said)))  # type: ignore[arg-type]
        for n in SCENES
    ]
    assert np.mean([bits <= NEAR for bits in moved]) >= 0.95


def test_two_scenes_differ_in_about_half_of_the_bits() -> None:
    hashes = [perceptual_hash(scene(n)) for n in SCENES]
    pairs = [apart(a, b) for i, a in enumerate(hashes) for b in hashes[:i]]
    assert min(pairs) > 2 * NEAR
    assert 26 < np.mean(pairs) < 34


@pytest.mark.parametrize("seed", range(4))
def test_what_turns_from_red_to_green_is_seen_though_it_is_as_bright(seed: int) -> None:
    fruits = np.array([[[40, 40, 200], [40, 150, 40]]], np.uint8)
    red, green = cv2.cvtColor(fruits, cv2.COLOR_BGR2GRAY)[0].astype(int)
    assert abs(red - green) < 20
    shelves = [scene(seed) // 4 + 96 for _ in range(2)]
    for shelf, fruit in zip(shelves, fruits[0], strict=True):
        shelf[90:200, 150:260] = fruit
    assert apart(*(perceptual_hash(shelf) for shelf in shelves)) > NEAR


def test_what_changes_in_a_corner_counts_as_much_as_in_the_middle() -> None:
    def changed_by_a_patch(x: int, y: int) -> float:
        bits = []
        for n in SCENES:
            patched = scene(n)
            patched[y : y + 60, x : x + 60] = 255 - patched[y : y + 60, x : x + 60]
            bits.append(apart(perceptual_hash(scene(n)), perceptual_hash(patched)))
        return float(np.mean(bits))

    middle, corner = changed_by_a_patch(210, 105), changed_by_a_patch(0, 0)
    assert corner == pytest.approx(middle, rel=0.4)


def test_two_pictures_of_the_dark_are_the_same() -> None:
    dark = np.full((HEIGHT, WIDTH, 3), 12, np.uint8)
    assert {perceptual_hash(again(dark, n)) for n in range(5)} == {0}


@pytest.mark.parametrize("side", [40, 80, 130, 200])
def test_a_cover_that_moves_a_little_changes_little(side: int) -> None:
    moved = [
        apart(
            covered_hash(again(scene(n), n), 140, 40, side),
            covered_hash(again(scene(n), n + 99), 146, 44, side),
        )
        for n in SCENES
    ]
    assert np.mean([bits <= NEAR for bits in moved]) >= 0.9


def test_large_covers_do_not_make_all_scenes_alike() -> None:
    hashes = [covered_hash(scene(n), 130, 30, 200) for n in SCENES]
    pairs = [apart(a, b) for i, a in enumerate(hashes) for b in hashes[:i]]
    assert min(pairs) > 2 * NEAR
    assert 26 < np.mean(pairs) < 34


def test_what_lies_below_a_cover_counts_for_nothing() -> None:
    rect = (100, 50, 300, 200)
    ours, theirs = scene(3), scene(3)
    ours[50:200, 100:300], theirs[50:200, 100:300] = 230, (10, 200, 90)
    assert perceptual_hash(ours, [rect]) == perceptual_hash(theirs, [rect])


def test_a_picture_that_is_covered_whole_has_a_hash() -> None:
    assert perceptual_hash(scene(0), [(0, 0, WIDTH, HEIGHT)]) == 0


@pytest.mark.parametrize("size", [(1, 1), (7, 5), (256, 256), (3000, 400)], ids=str)
def test_pictures_of_any_size_have_one(size: tuple[int, int]) -> None:
    pixels = np.asarray(cv2.resize(scene(0), size), np.uint8)
    assert 0 <= perceptual_hash(pixels, [(0, 0, 1, 1)]) < 1 << 64


@pytest.mark.skipif(not PHOTOGRAPHS.is_dir(), reason="the shop photographs are not here")
def test_shop_photographs_are_told_apart_and_known_again() -> None:
    files = sorted(PHOTOGRAPHS.glob("*.jpg"))[::20]
    photographs = [np.asarray(cv2.imread(str(file)), np.uint8) for file in files]
    hashes = [perceptual_hash(pixels) for pixels in photographs]
    known = [apart(h, perceptual_hash(again(p, 1, 1.1))) for h, p in zip(hashes, photographs)]  # noqa: B905
    pairs = np.array([apart(a, b) for i, a in enumerate(hashes) for b in hashes[:i]])
    assert np.mean(np.array(known) <= NEAR) >= 0.97
    assert np.mean(pairs <= NEAR) < 1e-3
