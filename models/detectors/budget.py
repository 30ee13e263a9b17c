"""At which size a face detector finds most in the time that a frame may cost.

What each finds of the faces of 111 photographs is the least of all runtimes, as measured by

    python -m benchmarks.faces --detector yunet-n --detector yunet-s --detector centerface \
        --side 1280 --side 960 --side 832 --side 768 --side 704 --side 640 --side 576 --side 512

What each costs is measured where it is to run.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from models.faces import DetectorName

ROUGHLY = 0.55
"""What a guess is multiplied with: from one size to the next it then never is too high."""

RECALLS: Mapping[DetectorName, Mapping[int, float]] = {
    "yunet-n": {
        1280: 0.968, 960: 0.965, 832: 0.959, 768: 0.946, 704: 0.941, 640: 0.931, 576: 0.899,
        512: 0.885,
    },
    "yunet-s": {960: 0.947, 832: 0.929, 768: 0.920, 704: 0.905, 640: 0.884},
    "centerface": {1280: 0.983, 960: 0.974, 832: 0.971, 768: 0.960, 704: 0.945, 640: 0.921},
}  # fmt: skip
"""Detector → longer side of what it sees → share of the faces that it finds so.

All that "auto" may take: on every runtime the first detector finds more in the same time than the
next, up to 30 ms. What finds fewer than these do is not here: a frame is rather late than bare."""


@dataclass(frozen=True, slots=True)
class Sight:
    """A detector that sees pictures at one size.

    side: longer side, pixels. recall: share of the faces that it finds so; None: nobody knows.
    """

    detector: DetectorName
    side: int
    recall: float | None


@dataclass(frozen=True, slots=True)
class Choice:
    """The sight that is taken. every: the detector looks at every n-th frame. cost_ms: measured,
    of one core for a frame, on average."""

    sight: Sight
    every: int
    cost_ms: float


Measure = Callable[[Sight, int], float]
"""Milliseconds of one core for a frame, on average, when every n-th one is looked at."""


def sights_of(detector: DetectorName, side: int | None = None) -> tuple[Sight, ...]:
    """What a detector can do, best first; or at the given side only."""
    if side is not None:
        return (Sight(detector, side, recall_at(detector, side)),)
    recalls = RECALLS[detector].items()
    return tuple(Sight(detector, side, recall) for side, recall in recalls)


def recall_at(detector: DetectorName, side: int) -> float | None:
    """What is found at a side, at least: as much as at the next smaller one that was measured."""
    recalls = RECALLS.get(detector, {})
    return max((recall for known, recall in recalls.items() if known <= side), default=None)


def choose(
    sights: Sequence[Sight], budget_ms: float, every: Sequence[int], measure: Measure
) -> Choice:
    """The largest sight that fits the budget, with the first number of `every` with which one does.

    sights: of one detector, largest first. If none ever fits: the smallest, with the last number.
    measure is asked for few of them; what it raises is passed on.
    """
    costs = _Costs(measure)
    costs.of(sights[-1], every[0])
    for number in every:
        sight = _largest(sights, budget_ms, number, costs)
        if sight is not None:
            return Choice(sight, number, costs.of(sight, number))
    return Choice(sights[-1], every[-1], costs.of(sights[-1], every[-1]))


def _largest(
    sights: Sequence[Sight], budget_ms: float, every: int, costs: "_Costs"
) -> Sight | None:
    """The first that fits. Each measurement makes the guesses about the others better."""
    while True:
        likely = (sight for sight in sights if costs.at_least(sight, every) <= budget_ms)
        sight = next(likely, None)
        if sight is None or costs.knows(sight, every):
            return sight
        costs.of(sight, every)


class _Costs:
    """What was measured, and what follows from it for the rest."""

    def __init__(self, measure: Measure) -> None:
        self._measure = measure
        self._known: dict[tuple[Sight, int], float] = {}

    def knows(self, sight: Sight, every: int) -> bool:
        """Whether it was measured."""
        return (sight, every) in self._known

    def of(self, sight: Sight, every: int) -> float:
        """Measured, once."""
        if not self.knows(sight, every):
            self._known[sight, every] = self._measure(sight, every)
        return self._known[sight, every]

    def at_least(self, sight: Sight, every: int) -> float:
        """Hardly less than this, judging by others: more pixels never cost less."""
        if self.knows(sight, every):
            return self._known[sight, every]
        guesses, bounds = [], [0.0]
        for (one, n), ms in self._known.items():
            guesses.append(ms * n / every * (sight.side / one.side) ** 2 * ROUGHLY)
            if one.side <= sight.side and n <= every:
                bounds.append(ms * n / every)
        return max(min(guesses), *bounds)
