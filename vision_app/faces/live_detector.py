"""The detector that looks at every frame: as the configuration says, or as fits the budget here."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from masking.cost import cost_ms
from masking.settings import MaskingSettings
from models.detectors.budget import RECALLS, Choice, Sight, choose, recall_at, sights_of
from models.detectors.drawn_faces import WIDTH
from models.detectors.small_sooner import open_small_sooner
from models.errors import ModelError, PullError
from models.faces import DETECTORS, DetectorName, OpenedDetector
from vision_app.weights import GET_ALL, Weights, absent

SIDE = 640
"""Of a detector that the configuration names without a size."""


@dataclass(frozen=True, slots=True)
class Live:
    """Which detector looks at frames, and how.

    every: at every n-th frame. cost_ms: what a frame costs, of one core; None: it was not measured.
    passed_over: why better ones were not taken, a clause for each. bulky: the network that came
    with it was tried at several sizes, and holds what each took.
    """

    detector: DetectorName
    weights: Path
    threshold: float
    side: int
    every: int
    recall: float | None
    cost_ms: float | None = None
    passed_over: tuple[str, ...] = ()
    bulky: bool = False

    def open(self, threads: int | None = None) -> OpenedDetector:
        """One network; raises ModelError when it cannot run here."""
        return open_small_sooner(self.detector, self.weights, self.threshold, self.side, threads)

    def told(self, opened: OpenedDetector, budget_ms: float) -> str:
        """In a sentence, what it is, costs and finds; opened: one that it opened."""
        where = f"{self.detector} at {opened.side} px on {opened.id.backend}"
        rarely = f", at {_nth(self.every)} frame" if self.every > 1 else ""
        return f"{where}{rarely}{self._cost(budget_ms)}{self._found()}"

    @property
    def finds(self) -> int | None:
        """So many of 100 faces of our photographs; None: nobody knows."""
        return None if self.recall is None else round(self.recall * 1000) // 10

    def _cost(self, budget_ms: float) -> str:
        if self.cost_ms is None:
            return ", as the configuration says"
        if self.cost_ms > budget_ms:
            return f": {self.cost_ms:.1f} ms a frame, over the budget of {budget_ms:g} ms"
        return f": {self.cost_ms:.1f} of {budget_ms:g} ms a frame"

    def _found(self) -> str:
        known = self.finds is not None
        return f"; it finds {self.finds} of 100 faces (docs/privacy.md)" * known


def open_live(settings: MaskingSettings, weights: Weights) -> tuple[Live, OpenedDetector]:
    """What the settings name; for "auto" the best detector that can be had, at the largest size
    that fits the budget. What is here goes before what would have to be fetched.

    With it a first network. Raises ModelError: it cannot be had, or cannot run here; of "auto": not
    one of them.
    """
    if settings.detector != "auto":
        live = _named(settings, settings.detector, weights.get(settings.detector))
        return live, live.open()
    failed: dict[DetectorName, str] = {}
    for name in _by_turn(weights):
        try:
            return _measured(settings, name, weights.get(name), failed)
        except PullError:
            failed[name] = absent(name)
        except ModelError as error:
            failed[name] = str(error)
    raise ModelError(_none(failed))


def _none(failed: dict[DetectorName, str]) -> str:
    broken = [why for name, why in failed.items() if why != absent(name)]
    none = f"none of {', '.join(failed)} is here or can be fetched: {GET_ALL} says why"
    return "; ".join(broken) or none


def _by_turn(weights: Weights) -> list[DetectorName]:
    """Those that are here, the best first; then those that have to be fetched."""
    return sorted(RECALLS, key=lambda name: not weights.has(name))


def _named(settings: MaskingSettings, name: DetectorName, path: Path) -> Live:
    side = settings.max_side or SIDE
    recall = recall_at(name, side) if _usual(settings, name) else None
    threshold = settings.threshold or DETECTORS[name].threshold
    return Live(name, path, threshold, side, settings.detect_every or 1, recall)


def _measured(
    settings: MaskingSettings, name: DetectorName, path: Path, failed: dict[DetectorName, str]
) -> tuple[Live, OpenedDetector]:
    """One network is opened for all sizes, and kept unless it was proved at a larger one."""
    sights = sights_of(name, settings.max_side)
    threshold = settings.threshold or DETECTORS[name].threshold
    with ExitStack() as stack:
        opened = open_small_sooner(name, path, threshold, sights[0].side)
        stack.callback(opened.close)

        def measure(sight: Sight, every: int) -> float:
            return cost_ms(opened.at(sight.side), settings, every)

        choice = choose(sights, settings.budget_ms, _every(settings), measure)
        live = _chosen(settings, path, choice, failed)
        if live.side < min(WIDTH, sights[0].side):
            return live, live.open()
        stack.pop_all()
        return replace(live, bulky=len(sights) > 1), opened.at(live.side)


def _every(settings: MaskingSettings) -> Sequence[int]:
    """At which frames it may look: what is not looked at must be waited for."""
    if settings.detect_every is not None:
        return (settings.detect_every,)
    return range(1, settings.look_ahead + 2)


def _chosen(
    settings: MaskingSettings, path: Path, choice: Choice, failed: dict[DetectorName, str]
) -> Live:
    sight, name = choice.sight, choice.sight.detector
    better = list(RECALLS)[: list(RECALLS).index(name)]
    return Live(
        name,
        path,
        settings.threshold or DETECTORS[name].threshold,
        sight.side,
        choice.every,
        sight.recall if _usual(settings, name) else None,
        choice.cost_ms,
        tuple(failed.get(one, absent(one)) for one in better),
    )


def _usual(settings: MaskingSettings, name: DetectorName) -> bool:
    """Whether it finds what is known of it: a lower threshold finds as much or more."""
    return settings.threshold is None or settings.threshold <= DETECTORS[name].threshold


def _nth(every: int) -> str:
    return "every 2nd" if every == 2 else "every 3rd" if every == 3 else f"every {every}th"
