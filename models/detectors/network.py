"""Puts a face detector's network on the fastest runtime that is installed and answers rightly."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from numpy.typing import NDArray

from models.backend import (
    Backend,
    Laned,
    Placement,
    PlaneOrder,
    cpu_of,
    find_backend,
    open_backend,
)
from models.detectors.candidates import Candidates
from models.detectors.picture import Tensor, planes_of
from models.errors import BackendUnavailable, BundleError, ModelError
from models.nms import iou
from models.prediction import ModelId
from models.way import way_name

RUNTIMES: Mapping[str, tuple[str, ...]] = {
    "onnx": ("openvino", "onnxruntime", "opencv"),
    "tflite": ("litert", "openvino"),
}
"""For a format, in the order in which they are tried. All compute on the CPU."""
AUTO = "auto"
THREADS = 1
"""A second saves a third of the time, and costs the processor a third more."""
MAX_SCORE_GAP, MIN_IOU = 0.05, 0.8
"""A rougher math is taken when it finds the faces of the probe that float32 finds, with scores and
places that differ by no more."""

Outputs = tuple[NDArray[Any], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """What a detector expects of its network.

    name: of its weights in the catalogue. title: for people. format: of the file.
    any_size: whether pictures of any size are fed. threshold: score from which something is a face.
    probe: an input with faces, of which it finds one at least. planes: inputs are pictures, uint8
    BGR (1, h, w, 3), of which the network wants planes in this order. reads: so many outputs.
    decode: what the outputs for an input of a shape say; raises ModelError when they are no
    outputs of this detector.
    """

    name: str
    title: str
    format: str
    any_size: bool
    threshold: float
    probe: Tensor
    decode: Callable[[Outputs, tuple[int, ...]], Candidates]
    planes: PlaneOrder | None = None
    reads: int = 0


class Network:
    """A network on a runtime, for so many threads at once as it has lanes; more take turns.

    `close` may be called twice.
    """

    def __init__(
        self,
        form: Form,
        weights: Path,
        runtime: str,
        threads: int | None,
        lean: bool = False,
        lanes: int = 0,
    ) -> None:
        """runtime: one of RUNTIMES, or "auto". threads: of each lane; None takes THREADS, but
        leaves OpenCV's pool, which is one for the whole process, as it is; 0 leaves the number to
        the runtime. lean: keeps nothing of a run for the next one, and computes in float32, for
        which runtimes keep the least. lanes: many inputs are to come, mostly of few sizes, from so
        many threads at once; 0: one thread's.

        Raises ModelError: the file is not there or not this detector's, or nothing here runs it.
        """
        sha256 = _hash(form, weights)
        usual = Placement(
            any_size=form.any_size,
            lean=lean,
            lanes=max(1, lanes),
            steady=lanes > 0,
            planes=form.planes,
            wanted=form.reads,
        )
        name, placement, first = _opened(form, weights, runtime, threads, usual)
        self._planes = form.planes
        self._backends = [first, *_beside(first, form, weights, name, placement)]
        self._idle: SimpleQueue[Backend] = SimpleQueue()
        for number in range(placement.lanes):
            self._idle.put(self._backends[number % len(self._backends)])
        self.id = ModelId(form.name, sha256[:12], sha256, way_name(name, placement))

    def run(self, tensor: Tensor) -> Outputs:
        """The outputs for one input; raises ModelError when the runtime fails."""
        backend = self._idle.get()
        try:
            outputs = _fed(self._planes, backend, tensor)
        finally:
            self._idle.put(backend)
        return outputs

    def close(self) -> None:
        """Frees the network."""
        for backend in self._backends:
            backend.close()


def require_shapes(title: str, outputs: Outputs, shapes: Sequence[tuple[int, ...]]) -> None:
    """Raises ModelError unless the first outputs have these shapes."""
    if [output.shape for output in outputs[: len(shapes)]] != list(shapes):
        raise ModelError(f"the weights are not those of {title}")


def _hash(form: Form, weights: Path) -> str:
    """The file carries no version, so the beginning of its hash stands for one."""
    try:
        return hashlib.sha256(weights.read_bytes()).hexdigest()
    except OSError as error:
        raise ModelError(f"cannot read {weights} ({error.strerror}): {_hint(form)}") from error


def _hint(form: Form) -> str:
    return f"fetch it with: vision-app model pull {form.name}"


def _fed(planes: PlaneOrder | None, backend: Backend, tensor: Tensor) -> Outputs:
    """The outputs for one input, of which planes are made for a runtime that does not make them."""
    if planes and backend.input.dtype != "uint8":
        return backend.run(planes_of(tensor, planes))
    return backend.run(tensor)


def _beside(
    first: Backend, form: Form, weights: Path, name: str, placement: Placement
) -> list[Backend]:
    """More of the network, each proved, where one alone cannot be run by several threads."""
    if isinstance(first, Laned):
        return []
    return [_proved(form, weights, name, placement) for _ in range(placement.lanes - 1)]


def _opened(
    form: Form, weights: Path, runtime: str, threads: int | None, usual: Placement
) -> tuple[str, Placement, Backend]:
    causes: list[str] = []
    for backend, placement in _ways(form, runtime, threads, usual, causes):
        try:
            return backend, placement, _proved(form, weights, backend, placement)
        except BundleError:
            raise
        except ModelError as error:
            causes.append(str(error))
    told = "; ".join(dict.fromkeys(causes))
    raise ModelError(f"{weights} cannot be used as {form.title} ({told}): {_hint(form)}")


def _ways(
    form: Form, runtime: str, threads: int | None, usual: Placement, causes: list[str]
) -> Iterator[tuple[str, Placement]]:
    """What can be tried here, fastest first; why a runtime cannot, in causes."""
    for name in RUNTIMES[form.format] if runtime == AUTO else (runtime,):
        try:
            cpu = cpu_of(find_backend(name))
        except BackendUnavailable as error:
            causes.append(str(error))
            continue
        own = threads if threads is not None else 0 if name == "opencv" else THREADS
        maths = ("float32",) if usual.lean else cpu.maths if cpu else ()
        for math in maths:
            yield name, replace(usual, math=math, threads=own)


def _proved(form: Form, weights: Path, name: str, placement: Placement) -> Backend:
    """The network, after it found a face in the probe: one that is damaged, or computed wrongly,
    often answers with quite usual numbers, and is blind.
    """
    backend = open_backend(name, weights, placement)
    answer = _answer(form, backend)
    if not len(answer.scores):
        raise ModelError(f"on {name} it finds no face where four are drawn")
    if placement.math != "float32":
        exact = replace(placement, math="float32", lanes=1)
        with closing(open_backend(name, weights, exact)) as reference:
            if not _same(form.threshold, _answer(form, reference), answer):
                raise ModelError(f"{name} finds other faces in {placement.math}")
    return backend


def _answer(form: Form, backend: Backend) -> Candidates:
    return form.decode(_fed(form.planes, backend, form.probe), form.probe.shape).best()


def _same(threshold: float, exact: Candidates, rough: Candidates) -> bool:
    """Whether each holds what the other does."""
    return _holds(threshold, exact, rough) and _holds(threshold, rough, exact)


def _holds(threshold: float, all_of: Candidates, others: Candidates) -> bool:
    """Whether others hold every one, but for those that barely count as faces."""
    for corners, score in zip(all_of.corners, all_of.scores, strict=True):
        close = iou(corners, others.corners) >= MIN_IOU
        alike = abs(others.scores - score) <= MAX_SCORE_GAP
        if score >= threshold + MAX_SCORE_GAP and not (close & alike).any():
            return False
    return True
