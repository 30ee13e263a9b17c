"""What speaks against a frame that a policy asks for, and what a label of it would be worth."""

from dataclasses import replace
from itertools import count

import numpy as np

from tests.uploader.choosing.deciding import AUDIT, UNSURE, bench, by
from uploader.choosing.candidate import Refusal, once
from uploader.choosing.choice import Choice
from uploader.choosing.looks.fingerprint import Fingerprint


def test_what_shows_the_same_is_not_kept_again_and_is_counted_with_the_next() -> None:
    b = bench(UNSURE, duplicates={})
    assert isinstance(b.keeps(0.5, seq=1), Choice)
    assert [b.keeps(0.5, seq=1) for _ in range(3)] == [Refusal.NEAR_DUPLICATE] * 3
    following = [b.keeps(0.5, seq=2), b.keeps(0.5, seq=3)]
    assert [one.suppressed for one in following if isinstance(one, Choice)] == [3, 0]


def test_what_shows_the_same_is_compared_again_after_a_tenth_of_the_gap() -> None:
    b = bench(UNSURE, duplicates={}, gap_s=2.0)
    assert isinstance(b.keeps(0.5, seq=1), Choice)
    told = []
    for at_s, seq in ((1_003.0, 1), (1_003.1, 2), (1_003.3, 2)):
        b.at_s = at_s
        told.append(b.keeps(0.5, seq=seq))
    assert told[:2] == [Refusal.NEAR_DUPLICATE] * 2
    assert isinstance(told[2], Choice)
    assert told[2].suppressed == 2


def test_however_long_the_gap_what_shows_the_same_is_compared_again_after_a_second() -> None:
    b = bench(UNSURE, duplicates={}, gap_s=3600.0)
    assert isinstance(b.keeps(0.5, seq=1), Choice)
    told = []
    for at_s, seq in ((5_000.0, 1), (5_000.9, 2), (5_001.1, 2)):
        b.at_s = at_s
        told.append(isinstance(b.keeps(0.5, seq=seq), Choice))
    assert told == [False, False, True]


def test_what_the_spool_did_not_take_is_not_remembered_as_kept() -> None:
    b = bench(UNSURE, duplicates={})
    candidate = b.wanted(0.5)
    assert candidate is not None
    assert isinstance(b.chooser.weigh(candidate), Choice)
    assert isinstance(b.keeps(0.5), Choice)


def test_a_frame_is_looked_at_once_and_only_when_all_else_speaks_for_it() -> None:
    b, looks = bench(UNSURE | {"per_hour": 1}, duplicates={}), count()

    def look() -> Fingerprint:
        next(looks)
        return Fingerprint("a-network", np.array([1.0], np.float32))

    for best in (0.5, 0.5, 0.9):
        if candidate := b.wanted(best):
            candidate = replace(candidate, look=once(look))
            weighed = b.chooser.weigh(candidate)
            if isinstance(weighed, Choice):
                b.chooser.kept(candidate, weighed, 1000)
    assert next(looks) == 1


def test_the_days_reviews_go_to_the_least_certain() -> None:
    b = bench(UNSURE, budget={"reviews_per_day": 40}, max_per_minute=10_000)
    kept: list[float] = []
    for minute in range(2 * 24 * 60):
        b.at_s = 1_000.0 + minute * 60
        best = 0.51 + minute % 11 / 125
        weighed = b.keeps(best)
        if isinstance(weighed, Choice):
            kept.append(best)
        else:
            assert weighed in (Refusal.NOT_TODAY, Refusal.OVER_BUDGET)
    assert 60 <= len(kept) <= 80
    later = kept[20:]
    assert sum(best < 0.53 for best in later) > 0.9 * len(later), "two elevenths, were it chance"


def test_what_another_day_is_for_is_no_duplicate() -> None:
    b = bench(UNSURE, budget={"reviews_per_day": 8}, duplicates={})
    seqs = count()
    while not isinstance(b.keeps(0.5, next(seqs)), Choice):
        b.at_s += 60
    while b.keeps(0.59, next(seqs)) is not Refusal.NOT_TODAY:
        b.at_s += 1
    while not isinstance(weighed := b.keeps(0.5, next(seqs)), Choice):
        assert weighed in (Refusal.NOT_TODAY, Refusal.OVER_BUDGET)
        b.at_s += 600
    assert weighed.suppressed == 0


def test_an_audit_is_held_back_by_budgets_only() -> None:
    b = bench(UNSURE, AUDIT | {"per_hour": 3}, duplicates={}, gap_s=60.0)
    assert by(b.keeps(0.5)) == "unsure"
    assert b.keeps(0.5) is Refusal.TOO_SOON
    b.draw = 0.1
    assert by(b.keeps(0.5)) == "audit", "too soon for the other, and a duplicate"
    assert by(b.keeps(0.9)) == "audit"
    b.at_s += 60
    assert by(b.keeps(0.55)) == "audit", "a duplicate"
    assert b.keeps(0.9) is Refusal.OVER_BUDGET


def test_an_audit_counts_as_what_else_it_is_where_that_keeps_it() -> None:
    b = bench(UNSURE, AUDIT)
    b.draw = 0.1
    assert b.keeps(0.5) == Choice(("unsure", "audit"), "unsure", value=1.0)


def worth(weighed: Choice | Refusal | None) -> float:
    assert isinstance(weighed, Choice)
    return weighed.value


def test_what_is_uncertain_is_worth_more() -> None:
    everything = UNSURE | {"threshold": 1.0}
    assert worth(bench(everything).keeps(0.55)) > worth(bench(everything).keeps(0.95))


def test_what_looks_like_nothing_that_was_kept_is_worth_more() -> None:
    new, known = bench(UNSURE), bench(UNSURE)
    new.keeps(0.55, seq=1)
    known.keeps(0.55, seq=2)
    assert worth(new.keeps(0.55, seq=2)) > worth(known.keeps(0.55, seq=2))


def test_what_is_taken_for_a_class_that_is_seldom_kept_is_worth_more() -> None:
    rare, common = bench(UNSURE), bench(UNSURE)
    rare.keeps(0.45, seq=1)
    common.keeps(0.55, seq=1)
    assert worth(rare.keeps(0.55, seq=2)) > worth(common.keeps(0.55, seq=2))


def test_what_chance_drew_is_worth_most_so_that_a_full_spool_does_not_bias_it() -> None:
    b = bench(UNSURE, {"kind": "audit", "share": 1.0})
    b.draw = 0.0
    certain, unsure = b.keeps(0.99), b.keeps(0.55, seq=1)
    assert isinstance(certain, Choice)
    assert isinstance(unsure, Choice)
    assert (certain.by, unsure.by) == ("audit", "unsure")
    assert certain.value == unsure.value == 1.0
    assert bench(UNSURE).keeps(0.55) != unsure
