"""Operators asked for what they cannot do: refused with a reason, never turned into another."""

from typing import Any

import pytest

from models.convert.mxnet import to_onnx
from models.errors import BundleError, ModelError, NotConvertible
from tests.models.convert.operator_case import Case

W = {"weight": (5, 6, 3, 3)}
CONV = {"num_filter": 5, "kernel": (3, 3), "no_bias": True}


def refusal(expected: type[ModelError], op: str, options: Any, inputs: Any, weights: Any) -> str:
    """Why it is refused; the sentence names the operator."""
    case = Case(op, abs, options, inputs, weights)
    with pytest.raises(expected) as refused:
        to_onnx(case.checkpoint())
    assert type(refused.value) is expected
    start = f"it: {op} (node 'tried'): "
    assert str(refused.value).startswith(start)
    return str(refused.value).removeprefix(start)


@pytest.mark.parametrize(
    ("op", "options", "inputs", "told"),
    [
        ("Pooling", {"kernel": (2, 2), "pool_type": "lp"}, ("data",), "its pool_type is 'lp'"),
        ("Pooling", {"kernel": (2, 2), "pooling_convention": "same"}, ("data",), "is 'same', not"),
        ("Pooling", {"kernel": (2, 2), "layout": "NHWC"}, ("data",), "its layout is 'NHWC'"),
        ("Pooling", {"global_pool": True, "layout": "NHWC"}, ("data",), "its layout is 'NHWC'"),
        (
            "Pooling",
            {"kernel": (2, 2), "stride": (2, 2), "pad": (1, 1), "pooling_convention": "full"},
            ("mean",),
            "lies wholly outside",
        ),
        ("Pooling", {"kernel": (2, 2), "pad": (2, 2)}, ("data",), "lies wholly outside"),
        ("_contrib_AdaptiveAvgPooling2D", {"output_size": (2, 2)}, ("data",), "its output_size"),
        ("Activation", {"act_type": "mish"}, ("data",), "its act_type is 'mish'"),
        ("LeakyReLU", {"act_type": "new"}, ("data",), "its act_type is 'new'"),
        ("Dropout", {"mode": "always"}, ("data",), "its mode is 'always'"),
        ("Cast", {"dtype": "uint8"}, ("data",), "its dtype is 'uint8'"),
        ("Pad", {"mode": "wrap", "pad_width": (0,) * 8}, ("data",), "its mode is 'wrap'"),
        ("Pad", {"mode": "edge", "pad_width": (1, 0, 0, 0, 0, 0, 0, 0)}, ("data",), "adds pict"),
        ("mean", {}, ("data",), "it mixes one picture with another"),
        ("sum", {"axis": 0}, ("data",), "it mixes one picture with another"),
        ("Concat", {"dim": 0}, ("data", "data"), "it mixes one picture with another"),
        ("SliceChannel", {"num_outputs": 1, "axis": 0}, ("data",), "it mixes one picture with"),
        ("slice_axis", {"axis": 0, "begin": 0, "end": 1}, ("data",), "it mixes one picture with"),
        ("softmax", {"use_length": True}, ("data",), "it is masked by length"),
        ("SoftmaxOutput", {}, ("data",), "along which axis of (n, 6, 8, 10) its answers add up"),
        ("SoftmaxActivation", {}, ("data",), "along which axis of (n, 6, 8, 10)"),
    ],
)
def test_what_is_not_covered_is_refused_and_mxnet_is_offered(
    op: str, options: Any, inputs: Any, told: str
) -> None:
    sentence = refusal(NotConvertible, op, options, inputs, {})
    assert told in sentence
    assert "mxnet itself can run it" in sentence


@pytest.mark.parametrize(
    ("op", "options", "inputs", "weights", "told"),
    [
        ("Convolution", {**CONV, "num_group": 4}, ("data",), W, "its 6 channels cannot be split"),
        ("Convolution", {**CONV, "num_group": 0}, ("data",), W, "its 6 channels cannot be split"),
        ("Convolution", {**CONV, "stride": (2,)}, ("data",), W, "differ in length"),
        ("Convolution", {**CONV, "stride": (0, 1)}, ("data",), W, "negative or zero"),
        ("Convolution", {**CONV, "pad": (-1, 1)}, ("data",), W, "negative or zero"),
        ("Convolution", {**CONV, "pad": (70_000, 1)}, ("data",), W, "larger than 65536"),
        ("Convolution", {**CONV, "pad": (60_000, 60_000)}, ("data",), W, "impossible shape"),
        ("Convolution", {**CONV, "kernel": (3, 99)}, ("data",), W, "its window (3, 99) is larger"),
        ("Convolution", CONV, ("flat",), W, "its window has 2 axes, but its input is (n, 480)"),
        ("Convolution", CONV, ("data", "data"), W, "it has 3 inputs, where 2 are needed"),
        ("relu", {}, ("data", "data"), {}, "it has 2 inputs, where 1 are needed"),
        ("BatchNorm", {"axis": 4}, ("data",) * 5, {}, "its axis is 4, but its input has 4 axes"),
        ("BatchNorm", {"axis": 2}, ("data",), dict.fromkeys("abcd", (7,)), "where (8) is needed"),
        ("LRN", {"nsize": 4}, ("data",), {}, "its nsize is 4, which must be odd"),
        ("LRN", {"nsize": 3, "knorm": -0.5}, ("data",), {}, "its knorm -0.5 negative"),
        ("L2Normalization", {"mode": "row"}, ("data",), {}, "its mode is 'row'"),
        ("L2Normalization", {"mode": "spatial"}, ("flat",), {}, "its input is (n, 480)"),
        ("LeakyReLU", {"act_type": "prelu"}, ("data",), {"gamma": (5,)}, "where (6) is needed"),
        ("LeakyReLU", {"act_type": "prelu"}, ("data", "data"), {}, "computed instead of stored"),
        ("elemwise_add", {}, ("data", "mean"), {}, "must be the same"),
        ("broadcast_add", {}, ("data",), {"w": (1, 5, 1, 1)}, "do not go together"),
        ("add_n", {}, ("data", "mean"), {}, "its inputs differ in shape"),
        ("Concat", {}, ("data", "mean"), {}, "(n, 6, 8, 10) and (n, 6, 1, 1) cannot be joined"),
        ("Concat", {}, ("data", "flat"), {}, "cannot be joined"),
        ("SliceChannel", {"num_outputs": 4}, ("data",), {}, "cannot be cut into 4 equal pieces"),
        ("SliceChannel", {"num_outputs": 2, "squeeze_axis": True}, ("data",), {}, "too large to"),
        ("slice_axis", {"axis": 1, "begin": 4, "end": 4}, ("data",), {}, "it leaves nothing over"),
        ("slice", {"begin": (None, 1), "end": (None,)}, ("data",), {}, "do not go together"),
        ("slice", {"begin": (None, 1), "end": (None, 2), "step": (None, 0)}, ("data",), {},
         "do not go together"),
        ("Pad", {"mode": "edge", "pad_width": (0, 0, 1, 1)}, ("data",), {}, "does not fit (n, 6,"),
        ("Pad", {"mode": "reflect", "pad_width": (0, 0, 0, 0, 8, 0, 0, 0)}, ("data",), {},
         "is larger than what it mirrors"),
        ("transpose", {"axes": (0, 2, 2, 1)}, ("data",), {}, "is no order of the axes"),
        ("squeeze", {"axis": 1}, ("data",), {}, "to leave out is larger than 1"),
        ("Reshape", {"shape": (7, -1)}, ("data",), {}, "cannot be the new shape of (n, 6, 8, 10)"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(
    op: str, options: Any, inputs: Any, weights: Any, told: str
) -> None:
    assert told in refusal(BundleError, op, options, inputs, weights)
