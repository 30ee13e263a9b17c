"""Which runtime, device and math a bundle is tried on, and in which order."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from models.backend import Device, Placement, backend_names, find_backend
from models.bundle import Bundle
from models.errors import BackendUnavailable
from models.manifest import Weights
from models.settings import ModelSettings

AUTO = "auto"
DEFAULT_THREADS = 2
DECLARED_ORDER: Mapping[str, tuple[tuple[str, str], ...]] = {
    "tflite": (
        ("litert", "delegate"),
        ("litert", "cpu"),
        ("litert", "edgetpu"),
        ("openvino", "cpu"),
    ),
    "onnx": (
        ("onnxruntime", "tensorrt"),
        ("onnxruntime", "cuda"),
        ("openvino", "cpu"),
        ("onnxruntime", "openvino"),
        ("onnxruntime", "cpu"),
        ("opencv", "cpu"),
    ),
    "mxnet": (("mxnet", "cpu"),),
}
"""(backend, device) for a format, in the order in which "auto" tries them; no plugin is among
them: one is used when it is named, or was measured to be the fastest."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to run a bundle."""

    weights: Weights
    backend: str
    placement: Placement

    @property
    def name(self) -> str:
        """For people and records: the backend alone where it computes as usual."""
        there, math = self.placement.device, self.placement.math
        parts = [self.backend]
        if there != "cpu" or math != "float32":
            parts.append(there)
        if math != "float32":
            parts.append(math)
        return " ".join(parts)


def choices(bundle: Bundle, settings: ModelSettings, notes: list[str]) -> Iterator[Choice]:
    """The ways that the settings allow, best first; what cannot be tried is told in notes.

    Raises BackendUnavailable when the settings name a backend or device that cannot be used.
    """
    threads = DEFAULT_THREADS if settings.threads is None else settings.threads
    for weights, backend, wanted in _candidates(bundle, settings):
        for device in _devices(backend, wanted, settings, notes):
            for math in device.maths if weights.precision == "float32" else ("float32",):
                yield Choice(weights, backend, Placement(device.name, math, threads))


def every_choice(
    bundle: Bundle, settings: ModelSettings, threads: tuple[int, ...], notes: list[str]
) -> Iterator[Choice]:
    """All ways there are on this machine, plugins among them, for measuring."""
    for name in backend_names():
        one = settings.model_copy(update={"backend": name, "device": AUTO})
        try:
            for choice in choices(bundle, one, notes):
                for number in threads if choice.placement.device == "cpu" else threads[:1]:
                    where = Placement(choice.placement.device, choice.placement.math, number)
                    yield Choice(choice.weights, choice.backend, where)
        except BackendUnavailable as error:
            notes.append(str(error))


def _candidates(bundle: Bundle, settings: ModelSettings) -> Iterator[tuple[Weights, str, str]]:
    """Weights with a backend that reads them, and the device to be tried on it."""
    formats = sorted({weights.format for weights in bundle.manifest.weights})
    if settings.backend == AUTO:
        for weights in bundle.manifest.weights:
            for backend, device in DECLARED_ORDER[weights.format]:
                if settings.device in (AUTO, device):
                    yield weights, backend, device
        return
    kind = find_backend(settings.backend)
    fitting = [weights for weights in bundle.manifest.weights if weights.format in kind.formats]
    if not fitting:
        raise BackendUnavailable(
            f'the backend "{settings.backend}" does not read {", ".join(formats)}, the format of '
            f'{bundle.folder}: write backend = "auto"'
        )
    for weights in fitting:
        yield weights, settings.backend, settings.device


def _devices(
    backend: str, wanted: str, settings: ModelSettings, notes: list[str]
) -> Iterator[Device]:
    try:
        devices = find_backend(backend).devices(settings.runtime)
    except BackendUnavailable as error:
        notes.append(str(error))
        return
    for device in devices:
        if wanted not in (AUTO, device.name):
            continue
        if device.problem:
            notes.append(f"{backend} cannot use {device.name}: {device.problem}")
        else:
            yield device
