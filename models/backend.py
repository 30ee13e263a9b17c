"""What a runtime is, and the table of those that we have: name → "module:Class"."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray

from models.errors import BackendUnavailable

BACKENDS: Mapping[str, str] = {
    "litert": "models.backends.litert:LiteRT",
    "opencv": "models.backends.opencv:OpenCV",
}
"""Each class is called with (weights: Path, threads: int); threads 0 leaves it to the runtime."""


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """Shape (-1 where free), numpy dtype name, and affine quantisation (scale 0: not quantised).

    real = (quantised - zero_point) * scale
    """

    shape: tuple[int, ...]
    dtype: str
    scale: float = 0.0
    zero_point: int = 0


class Backend(Protocol):
    """A network loaded into a runtime. `close` may be called twice."""

    @property
    def input(self) -> TensorSpec:
        """The one input tensor."""

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        """The output tensors, in the order in which `run` returns them."""

    def run(self, tensor: NDArray[Any]) -> tuple[NDArray[Any], ...]:
        """Runs the network on one input of the declared dtype; what it returns is the caller's.

        Raises ModelError when the runtime fails.
        """

    def close(self) -> None:
        """Frees the network."""


def open_backend(name: str, weights: Path, threads: int = 0) -> Backend:
    """Loads weights into the named runtime.

    Raises BackendUnavailable with a sentence that says what to install or which name to use,
    BundleError when the file is missing, damaged or of another format.
    """
    if name not in BACKENDS:
        raise BackendUnavailable(f"there is no backend {name!r}: use one of {', '.join(BACKENDS)}")
    module, _, kind = BACKENDS[name].partition(":")
    try:
        loaded = import_module(module)
    except ImportError as error:
        raise BackendUnavailable(
            f"the runtime of {name} cannot be imported ({error}): install vision-app again"
        ) from None
    backend: Backend = getattr(loaded, kind)(weights, threads)
    return backend
