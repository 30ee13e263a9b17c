"""What was measured of one way to run a bundle, and which of several is the best."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from models.way import Choice

ALIKE = 1.03
"""Times that are no further apart than this are equally fast; then the processor's work counts."""

Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True)
class Figures:
    """What a picture of the network's own size costs from pixels to scores.

    p50_ms, p95_ms: how long it takes. images_per_s: one after the other.
    cpu_ms: work of the processor for it, in all threads and processes that the runtime has.
    memory_mb: how much resident memory opening and running added at its peak, in 10^6 bytes.
    difference: largest distance of a score from the golden one. runs: pictures that were timed.
    """

    p50_ms: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    p95_ms: Amount
    images_per_s: Amount
    cpu_ms: Amount
    memory_mb: Amount
    difference: Amount
    runs: int


@dataclass(frozen=True, slots=True)
class Measurement:
    """A way to run a bundle with its figures, or the sentence that says why there are none."""

    choice: Choice
    figures: Figures | None
    problem: str = ""

    @property
    def p50_ms(self) -> float:
        """How long a picture takes; without end where it did not run."""
        return self.figures.p50_ms if self.figures else math.inf

    @property
    def usable(self) -> bool:
        """Whether it ran, and reproduced the golden example."""
        return self.figures is not None and self.figures.difference <= self.choice.weights.tolerance

    @property
    def verdict(self) -> str:
        """In words: "ok", "differs by …", or why it did not run."""
        if self.figures is None:
            return self.problem
        if self.usable:
            return "ok"
        allowed = self.choice.weights.tolerance
        return f"differs by {self.figures.difference:.2g}, {allowed:g} is allowed"


def best_first(measurements: Iterable[Measurement]) -> tuple[Measurement, ...]:
    """Those that are usable: by speed, but of the fastest that are alike, the thriftiest first."""
    usable = sorted((one for one in measurements if one.usable), key=lambda one: one.p50_ms)
    alike = [one for one in usable if one.p50_ms <= usable[0].p50_ms * ALIKE]
    alike.sort(key=lambda one: one.figures.cpu_ms if one.figures else math.inf)
    return (*alike, *usable[len(alike) :])
