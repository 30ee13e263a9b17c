import numpy as np
import pytest
from numpy.typing import NDArray

from devices.simulated.greenhouse import CLASSES, render

WIDTH, HEIGHT = 160, 120


def picture(label: str, seed: int, difficulty: float = 0.0) -> NDArray[np.uint8]:
    return render(np.random.default_rng(seed), label, WIDTH, HEIGHT, difficulty)


@pytest.mark.parametrize("label", CLASSES)
@pytest.mark.parametrize("difficulty", [0.0, 1.0])
def test_a_picture_has_the_asked_size_and_no_flat_surface(label: str, difficulty: float) -> None:
    image = picture(label, 1, difficulty)
    assert image.shape == (HEIGHT, WIDTH, 3)
    assert image.dtype == np.uint8
    assert image.std() > 2


@pytest.mark.parametrize("label", CLASSES)
def test_the_same_seed_renders_the_same_pixels(label: str) -> None:
    assert np.array_equal(picture(label, 3, 0.5), picture(label, 3, 0.5))


def test_another_seed_renders_another_picture() -> None:
    assert np.abs(picture("ripe", 1).astype(int) - picture("ripe", 2)).mean() > 5


def test_every_class_differs_from_every_other() -> None:
    images = [picture(label, 5).astype(int) for label in CLASSES]
    for i, one in enumerate(images):
        assert all(np.abs(one - other).mean() > 2 for other in images[i + 1 :])


def test_ripe_fruit_is_red_where_green_fruit_is_not() -> None:
    def red_share(label: str) -> float:
        images = [picture(label, seed).astype(int) for seed in range(8)]
        return float(np.mean([(i[..., 2] > 2 * i[..., 1]).mean() for i in images]))

    assert red_share("ripe") > 0.03
    assert red_share("green") < 0.002
    assert red_share("empty") < 0.002


def test_hard_pictures_are_darker_or_softer_than_easy_ones() -> None:
    def contrast(difficulty: float) -> float:
        return float(np.mean([picture("ripe", seed, difficulty).std() for seed in range(12)]))

    assert contrast(1.0) < 0.9 * contrast(0.0)


def test_without_grain_the_picture_is_smoother() -> None:
    def roughness(grain: bool) -> float:
        image = render(np.random.default_rng(2), "empty", WIDTH, HEIGHT, 0.0, grain)
        return float(np.abs(np.diff(image[:20].astype(int), axis=1)).mean())

    assert roughness(grain=False) < roughness(grain=True)


@pytest.mark.parametrize(("width", "height"), [(16, 16), (400, 40), (33, 201)])
def test_odd_sizes_are_rendered_too(width: int, height: int) -> None:
    for label in CLASSES:
        image = render(np.random.default_rng(4), label, width, height, 1.0)
        assert image.shape == (height, width, 3)


def test_an_unknown_class_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"blue.*green, turning, ripe, rotten, empty"):
        picture("blue", 1)


def test_a_difficulty_beyond_one_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        picture("ripe", 1, 1.5)
