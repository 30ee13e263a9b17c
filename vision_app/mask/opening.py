"""Opens who looks at photographs, as often as several are looked at at once."""

from collections.abc import Callable, Iterator
from threading import Lock

from masking.judge import Judge
from masking.photograph import PhotographMasker
from masking.settings import MaskingSettings
from models.detectors.budget import RECALLS
from models.detectors.closer import Closer
from models.errors import ModelError, PullError
from models.faces import DETECTORS, DetectorName, OpenedDetector, open_detector
from vision_app.faces.second_detectors import open_second_detectors
from vision_app.mask.looks import Looks
from vision_app.weights import Weights, absent


class Opening:
    """Opens the same detectors each time that it is called; threads may share it.

    threads: on so many each detector computes. say: hears, once, who should look and cannot.
    once: one detector, which all share, looks, once, and nobody judges.
    lanes: pictures are many, and so many are looked at at a time; 0: it is one.
    """

    def __init__(
        self,
        settings: MaskingSettings,
        weights: Weights,
        threads: int,
        say: Callable[[str], None],
        once: bool = False,
        lanes: int = 0,
    ) -> None:
        self._settings, self._weights = settings, weights
        self._threads, self._say = threads, say
        self._once, self._lanes = once, lanes
        self._turn = Lock()
        self._name: DetectorName | None = None
        self._shared: OpenedDetector | None = None

    def __call__(self) -> Looks:
        """Raises ModelError: a detector that the settings name cannot be had, or none at all."""
        with self._turn:
            if self._name is None:
                return self._first()
        looks, _ = self._open(self._name)
        return looks

    def _first(self) -> Looks:
        """For "auto" the first detector that can be had, best first, with those that go with it."""
        causes: list[str] = []
        for name in self._wanted(causes):
            try:
                looks, lacks = self._open(name)
            except ModelError as error:
                causes.append(str(error))
                continue
            self._name = name
            for sentence in dict.fromkeys((*causes, *lacks)):
                self._say(sentence)
            return looks
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

    def _open(self, name: DetectorName) -> tuple[Looks, tuple[str, ...]]:
        """And who is missing, in sentences."""
        if self._once:
            return self._glance(name), ()
        found = open_second_detectors(name, self._settings, self._weights, self._threads)
        second = Closer(found.second) if found.second else None
        masker = PhotographMasker(Closer(found.again), second, self._settings)
        looks = Looks(masker, Judge(found.judge, self._settings))
        return looks, (*found.passed_over, *found.lacks)

    def _glance(self, name: DetectorName) -> Looks:
        if self._shared is None:
            path, cover = self._weights.get(name), DETECTORS[name].cover
            side = self._settings.max_side or self._settings.second_look_side
            self._shared = open_detector(name, path, cover, side, self._threads, lanes=self._lanes)
        return Looks(PhotographMasker(self._shared, None, self._settings), None)
