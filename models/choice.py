"""Which runtime, device and math a bundle is tried on, and in which order."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from models.backend import BACKENDS, Device, Placement, backend_names, find_backend
from models.bench.measured import look_up
from models.bench.measurement import best_first
from models.bundles.bundle import Bundle
from models.bundles.manifest import Weights
from models.errors import BackendUnavailable
from models.settings import ModelSettings
from models.way import Choice

AUTO, CPU = "auto", "cpu"
DELEGATE = "delegate"
"""The device that is there only when the settings name its library."""
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


def choices(bundle: Bundle, settings: ModelSettings, notes: list[str]) -> Iterator[Choice]:
    """The ways that the settings allow, best first; what cannot be tried is told in notes.

    As measured by `vision-app model bench`; what was not measured follows in the declared order.
    Raises BackendUnavailable when the settings name a backend or device that cannot be used.
    """
    first = _as_measured(bundle, settings)
    yield from first
    for choice in _as_declared(bundle, settings, notes):
        if choice not in first:
            yield choice


def backends_for(bundle: Bundle) -> tuple[str, ...]:
    """Names of the backends that may read the bundle: of ours by the table, and every plugin."""
    formats = {weights.format for weights in bundle.manifest.weights}
    ours = {backend for format in formats for backend, _ in DECLARED_ORDER[format]}
    return tuple(name for name in backend_names() if name in ours or name not in BACKENDS)


def every_choice(
    bundle: Bundle,
    backend: str,
    settings: ModelSettings,
    threads: tuple[int, ...],
    notes: list[str],
) -> Iterator[Choice]:
    """All ways of one backend on this machine, for measuring; why there are no more, in notes."""
    one = settings.model_copy(update={"backend": backend, "device": AUTO})
    try:
        if not _readable(bundle, backend):
            return
        for choice in _as_declared(bundle, one, notes):
            for number in threads if choice.placement.device == CPU else threads[:1]:
                yield replace(choice, placement=replace(choice.placement, threads=number))
    except BackendUnavailable as error:
        notes.append(str(error))


def _as_measured(bundle: Bundle, settings: ModelSettings) -> list[Choice]:
    allowed = (one for one in look_up(bundle, settings) if _allows(settings, one.choice))
    return [_with_threads_of(settings, one.choice) for one in best_first(allowed)]


def _allows(settings: ModelSettings, choice: Choice) -> bool:
    """Whether it is what the settings name; other devices than the CPU take any threads."""
    where = choice.placement
    return (
        settings.backend in (AUTO, choice.backend)
        and settings.device in (AUTO, where.device)
        and (settings.threads in (None, where.threads) or where.device != CPU)
    )


def _with_threads_of(settings: ModelSettings, choice: Choice) -> Choice:
    if settings.threads is None:
        return choice
    return replace(choice, placement=replace(choice.placement, threads=settings.threads))


def _as_declared(bundle: Bundle, settings: ModelSettings, notes: list[str]) -> Iterator[Choice]:
    threads = DEFAULT_THREADS if settings.threads is None else settings.threads
    for weights, backend, wanted in _candidates(bundle, settings):
        for device in _devices(backend, wanted, settings, notes):
            for math in device.maths if weights.precision == "float32" else ("float32",):
                yield Choice(weights, backend, Placement(device.name, math, threads))


def _candidates(bundle: Bundle, settings: ModelSettings) -> Iterator[tuple[Weights, str, str]]:
    """Weights with a backend that reads them, and the device to be tried on it."""
    formats = sorted({weights.format for weights in bundle.manifest.weights})
    if settings.backend == AUTO:
        for weights in bundle.manifest.weights:
            for backend, device in _declared(weights.format, settings.device):
                yield weights, backend, device
        return
    fitting = _readable(bundle, settings.backend)
    if not fitting:
        raise BackendUnavailable(
            f'the backend "{settings.backend}" does not read {", ".join(formats)}, the format of '
            f'{bundle.where}: write backend = "auto"'
        )
    for weights in fitting:
        yield weights, settings.backend, settings.device


def _declared(format: str, device: str) -> list[tuple[str, str]]:
    """The order for a format; a device that is not in it is looked for in every backend of it."""
    order = DECLARED_ORDER[format]
    named = [row for row in order if device in (AUTO, row[1])]
    return named or [(backend, device) for backend in dict.fromkeys(row[0] for row in order)]


def _readable(bundle: Bundle, backend: str) -> list[Weights]:
    formats = find_backend(backend).formats
    return [weights for weights in bundle.manifest.weights if weights.format in formats]


def _devices(
    backend: str, wanted: str, settings: ModelSettings, notes: list[str]
) -> Iterator[Device]:
    try:
        devices = find_backend(backend).devices(settings.runtime)
    except BackendUnavailable as error:
        notes.append(str(error))
        return
    names = [device.name for device in devices]
    if settings.device not in (AUTO, *names):
        notes.append(f"{backend} has no device {settings.device!r}, but {', '.join(names)}")
    for device in devices:
        if wanted not in (AUTO, device.name):
            continue
        if device.problem and device.name != DELEGATE:
            notes.append(f"{backend} cannot use {device.name}: {device.problem}")
        else:
            yield device
