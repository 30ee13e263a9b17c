"""Damaged checkpoints: whatever is cut, changed or put in, there is an answer or one sentence."""

import resource
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.convert.checkpoint import Checkpoint
from models.convert.mxnet import to_onnx
from models.convert.params import read_parameters
from models.convert.symbol import read_symbol
from models.errors import BundleError, NotConvertible
from tests.models.convert.handmade import params
from tests.models.convert.operator_case import SHAPE
from tests.models.convert.operator_cases import CASES
from tests.models.convert.small_net import SIZE, small_net, small_weights

GRAPH, WEIGHTS = small_net().text(), params(small_weights())
ROOM_BYTES = 1 << 30
WORDS = (b"null", b"-1", b"99999999999999999999", b"[", b'"', b"{}", b"\xff" * 8, b"\0" * 8)
VALUES = (
    "", "()", "None", "0", "-1", "1", "2", "3", "nan", "1e30", "True", "x", "(0, 0)", "(-1, -1)",
    "(7, 7)", "(65536, 65536)", "(None, None, None)", "999999999999999999",
    "(999999999999999999, 999999999999999999)", "(0, -4, -4, -4)", "(1, 1, 1, 1, 1, 1, 1, 1)",
)  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
def _little_room() -> Iterator[None]:
    """No test here may take much more memory than there is in use already."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    with open("/proc/self/statm") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + ROOM_BYTES, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


def outcome(graph: bytes, weights: bytes, size: tuple[int, int] = SIZE) -> str:
    """Converted, or the sentence of the refusal."""
    try:
        symbol, parameters = read_symbol(graph, "graph"), read_parameters(weights, "weights")
        to_onnx(Checkpoint("it", symbol, parameters, {}, None), size)
    except (BundleError, NotConvertible) as error:
        said = str(error)
    else:
        said = "converted"
    assert "\n" not in said
    return said


@st.composite
def damaged(draw: st.DrawFn, whole: bytes) -> bytes:
    """A file with a piece cut out, and something put in its place; or cut short."""
    at = draw(st.integers(0, len(whole)))
    lost = draw(st.sampled_from([0, 1, 2, 8, len(whole)]))
    put = draw(st.one_of(st.binary(max_size=9), st.sampled_from(WORDS)))
    return whole[:at] + put + whole[at + lost :]


@given(damaged(GRAPH))
@settings(max_examples=400, deadline=None)
def test_a_damaged_graph_is_converted_or_refused(graph: bytes) -> None:
    outcome(graph, WEIGHTS)


@given(damaged(WEIGHTS))
@settings(max_examples=400, deadline=None)
def test_damaged_weights_are_converted_or_refused(weights: bytes) -> None:
    outcome(GRAPH, weights)


@pytest.mark.parametrize("value", VALUES)
def test_any_value_of_any_option_is_converted_or_refused(value: str) -> None:
    refused = 0
    for case in CASES:
        for key in case.options:
            net = case.net()
            net.nodes[-2]["attrs"][key] = value
            refused += outcome(net.text(), params(case.arrays()), SHAPE[2:]) != "converted"
    assert refused


@pytest.mark.parametrize("count", [0, 1, 2, 3, 9])
def test_any_number_of_inputs_is_converted_or_refused(count: int) -> None:
    for case in CASES:
        net = case.net()
        net.nodes[-2]["inputs"] = (net.nodes[-2]["inputs"] * 9)[:count]
        outcome(net.text(), params(case.arrays()), SHAPE[2:])


@pytest.mark.parametrize("shape", [(1,), (6,), (1, 1), (6, 1, 1, 1), (1, 6, 8, 10, 1), (480,)])
def test_weights_of_any_shape_are_converted_or_refused(shape: tuple[int, ...]) -> None:
    for case in CASES:
        arrays = {name: np.ones(shape, np.float32) for name in case.arrays()}
        outcome(case.net().text(), params(arrays), SHAPE[2:])
