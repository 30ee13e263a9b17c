"""Which runtime a detector's network is put on, and what speaks against one."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from models.backend import find_backend
from models.detectors.candidates import Candidates
from models.detectors.network import RUNTIMES, Form, Network, Outputs
from models.errors import ModelError
from models.settings import RuntimeSettings
from tests.models.networks import colour_network

NO_FACE = Candidates(np.empty((0, 4)), np.empty(0))
MATHS = next(
    one.maths for one in find_backend("openvino").devices(RuntimeSettings()) if one.name == "cpu"
)
BFLOAT16 = pytest.mark.skipif("bfloat16" not in MATHS, reason="no bfloat16 in this processor")


def face(score: float = 0.9, right: float = 50) -> Candidates:
    return Candidates(np.array([[10.0, 10.0, right, 60.0]]), np.array([score]))


def opened(
    folder: Path,
    *answers: Candidates | ModelError,
    runtime: str = "auto",
    lean: bool = False,
    lanes: int = 1,
) -> Network:
    """A real network, of which it is written here what its answers to the probe say, in turn."""
    told: Iterator[Candidates | ModelError] = iter(answers)

    def decode(outputs: Outputs, shape: tuple[int, ...]) -> Candidates:
        answer = next(told)
        if isinstance(answer, ModelError):
            raise answer
        return answer

    probe = np.zeros((1, 3, 64, 64), np.float32)
    form = Form("seer", "Seer", "onnx", True, 0.3, probe, decode)
    return Network(
        form, colour_network(folder / "n.onnx"), runtime, threads=1, lean=lean, lanes=lanes
    )


def backends(
    folder: Path, *answers: Candidates | ModelError, runtime: str = "auto", lean: bool = False
) -> str:
    network = opened(folder, *answers, runtime=runtime, lean=lean)
    network.close()
    return network.id.backend


@BFLOAT16
def test_a_rougher_math_is_taken_where_it_finds_the_same(tmp_path: Path) -> None:
    assert backends(tmp_path, face(0.9), face(0.88)) == "openvino cpu bfloat16"


@BFLOAT16
def test_faces_that_barely_count_may_differ(tmp_path: Path) -> None:
    assert backends(tmp_path, face(0.9), two(face(0.9), 0.34)) == "openvino cpu bfloat16"
    assert backends(tmp_path, face(0.9), two(face(0.9), 0.36), face()) == "openvino"


@BFLOAT16
@pytest.mark.parametrize("exact", [face(0.8), face(0.9, right=80), NO_FACE])
def test_a_rougher_math_that_finds_something_else_is_not_taken(
    tmp_path: Path, exact: Candidates
) -> None:
    assert backends(tmp_path, face(0.9), exact, face()) == "openvino"


@BFLOAT16
def test_one_that_keeps_little_computes_in_float32(tmp_path: Path) -> None:
    assert backends(tmp_path, face(0.9), lean=True) == "openvino"


def two(first: Candidates, score: float) -> Candidates:
    other = np.array([[200.0, 10.0, 250.0, 60.0]])
    return Candidates(np.concatenate([first.corners, other]), np.append(first.scores, score))


def test_a_runtime_on_which_it_is_blind_or_fails_is_passed_over(tmp_path: Path) -> None:
    passed = [NO_FACE] * len(MATHS)
    assert backends(tmp_path, *passed, face()) == "onnxruntime"
    assert backends(tmp_path, *passed, ModelError("it answered with nonsense"), face()) == "opencv"


def test_when_none_is_left_all_causes_are_told_once(tmp_path: Path) -> None:
    nonsense = [ModelError("it answered with nonsense")] * (len(MATHS) + 1)
    with pytest.raises(ModelError) as error:
        opened(tmp_path, *nonsense, NO_FACE)
    assert str(error.value) == (
        f"{tmp_path / 'n.onnx'} cannot be used as Seer (it answered with nonsense; on opencv it "
        "finds no face where four are drawn): fetch it with: vision-app model pull seer"
    )


@pytest.mark.parametrize("runtime", RUNTIMES["onnx"])
def test_a_runtime_that_is_named_is_the_only_one_tried(tmp_path: Path, runtime: str) -> None:
    assert backends(tmp_path, face(), face(), runtime=runtime).split()[0] == runtime
    with pytest.raises(ModelError, match=f"on {runtime} it finds no face"):
        opened(tmp_path, NO_FACE, NO_FACE, runtime=runtime)


@pytest.mark.parametrize("runtime", RUNTIMES["onnx"])
def test_threads_that_share_one_get_their_own_answers(tmp_path: Path, runtime: str) -> None:
    network = opened(tmp_path, face(), face(), face(), runtime=runtime, lanes=3)

    def ask(number: int) -> float:
        shades = np.random.default_rng(number).random((1, 3, 1, 1), np.float32)
        fed = np.broadcast_to(shades, (1, 3, 64, 32 + 32 * (number % 3))).copy()
        powers = np.exp(10 * shades.ravel())
        return float(np.abs(network.run(fed)[0] - powers / powers.sum()).max())

    with ThreadPoolExecutor(3) as threads:
        assert max(threads.map(ask, range(100))) < 0.05
    network.close()
    with pytest.raises(ModelError, match="closed"):
        ask(0)


def test_of_a_network_that_is_there_once_for_each_lane_every_one_is_proved(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="on opencv it finds no face"):
        opened(tmp_path, face(), face(), NO_FACE, runtime="opencv", lanes=3)


def test_it_is_known_by_the_hash_of_its_weights(tmp_path: Path) -> None:
    network = opened(tmp_path, face(), face())
    assert (network.id.name, len(network.id.sha256)) == ("seer", 64)
    assert network.id.sha256.startswith(network.id.version)
    network.close()
    network.close()
    with pytest.raises(ModelError, match="closed"):
        network.run(np.zeros((1, 3, 64, 64), np.float32))
