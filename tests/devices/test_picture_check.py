"""What a camera shows is told apart: a scene, however still or dark, the same again, or nothing."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, timezone
from functools import cache
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest
import simplejpeg
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from devices.frame import Frame
from devices.picture_check import LASTING_FRAMES, LASTING_S, PictureCheck, Showing, Sight
from devices.simulated.footage import Footage
from devices.simulated.greenhouse import render

Image = NDArray[np.uint8]
NOON = datetime(2026, 1, 31, 12, 0, tzinfo=timezone.utc)
WIDTH, HEIGHT = 320, 240
DATA = Path(__file__).parents[2].parent / "shared" / "data"
VIDEOS = sorted((DATA / "faces" / "video").glob("*.mp4"))
NIGHT = 0.05
"""How much of the light of day there is."""


@cache
def still() -> Image:
    return render(np.random.default_rng(7), "ripe", WIDTH, HEIGHT, 0.0, grain=False)


def sights(pictures: Iterable[Image], every_s: float = 1.0) -> list[Sight]:
    """What is told of each, one every so many seconds from noon on."""
    check = PictureCheck()
    return [
        check.look(Frame(image, "door", n, NOON + timedelta(seconds=n * every_s), 0.0), n * every_s)
        for n, image in enumerate(pictures)
    ]


def showings(pictures: Iterable[Image], every_s: float = 1.0) -> set[Showing]:
    """All that is told once trouble would have been, had it been there from the first."""
    return {sight.showing for sight in sights(pictures, every_s)[-3:]}


def filmed(scene: Image, light: float, noise: float, quality: int, count: int = 14) -> list[Image]:
    """The same scene so often: with the noise of a sensor, and through JPEG where quality is."""
    rng = np.random.default_rng(1)
    exposed = scene.astype(np.float32) * np.float32(light)
    noisy = (exposed + noise * rng.standard_normal((count, *scene.shape), np.float32)).round()
    images = list(noisy.clip(0, 255).astype(np.uint8))
    return [through_jpeg(image, quality) for image in images] if quality else images


def through_jpeg(image: Image, quality: int) -> Image:
    data = simplejpeg.encode_jpeg(np.ascontiguousarray(image), quality, "BGR", "420")
    return np.asarray(simplejpeg.decode_jpeg(data, "BGR"), np.uint8)


def played(path: Path) -> Iterator[Image]:
    video = cv2.VideoCapture(str(path))
    while True:
        got, image = video.read()
        if not got:
            return
        yield np.asarray(image, np.uint8)


def flat(*bgr: int) -> Image:
    return np.full((HEIGHT, WIDTH, 3), bgr, np.uint8)


@pytest.mark.parametrize("quality", [0, 30, 90])
@pytest.mark.parametrize("noise", [0.3, 2.0, 8.0])
@pytest.mark.parametrize("light", [1.0, NIGHT])
def test_a_still_scene_with_noise_is_a_scene_by_day_and_by_night(
    light: float, noise: float, quality: int
) -> None:
    assert showings(filmed(still(), light, noise, quality)) == {Showing.SCENE}


@pytest.mark.parametrize("quality", [0, 85])
def test_the_same_picture_again_and_again_is_frozen_since_its_first(quality: int) -> None:
    *moving, last = filmed(still(), 1.0, 2.0, quality, 4)
    seen = sights([*moving, *[last] * 12])
    told = 3 + int(LASTING_S)
    assert {sight.showing for sight in seen[:told]} == {Showing.SCENE}
    assert {sight.showing for sight in seen[told:]} == {Showing.FROZEN}
    assert {sight.since for sight in seen[told:]} == {NOON + timedelta(seconds=3)}


def test_a_drawn_test_picture_that_stands_is_frozen_though_sent_through_jpeg() -> None:
    bars = np.kron(np.array([[0, 1, 2, 3, 4, 5, 6, 7]]), np.ones((HEIGHT, WIDTH // 8), int))
    picture = np.dstack([(bars >> bit & 1) * 191 for bit in range(3)]).astype(np.uint8)
    assert showings([through_jpeg(picture, 80) for _ in range(14)]) == {Showing.FROZEN}


def test_one_changed_picture_ends_it_at_once_and_trouble_begins_anew() -> None:
    first, second = filmed(still(), 1.0, 2.0, 0, 2)
    seen = [sight.showing for sight in sights([*[first] * 12, *[second] * 12])]
    assert seen[11] is Showing.FROZEN
    assert set(seen[12:22]) == {Showing.SCENE}
    assert seen[22] is Showing.FROZEN


def test_a_few_repeated_pictures_are_no_trouble_though_they_come_slowly() -> None:
    seen = sights([still()] * LASTING_FRAMES, every_s=60.0)
    assert [sight.showing for sight in seen[-2:]] == [Showing.SCENE, Showing.FROZEN]


@settings(max_examples=60, deadline=None)
@given(
    steps=st.lists(st.tuples(st.booleans(), st.floats(0.01, 6.0)), max_size=40),
)
def test_it_is_frozen_when_the_same_has_come_for_long_and_often_enough_and_never_else(
    steps: list[tuple[bool, float]],
) -> None:
    """steps: whether the picture changes, and after how many seconds it comes."""
    check, now_s, began_s, count = PictureCheck(), 0.0, 0.0, 0
    picture = still()[:64, :64].copy()
    for changes, after_s in steps:
        now_s += after_s
        if changes or not count:
            picture[0, 0, 0] ^= 1
            began_s, count = now_s, 0
        count += 1
        told = check.look(Frame(picture.copy(), "door", 0, NOON, 0.0), now_s).showing
        lasts = now_s - began_s >= LASTING_S and count >= LASTING_FRAMES
        assert told is (Showing.FROZEN if lasts else Showing.SCENE)


@given(top=st.integers(0, 1079), left=st.integers(0, 1919))
@settings(max_examples=25, deadline=None)
def test_whatever_moves_and_is_as_high_as_one_line_in_sixty_is_noticed(top: int, left: int) -> None:
    picture = np.random.default_rng(0).integers(0, 200, (1080, 1920, 3), np.uint8)
    top, before = min(top, 1080 - 18), picture.copy()
    picture[top : top + 18, left] += 1
    images = [before] * 11 + [picture]
    assert [sight.showing for sight in sights(images)][-2:] == [Showing.FROZEN, Showing.SCENE]


@pytest.mark.parametrize("quality", [0, 30, 90])
@pytest.mark.parametrize("noise", [0.0, 2.0, 6.0])
@pytest.mark.parametrize("level", [0, 6, 16])
def test_a_covered_lens_is_dark_whatever_noise_it_has(
    level: int, noise: float, quality: int
) -> None:
    shading = np.linspace(level, level + 3, WIDTH)[None, :, None].astype(np.uint8)
    covered = flat(0, 0, 0) + shading
    assert showings(filmed(covered, 1.0, noise, quality)) == {Showing.BLACK}


def test_a_covered_lens_is_told_after_ten_seconds_and_uncovered_at_once() -> None:
    day, covered = filmed(still(), 1.0, 2.0, 0, 3), filmed(flat(5, 5, 5), 1.0, 2.0, 0, 14)
    seen = [sight.showing for sight in sights([*day, *covered, *day])]
    assert set(seen[:13]) == {Showing.SCENE}
    assert set(seen[13:17]) == {Showing.BLACK}
    assert set(seen[17:]) == {Showing.SCENE}


def test_a_lamp_in_the_night_is_something_to_see() -> None:
    night = flat(2, 2, 2)
    night[100:112, 200:216] = 255
    assert showings(filmed(night, 1.0, 1.0, 60)) == {Showing.SCENE}


def test_a_night_without_any_noise_and_with_one_lamp_is_not_called_frozen() -> None:
    night = flat(0, 0, 0)
    night[100:112, 200:216] = 255
    assert showings([night] * 14) == {Showing.SCENE}


@pytest.mark.parametrize(
    ("colour", "showing"),
    [
        ((255, 255, 255), Showing.WHITE),
        ((0, 135, 0), Showing.ONE_COLOUR),
        ((128, 128, 128), Showing.ONE_COLOUR),
    ],
)
def test_a_picture_of_one_colour_is_told_by_its_colour(
    colour: tuple[int, int, int], showing: Showing
) -> None:
    assert showings([flat(*colour)] * 14) == {showing}


def test_a_blinded_camera_has_noise_and_is_blinded() -> None:
    assert showings(filmed(flat(254, 252, 255), 1.0, 2.0, 60)) == {Showing.WHITE}


def test_a_plain_wall_with_a_little_shade_is_a_scene() -> None:
    wall = flat(0, 0, 0) + np.linspace(180, 190, WIDTH)[None, :, None].astype(np.uint8)
    assert showings(filmed(wall, 1.0, 1.0, 60)) == {Showing.SCENE}


def test_rendered_footage_is_a_scene() -> None:
    footage = Footage(128, 96, 1.0, 7)
    assert showings(footage.picture(n) for n in range(14)) == {Showing.SCENE}


def test_a_picture_of_another_size_is_another_picture() -> None:
    seen = sights([*[still()] * 12, still()[:200], still()[:, :16], still()[:1, :1]])
    assert [sight.showing for sight in seen[-4:]] == [Showing.FROZEN, *[Showing.SCENE] * 3]


def test_it_keeps_no_more_of_a_frame_than_64_lines() -> None:
    check, picture = PictureCheck(), still()
    check.look(Frame(picture, "door", 0, NOON, 0.0), 0.0)
    kept = [one for one in vars(check).values() if isinstance(one, np.ndarray)]
    assert [one.shape for one in kept] == [(64, WIDTH, 3)]
    assert not np.shares_memory(kept[0], picture)


def test_every_trouble_is_one_sentence_with_its_time_and_what_to_do() -> None:
    for showing in set(Showing) - {Showing.SCENE}:
        told = Sight(showing, NOON, 0.0).problem("door")
        assert told.startswith("camera door ")
        assert "since 2026-01-31 12:00:00 UTC; " in told
    assert Sight(Showing.SCENE, NOON, 0.0).problem("door") == ""


@pytest.mark.skipif(not VIDEOS, reason=f"no videos in {DATA}")
@pytest.mark.parametrize("light", [1.0, NIGHT])
@pytest.mark.parametrize("path", VIDEOS, ids=lambda path: path.stem)
def test_real_footage_is_never_in_trouble(path: Path, light: float) -> None:
    pictures = [(one * light).astype(np.uint8) for one in islice(played(path), 20)]
    seen = sights(pictures, every_s=5.0)
    assert {sight.showing for sight in seen} == {Showing.SCENE}
