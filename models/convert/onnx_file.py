"""Writes an ONNX file; the only place that needs the onnx package."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from models.convert.graph import BATCH, Graph, Shape, Step, Tensor
from models.errors import BackendUnavailable, BundleError

if TYPE_CHECKING:
    import onnx

OPSET, IR_VERSION = 13, 7
"""Old enough for every runtime that is in use, new enough for all that the converter writes."""
MAX_BYTES = (1 << 31) - (1 << 20)
"""Protocol buffers end at 2 GiB."""


def encode(graph: Graph, fed: Tensor, answer: Tensor) -> bytes:
    """The file of a graph with one input and one output, float32, for any number of pictures.

    Raises BackendUnavailable where the onnx package is missing.
    """
    try:
        from onnx import helper, numpy_helper
    except ImportError as error:
        raise BackendUnavailable(
            f"the onnx package cannot be imported ({error}): pip install 'vision-app[convert]'"
        ) from None
    if sum(weight.nbytes for weight in graph.weights.values()) > MAX_BYTES:
        raise BundleError("its weights are larger than 2 GiB, the limit of an ONNX file")
    made = helper.make_graph(
        [_node(step) for step in graph.steps],
        "mxnet",
        [_value(fed)],
        [_value(answer)],
        [numpy_helper.from_array(weight, name) for name, weight in graph.weights.items()],
    )
    opset = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(
        made, opset_imports=opset, ir_version=IR_VERSION, producer_name="vision-app"
    )
    return bytes(model.SerializeToString())


def _node(step: Step) -> "onnx.NodeProto":
    from onnx import helper

    node = helper.make_node(step.op, step.inputs, step.outputs, step.name)
    node.attribute.extend(
        helper.make_attribute(name, value) for name, value in sorted(step.attributes.items())
    )
    return node


def _value(tensor: Tensor) -> "onnx.ValueInfoProto":
    from onnx import TensorProto, helper

    return helper.make_tensor_value_info(tensor.name, TensorProto.FLOAT, _sizes(tensor.shape))


def _sizes(shape: Shape) -> Sequence[int | str]:
    return ["n" if size == BATCH else size for size in shape]
