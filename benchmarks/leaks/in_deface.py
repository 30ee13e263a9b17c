"""Runs in deface's own environment: what its command line does not offer.

    in_deface.py fill JOB       covers given faces in pictures with its own fills
    in_deface.py cost PICTURE   processor time of its detector for a picture, ms, one thread

JOB is JSON: [{"picture": PATH, "output": PATH, "faces": [[x1, y1, x2, y2], ...], "how": NAME}]
"""

import functools
import json
import statistics
import sys
import time
from pathlib import Path

import cv2
import deface.deface as program
import numpy as np
import onnxruntime
from deface.centerface import CenterFace
from numpy.typing import NDArray

MASK_SCALE, MOSAIC = 1.3, 20
"""Its defaults."""
WARM, RUNS = 3, 15


def main() -> None:
    """Does what the first word says."""
    what, path = sys.argv[1:]
    if what == "fill":
        for job in json.loads(Path(path).read_text()):
            fill(**job)
    else:
        print(json.dumps({backend: cost_ms(backend, path) for backend in ("onnxrt", "opencv")}))


def fill(picture: str, output: str, faces: list[list[float]], how: str) -> None:
    """As its command does, ellipses and all, but told where the faces are."""
    pixels = _read(picture)
    found = np.array([[*face, 1.0] for face in faces])
    program.anonymize_frame(found, pixels, MASK_SCALE, how, True, False, None, MOSAIC)
    cv2.imwrite(output, pixels)


def cost_ms(backend: str, picture: str) -> float:
    """The median of its detector at the picture's own size."""
    cv2.setNumThreads(1)
    one = onnxruntime.SessionOptions()
    one.intra_op_num_threads = one.inter_op_num_threads = 1
    session = functools.partial(onnxruntime.InferenceSession, sess_options=one)
    onnxruntime.InferenceSession = session
    detector = CenterFace(backend=backend)
    pixels = np.ascontiguousarray(_read(picture)[:, :, ::-1])
    took = []
    for _ in range(WARM + RUNS):
        begin_s = time.process_time()
        detector(pixels, threshold=0.2)
        took.append((time.process_time() - begin_s) * 1e3)
    return statistics.median(took[WARM:])


def _read(picture: str) -> NDArray[np.uint8]:
    pixels = cv2.imread(picture)
    assert pixels is not None
    return np.asarray(pixels, np.uint8)


if __name__ == "__main__":
    main()
