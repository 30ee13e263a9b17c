"""Networks that give an embedding beside their scores, in both formats."""

from pathlib import Path

import numpy as np
import onnx
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import Builder
from onnx import TensorProto, helper

from models.bundles.bundle import open_bundle
from tests.models.networks import (
    COLOURS,
    INPUT,
    colour_network,
    colour_scores,
    patches,
    weights_entry,
    write_bundle,
)

MEANS = "means"
"""What colour_network calls the mean of each channel."""


def colours_and_means(path: Path, means_first: bool = False) -> Path:
    """Writes colour_network with a second output: the mean of each channel."""
    model = onnx.load(str(colour_network(path)))
    means = helper.make_tensor_value_info(MEANS, TensorProto.FLOAT, ["n", 3])
    model.graph.output.insert(0 if means_first else 1, means)
    path.write_bytes(model.SerializeToString())
    return path


def bundle_with_means(folder: Path, means_first: bool = False, named: str = MEANS) -> Path:
    """Writes a whole bundle around it."""
    folder.mkdir()
    weights = colours_and_means(folder / "model.onnx", means_first)
    return write_bundle(
        folder,
        weights=[weights_entry(weights, "float32", "onnx", 1e-4) | {"embedding": named}],
        labels=COLOURS,
        image=patches(),
        scores=np.asarray(colour_scores(patches()), np.float32),
        rules=INPUT,
        output={"kind": "probabilities", "temperature": 1.0},
    )


def tomatoes_and_pooled(path: Path, pooled_first: bool = False) -> tuple[Path, str]:
    """Writes the bundled network with the input of its last layer as another output, and says
    what that is called."""
    bundle = open_bundle("greenhouse-tomatoes")
    weights = bundle.path(bundle.manifest.weights[0])
    model = schema.ModelT.InitFromPackedBuf(weights.read_bytes(), 0)
    graph = model.subgraphs[0]
    layers = (schema.BuiltinOperator.FULLY_CONNECTED, schema.BuiltinOperator.CONV_2D)
    last = [
        operator for operator in graph.operators
        if model.operatorCodes[operator.opcodeIndex].builtinCode in layers
    ][-1]  # fmt: skip
    (scores,) = graph.outputs
    pooled = last.inputs[0]
    graph.outputs = [pooled, scores] if pooled_first else [scores, pooled]
    builder = Builder(1 << 20)
    builder.Finish(model.Pack(builder), b"TFL3")
    path.write_bytes(bytes(builder.Output()))
    return path, graph.tensors[pooled].name.decode()
