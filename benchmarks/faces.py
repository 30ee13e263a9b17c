"""What each face detector finds, what it takes for a face, and what it costs, on this machine.

    python -m benchmarks.faces [--every 5] [--detector yunet-n] [--side 640] [--threshold 0.2]

As the live path looks: small faces count sooner than others (models/detectors/small_sooner.py).
On the photographs of ../shared/data/faces, which are not part of this repository, with the weights
of ../shared/data/models or those that `vision-app model pull` brought. A box counts for a face that
it overlaps by 0.4 (intersection over union). Costs are those of one thread for a 1280x720 frame,
from the pixels to the boxes.
"""

import argparse
import statistics
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.catalogue.catalogue import catalogue
from models.catalogue.pull import cached
from models.detectors.network import RUNTIMES
from models.detectors.small_sooner import open_small_sooner
from models.errors import ModelError
from models.faces import DETECTORS, DetectorName, FaceDetector
from tests.models.detectors.photographs import Photograph, Tally, photographs
from vision_app.config import data_folder

DATA = Path(__file__).parents[1].parent / "shared" / "data"
SIDES = (320, 640, 1280, 4096)
"""4096: larger than every photograph here, so each is seen at its own size."""
RUNS, WARM, NEW_SIZES = 15, 4, 7


def main() -> None:
    """Prints one row for each detector, runtime and size."""
    asked = _asked()
    if not DATA.is_dir():
        raise SystemExit(f"{DATA} is not there, and there is nothing else to measure on")
    pictures = list(photographs(DATA / "faces", asked.every))
    frame = _frame(pictures)
    crowd = sum(int((~picture.ignored).sum()) for picture in pictures)
    print(
        f"{len(pictures)} photographs, {crowd} faces. `false`: share of the area of pictures that"
    )
    print("is taken for faces and holds none; `empty`: the same for pictures without faces.\n")
    print(
        "| detector @ threshold | runtime | side | recall | precision | WIDER | false | empty |",
        end="",
    )
    print(" CPU ms | new size ms |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name in asked.detector or DETECTORS:
        for runtime in RUNTIMES["onnx" if name != "blazeface" else "tflite"]:
            for side in asked.side or SIDES:
                if DETECTORS[name].any_size or side == 640:
                    threshold = asked.threshold or DETECTORS[name].threshold
                    print(_row(name, threshold, runtime, side, pictures, frame), flush=True)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="take every n-th photograph")
    parser.add_argument("--detector", action="append", choices=list(DETECTORS))
    parser.add_argument("--side", action="append", type=int)
    parser.add_argument("--threshold", type=float, help="default: each detector's own")
    return parser.parse_args()


def _row(
    name: DetectorName,
    threshold: float,
    runtime: str,
    side: int,
    pictures: Sequence[Photograph],
    frame: NDArray[np.uint8],
) -> str:
    try:
        detector = open_small_sooner(name, weights_of(name), threshold, side, 1, runtime)
    except ModelError as error:
        return f"{name} on {runtime} was left out: {error}"
    whole, wider, empty = Tally(), Tally(), Tally()
    for picture in pictures:
        boxes = detector.detect(picture.pixels)
        for part, fits in ((whole, True), (wider, picture.wider), (empty, not len(picture.faces))):
            if fits:
                part.add(picture, boxes)
    seen = side if DETECTORS[name].any_size else "its own"
    cells = (
        f"{name} @ {threshold}", detector.id.backend, seen, f"{whole.recall:.3f}",
        f"{whole.precision:.3f}", f"{wider.recall:.3f}", f"{whole.false_area:.2%}",
        f"{empty.false_area:.2%}", f"{_cost_ms(detector, frame):.1f}",
        f"{_new_size_ms(detector, frame):.1f}",
    )  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |"


def _cost_ms(detector: FaceDetector, frame: NDArray[np.uint8]) -> float:
    """Processor time of one frame, the median, when frames keep their size."""
    return statistics.median(list(_costs_ms(detector, [frame] * (WARM + RUNS)))[WARM:])


def _new_size_ms(detector: FaceDetector, frame: NDArray[np.uint8]) -> float:
    """By how much the first frame of a size that never came before costs more than the second."""
    more = []
    for strip in range(1, NEW_SIZES + 1):
        first, second = _costs_ms(detector, [np.ascontiguousarray(frame[64 * strip :])] * 2)
        more.append(first - second)
    return statistics.median(more)


def _costs_ms(detector: FaceDetector, frames: Sequence[NDArray[np.uint8]]) -> Iterator[float]:
    for frame in frames:
        begin_s = time.process_time()
        detector.detect(frame)
        yield (time.process_time() - begin_s) * 1000


def _frame(pictures: Sequence[Photograph]) -> NDArray[np.uint8]:
    """A photograph with faces at the size of a camera's frame."""
    pixels = max(pictures, key=lambda picture: picture.pixels.size if len(picture.faces) else 0)
    return np.asarray(cv2.resize(pixels.pixels, (1280, 720)), np.uint8)


def weights_of(name: str) -> Path:
    """The weights of a detector, as pulled, else those of the shared data."""
    return cached(name, data_folder() / "models") or DATA / "models" / catalogue()[name].file


if __name__ == "__main__":
    main()
