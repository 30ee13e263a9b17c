"""The detectors that look at a frame again before it is kept, as far as they can be had here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from masking.second_look import SecondLook
from masking.settings import MaskingSettings
from models.errors import ModelError, PullError
from models.faces import DETECTORS, DetectorKind, DetectorName, OpenedDetector, open_detector
from vision_app.live_detector import Live
from vision_app.weights import Weights, absent

SECONDS: Sequence[DetectorName] = ("centerface", "yunet-n", "yunet-s")
JUDGES: Sequence[DetectorName] = ("ulfg", "blazeface", "yunet-s", "centerface", "yunet-n")
"""Whom "auto" takes as second detector and as judge: the first that does not look yet."""
GET_ALL = "vision-app model pull faces"


@dataclass(frozen=True, slots=True)
class Opened:
    """A second look. told: who looks, in a sentence. lacks: in clauses, who should and is not here.
    passed_over: why others were not taken that would have been preferred, a clause for each."""

    second_look: SecondLook
    told: str
    lacks: tuple[str, ...]
    passed_over: tuple[str, ...]


def open_second_look(
    live: Live, settings: MaskingSettings, weights: Weights, threads: int | None = None
) -> Opened:
    """Everybody who looks again; for "auto" those that can be had, each another than the others.

    Raises ModelError: one that the settings name cannot be had, or the live one cannot be opened.
    """
    bench = _Bench(settings, weights, threads)
    again = bench.open(live.detector, _cover)
    second = bench.other(settings.second_detector, SECONDS, _cover)
    judge = bench.other(settings.judge, JUDGES, _judge)
    lacks = [] if second else [f"only {again.id.name} looks again, no other detector can be had"]
    if judge is None:
        judge = bench.open(live.detector, _judge)
    if judge.id.name == again.id.name:
        lacks.append(f"{judge.id.name} judges itself, no other detector can be had")
    return Opened(
        SecondLook(again, second, judge, settings),
        _told(again, second, judge),
        tuple(f"{lack}: {GET_ALL}" for lack in lacks),
        tuple(dict.fromkeys(bench.passed_over)),
    )


class _Bench:
    """Those who wait to look, and who does already."""

    def __init__(self, settings: MaskingSettings, weights: Weights, threads: int | None) -> None:
        self._side, self._weights, self._threads = settings.second_look_side, weights, threads
        self._looking: set[DetectorName] = set()
        self.passed_over: list[str] = []

    def open(self, name: DetectorName, score: Callable[[DetectorKind], float]) -> OpenedDetector:
        path, threshold = self._weights.get(name), score(DETECTORS[name])
        opened = open_detector(name, path, threshold, self._side, self._threads)
        self._looking.add(name)
        return opened

    def other(
        self,
        wanted: DetectorName | Literal["auto"],
        preferred: Sequence[DetectorName],
        score: Callable[[DetectorKind], float],
    ) -> OpenedDetector | None:
        """The wanted one; for "auto" the first that does not look yet, None where there is none."""
        if wanted != "auto":
            return self.open(wanted, score)
        for name in preferred:
            if name in self._looking:
                continue
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


def _told(again: OpenedDetector, second: OpenedDetector | None, judge: OpenedDetector) -> str:
    also = f" and {second.id.name}" if second else ""
    return (
        f"kept frames are looked at again by {again.id.name}{also} at {again.side} px, "
        f"and judged by {judge.id.name}"
    )
