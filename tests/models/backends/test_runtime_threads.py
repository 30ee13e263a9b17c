"""How many threads a runtime takes."""

from pathlib import Path

import cv2
import pytest

from models.backends.opencv import OpenCV
from tests.models.backends.libraries import run_with
from tests.models.backends.small_network import small_network
from tests.models.networks import colour_network, load

COUNT = """
import os, sys
from pathlib import Path
from models.backend import Placement, open_backend
from tests.checks_backend import example

def count():
    return len(os.listdir("/proc/self/task"))

before = count()
backend = open_backend(sys.argv[1], Path(sys.argv[2]), Placement(threads=int(sys.argv[3])))
backend.run(example(backend, 1))
print(count() - before)
"""


def added(name: str, path: Path, threads: int) -> int:
    """How many more threads a process has once it runs a network on so many."""
    return int(run_with(path.parent, COUNT, name, str(path), str(threads)))


@pytest.mark.parametrize("name", ["onnxruntime", "openvino"])
def test_a_network_takes_as_many_threads_as_it_is_told(name: str, tmp_path: Path) -> None:
    path = small_network(tmp_path / "small.onnx")
    assert added(name, path, 2) == added(name, path, 1) + 1


def test_opencv_sets_the_pool_of_threads_only_when_a_number_is_given(tmp_path: Path) -> None:
    before = cv2.getNumThreads()
    path = colour_network(tmp_path / "colours.onnx")
    try:
        load(OpenCV, path, 0)
        assert cv2.getNumThreads() == before
        load(OpenCV, path, 1)
        assert cv2.getNumThreads() == 1
    finally:
        cv2.setNumThreads(before)
