"""Checkpoints that real mxnet 1.9.1 wrote, against what it answered."""

import pytest

from models.convert.checkpoint import open_checkpoint
from models.convert.mxnet import to_onnx
from tests.models.checkpoints import reference
from tests.models.convert.runtimes import worst
from tests.models.places import data

NAMES = (
    "gluon_mobilenet0.25", "gluon_mobilenet_v2_0.25", "gluon_resnet18_v1_thin",
    "gluon_resnet50_v2_thin", "gluon_squeezenet1.1",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_every_runtime_answers_as_mxnet_did(name: str) -> None:
    folder = data(f"mxnet/{name}")
    known = reference(folder)
    network = to_onnx(open_checkpoint([folder]))
    assert (network.kind, network.classes, network.shape) == ("logits", 20, (3, 224, 224))
    assert worst(network, known["input"], known["output"]) < 1e-5
