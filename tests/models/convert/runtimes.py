"""Runs an ONNX file on every runtime of the project, in float32."""

import importlib.util

import cv2
import numpy as np
import onnx
from numpy.typing import NDArray

from models.backends.telemetry import import_onnxruntime, import_openvino
from models.convert.mxnet import Converted
from tests.parts import need


def answers(network: Converted, data: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """What each runtime answers, by its name; the file itself is checked on the way."""
    onnx.checker.check_model(onnx.load_from_string(network.content), full_check=True)
    return {
        "onnxruntime": _onnxruntime(network, data),
        "openvino": _openvino(network.content, data),
        "opencv": _opencv(network.content, data),
    }


def worst(network: Converted, data: NDArray[np.float32], expected: NDArray[np.floating]) -> float:
    """The largest difference of any runtime from what is expected."""
    found = answers(network, data)
    assert {name: answer.shape for name, answer in found.items()} == dict.fromkeys(
        found, (len(data), network.classes)
    )
    flat = expected.reshape(len(data), -1)
    return max(float(np.abs(answer - flat).max()) for answer in found.values())


def _onnxruntime(network: Converted, data: NDArray[np.float32]) -> NDArray[np.float32]:
    need("onnxruntime (pip install onnxruntime)", importlib.util.find_spec("onnxruntime"))
    onnxruntime = import_onnxruntime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        network.content, options, providers=["CPUExecutionProvider"]
    )
    (answer,) = session.run(None, {network.input: data})
    return np.asarray(answer, np.float32)


def _openvino(content: bytes, data: NDArray[np.float32]) -> NDArray[np.float32]:
    need("openvino (pip install openvino)", importlib.util.find_spec("openvino"))
    openvino = import_openvino()
    core = openvino.Core()
    exact = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1}
    compiled = core.compile_model(core.read_model(content), "CPU", exact)
    return np.array(compiled(data)[0], np.float32)


def _opencv(content: bytes, data: NDArray[np.float32]) -> NDArray[np.float32]:
    net = cv2.dnn.readNetFromONNX(np.frombuffer(content, np.uint8))
    net.setInput(data)
    return np.asarray(net.forward(), np.float32)
