"""Backends as other distributions bring them, good and bad, for tests of what measures them."""

import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.backend import PLUGINS, Device, Placement, TensorSpec
from models.errors import BackendUnavailable
from models.settings import RuntimeSettings
from tests.models.networks import (
    COLOURS,
    INPUT,
    colour_scores,
    hashed,
    patches,
    weights_entry,
    write_bundle,
)

STDOUT = 1


class Numpy:
    """Computes what colour_network does, whatever is in the file."""

    formats = ("mxnet",)
    input = TensorSpec((1, 3, 6, 8), "float32")
    outputs = (TensorSpec((1, 3), "float32"),)

    def __init__(self, weights: Path, placement: Placement, settings: RuntimeSettings) -> None:
        self.placement = placement

    @staticmethod
    def devices(settings: RuntimeSettings) -> tuple[Device, ...]:
        return (Device("cpu"),)

    def run(self, tensor: NDArray[Any]) -> tuple[NDArray[Any], ...]:
        powers = np.exp(tensor.mean(axis=(2, 3)) * 10)
        return (np.asarray(powers / powers.sum(), np.float32),)

    def close(self) -> None:
        pass


class Talkative(Numpy):
    """Prints as native code does."""

    def run(self, tensor: NDArray[Any]) -> tuple[NDArray[Any], ...]:
        os.write(STDOUT, b"news of the runtime\n")
        return super().run(tensor)


class Wrong(Numpy):
    """Answers at once, and wrongly."""

    def run(self, tensor: NDArray[Any]) -> tuple[NDArray[Any], ...]:
        return (np.array([[0.25, 0.25, 0.5]], np.float32),)


class Crashing(Numpy):
    def run(self, tensor: NDArray[Any]) -> tuple[NDArray[Any], ...]:
        os.kill(os.getpid(), signal.SIGSEGV)
        return super().run(tensor)


class Failing(Numpy):
    def run(self, tensor: NDArray[Any]) -> tuple[NDArray[Any], ...]:
        raise RuntimeError("a bug of theirs")


class Refusing(Numpy):
    def __init__(self, weights: Path, placement: Placement, settings: RuntimeSettings) -> None:
        raise BackendUnavailable("it needs a key: buy one")


class WithoutDriver(Numpy):
    @staticmethod
    def devices(settings: RuntimeSettings) -> tuple[Device, ...]:
        return (Device("npu", "it has no driver: install it"),)


class CrashingWhenAsked(Numpy):
    @staticmethod
    def devices(settings: RuntimeSettings) -> tuple[Device, ...]:
        os.kill(os.getpid(), signal.SIGSEGV)
        return ()


def install_plugins(folder: Path, version: str = "1", **kinds: type[Numpy]) -> Path:
    """Writes what pip would leave of a distribution that brings these; gives its folder back."""
    info = folder / f"test_plugins-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: test-plugins\nVersion: {version}")
    rows = [f"{name} = {kind.__module__}:{kind.__name__}" for name, kind in kinds.items()]
    (info / "entry_points.txt").write_text("\n".join([f"[{PLUGINS}]", *rows]))
    return folder


def plugin_bundle(folder: Path, tolerance: float = 1e-4) -> Path:
    """A bundle that of all backends only those above, and mxnet, say they read."""
    folder.mkdir()
    graph, weights = folder / "colours-symbol.json", folder / "colours-0000.params"
    graph.write_text("{}")
    weights.write_bytes(b"no mxnet checkpoint")
    entry = weights_entry(weights, "float32", "mxnet", tolerance) | {"graph": hashed(graph)}
    image = patches()
    return write_bundle(
        folder,
        weights=[entry],
        labels=COLOURS,
        image=image,
        scores=colour_scores(image),
        rules=INPUT,
        output={"kind": "probabilities", "temperature": 1.0},
    )
