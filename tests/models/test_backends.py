from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from models.backend import BACKENDS, TensorSpec, open_backend
from models.backends.litert import LiteRT
from models.backends.opencv import OpenCV
from models.bundle import open_bundle
from models.errors import BackendUnavailable, BundleError, ModelError
from tests.checks_backend import check_backend
from tests.models.networks import colour_network, colour_scores, load, patches
from tests.models.places import data


def test_opencv_is_a_backend(tmp_path: Path) -> None:
    check_backend(OpenCV, colour_network(tmp_path / "colours.onnx"), tmp_path)


def test_litert_is_a_backend_on_the_bundled_network(tmp_path: Path) -> None:
    bundle = open_bundle("greenhouse-tomatoes")
    check_backend(LiteRT, bundle.path(bundle.manifest.weights[0]), tmp_path)


def test_litert_is_a_backend_on_a_large_network(tmp_path: Path) -> None:
    check_backend(LiteRT, data("models/mobilenet_v2_1.0_224_quant.tflite"), tmp_path)


def test_opencv_computes_what_the_network_means(tmp_path: Path) -> None:
    backend = load(OpenCV, colour_network(tmp_path / "colours.onnx"))
    image = patches()
    (scores,) = backend.run(np.ascontiguousarray(image.transpose(2, 0, 1)[None] / np.float32(255)))
    np.testing.assert_allclose(scores[0], colour_scores(image), atol=1e-6)


def test_opencv_runs_any_size_of_a_network_that_leaves_it_free(tmp_path: Path) -> None:
    backend = load(OpenCV, colour_network(tmp_path / "colours.onnx"))
    assert backend.input == TensorSpec((-1, 3, -1, -1), "float32")
    for size in (4, 9, 4):
        (scores,) = backend.run(np.ones((1, 3, size, 2 * size), np.float32))
        np.testing.assert_allclose(scores, 1 / 3, atol=1e-6)


def test_opencv_runs_centerface_style_exports_at_another_size_than_the_file_names() -> None:
    backend = load(OpenCV, data("models/yunet_s_640_640.onnx"))
    assert backend.input.shape == (1, 3, 640, 640)
    outputs = backend.run(np.zeros((1, 3, 64, 96), np.float32))
    assert [output.shape[1] for output in outputs[:3]] == [8 * 12, 4 * 6, 2 * 3]


def test_opencv_answers_the_same_after_a_picture_of_another_size(centerface_weights: Path) -> None:
    random = np.random.default_rng(1)
    sizes = [(64, 96), (64, 128), (64, 96), (32, 32), (64, 128)]
    tensors = {size: random.random((1, 3, *size)).astype(np.float32) * 255 for size in sizes}
    one_for_all = load(OpenCV, centerface_weights)
    for size in sizes:
        results, fresh = (
            one_for_all.run(tensors[size]),
            load(OpenCV, centerface_weights).run(tensors[size]),
        )
        for result, wanted in zip(results, fresh, strict=True):
            np.testing.assert_allclose(result, wanted, atol=1e-4)


def test_opencv_returns_outputs_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = two_outputs(tmp_path / "two.onnx")
    double, single = load(OpenCV, path).run(np.full((1, 4), 3, np.float32))
    np.testing.assert_array_equal(double, np.full((1, 4), 6))
    np.testing.assert_array_equal(single, np.full((1, 4), 3))


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


def test_litert_refuses_another_shape_than_the_network_is_made_for() -> None:
    backend = open_backend("litert", data("models/mobilenet_v2_1.0_224_quant.tflite"))
    with pytest.raises(ModelError, match="dimension"):
        backend.run(np.zeros((1, 3, 224, 224), np.uint8))
    assert backend.run(np.zeros((1, 224, 224, 3), np.uint8))[0].shape == (1, 1001)


def test_litert_tells_quantisation_as_the_file_does() -> None:
    backend = load(LiteRT, data("models/mobilenet_v2_1.0_224_quant.tflite"))
    assert backend.input == TensorSpec((1, 224, 224, 3), "uint8", 1 / 128, 128)
    assert backend.outputs == (TensorSpec((1, 1001), "uint8", 1 / 256, 0),)


def test_a_network_with_two_inputs_is_refused(tmp_path: Path) -> None:
    inputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, 4]) for n in ("a", "b")]
    output = helper.make_tensor_value_info("sum", TensorProto.FLOAT, [1, 4])
    graph = helper.make_graph([helper.make_node("Add", ["a", "b"], ["sum"])], "g", inputs, [output])
    (tmp_path / "sum.onnx").write_bytes(helper.make_model(graph).SerializeToString())
    with pytest.raises(BundleError, match="2 inputs"):
        load(OpenCV, tmp_path / "sum.onnx")


def test_an_operator_that_opencv_lacks_makes_the_backend_unavailable(tmp_path: Path) -> None:
    value = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, 4]) for n in ("a", "b")]
    graph = helper.make_graph(
        [helper.make_node("NoSuchOp", ["a"], ["b"])], "g", value[:1], value[1:]
    )
    (tmp_path / "odd.onnx").write_bytes(helper.make_model(graph).SerializeToString())
    with pytest.raises(BackendUnavailable, match=r"odd\.onnx"):
        load(OpenCV, tmp_path / "odd.onnx")


def test_an_unknown_backend_is_answered_with_those_that_exist(tmp_path: Path) -> None:
    with pytest.raises(BackendUnavailable, match=", ".join(BACKENDS)):
        open_backend("tensorrt", tmp_path / "model.onnx")


def two_outputs(path: Path) -> Path:
    """Writes a network whose first output is computed last."""
    info = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, 4]) for n in ("x", "d", "s")]
    nodes = [
        helper.make_node("Relu", ["x"], ["s"]),
        helper.make_node("Add", ["s", "x"], ["d"]),
    ]
    graph = helper.make_graph(nodes, "g", info[:1], info[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())
    return path
