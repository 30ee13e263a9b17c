import pytest

from models.convert.graph import BATCH
from models.convert.reshape_codes import reshaped
from models.errors import BundleError


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ((0, -1), (2, 60)),
        ((-3, -2), (6, 4, 5)),
        ((0, -4, 1, 3, -2), (2, 1, 3, 4, 5)),
        ((0, -4, -1, 3, -2), (2, 1, 3, 4, 5)),
        ((0, -4, 3, -1, -2), (2, 3, 1, 4, 5)),
        ((-2, 1), (2, 3, 4, 5, 1)),
        ((0, -3, 0), (2, 12, 5)),
        ((0, 0, -3), (2, 3, 20)),
        ((-3, -3), (6, 20)),
        ((2, 0, 4, -1), (2, 3, 4, 5)),
        ((-1, 0), (40, 3)),
        ((-2,), (2, 3, 4, 5)),
    ],
)
def test_codes_mean_what_mxnet_makes_of_them(
    codes: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    assert reshaped((2, 3, 4, 5), codes) == expected


@pytest.mark.parametrize(
    ("codes", "expected"),
    [((-1, 0), (24, 5)), ((0, -1), (4, 30)), ((-3, 0, 0), (6, 4, 5)), ((-1, 0, 0), (6, 4, 5))],
)
def test_codes_may_be_read_from_the_last_axis_on(
    codes: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    assert reshaped((2, 3, 4, 5), codes, reverse=True) == expected


def test_the_free_number_of_pictures_can_be_joined_and_split_off_again() -> None:
    joined = reshaped((BATCH, 6, 4), (-3, 0))
    assert joined == (BATCH * 6, 4)
    assert reshaped(joined, (-4, -1, 6, 0)) == (BATCH, 6, 4)


@pytest.mark.parametrize(
    "codes",
    [(), (7,), (-1, 7), (-1, -1), (0, 0, 0, 0, 0), (-5,), (-4, 2), (-4, 5, 5, -2), (-3, -3, -3),
     (0, -4, 0, -1, -2), (2, 3)],
)  # fmt: skip
def test_a_shape_that_does_not_come_out_is_refused(codes: tuple[int, ...]) -> None:
    with pytest.raises(BundleError, match=r"cannot be the new shape of \(2, 3, 4, 5\)"):
        reshaped((2, 3, 4, 5), codes)
