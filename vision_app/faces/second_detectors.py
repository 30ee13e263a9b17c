"""The detectors that look at a picture before it is kept, as far as they can be had here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from masking.partners import judges, seconds
from masking.second_look import SecondLook
from masking.settings import MaskingSettings
from models.detectors.resting import Resting
from models.errors import ModelError, PullError
from models.faces import DETECTORS, DetectorKind, DetectorName, open_detector
from vision_app.weights import GET_ALL, Weights, absent


@dataclass(frozen=True, slots=True)
class SecondDetectors:
    """Those that look together, each with its `cover` threshold, and the judge with its own.

    lacks: who is missing, a clause for each. passed_over: why others were not taken that would
    have been preferred, a clause for each.
    """

    again: Resting
    second: Resting | None
    judge: Resting
    lacks: tuple[str, ...]
    passed_over: tuple[str, ...]

    def second_look(self, settings: MaskingSettings) -> SecondLook:
        """At masked frames."""
        return SecondLook(self.again, self.second, self.judge, settings)

    def rest(self, unused_s: float) -> bool:
        """Frees the networks of those that were not asked for so long; whether there were any."""
        freed = [one.rest(unused_s) for one in (self.again, self.second, self.judge) if one]
        return any(freed)

    @property
    def told(self) -> str:
        """Who looks, in a sentence."""
        also = f" and {self.second.id.name}" if self.second else ""
        return (
            f"kept frames are looked at again by {self.again.id.name}{also} at {self.again.side} "
            f"px, and judged by {self.judge.id.name}"
        )


def open_second_detectors(
    first: DetectorName,
    settings: MaskingSettings,
    weights: Weights,
    threads: int | None = None,
    lean: bool = False,
) -> SecondDetectors:
    """For "auto" those that can be had, each another than the others where that is possible.

    first: who looks first, at every frame. lean: they look seldom, and give memory back in between.
    Raises ModelError: it, or one that the settings name, cannot be had, or cannot run here.
    """
    bench = _Bench(settings, weights, threads, lean)
    again = bench.open(first, _cover)
    second = bench.open_one(settings.second_detector, seconds(first), _cover)
    masking = (first, second.id.name if second else None)
    judge = bench.open_one(settings.judge, judges(*masking), _judge) or bench.open(first, _judge)
    lacks = [] if second else [f"only {first} looks again, no detector that goes with it is here"]
    if judge.id.name in masking:
        lacks.append(f"{judge.id.name} judges itself, no other detector is here")
    told = tuple(f"{lack} ({GET_ALL})" for lack in lacks)
    return SecondDetectors(again, second, judge, told, tuple(dict.fromkeys(bench.passed_over)))


class _Bench:
    """Those that wait to look."""

    def __init__(
        self, settings: MaskingSettings, weights: Weights, threads: int | None, lean: bool
    ) -> None:
        self._side, self._weights = settings.second_look_side, weights
        self._threads, self._lean = threads, lean
        self.passed_over: list[str] = []

    def open(self, name: DetectorName, score: Callable[[DetectorKind], float]) -> Resting:
        path, threshold = self._weights.get(name), score(DETECTORS[name])
        return Resting(
            lambda: open_detector(name, path, threshold, self._side, self._threads, lean=self._lean)
        )

    def open_one(
        self,
        wanted: DetectorName | Literal["auto"],
        preferred: Sequence[DetectorName],
        score: Callable[[DetectorKind], float],
    ) -> Resting | None:
        """The wanted one; for "auto" the first that can be had, None where there is none."""
        if wanted != "auto":
            return self.open(wanted, score)
        for name in preferred:
            try:
                return self.open(name, score)
            except PullError:
                self.passed_over.append(absent(name))
            except ModelError as error:
                self.passed_over.append(str(error))
        return None


def _cover(kind: DetectorKind) -> float:
    return kind.cover


def _judge(kind: DetectorKind) -> float:
    return kind.judge
