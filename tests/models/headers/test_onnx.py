from pathlib import Path

import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper

from models.backend import TensorSpec
from models.errors import BundleError
from models.headers.onnx import (
    OnnxHeader,
    for_any_size,
    read_onnx_header,
    with_any_size,
    without_constant_inputs,
)
from tests.models.networks import colour_network
from tests.models.places import data


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return colour_network(tmp_path_factory.mktemp("onnx") / "model.onnx").read_bytes()


def test_names_types_and_shapes_are_read(network: bytes) -> None:
    header = read_onnx_header(network)
    assert header.inputs == (("pixels", TensorSpec((-1, 3, -1, -1), "float32")),)
    assert header.outputs == (("probabilities", TensorSpec((-1, 3), "float32")),)


def test_constants_that_old_files_list_as_inputs_are_no_inputs(network: bytes) -> None:
    model = onnx.load_from_string(network)
    model.graph.input.insert(0, helper.make_tensor_value_info("gain", TensorProto.FLOAT, [1]))
    header = read_onnx_header(model.SerializeToString())
    assert header.inputs == read_onnx_header(network).inputs
    assert header.lists_constants


@pytest.mark.parametrize(
    "file", ["yunet_n_dynamic.onnx", "yunet_s_640_640.onnx", "ulfg_RFB_640.onnx"]
)
def test_it_agrees_with_the_onnx_package(file: str) -> None:
    path: Path = data(f"models/{file}")
    graph = onnx.load(str(path)).graph
    header = read_onnx_header(path.read_bytes())
    constants = {tensor.name for tensor in graph.initializer}
    fed = [value for value in graph.input if value.name not in constants]
    for ours, theirs in ((header.inputs, fed), (header.outputs, graph.output)):
        for (name, spec), value in zip(ours, theirs, strict=True):
            dims = value.type.tensor_type.shape.dim
            assert name == value.name
            assert spec.shape == tuple(dim.dim_value or -1 for dim in dims)


@given(st.binary(max_size=200))
def test_junk_is_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(BundleError, match="ONNX"):
        read_onnx_header(content)


def test_a_file_cut_anywhere_is_refused_or_read_whole(network: bytes) -> None:
    whole = read_onnx_header(network)
    for size in range(len(network)):
        try:
            assert read_onnx_header(network[:size]) == whole
        except BundleError:
            continue


def test_inputs_that_repeat_constants_are_taken_out_and_nothing_else(network: bytes) -> None:
    model = onnx.load_from_string(network)
    constants = [
        helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims)
        for tensor in model.graph.initializer
    ]
    model.graph.input.extend(constants)
    model.graph.doc_string = "long " * 100
    cleaned = onnx.load_from_string(without_constant_inputs(model.SerializeToString()))
    for _ in constants:
        model.graph.input.pop()
    assert constants
    assert cleaned == model


def test_a_file_without_such_inputs_stays_as_it_is(network: bytes) -> None:
    assert not read_onnx_header(network).lists_constants
    assert without_constant_inputs(network) == network


def test_a_file_of_fixed_sizes_is_declared_for_any_and_keeps_its_weights(network: bytes) -> None:
    model = onnx.load_from_string(network)
    [pixels], [answer] = model.graph.input, model.graph.output
    for value, sizes in ((pixels, [10, 3, 32, 32]), (answer, [10, 3])):
        for dim, size in zip(value.type.tensor_type.shape.dim, sizes, strict=True):
            dim.dim_value = size
    pooled = helper.make_tensor_value_info("pooled", TensorProto.FLOAT, [10, 3, 1, 1])
    model.graph.value_info.append(pooled)

    freed = with_any_size(model.SerializeToString())
    header = read_onnx_header(freed)
    assert header.inputs == (("pixels", TensorSpec((1, 3, -1, -1), "float32")),)
    assert header.outputs == (("probabilities", TensorSpec((-1, -1), "float32")),)
    assert header == for_any_size(read_onnx_header(model.SerializeToString()))
    ours = onnx.load_from_string(freed).graph
    onnx.checker.check_model(onnx.load_from_string(freed))
    assert ours.initializer == model.graph.initializer
    assert ours.node == model.graph.node
    assert not ours.value_info


def test_a_network_that_takes_no_pictures_is_not_declared_for_any_size() -> None:
    header = OnnxHeader((("rows", TensorSpec((1, 8), "float32")),), ())
    with pytest.raises(BundleError, match="not pictures"):
        for_any_size(header)
