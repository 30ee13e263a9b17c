"""Runs in dlib's own environment: is shown pictures on its input, answers a line for each.

A question is a line of JSON ({"ask": "faces" | "embedding", "shape": [height, width, 3]}) and the
pixels, uint8 RGB. The answer to "faces" is [[x1, y1, x2, y2], ...], to "embedding" 128 numbers.
"""

import json
import sys
from importlib.util import find_spec
from typing import Any

import dlib
import numpy as np

CHIP = 150
"""Side of what the embedding takes, pixels."""


def main() -> None:
    """Serves until its input ends."""
    network = dlib.cnn_face_detection_model_v1(_weights("mmod_human_face_detector"))
    gradients = dlib.get_frontal_face_detector()
    who = dlib.face_recognition_model_v1(_weights("dlib_face_recognition_resnet_model_v1"))
    for line in sys.stdin.buffer:
        question = json.loads(line)
        size = int(np.prod(question["shape"]))
        pixels = np.frombuffer(sys.stdin.buffer.read(size), np.uint8).reshape(question["shape"])
        if question["ask"] == "faces":
            seen = [*(found.rect for found in network(pixels)), *gradients(pixels)]
            answer = [_corners(rectangle) for rectangle in seen]
        else:
            assert pixels.shape == (CHIP, CHIP, 3)
            answer = list(who.compute_face_descriptor(pixels))
        print(json.dumps(answer), flush=True)


def _corners(rectangle: Any) -> list[int]:
    return [rectangle.left(), rectangle.top(), rectangle.right() + 1, rectangle.bottom() + 1]


def _weights(name: str) -> str:
    """A file of the package that holds them; its own code needs more than is installed."""
    package = find_spec("face_recognition_models")
    assert package is not None
    assert package.submodule_search_locations
    return f"{package.submodule_search_locations[0]}/models/{name}.dat"


if __name__ == "__main__":
    main()
