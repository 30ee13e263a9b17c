"""Opens who looks at photographs, as often as several are looked at at once."""

from collections.abc import Callable, Iterator
from threading import Lock

from masking.judge import Judge
from masking.photograph import PhotographMasker
from masking.settings import MaskingSettings
from models.detectors.budget import RECALLS
from models.detectors.closer import Closer
from models.errors import ModelError, PullError
from models.faces import DetectorName
from vision_app.mask.looks import Looks
from vision_app.second_detectors import SecondDetectors, open_second_detectors
from vision_app.weights import Weights, absent


class Opening:
    """Opens the same detectors each time that it is called; threads may share it.

    threads: on so many each detector computes. say: hears, once, who should look and cannot.
    """

    def __init__(
        self,
        settings: MaskingSettings,
        weights: Weights,
        threads: int,
        say: Callable[[str], None],
    ) -> None:
        self._settings, self._weights = settings, weights
        self._threads, self._say = threads, say
        self._turn = Lock()
        self._name: DetectorName | None = None

    def __call__(self) -> Looks:
        """Raises ModelError: a detector that the settings name cannot be had, or none at all."""
        with self._turn:
            if self._name is None:
                return self._looks(self._first())
        return self._looks(self._open(self._name))

    def _first(self) -> SecondDetectors:
        """For "auto" the first detector that can be had, best first, with those that go with it."""
        causes: list[str] = []
        for name in self._wanted(causes):
            try:
                found = self._open(name)
            except ModelError as error:
                causes.append(str(error))
                continue
            self._name = name
            for sentence in dict.fromkeys((*causes, *found.passed_over, *found.lacks)):
                self._say(sentence)
            return found
        raise ModelError("; ".join(causes))

    def _wanted(self, causes: list[str]) -> Iterator[DetectorName]:
        """Who might look first, and can be had; why others cannot, into causes."""
        if self._settings.detector != "auto":
            yield self._settings.detector
            return
        for name in RECALLS:
            try:
                self._weights.get(name)
            except PullError:
                causes.append(absent(name))
            else:
                yield name

    def _open(self, name: DetectorName) -> SecondDetectors:
        return open_second_detectors(name, self._settings, self._weights, self._threads)

    def _looks(self, found: SecondDetectors) -> Looks:
        second = Closer(found.second) if found.second else None
        masker = PhotographMasker(Closer(found.again), second, self._settings)
        return Looks(masker, Judge(found.judge, self._settings))
