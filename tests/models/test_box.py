import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.box import Box

places = st.floats(-500, 500)
sides = st.floats(0.01, 500)


@given(places, places, sides, sides, st.floats(1, 3))
def test_growing_keeps_the_centre_and_multiplies_the_sides(
    x: float, y: float, width: float, height: float, factor: float
) -> None:
    grown = Box(x, y, x + width, y + height, 0.5).grown(factor)
    assert grown.x2 - grown.x1 == pytest.approx(width * factor, abs=1e-6)
    assert grown.y2 - grown.y1 == pytest.approx(height * factor, abs=1e-6)
    assert (grown.x1 + grown.x2) / 2 == pytest.approx(x + width / 2, abs=1e-6)
    assert grown.score == 0.5


@given(places, places, sides, sides)
def test_whole_pixels_cover_all_of_the_box_that_is_in_the_picture(
    x: float, y: float, width: float, height: float
) -> None:
    box = Box(x, y, x + width, y + height, 0.5)
    x1, y1, x2, y2 = box.pixels(200, 100)
    assert x1 <= max(box.x1, 0)
    assert y1 <= max(box.y1, 0)
    assert x2 >= min(box.x2, 200)
    assert y2 >= min(box.y2, 100)
    assert x1 >= 0
    assert y1 >= 0
    assert x2 <= 200
    assert y2 <= 100


def test_a_box_beside_the_picture_has_no_pixels() -> None:
    x1, _, x2, _ = Box(300, 10, 320, 20, 0.5).pixels(200, 100)
    assert x2 <= x1


@pytest.mark.parametrize("place", range(5))
def test_a_box_of_no_numbers_is_refused(place: int) -> None:
    values = [0.0, 0.0, 1.0, 1.0, 0.5]
    values[place] = math.nan
    with pytest.raises(ValueError, match="finite"):
        Box(*values)


@pytest.mark.parametrize("corners", [(1, 0, 1, 2), (0, 2, 1, 2), (3, 0, 1, 2)])
def test_a_box_without_area_is_refused(corners: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match="area"):
        Box(*corners, score=0.5)
