"""Which frames get one of the day's reviews: of each class the most uncertain, all day long.

Reviews are saved up evenly (savings.py). What is saved is meant to last HORIZON_S of such traffic
as there is now: the classes share it alike, what one cannot use goes to the others, and the share
and the rate of a class say which part of its frames may be chosen: the most uncertain ones, by the
histogram of that class (quantiles.py). So a night's savings are spent over the next day, a burst
raises the thresholds, and a rare class finds its share waiting.

A frame that is chosen may still not be kept, as a near duplicate for example. So a class that gets
less than its share while frames of it are refused is made easier, step by step; each review that it
gets takes a step back.
"""

import numpy as np
from numpy.typing import NDArray

from uploader.choosing.budgets.learned import Learned, lesson
from uploader.choosing.budgets.limits import DAY_S, HOUR_S, Window
from uploader.choosing.budgets.quantiles import Rate, Uncertainties, bin_of
from uploader.choosing.budgets.savings import Savings

HORIZON_S = 3 * HOUR_S
MEMORY_S = DAY_S
BURST_S = 600.0
"""The traffic now is that of about so long."""
PLAN_EVERY_S = 300.0
LEAST_SEEN = 0.5
"""Frames; a class of which less is remembered is forgotten with the run."""
STEP, EASIEST = 0.2, 5.0
"""In natural logarithms of the part that is chosen."""
GOLDEN = 0.618034
"""Its multiples, without their whole part, fill 0..1 evenly: an even draw without chance."""


class Review:
    """Shares out per_day reviews. For one thread.

    No hour of a run gets more than a quarter of them. Thresholds are planned anew after each frame
    that was kept, and every PLAN_EVERY_S.
    """

    def __init__(
        self,
        per_day: int,
        at_s: float,
        savings: Savings,
        learned: Learned | None = None,
    ) -> None:
        """savings: of which each kept frame takes one. learned: what an earlier run knew."""
        self._savings = savings
        self._hour = Window(-(-per_day // 4), HOUR_S)
        self._uncertainties = Uncertainties(MEMORY_S, at_s)
        self._traffic = Rate(BURST_S, at_s)
        self._easier: list[float] = []
        self._cuts: list[tuple[int, float, float]] = []
        self._draw = 0.0
        self._asked, self._plan_at_s = 0, at_s
        if learned:
            self._recall(learned, at_s)

    def wants(self, label: str, uncertainty: float, at_s: float) -> bool:
        """Whether that frame is worth a review (0..1); it learns from being asked."""
        bin = bin_of(uncertainty)
        place = self._uncertainties.see(label, bin)
        self._asked += 1
        if at_s >= self._plan_at_s or place >= len(self._cuts):
            self._plan(at_s)
        if self._savings.held(at_s) < 1.0 or not self._hour.has_room(1, at_s):
            return False
        cut, part, share = self._cuts[place]
        if bin > cut or (bin == cut and self._drawn() < part):
            return True
        self._easier[place] += STEP * share
        return False

    def kept(self, label: str, at_s: float) -> None:
        """A frame of that label was kept, and taken from the savings."""
        self._hour.take(1, at_s)
        self._plan_at_s = at_s
        place = self._uncertainties.places.get(label)
        if place is not None and place < len(self._easier):
            self._easier[place] -= STEP

    def learned(self) -> Learned:
        """What the next run should know; what has faded away is left out."""
        known = self._uncertainties
        lessons = {
            label: lesson(known.seen[place], self._easier[place])
            for label, place in known.places.items()
            if place < len(self._easier) and known.seen[place].sum() >= LEAST_SEEN
        }
        return Learned(at_s=known.fading.at_s, age_s=known.fading.age_s, classes=lessons)

    def _drawn(self) -> float:
        self._draw = (self._draw + GOLDEN) % 1.0
        return self._draw

    def _recall(self, learned: Learned, at_s: float) -> None:
        """Time that passed in between counts, unless the steady clock itself began anew."""
        written_s = min(learned.at_s, at_s)
        self._uncertainties = Uncertainties(MEMORY_S, written_s, learned.age_s)
        for label, each in learned.classes.items():
            place = self._uncertainties.place(label)
            self._uncertainties.seen[place] = each.histogram()
            self._easier.append(each.easier)

    def _plan(self, at_s: float) -> None:
        rates = self._uncertainties.per_s(at_s)
        busier = max(1.0, self._traffic.per_s(self._asked, at_s) / rates.sum())
        demand = np.maximum(rates * busier * HORIZON_S, np.finfo(np.float64).tiny)
        shares = np.minimum(1.0, fair_share(demand, self._savings.offered(at_s)) / demand)
        known = [min(max(easier, 0.0), EASIEST) for easier in self._easier]
        self._easier = known + [0.0] * (len(rates) - len(known))
        chosen = np.minimum(1.0, shares * np.exp(self._easier))
        cut, part = self._uncertainties.cuts(chosen)
        self._cuts = list(zip(cut.tolist(), part.tolist(), shares.tolist(), strict=True))
        self._asked, self._plan_at_s = 0, at_s + PLAN_EVERY_S


def fair_share(demand: NDArray[np.float64], total: float) -> float:
    """The most that anyone gets when nobody gets more than their demand and all that is there goes.

    demand: (n,), n at least 1.
    """
    rising = np.sort(demand)
    before = np.cumsum(rising) - rising
    levels = (total - before) / np.arange(len(rising), 0, -1)
    modest = np.flatnonzero(levels <= rising)
    return float(levels[modest[0]] if len(modest) else rising[-1])
