import random
from pathlib import Path

import pytest
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import Builder

from models.backend import TensorSpec
from models.backends.litert import LiteRT
from models.bundles.bundle import open_bundle
from models.errors import BundleError
from models.headers.tflite import is_tflite, read_tflite_file, read_tflite_header
from tests.models.networks import colour_network, load
from tests.models.places import data


def network() -> Path:
    bundle = open_bundle("greenhouse-tomatoes")
    return bundle.path(bundle.manifest.weights[0])


def changed(path: Path, tensor: schema.TensorT) -> Path:
    """The bundled network with another input tensor."""
    model = schema.ModelT.InitFromPackedBuf(network().read_bytes(), 0)
    graph = model.subgraphs[0]
    graph.tensors[graph.inputs[0]] = tensor
    builder = Builder(1 << 20)
    builder.Finish(model.Pack(builder), b"TFL3")
    path.write_bytes(bytes(builder.Output()))
    return path


def test_the_header_of_the_bundled_network_is_what_litert_says() -> None:
    header, backend = read_tflite_file(network()), load(LiteRT, network())
    assert header.inputs == (backend.input,)
    assert header.outputs == backend.outputs
    assert header.inputs[0].shape == (-1, 96, 96, 3)
    assert header.inputs[0].scale > 0


@pytest.mark.parametrize(
    "file",
    [
        "blazeface_full_range.tflite",
        "mobilenet_v2_1.0_224_quant.tflite",
        "mobilenet_v1_1.0_224_quant_embedding_extractor.tflite",
    ],
)
def test_the_header_of_a_large_network_is_what_litert_says(file: str) -> None:
    path = data(f"models/{file}")
    header, backend = read_tflite_file(path), load(LiteRT, path)
    assert (header.inputs, header.outputs) == ((backend.input,), backend.outputs)


def test_a_tensor_without_signature_and_with_a_scale_per_channel(tmp_path: Path) -> None:
    tensor = schema.TensorT()
    tensor.shape, tensor.type = [1, 8, 8, 2], schema.TensorType.INT8
    tensor.quantization = schema.QuantizationParametersT()
    tensor.quantization.scale, tensor.quantization.zeroPoint = [0.5, 0.25], [1, 2]
    header = read_tflite_file(changed(tmp_path / "per-channel.tflite", tensor))
    assert header.inputs == (TensorSpec((1, 8, 8, 2), "int8"),)


def test_a_scale_without_zero_point_has_it_at_zero(tmp_path: Path) -> None:
    tensor = schema.TensorT()
    tensor.shape, tensor.type = [1, 8, 8, 2], schema.TensorType.INT16
    tensor.quantization = schema.QuantizationParametersT()
    tensor.quantization.scale = [0.5]
    header = read_tflite_file(changed(tmp_path / "symmetric.tflite", tensor))
    assert header.inputs == (TensorSpec((1, 8, 8, 2), "int16", 0.5, 0),)


def test_a_type_that_no_network_takes_pictures_in_is_refused(tmp_path: Path) -> None:
    tensor = schema.TensorT()
    tensor.shape, tensor.type = [1], schema.TensorType.STRING
    with pytest.raises(BundleError, match=r"strings\.tflite: it is not a \.tflite file, or damage"):
        read_tflite_file(changed(tmp_path / "strings.tflite", tensor))


def test_a_damaged_header_is_refused_or_read_and_never_anything_else() -> None:
    content, dice = network().read_bytes(), random.Random(1)
    refused = 0
    for _ in range(2000):
        damaged = bytearray(content)
        damaged[dice.randrange(200)] = dice.randrange(256)
        damaged[dice.randrange(len(content))] = dice.randrange(256)
        try:
            read_tflite_header(bytes(damaged[: dice.randrange(len(content))]))
        except BundleError:
            refused += 1
    assert 500 < refused < 2000


def test_the_format_is_known_by_its_content(tmp_path: Path) -> None:
    assert is_tflite(network())
    assert not is_tflite(colour_network(tmp_path / "colours.tflite"))
    with pytest.raises(BundleError, match=r"absent\.tflite cannot be read"):
        is_tflite(tmp_path / "absent.tflite")


def test_a_folder_in_place_of_a_file_is_a_fault_of_the_bundle(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="cannot be read"):
        read_tflite_file(tmp_path)
