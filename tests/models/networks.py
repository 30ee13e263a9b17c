"""Tiny real networks and bundles around them, for tests."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from models.backend import Backend, BackendKind, Placement
from models.bundles.seal import seal
from models.settings import RuntimeSettings

COLOURS = ("blue", "green", "red")
INPUT: dict[str, Any] = {
    "width": 8,
    "height": 6,
    "layout": "nchw",
    "color": "bgr",
    "resize": "stretch",
    "range": [0, 1],
    "mean": [0, 0, 0],
    "std": [1, 1, 1],
}


def load(kind: BackendKind, weights: Path, threads: int = 0) -> Backend:
    """A network in a runtime, on the CPU."""
    return kind(weights, Placement(threads=threads), RuntimeSettings())


def colour_network(path: Path, gain: float = 10.0, softmax: bool = True) -> Path:
    """Writes an ONNX network (n, 3, h, w) → (n, 3): the mean of each channel, times gain."""
    factor = numpy_helper.from_array(np.array([gain], np.float32), "gain")
    nodes = [
        helper.make_node("GlobalAveragePool", ["pixels"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["means"]),
        helper.make_node("Mul", ["means", "gain"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
    ]
    result = "probabilities" if softmax else "logits"
    graph = helper.make_graph(
        nodes if softmax else nodes[:-1],
        "colours",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["n", 3, "h", "w"])],
        [helper.make_tensor_value_info(result, TensorProto.FLOAT, ["n", 3])],
        [factor],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())
    return path


def patches() -> NDArray[np.uint8]:
    """A picture with more red than green and more green than blue."""
    image = np.zeros((12, 16, 3), np.uint8)
    image[:, :8, 2], image[:4, :, 1], image[:2, :, 0] = 255, 255, 255
    return image


def colour_scores(image: NDArray[np.uint8], gain: float = 10.0) -> NDArray[np.float32]:
    """What colour_network says of a picture, computed without it."""
    logits = image.mean(axis=(0, 1)) / 255 * gain
    powers = np.exp(logits - logits.max())
    return np.asarray(powers / powers.sum(), np.float32)


def colour_bundle(folder: Path, kind: str = "probabilities", temperature: float = 1.0) -> Path:
    """Writes a whole bundle around colour_network."""
    folder.mkdir()
    colour_network(folder / "model.onnx", softmax=kind == "probabilities")
    image = patches()
    return write_bundle(
        folder,
        weights=[weights_entry(folder / "model.onnx", "float32", "onnx", tolerance=1e-4)],
        labels=COLOURS,
        image=image,
        scores=colour_scores(image),
        rules=INPUT,
        output={"kind": kind, "temperature": temperature},
    )


def weights_entry(path: Path, precision: str, kind: str, tolerance: float) -> dict[str, Any]:
    """An entry of a manifest's weights."""
    return hashed(path) | {"precision": precision, "format": kind, "tolerance": tolerance}


def write_bundle(
    folder: Path,
    weights: list[dict[str, Any]],
    labels: tuple[str, ...],
    image: NDArray[np.uint8],
    scores: NDArray[np.float32],
    rules: dict[str, Any],
    output: dict[str, Any],
) -> Path:
    """Writes labels, golden example and manifest beside weights that lie in the folder already."""
    (folder / "labels.txt").write_text("\n".join(labels) + "\n", encoding="utf-8")
    np.savez(folder / "golden.npz", image=image, scores=scores)
    manifest = {
        "schema": 1,
        "name": "test-bundle",
        "version": "1",
        "task": "classify",
        "created": "2026-01-31T12:00:00Z",
        "trained_from": "nothing",
        "licence": "Apache-2.0",
        "weights": weights,
        "labels": hashed(folder / "labels.txt"),
        "input": rules,
        "output": output,
        "golden": hashed(folder / "golden.npz"),
    }
    return write_manifest(folder, manifest)


def write_manifest(folder: Path, manifest: dict[str, Any]) -> Path:
    """Writes manifest.json with its seal, and gives the folder back."""
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    seal(folder)
    return folder


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest as plain values."""
    values: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))
    return values


def hashed(path: Path) -> dict[str, Any]:
    """The entry of a file: its name and hash."""
    return {"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
