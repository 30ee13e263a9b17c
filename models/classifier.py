"""Names what is in a picture: an opened bundle on a runtime that reproduced its golden example."""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

import numpy as np
from numpy.typing import NDArray

from devices.closeable import Closeable
from models.backend import Backend, open_backend
from models.bundles.bundle import Bundle, open_bundle
from models.bundles.golden import Golden
from models.choice import choices
from models.errors import BackendUnavailable, BundleError, ModelError
from models.outputs import embedding_of, find_outputs
from models.prediction import ModelId, Prediction
from models.preprocess import Preprocessor
from models.scores import Scores
from models.settings import ModelSettings, RuntimeSettings
from models.way import Choice


class Classifier(Closeable):
    """A classifier on one runtime, for one thread at a time. `close` may be called twice.

    labels: what it can say, in the order of the scores.
    id: name, version, hash of the weights, and backend.
    notes: sentences for people about what could not be tried on this machine, which is usual.
    refused: about what was tried before this, and why it was not taken, which is not.
    """

    def __init__(self, bundle: Bundle, choice: Choice, backend: Backend) -> None:
        """Raises BundleError when the network does not fit the manifest, BackendUnavailable when
        the backend leaves open what its outputs are."""
        manifest = bundle.manifest
        self.labels = bundle.labels
        self._outputs = find_outputs(
            choice.weights.file, choice.weights.embedding, backend.outputs, len(self.labels)
        )
        self.id = ModelId(manifest.name, manifest.version, choice.weights.sha256, choice.name)
        self.notes: tuple[str, ...] = (self._outputs.note,) if self._outputs.note else ()
        self.refused: tuple[str, ...] = ()
        self._backend = backend
        self._keeps: Bundle | None = None
        self._prepare = Preprocessor(manifest.input, backend.input)
        self._scores = Scores(manifest.output, backend.outputs[self._outputs.scores])

    def classify(self, image: NDArray[np.uint8]) -> Prediction:
        """What is in an image (height, width, 3) uint8 BGR.

        Raises ModelError when the runtime fails or answers with something that is not a number.
        """
        raw = self._backend.run(self._prepare(image))
        scores, confidence = self._scores.of(raw[self._outputs.scores])
        if scores.size != len(self.labels):
            raise BundleError(
                f"{self.id.name} gives {scores.size} scores, but has {len(self.labels)} labels: "
                "write one label for each"
            )
        embedding = self._embedding(raw)
        return Prediction(self.labels, tuple(scores.tolist()), confidence, self.id, embedding)

    def logits(self, image: NDArray[np.uint8]) -> NDArray[np.float64]:
        """What the temperature divides, one number per label: for calibration.

        The network's logits, or the logarithms of its probabilities (multi-label: their log-odds).
        Raises what `classify` raises.
        """
        raw = self._backend.run(self._prepare(image))
        return self._scores.logits(raw[self._outputs.scores])

    def _embedding(self, raw: Sequence[NDArray[Any]]) -> NDArray[np.float32] | None:
        at = self._outputs.embedding
        return None if at is None else embedding_of(raw[at], self._backend.outputs[at])

    def keep(self, bundle: Bundle) -> None:
        """From now on the bundle is closed when this is, for runtimes that read its files later."""
        self._keeps = bundle

    def close(self) -> None:
        """Frees the network."""
        self._backend.close()
        if self._keeps is not None:
            self._keeps.close()


def open_classifier(settings: ModelSettings) -> Classifier:
    """Opens a bundle in the first way that reproduces its golden example.

    Raises BundleError when the bundle is at fault, BackendUnavailable when no backend will do.
    """
    with ExitStack() as opened:
        bundle = opened.enter_context(open_bundle(settings.bundle, settings.store))
        classifier = first_proven(bundle, settings)
        classifier.keep(bundle)
        opened.pop_all()
    return classifier


def first_proven(bundle: Bundle, settings: ModelSettings) -> Classifier:
    """As open_classifier, of a bundle that is open and stays so; which one the settings name does
    not count."""
    notes: list[str] = []
    refused: dict[str, None] = {}
    for choice in choices(bundle, settings, notes):
        try:
            classifier = prove(bundle, choice, settings.runtime)
        except BundleError:
            raise
        except ModelError as error:
            refused[f"{choice.name} was skipped for {choice.weights.file}: {error}"] = None
        else:
            classifier.notes = tuple(dict.fromkeys((*classifier.notes, *notes)))
            classifier.refused = tuple(refused)
            return classifier
    reasons = "; ".join(dict.fromkeys((*refused, *notes)))
    raise BackendUnavailable(f"nothing here runs {bundle.where}: {reasons}")


def prove(bundle: Bundle, choice: Choice, settings: RuntimeSettings) -> Classifier:
    """Opens a bundle in exactly this way; raises ModelError unless it reproduces the example."""
    classifier = unproven(bundle, choice, settings)
    try:
        _require_golden(classifier, bundle.golden, choice.weights.tolerance)
    except ModelError:
        classifier.close()
        raise
    return classifier


def unproven(bundle: Bundle, choice: Choice, settings: RuntimeSettings) -> Classifier:
    """Opens a bundle in exactly this way, for those who look at the golden example themselves."""
    backend = open_backend(choice.backend, bundle.path(choice.weights), choice.placement, settings)
    try:
        return Classifier(bundle, choice, backend)
    except ModelError:
        backend.close()
        raise


def distance(classifier: Classifier, golden: Golden) -> float:
    """How far the score that differs most is from the golden one."""
    scores = classifier.classify(golden.image).scores
    return float(np.abs(np.subtract(scores, golden.scores)).max())


def _require_golden(classifier: Classifier, golden: Golden, tolerance: float) -> None:
    away = distance(classifier, golden)
    if away > tolerance:
        raise BackendUnavailable(
            f"its scores are up to {away:.3g} away from the golden ones, where {tolerance:g} is "
            "allowed: it does not compute this network as it was made"
        )
