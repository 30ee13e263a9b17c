"""Photographs taken in shops, as a network that knows none of their classes sees them."""

import csv
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from vision_app.config import data_folder

DATA = Path(__file__).parents[2].parent / "shared" / "data"
EXTRACTOR = DATA / "models" / "mobilenet_v1_1.0_224_quant_embedding_extractor.tflite"

Embeddings = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Shop:
    """n photographs: their embeddings, (n, 1024) of length 1, and what they show, (n,)."""

    names: tuple[str, ...]
    files: tuple[Path, ...]
    embeddings: Embeddings
    truth: NDArray[np.int64]


def shop() -> Shop:
    """All of them; what the network says is computed once and kept."""
    with (DATA / "grocery" / "labels.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    files = tuple(DATA / "grocery" / "images" / row["file"] for row in rows)
    names, truth = np.unique([row["label"] for row in rows], return_inverse=True)
    return Shop(tuple(map(str, names)), files, _remembered(files), truth.astype(np.int64))


class Extractor:
    """MobileNetV1 without its last layer."""

    def __init__(self) -> None:
        self._network = Interpreter(str(EXTRACTOR), num_threads=1)
        self._network.allocate_tensors()
        self._input = self._network.get_input_details()[0]["index"]
        self._output = self._network.get_output_details()[0]["index"]

    def __call__(self, picture: NDArray[np.uint8]) -> Embeddings:
        """(1024,) of length 1, of a picture (224, 224, 3) BGR."""
        self._network.set_tensor(self._input, picture[np.newaxis, :, :, ::-1])
        self._network.invoke()
        raw = self._network.get_tensor(self._output).reshape(-1).astype(np.float32)
        return np.asarray(raw / max(float(np.linalg.norm(raw)), 1e-9), np.float32)


def picture(file: Path) -> NDArray[np.uint8]:
    """(224, 224, 3) BGR."""
    return np.asarray(cv2.imread(str(file)), np.uint8)


def _remembered(files: tuple[Path, ...]) -> Embeddings:
    kept = data_folder() / "benchmarks" / "grocery.npy"
    if not kept.is_file():
        extract = Extractor()
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.save(kept, np.stack([extract(picture(file)) for file in files]))
    return np.asarray(np.load(kept), np.float32)
