"""Days of frames are drawn from seeds, so that every run sees the same."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from pydantic import ValidationError

from uploader.choosing.budgets.learned import Learned, lesson
from uploader.choosing.budgets.limits import DAY_S, HOUR_S, Window
from uploader.choosing.budgets.quantiles import BINS, Rate, Uncertainties
from uploader.choosing.budgets.review import Review, fair_share
from uploader.choosing.budgets.savings import Savings

DAYS, PER_DAY = 5, 40
MIX = {"cat": 0.6, "dog": 0.3, "fox": 0.09, "owl": 0.01}

Frame = tuple[float, str, float]
"""(steady seconds, label, uncertainty)."""


def drawn(
    rng: np.random.Generator,
    a_day: int,
    mix: Mapping[str, float] = MIX,
    hours: tuple[float, float] = (8.0, 20.0),
    days: int = DAYS,
) -> list[Frame]:
    """Frames of days with nights, most of them at noon; some classes are harder than others."""
    count = rng.poisson(a_day, days).sum()
    day = rng.integers(0, days, count)
    at_s = day * DAY_S + (hours[0] + rng.beta(2, 2, count) * (hours[1] - hours[0])) * HOUR_S
    labels = rng.choice(list(mix), count, p=list(mix.values()))
    hardest = {label: 1.0 - 0.1 * place for place, label in enumerate(mix)}
    uncertain = rng.beta(2, 5, count) * np.array([hardest[label] for label in labels])
    return sorted(zip(at_s.tolist(), labels.tolist(), uncertain.tolist(), strict=True))


@dataclass
class Day:
    """A review budget as the device has it: with a limit that no 24 hours exceed."""

    per_day: int = PER_DAY
    kept: list[Frame] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.limit, self.savings = Window(self.per_day, DAY_S, 240), Savings(self.per_day, 0.0)
        self.review = Review(self.per_day, 0.0, self.savings)

    def sees(self, frames: Iterable[Frame], every: int = 1) -> "Day":
        """Keeps what it is let; every: of those that are chosen, the others show the same again."""
        chosen = 0
        for at_s, label, uncertainty in frames:
            if self.limit.has_room(1, at_s) and self.review.wants(label, uncertainty, at_s):
                chosen += 1
                if chosen % every == 0:
                    self.keep((at_s, label, uncertainty))
        return self

    def keep(self, frame: Frame) -> None:
        at_s, label, _ = frame
        self.limit.take(1, at_s)
        self.savings.spend(at_s)
        self.review.kept(label, at_s)
        self.kept.append(frame)

    @property
    def used(self) -> list[int]:
        """On each day."""
        counts = Counter(int(at_s // DAY_S) for at_s, _, _ in self.kept)
        return [counts[day] for day in range(DAYS)]

    @property
    def classes(self) -> Counter[str]:
        return Counter(label for _, label, _ in self.kept)


def uncertainty(frames: Sequence[Frame]) -> float:
    return float(np.mean([each for _, _, each in frames]))


def first_come(frames: Sequence[Frame]) -> list[Frame]:
    by_day: dict[int, list[Frame]] = {}
    for frame in frames:
        by_day.setdefault(int(frame[0] // DAY_S), []).append(frame)
    return [frame for of_day in by_day.values() for frame in of_day[:PER_DAY]]


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)


@pytest.mark.parametrize("a_day", [100, 2_000, 20_000])
def test_the_days_reviews_are_used_and_never_exceeded(rng: np.random.Generator, a_day: int) -> None:
    day = Day().sees(drawn(rng, a_day))
    assert max(day.used) <= PER_DAY
    assert sum(day.used) >= 0.9 * PER_DAY * DAYS
    assert min(day.used) >= 0.75 * PER_DAY


@pytest.mark.parametrize("per_day", [1, 4, 400])
def test_small_and_large_budgets_are_used(rng: np.random.Generator, per_day: int) -> None:
    day = Day(per_day).sees(drawn(rng, 4_000))
    assert max(day.used) <= per_day
    assert sum(day.used) >= (0.7 if per_day == 1 else 0.85) * per_day * DAYS


def test_they_last_the_day(rng: np.random.Generator) -> None:
    day = Day().sees(drawn(rng, 5_000))
    by_hour = Counter(int(at_s % DAY_S // HOUR_S) for at_s, _, _ in day.kept)
    assert max(by_hour.values()) <= PER_DAY * DAYS / 4
    assert sum(by_hour[hour] for hour in range(14, 20)) >= PER_DAY * DAYS / 4
    assert all(by_hour[hour] for hour in range(9, 19))


def test_what_is_chosen_is_less_certain_than_what_comes_first(rng: np.random.Generator) -> None:
    frames = drawn(rng, 5_000)
    day = Day().sees(frames)
    assert uncertainty(day.kept) > uncertainty(first_come(frames)) + 0.2


def test_of_each_class_the_least_certain_are_chosen(rng: np.random.Generator) -> None:
    frames = drawn(rng, 20_000)
    kept = Day().sees(frames).kept
    for label in MIX:
        of_class = [frame for frame in kept if frame[1] == label]
        others = [each for _, name, each in frames if name == label]
        assert uncertainty(of_class) > np.quantile(others, 0.9)


def test_classes_share_alike_however_rare(rng: np.random.Generator) -> None:
    classes = Day().sees(drawn(rng, 20_000)).classes
    assert min(classes[label] for label in MIX) >= 0.6 * PER_DAY * DAYS / len(MIX)


def test_what_a_class_cannot_use_goes_to_the_others(rng: np.random.Generator) -> None:
    rare = {"cat": 0.5, "dog": 0.499, "owl": 0.001}  # one owl in a day
    day = Day().sees(drawn(rng, 1_000, rare))
    assert 1 <= day.classes["owl"] <= 8
    assert sum(day.used) >= 0.9 * PER_DAY * DAYS


def test_the_first_hour_of_all_has_reviews_and_does_not_take_all(
    rng: np.random.Generator,
) -> None:
    first_hour = [f for f in drawn(rng, 100_000, hours=(0, 12), days=1) if f[0] < HOUR_S]
    assert 1 <= len(Day().sees(first_hour).kept) <= PER_DAY / 4


def test_a_burst_takes_no_more_than_a_few(rng: np.random.Generator) -> None:
    frames = drawn(rng, 2_000)
    noon_s = 2 * DAY_S + 12 * HOUR_S
    burst = [(noon_s + each / 30, "cat", 0.9 + 0.1 * rng.random()) for each in range(18_000)]
    day = Day().sees(sorted(frames + burst))
    in_burst = [at_s for at_s, _, _ in day.kept if noon_s <= at_s < noon_s + 600]
    assert 1 <= len(in_burst) <= PER_DAY / 8
    assert sum(day.used) >= 0.9 * PER_DAY * DAYS


def test_no_hour_takes_more_than_a_quarter_though_each_frame_is_less_certain() -> None:
    rising = [(each * 1.0, "cat", each / 3600) for each in range(3600)]
    day = Day()
    day.savings.restore(PER_DAY, 0.0)
    assert len(day.sees(rising).kept) == PER_DAY / 4


def test_what_is_not_saved_is_not_spent() -> None:
    day = Day()
    day.savings.restore(0.99, 0.0)
    assert not day.sees([(each / 1000, "cat", 1.0) for each in range(800)]).kept


def test_other_classes_every_day_change_nothing(rng: np.random.Generator) -> None:
    frames = [
        (at_s, f"{label} {int(at_s // DAY_S)}", each) for at_s, label, each in drawn(rng, 4_000)
    ]
    assert sum(Day().sees(frames).used) >= 0.9 * PER_DAY * DAYS


def test_frames_that_are_all_alike_are_chosen_evenly(rng: np.random.Generator) -> None:
    day = Day().sees([(at_s, "cat", 0.5) for at_s, _, _ in drawn(rng, 4_000, hours=(0, 24))])
    assert sum(day.used) >= 0.9 * PER_DAY * DAYS
    gaps_s = np.diff([at_s for at_s, _, _ in day.kept])
    assert np.quantile(gaps_s, 0.2) > 300.0


def test_chosen_frames_that_are_not_kept_cost_nothing(rng: np.random.Generator) -> None:
    day = Day().sees(drawn(rng, 20_000), every=10)
    assert sum(day.used) >= 0.8 * PER_DAY * DAYS


def test_a_day_without_frames_does_not_double_the_next(rng: np.random.Generator) -> None:
    day = Day().sees([frame for frame in drawn(rng, 4_000) if frame[0] // DAY_S != 2])
    assert day.used[2] == 0
    assert max(day.used) <= PER_DAY


def test_what_was_learned_goes_on_in_the_next_run(rng: np.random.Generator) -> None:
    day = Day().sees(drawn(rng, 4_000))
    learned, at_s = day.review.learned(), DAYS * DAY_S + 9 * HOUR_S
    assert learned.classes.keys() == MIX.keys()
    hardest_owl = ("owl", 0.68, at_s)
    assert Review(PER_DAY, at_s, Savings(PER_DAY, at_s), learned).wants(*hardest_owl)
    assert not Review(PER_DAY, at_s, Savings(PER_DAY, at_s)).wants(*hardest_owl)
    easier_cat = ("cat", 0.5, at_s)
    assert not Review(PER_DAY, at_s, Savings(PER_DAY, at_s), learned).wants(*easier_cat)


def test_a_device_that_sees_little_of_the_day_uses_what_the_rest_has_saved(
    rng: np.random.Generator,
) -> None:
    day = Day().sees(drawn(rng, 2_000, hours=(10, 14)))
    assert sum(day.used) >= 0.7 * PER_DAY * DAYS


def test_no_more_is_saved_than_a_day_has() -> None:
    savings = Savings(PER_DAY, 0.0)
    assert savings.held(0.0) == PER_DAY / 4
    assert savings.held(DAY_S / 4) == PER_DAY / 2
    assert savings.held(30 * DAY_S) == PER_DAY + 1
    savings.spend(30 * DAY_S)
    assert savings.held(30 * DAY_S) == PER_DAY


def test_savings_are_offered_the_sooner_the_less_room_is_left() -> None:
    savings = Savings(PER_DAY, 0.0)
    offered = []
    for part in (0.0, 0.25, 0.5, 0.75, 1.0):
        savings.restore(part * (PER_DAY + 1), 0.0)
        offered.append(savings.offered(0.0) / (PER_DAY + 1))
    assert offered == pytest.approx([0.0, 0.254, 0.571, 1.297, 20.0], abs=0.001)


def test_what_was_seen_fades() -> None:
    seen = Uncertainties(memory_s=100.0, at_s=0.0)
    for _ in range(1000):
        seen.see("cat", 7)
    assert seen.per_s(100.0)[0] == pytest.approx(1000 / np.e / (100 * (1 - 1 / np.e)))
    assert seen.seen.sum() == pytest.approx(1000 / np.e)
    assert seen.per_s(50.0)[0] == seen.per_s(100.0)[0], "times may come out of order"


def test_a_first_frame_is_not_taken_for_a_flood() -> None:
    assert Rate(memory_s=600.0, at_s=0.0).per_s(1, 0.0) == pytest.approx(1 / 60)
    seen = Uncertainties(memory_s=600.0, at_s=0.0)
    seen.see("cat", 7)
    assert seen.per_s(0.0) == pytest.approx([1 / 60])


def test_the_most_uncertain_share_is_cut_off_exactly(rng: np.random.Generator) -> None:
    seen = Uncertainties(memory_s=100.0, at_s=0.0)
    seen.see("cat", 0)
    seen.seen[:] = rng.integers(0, 50, (1, BINS))
    for share in (0.0, 1e-4, 0.01, 0.3, 0.999, 1.0):
        cut, part = seen.cuts(np.array([share]))
        chosen = seen.seen[0, cut[0] + 1 :].sum() + part[0] * seen.seen[0, cut[0]]
        assert chosen == pytest.approx(share * seen.seen.sum(), abs=1e-3)
        assert -1e-9 <= part[0] <= 1 + 1e-9


def test_a_histogram_that_none_could_be_is_refused() -> None:
    for wrong in (np.full(BINS, -1.0), np.full(BINS, np.nan), np.zeros(BINS - 1)):
        with pytest.raises(ValidationError, match="histogram"):
            lesson(wrong, 0.0)
    many = {str(each): lesson(np.zeros(BINS), 0.0) for each in range(257)}
    with pytest.raises(ValidationError, match="256"):
        Learned(schema="vision-app/learned/1", at_s=0.0, age_s=0.0, classes=many)


def test_labels_without_end_take_bounded_memory() -> None:
    review = Review(PER_DAY, 0.0, Savings(PER_DAY, 0.0))
    for each in range(1_000):
        review.wants(f"label {each}", 0.5, float(each))
        review.kept(f"label {each}", float(each))
    assert len(review.learned().classes) == 256


def test_a_fair_share_leaves_nothing_while_somebody_wants_more() -> None:
    demand = np.array([1.0, 10.0, 3.0, 10.0])
    assert fair_share(demand, 12.0) == 4.0
    assert fair_share(demand, 4.0) == 1.0
    assert fair_share(demand, 100.0) == 10.0
    assert fair_share(demand, 0.0) == 0.0
