"""Who looks a second time and who judges, where nobody says so."""

import pytest

from masking.partners import judges, seconds
from models.faces import DETECTORS, DetectorName


@pytest.mark.parametrize("first", DETECTORS)
def test_nobody_is_his_own_second_or_judge(first: DetectorName) -> None:
    assert seconds(first)
    assert first not in seconds(first)
    for second in seconds(first):
        assert judges(first, second)
        assert not {first, second} & set(judges(first, second))


@pytest.mark.parametrize("first", DETECTORS)
def test_the_two_that_err_together_are_not_put_together(first: DetectorName) -> None:
    for second in seconds(first):
        assert {first, second} != {"yunet-n", "yunet-s"}
