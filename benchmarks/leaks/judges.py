"""Others than the product's own detectors say whether a face still shows, and whose it is.

dlib's two face detectors: a network of another make, trained on other pictures, and an older one on
gradients, which sees what the network does not. They run in an environment and processes of their
own, one for each core, and are shown the pictures over a pipe. Each face is judged on its own: cut
out with what is around it and brought to one size. That is harder on masks than a look at the whole
picture, where neither sees faces under 80 pixels, and a thousand faces take minutes.
"""

import json
import queue
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.leaks.own_venv import own_venv
from devices.boards.limits import usable_cores
from models.nms import iou

REQUIREMENTS = ("dlib-bin==20.0.1.post1", "face_recognition_models==0.3.0", "numpy")
SIDE, AROUND = 200, 2.0
"""A face is judged in the middle of a square of this side, pixels, so much larger than it is."""
MIDDLE = np.array([50.0, 50.0, 150.0, 150.0])
MIN_IOU = 0.25
"""Their boxes are square and end at the brow; those of the photographs are higher."""
CHIP, CHIP_AROUND = 150, 1.2
"""An embedding is made of a square of this side, so much larger than the face: all of it masked."""

Pixels = NDArray[np.uint8]
Corners = NDArray[np.float64]
Process = subprocess.Popen[bytes]


class Judges:
    """Several processes of dlib; made by `judges()`."""

    def __init__(self, processes: Sequence[Process], threads: ThreadPoolExecutor) -> None:
        self._threads = threads
        self._free: queue.SimpleQueue[Process] = queue.SimpleQueue()
        for process in processes:
            self._free.put(process)

    def see(self, portraits: Iterable[Pixels]) -> NDArray[np.bool_]:
        """For each, made by `portrait`, whether one of them finds a face in its middle."""
        return np.array(list(self._threads.map(self._sees, portraits)), bool)

    def embeddings(self, chips: Iterable[Pixels]) -> NDArray[np.float64]:
        """Where each face, made by `chip`, lies among those of all people, (n, 128)."""
        found = list(self._threads.map(lambda chip: self._ask("embedding", chip), chips))
        return np.array(found, np.float64).reshape(-1, 128)

    def _sees(self, portrait: Pixels) -> bool:
        seen = np.array(self._ask("faces", portrait), np.float64).reshape(-1, 4)
        return bool((iou(MIDDLE, seen) >= MIN_IOU).any())

    def _ask(self, what: str, picture: Pixels) -> Any:
        process = self._free.get()
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps({"ask": what, "shape": picture.shape}).encode() + b"\n")
            process.stdin.write(np.ascontiguousarray(picture[:, :, ::-1]).data)
            process.stdin.flush()
            return json.loads(process.stdout.readline())
        finally:
            self._free.put(process)


@contextmanager
def judges() -> Iterator[Judges]:
    """One process for each core that may be used; their environment is made the first time."""
    python = own_venv("dlib-20.0.1", REQUIREMENTS)
    command = (str(python), str(Path(__file__).with_name("in_dlib.py")))
    with ExitStack() as stack:
        processes = [stack.enter_context(_started(command)) for _ in range(usable_cores())]
        threads = stack.enter_context(ThreadPoolExecutor(len(processes)))
        yield Judges(processes, threads)


def portrait(pixels: Pixels, face: Corners) -> Pixels:
    """A face (x1, y1, x2, y2) of a picture with what is around it, BGR, for `Judges.see`."""
    return _cut(pixels, face, AROUND, SIDE)


def chip(pixels: Pixels, face: Corners) -> Pixels:
    """A face (x1, y1, x2, y2) of a picture, BGR, for `Judges.embeddings`."""
    return _cut(pixels, face, CHIP_AROUND, CHIP)


def _cut(pixels: Pixels, face: Corners, around: float, side: int) -> Pixels:
    """A square about a face, `around` times its longer side, brought to (side, side, 3)."""
    x1, y1, x2, y2 = face
    height, width = pixels.shape[:2]
    cut = max(1, round(max(x2 - x1, y2 - y1) * around))
    left, top = round((x1 + x2 - cut) / 2), round((y1 + y2 - cut) / 2)
    rows = np.clip(np.arange(top, top + cut), 0, height - 1)
    columns = np.clip(np.arange(left, left + cut), 0, width - 1)
    how = cv2.INTER_AREA if cut > side else cv2.INTER_CUBIC
    square = pixels[rows[:, None], columns]
    return np.asarray(cv2.resize(square, (side, side), interpolation=how), np.uint8)


def _started(command: Sequence[str]) -> Process:
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
