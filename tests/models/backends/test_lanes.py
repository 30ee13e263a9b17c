"""Networks that several threads run at once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from models.backend import BackendKind, Laned, Placement
from models.backends.lanes import Lanes
from models.backends.onnxruntime import OnnxRuntime
from models.backends.opencv import OpenCV
from models.backends.openvino import OpenVINO
from models.settings import RuntimeSettings
from tests.models.networks import colour_network, colour_scores

LANES = 3
PATIENCE_S = 5.0


class Compiled:
    """OpenVINO's compiled network, whose requests answer only when so many are asked at once."""

    def __init__(self, at_once: int) -> None:
        self.barrier = Barrier(at_once)

    def create_infer_request(self) -> "Compiled":
        return self

    def infer(self, inputs: list[NDArray[Any]], share_inputs: bool) -> dict[int, NDArray[Any]]:
        self.barrier.wait(PATIENCE_S)
        return dict(enumerate(inputs))


def test_as_many_threads_as_lanes_are_in_a_network_at_once() -> None:
    lanes = Lanes(Compiled(at_once=LANES), LANES)
    with ThreadPoolExecutor(LANES) as threads:
        answers = list(threads.map(lanes.run, (np.full(2, n) for n in range(LANES))))
    assert [int(answer[0]) for (answer,) in answers] == [0, 1, 2]


class Short:
    """OpenVINO's compiled network on a machine that has memory for one request and its run."""

    def __init__(self) -> None:
        self.free = 1

    def create_infer_request(self) -> "Short":
        if not self.free:
            raise RuntimeError("bad allocation")
        self.free -= 1
        return self

    def infer(self, inputs: list[NDArray[Any]], share_inputs: bool) -> dict[int, NDArray[Any]]:
        return dict(enumerate(inputs))


def test_a_lane_that_lacked_memory_once_is_there_when_memory_is() -> None:
    network, answers = Short(), list[tuple[NDArray[Any], ...]]()
    lanes, picture = Lanes(network, 1), np.zeros(2)
    lanes.run(picture, lean=True)
    with pytest.raises(RuntimeError, match="bad allocation"):
        lanes.run(picture, lean=True)
    network.free = 1
    again = Thread(target=lambda: answers.append(lanes.run(picture, lean=True)), daemon=True)
    again.start()
    again.join(PATIENCE_S)
    assert len(answers) == 1


@pytest.mark.parametrize("kind", [OnnxRuntime, OpenVINO])
def test_each_of_them_gets_its_own_answers(kind: BackendKind, tmp_path: Path) -> None:
    placement = Placement(threads=1, any_size=True, lanes=LANES)
    network = kind(colour_network(tmp_path / "n.onnx"), placement, RuntimeSettings())
    assert isinstance(network, Laned)
    assert network.lanes == LANES

    def run(number: int) -> float:
        size = (32 * (1 + number % 4), 64, 3)
        image = np.random.default_rng(number).integers(0, 1 + number, size, np.uint8)
        planes = np.moveaxis(image, -1, 0)[None].astype(np.float32) / 255
        (scores,) = network.run(planes)
        return float(np.abs(scores[0] - colour_scores(image)).max())

    with ThreadPoolExecutor(LANES) as threads:
        assert max(threads.map(run, range(200))) < 1e-4


def test_a_network_for_one_thread_does_not_say_that_it_has_lanes(tmp_path: Path) -> None:
    placement = Placement(any_size=True, lanes=LANES)
    network = OpenCV(colour_network(tmp_path / "n.onnx"), placement, RuntimeSettings())
    assert not isinstance(network, Laned)
