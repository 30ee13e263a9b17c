"""The worth of a label rises with each thing that makes it worth more, and counts are bounded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uploader.choosing.value import MAX_COUNT, MAX_LABELS, ClassCounts, value

shares = st.floats(0, 1)
numbers = st.floats(allow_nan=False)


@given(numbers, numbers, numbers)
def test_it_is_from_0_to_1_whatever_comes(
    uncertainty: float, novelty: float, rarity: float
) -> None:
    assert 0 <= value(uncertainty, novelty, rarity) <= 1


@given(st.tuples(shares, shares, shares), st.integers(0, 2), shares)
def test_it_never_falls_when_one_of_them_rises(
    parts: tuple[float, float, float], index: int, other: float
) -> None:
    low, high = list(parts), list(parts)
    low[index], high[index] = sorted((parts[index], other))
    assert value(*low) <= value(*high)


@pytest.mark.parametrize("index", [0, 1, 2])
def test_each_of_them_counts(index: int) -> None:
    parts = [0.5, 0.5, 0.5]
    parts[index] = 0.6
    assert value(*parts) > value(0.5, 0.5, 0.5)


def test_its_ends_are_0_and_1() -> None:
    assert value(0, 0, 0) == 0
    assert value(1, 1, 1) == pytest.approx(1)


def counted(**counts: int) -> ClassCounts:
    made = ClassCounts()
    for label, count in counts.items():
        for _ in range(count):
            made.kept(label)
    return made


def test_a_label_that_was_never_kept_is_as_rare_as_can_be() -> None:
    assert ClassCounts().rarity("ripe") == 1.0
    assert counted(green=3).rarity("ripe") == 1.0


def test_a_label_with_its_fair_share_is_half_as_rare() -> None:
    assert counted(ripe=7, green=7).rarity("ripe") == 0.5


def test_the_more_of_a_label_are_kept_the_less_rare_it_is() -> None:
    counts = counted(ripe=1, green=5, rotten=30)
    rarities = [counts.rarity(label) for label in ("new", "ripe", "green", "rotten")]
    assert rarities == sorted(rarities, reverse=True)
    assert len(set(rarities)) == 4


def test_counts_taken_up_again_say_the_same() -> None:
    before = counted(ripe=2, green=9)
    after = ClassCounts(before.counts)
    assert after.rarity("ripe") == before.rarity("ripe")
    after.kept("ripe")
    assert before.counts["ripe"] == 2


def test_labels_are_bounded_and_those_seen_once_go_first() -> None:
    counts = counted(ripe=60)
    for n in range(2 * MAX_LABELS):
        counts.kept(f"label {n}")
    assert len(counts.counts) <= MAX_LABELS
    assert counts.counts["ripe"] > 0
    assert counts.rarity("ripe") < counts.rarity(f"label {2 * MAX_LABELS - 1}")


def test_what_is_long_ago_weighs_less() -> None:
    counts = ClassCounts({"summer": MAX_COUNT - 1})
    for _ in range(4 * MAX_COUNT):
        counts.kept("winter")
    assert counts.counts["winter"] > 10 * counts.counts["summer"]
    assert sum(counts.counts.values()) <= MAX_COUNT
