"""Opens who looks at photographs, as many times as several are looked at at once."""

from collections.abc import Callable

from masking.judge import Judge
from masking.photograph import PhotographMasker
from masking.settings import MaskingSettings
from models.detectors.budget import RECALLS
from models.detectors.closer import Closer
from models.errors import ModelError
from models.faces import DetectorName
from vision_app.mask.looks import Looks
from vision_app.second_detectors import SecondDetectors, open_second_detectors
from vision_app.weights import Weights


def open_looks(
    settings: MaskingSettings,
    weights: Weights,
    count: int,
    threads: int,
    say: Callable[[str], None],
) -> list[Looks]:
    """count sets of all that look at a photograph, each detector on so many threads.

    say: hears who should look and cannot. Raises ModelError: a detector that the settings name
    cannot be had, or none at all.
    """
    if count == 0:
        return []
    name, first = _first(settings, weights, threads)
    for sentence in (*first.passed_over, *first.lacks):
        say(sentence)
    others = [open_second_detectors(name, settings, weights, threads) for _ in range(count - 1)]
    return [_looks(found, settings) for found in (first, *others)]


def _first(
    settings: MaskingSettings, weights: Weights, threads: int
) -> tuple[DetectorName, SecondDetectors]:
    """For "auto" the first detector that can be had, best first, with those that go with it."""
    causes: list[str] = []
    for name in RECALLS if settings.detector == "auto" else (settings.detector,):
        try:
            return name, open_second_detectors(name, settings, weights, threads)
        except ModelError as error:
            causes.append(str(error))
    raise ModelError("; ".join(causes))


def _looks(found: SecondDetectors, settings: MaskingSettings) -> Looks:
    second = Closer(found.second) if found.second else None
    masker = PhotographMasker(Closer(found.again), second, settings)
    return Looks(masker, Judge(found.judge, settings))
