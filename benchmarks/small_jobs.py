"""Whether everything native that is installed computes on this processor.

    python -m benchmarks.small_jobs
    qemu-x86_64-static -cpu Denverton .venv/bin/python -m benchmarks.small_jobs

A wheel that was built for a newer processor ends with "illegal instruction" at the job whose name
stands last. QEMU (Debian: qemu-user-static) refuses every instruction that the named processor does
not have; Denverton is of the same cores (Goldmont) as the Atom E3900 family, and has no AVX.
"""

import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import cv2
import numpy as np
import onnx
import simplejpeg
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from models.backend import open_backend
from models.bundles.bundle import open_bundle
from models.classifier import open_classifier
from models.settings import ModelSettings

PICTURE = np.random.default_rng(1).integers(0, 256, (480, 640, 3), np.uint8)


def main() -> None:
    """Runs every job, or those that are named."""
    has = {name: cv2.checkHardwareSupport(code) for name, code in FEATURES.items()}
    print(", ".join(f"{name} {'yes' if there else 'no'}" for name, there in has.items()))
    for name in sys.argv[1:] or JOBS:
        print(f"{name} …", end=" ", flush=True)
        JOBS[name]()
        print("computes", flush=True)


def _numpy() -> None:
    numbers = np.random.default_rng(1).normal(size=(200, 200))
    left, sizes, right = np.linalg.svd(numbers)
    assert np.allclose(left * sizes @ right, numbers)
    assert np.isclose(np.exp(np.log(np.abs(numbers))).sum(), np.abs(numbers).sum())


def _opencv() -> None:
    small = cv2.resize(PICTURE, (224, 224), interpolation=cv2.INTER_AREA)
    assert abs(float(small.mean()) - float(PICTURE.mean())) < 1
    assert cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), (9, 9), 2).std() < small.std()


def _simplejpeg() -> None:
    decoded = simplejpeg.decode_jpeg(simplejpeg.encode_jpeg(PICTURE, quality=95))
    assert decoded.shape == PICTURE.shape


def _tflite(backend: str) -> None:
    golden = open_bundle("greenhouse-tomatoes").golden.image
    with open_classifier(ModelSettings(backend=backend, device="cpu")) as classifier:
        assert classifier.classify(golden).label == "ripe"


def _onnx(backend: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        network = open_backend(backend, _network(Path(folder) / "n.onnx"))
        pixels = np.ascontiguousarray(PICTURE[:64, :64].transpose(2, 0, 1)[None], np.float32) / 255
        (scores,) = network.run(pixels)
        network.close()
    assert np.allclose(scores.sum(), 1, atol=1e-5)
    assert scores.std() > 0


def _network(path: Path) -> Path:
    """Writes a convolution, a rectifier, a mean, a product of matrices and a softmax."""
    rng = np.random.default_rng(1)
    kernel, matrix = _constant("kernel", rng, 16, 3, 3, 3), _constant("matrix", rng, 16, 5)
    nodes = [
        helper.make_node("Conv", ["pixels", "kernel"], ["a"]),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("GlobalAveragePool", ["b"], ["c"]),
        helper.make_node("Flatten", ["c"], ["d"]),
        helper.make_node("MatMul", ["d", "matrix"], ["e"]),
        helper.make_node("Softmax", ["e"], ["scores"], axis=1),
    ]
    pixels = helper.make_tensor_value_info("pixels", TensorProto.FLOAT, [1, 3, 64, 64])
    scores = helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, 5])
    graph = helper.make_graph(nodes, "small", [pixels], [scores], [kernel, matrix])
    opset = [helper.make_opsetid("", 13)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), str(path))
    return path


def _constant(name: str, rng: np.random.Generator, *shape: int) -> onnx.TensorProto:
    values: NDArray[np.float32] = rng.normal(size=shape).astype(np.float32)
    return numpy_helper.from_array(values, name)


def _scikit_learn() -> None:
    from sklearn.svm import OneClassSVM

    rows = np.random.default_rng(1).normal(size=(300, 4))
    assert OneClassSVM(nu=0.1).fit(rows).support_vectors_.shape[1] == 4


def _pyarrow() -> None:
    import pyarrow as pa
    from pyarrow import parquet

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.parquet"
        parquet.write_table(pa.table({"row": list(range(1000))}), path, compression="zstd")
        assert parquet.read_table(path).num_rows == 1000


FEATURES: Mapping[str, int] = {"SSE4.2": 7, "AVX": 10, "AVX2": 11}
"""As OpenCV numbers them, which asks the processor itself. Source: opencv2/core/cvdef.h."""
JOBS: Mapping[str, Callable[[], None]] = {
    "numpy": _numpy,
    "opencv": _opencv,
    "simplejpeg": _simplejpeg,
    "litert": lambda: _tflite("litert"),
    "opencv-onnx": lambda: _onnx("opencv"),
    "onnxruntime": lambda: _onnx("onnxruntime"),
    "openvino": lambda: _onnx("openvino"),
    "openvino-tflite": lambda: _tflite("openvino"),
    "scikit-learn": _scikit_learn,
    "pyarrow": _pyarrow,
}

if __name__ == "__main__":
    main()
