"""Choosers whose budgets are in memory, and whose time and chance are set by hand."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from models.prediction import Prediction
from tests.uploader.choosing.rows import labels, names
from tests.uploader.samples import MODEL, masked
from uploader.choosing.budgets.budgets import Budgets
from uploader.choosing.candidate import Candidate, Refusal
from uploader.choosing.choice import Choice
from uploader.choosing.chooser import Chooser
from uploader.choosing.looks.duplicates import Duplicates
from uploader.choosing.policies import Names, policies_of, reason_of
from uploader.choosing.settings import KeepSettings

NOBODY = Names((), (), ())
UNSURE = {"kind": "least_confidence", "threshold": 0.6, "name": "unsure"}
TIED = {"kind": "margin", "threshold": 0.2, "name": "tied"}
AUDIT = {"kind": "audit", "share": 0.5}


def chooser_of(
    keep: KeepSettings,
    names: Names = NOBODY,
    now: Callable[[], float] = time.monotonic,
    draw: Callable[[], float] = lambda: 0.5,
) -> Chooser:
    limits = {reason_of(policy): policy for policy in policies_of(keep)}
    budgets = Budgets(keep.budget, limits, keep.max_per_minute, now)
    return Chooser(keep, names, budgets, Duplicates(keep.duplicates), now, draw)


@dataclass
class Bench:
    """A chooser of two classes, of which the second is asked about."""

    keep: KeepSettings
    at_s: float = 1_000.0
    draw: float = 0.99
    classes: int = 2
    chooser: Chooser = field(init=False)

    def __post_init__(self) -> None:
        known = names(self.classes)
        self.chooser = chooser_of(self.keep, known, lambda: self.at_s, lambda: self.draw)

    def wanted(self, best: float, seq: int = 0, camera: str = "door") -> Candidate | None:
        candidate = self.chooser.wanted(masked(seq), prediction(best), alerts=0)
        return replace(candidate, camera=camera) if candidate else None

    def keeps(self, best: float, seq: int = 0, camera: str = "door") -> Choice | Refusal | None:
        """What is decided of a frame, which the spool then takes."""
        candidate = self.wanted(best, seq, camera)
        if candidate is None:
            return None
        weighed = self.chooser.weigh(candidate)
        if isinstance(weighed, Choice):
            self.chooser.kept(candidate, weighed, 1000)
        return weighed


def prediction(best: float) -> Prediction:
    return Prediction(labels(2), (1 - best, best), best, MODEL)


def bench(*policies: dict[str, object], **said: object) -> Bench:
    """Without a gap, and without a look at duplicates, unless it is said."""
    free: dict[str, object] = {"gap_s": 0.0, "duplicates": {"enabled": False}}
    return Bench(KeepSettings.model_validate({"policy": policies} | free | said))


def by(weighed: Choice | Refusal | None) -> str:
    assert isinstance(weighed, Choice)
    return weighed.by
