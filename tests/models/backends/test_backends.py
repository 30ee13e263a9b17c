from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from models.backend import BACKENDS, BackendKind, Placement, TensorSpec, open_backend
from models.backends.litert import LiteRT
from models.backends.onnxruntime import OnnxRuntime
from models.backends.opencv import OpenCV
from models.backends.openvino import OpenVINO
from models.bundles.bundle import open_bundle
from models.errors import BackendUnavailable, BundleError, ModelError
from models.settings import RuntimeSettings
from tests.checks_backend import check_backend
from tests.models.backends.small_network import (
    SIDE,
    passing_on,
    small_answers,
    small_network,
    write,
)
from tests.models.networks import colour_network, load
from tests.models.places import data

ONNX = pytest.mark.parametrize("kind", [OnnxRuntime, OpenVINO, OpenCV])
TFLITE = pytest.mark.parametrize("kind", [LiteRT, OpenVINO])
MOBILENET = "models/mobilenet_v2_1.0_224_quant.tflite"


@ONNX
def test_each_that_reads_onnx_is_a_backend(kind: BackendKind, tmp_path: Path) -> None:
    check_backend(kind, colour_network(tmp_path / "colours.onnx"), tmp_path)


@TFLITE
def test_each_that_reads_tflite_is_a_backend_on_the_bundled_network(
    kind: BackendKind, tmp_path: Path
) -> None:
    bundle = open_bundle("greenhouse-tomatoes")
    check_backend(kind, bundle.path(bundle.manifest.weights[0]), tmp_path)


def test_litert_is_a_backend_on_a_large_network(tmp_path: Path) -> None:
    check_backend(LiteRT, data(MOBILENET), tmp_path)


@ONNX
def test_a_convolution_is_computed_in_single_precision(kind: BackendKind, tmp_path: Path) -> None:
    backend = load(kind, small_network(tmp_path / "small.onnx"))
    for pictures in (1, 3, 1):
        pixels = np.random.default_rng(1).random((pictures, 3, SIDE, SIDE)).astype(np.float32)
        (scores,) = backend.run(pixels)
        np.testing.assert_allclose(scores, small_answers(pixels), atol=1e-5)


@ONNX
def test_free_sizes_are_told_and_may_change(kind: BackendKind, tmp_path: Path) -> None:
    backend = load(kind, colour_network(tmp_path / "colours.onnx"))
    assert backend.input == TensorSpec((-1, 3, -1, -1), "float32")
    for size in (4, 9, 4):
        (scores,) = backend.run(np.ones((1, 3, size, 2 * size), np.float32))
        np.testing.assert_allclose(scores, 1 / 3, atol=1e-6)


@ONNX
def test_the_answer_is_the_same_after_a_picture_of_another_size(kind: BackendKind) -> None:
    path = data("models/yunet_n_dynamic.onnx")
    random = np.random.default_rng(1)
    sizes = [(64, 96), (64, 128), (64, 96), (32, 32), (64, 128)]
    tensors = {size: random.random((1, 3, *size)).astype(np.float32) * 255 for size in sizes}
    one_for_all = load(kind, path, 1)
    for size in sizes:
        results, fresh = one_for_all.run(tensors[size]), load(kind, path, 1).run(tensors[size])
        for result, wanted in zip(results, fresh, strict=True):
            np.testing.assert_allclose(result, wanted, atol=1e-4)


@pytest.mark.parametrize("kind", [OnnxRuntime, OpenVINO])
def test_faces_look_alike_to_every_runtime(kind: BackendKind) -> None:
    path = data("models/ulfg_RFB_640.onnx")
    backend = load(kind, path, 1)
    tensor = np.random.default_rng(1).random(backend.input.shape).astype(np.float32)
    for result, wanted in zip(backend.run(tensor), load(OpenCV, path, 1).run(tensor), strict=True):
        np.testing.assert_allclose(result, wanted, atol=1e-4)


@pytest.mark.parametrize("kind", [OnnxRuntime, OpenVINO])
@pytest.mark.parametrize(
    ("onnx_dtype", "dtype"),
    [
        (TensorProto.FLOAT16, "float16"),
        (TensorProto.UINT8, "uint8"),
        (TensorProto.INT8, "int8"),
        (TensorProto.INT32, "int32"),
        (TensorProto.INT64, "int64"),
    ],
)
def test_a_tensor_keeps_its_type(
    kind: BackendKind, onnx_dtype: int, dtype: str, tmp_path: Path
) -> None:
    backend = load(kind, passing_on(tmp_path / "same.onnx", onnx_dtype))
    assert backend.input == backend.outputs[0] == TensorSpec((-1, 4), dtype)
    tensor = np.array([[0, 1, 100, 127]], dtype)
    (same,) = backend.run(tensor)
    np.testing.assert_array_equal(same, tensor, strict=True)


@pytest.mark.parametrize("kind", [OnnxRuntime, OpenVINO])
def test_a_size_that_the_file_fixes_is_kept(kind: BackendKind) -> None:
    backend = load(kind, data("models/yunet_s_640_640.onnx"))
    with pytest.raises(ModelError, match="640"):
        backend.run(np.zeros((1, 3, 64, 96), np.float32))
    assert len(backend.run(np.zeros((1, 3, 640, 640), np.float32))) == len(backend.outputs)


def test_opencv_runs_centerface_style_exports_at_another_size_than_the_file_names() -> None:
    backend = load(OpenCV, data("models/yunet_s_640_640.onnx"))
    assert backend.input.shape == (1, 3, 640, 640)
    outputs = backend.run(np.zeros((1, 3, 64, 96), np.float32))
    assert [output.shape[1] for output in outputs[:3]] == [8 * 12, 4 * 6, 2 * 3]


def test_opencv_answers_the_same_at_sizes_that_the_file_does_not_name(
    centerface_weights: Path,
) -> None:
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


@ONNX
def test_a_file_of_fixed_sizes_takes_any_when_that_is_asked_for(
    kind: BackendKind, centerface_weights: Path
) -> None:
    """OpenCV 5 does so for every file, and is the reference."""
    backend = kind(centerface_weights, Placement(any_size=True), RuntimeSettings())
    reference = load(OpenCV, centerface_weights)
    random = np.random.default_rng(1)
    for size in [(64, 96), (64, 128), (32, 32), (64, 96)]:
        pixels = random.random((1, 3, *size)).astype(np.float32) * 255
        for found, wanted in zip(backend.run(pixels), reference.run(pixels), strict=True):
            np.testing.assert_allclose(found, wanted, atol=1e-4)


@ONNX
def test_outputs_come_in_the_order_of_the_file(kind: BackendKind, tmp_path: Path) -> None:
    double, single = load(kind, two_outputs(tmp_path / "two.onnx")).run(
        np.full((1, 4), 3, np.float32)
    )
    np.testing.assert_array_equal(double, np.full((1, 4), 6))
    np.testing.assert_array_equal(single, np.full((1, 4), 3))


def test_litert_refuses_another_shape_than_the_network_is_made_for() -> None:
    backend = open_backend("litert", data(MOBILENET))
    with pytest.raises(ModelError, match="dimension"):
        backend.run(np.zeros((1, 3, 224, 224), np.uint8))
    assert backend.run(np.zeros((1, 224, 224, 3), np.uint8))[0].shape == (1, 1001)


@TFLITE
def test_quantisation_is_told_as_the_file_has_it(kind: BackendKind) -> None:
    backend = load(kind, data(MOBILENET))
    assert backend.input == TensorSpec((1, 224, 224, 3), "uint8", 1 / 128, 128)
    assert backend.outputs == (TensorSpec((1, 1001), "uint8", 1 / 256, 0),)


@ONNX
def test_a_network_with_two_inputs_is_refused(kind: BackendKind, tmp_path: Path) -> None:
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 4]) for name in "abc"]
    node = helper.make_node("Add", ["a", "b"], ["c"])
    path = write(tmp_path / "sum.onnx", helper.make_graph([node], "g", ends[:2], ends[2:]))
    with pytest.raises(BundleError, match=r"sum\.onnx has 2 inputs"):
        load(kind, path)


@ONNX
def test_an_operator_that_a_runtime_lacks_makes_it_unavailable(
    kind: BackendKind, tmp_path: Path
) -> None:
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 4]) for name in "ab"]
    node = helper.make_node("NoSuchOp", ["a"], ["b"])
    write(tmp_path / "odd.onnx", helper.make_graph([node], "g", ends[:1], ends[1:]))
    with pytest.raises(BackendUnavailable, match=r"odd\.onnx: [^\n]*NoSuchOp[^\n]*$"):
        load(kind, tmp_path / "odd.onnx")


def test_a_format_that_is_newer_than_the_runtime_makes_it_unavailable(tmp_path: Path) -> None:
    model = onnx.load(colour_network(tmp_path / "new.onnx"))
    model.ir_version = 99
    (tmp_path / "new.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(BackendUnavailable, match=r"new\.onnx: Unsupported model IR version: 99"):
        load(OnnxRuntime, tmp_path / "new.onnx")


@pytest.mark.parametrize("kind", [OnnxRuntime, OpenVINO])
def test_errors_are_raised_and_not_printed(
    kind: BackendKind, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    content = folding(tmp_path / "folds.onnx").read_bytes()
    (tmp_path / "odd.onnx").write_bytes(content.replace(b"Reshape", b"Re\xffhape"))
    (tmp_path / "cut.onnx").write_bytes(content[:-9])
    for broken in ("odd.onnx", "cut.onnx"):
        with pytest.raises(ModelError, match=broken):
            load(kind, tmp_path / broken)
    backend = load(kind, tmp_path / "folds.onnx")
    assert backend.run(np.zeros((1, 4), np.float32))[0].shape == (2, 2)
    with pytest.raises(ModelError, match=r"could not run the network: [^\n]*$"):
        backend.run(np.zeros((2, 4), np.float32))
    assert capfd.readouterr() == ("", "")


def test_an_unknown_backend_is_answered_with_those_that_exist(tmp_path: Path) -> None:
    with pytest.raises(BackendUnavailable, match=", ".join(BACKENDS)):
        open_backend("coreml", tmp_path / "model.onnx")


def two_outputs(path: Path) -> Path:
    """Writes a network whose first output is computed last."""
    info = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, 4]) for n in ("x", "d", "s")]
    nodes = [
        helper.make_node("Relu", ["x"], ["s"]),
        helper.make_node("Add", ["s", "x"], ["d"]),
    ]
    return write(path, helper.make_graph(nodes, "g", info[:1], info[1:]))


def folding(path: Path) -> Path:
    """Writes a network (n, 4) → (2, 2), which fails while it runs unless n is 1."""
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 4])
    folded = helper.make_tensor_value_info("y", TensorProto.FLOAT, [2, 2])
    shape = numpy_helper.from_array(np.array([2, 2]), "shape")
    nodes = [
        helper.make_node("Relu", ["x"], ["r"]),
        helper.make_node("Reshape", ["r", "shape"], ["y"]),
    ]
    return write(path, helper.make_graph(nodes, "g", [given], [folded], [shape]))
