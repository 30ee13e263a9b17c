from dataclasses import fields, replace

import numpy as np
import pytest

from models.backend import TensorSpec
from models.errors import BundleError
from models.importing.presets import ADVICE, PRESETS, Told, completed, rules, told_with
from models.preprocess import Preprocessor, lookup

SIZED = Told(size=(224, 224), layout="nhwc")
FLOAT = TensorSpec((1, 224, 224, 3), "float32")
ALL = Told(
    "bgr", (0, 255), (1, 2, 3), (4, 5, 6), "letterbox", (7, 8, 9), (10, 20), "nchw", "logits"
)  # fmt: skip


def fault_of(told: Told) -> str:
    with pytest.raises(BundleError) as caught:
        rules(told)
    return str(caught.value)


def test_without_a_word_everything_is_asked_for_at_once() -> None:
    fault = fault_of(Told())
    assert all(ADVICE[key] in fault for key in ADVICE if key != "pad")
    assert all(preset in fault for preset in PRESETS)


@pytest.mark.parametrize("key", [one.name for one in fields(Told)])
def test_each_thing_that_is_missing_is_named_with_what_to_write(key: str) -> None:
    fault = fault_of(replace(ALL, **{key: None}))
    assert fault.splitlines()[1:] == [f"  {ADVICE[key]}"]


def test_nothing_that_is_told_is_changed() -> None:
    input, kind = rules(ALL)
    assert (input.color, input.range, input.mean, input.std) == (
        "bgr",
        (0, 255),
        (1, 2, 3),
        (4, 5, 6),
    )
    assert (input.resize, input.pad, input.layout, kind) == (
        "letterbox",
        (7, 8, 9),
        "nchw",
        "logits",
    )
    assert (input.width, input.height) == (10, 20)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_leaves_only_size_and_layout_open(preset: str) -> None:
    told = told_with(preset, Told())
    assert {key for key in ADVICE if key != "pad" and getattr(told, key) is None} == {
        "size",
        "layout",
    }
    rules(told_with(preset, SIZED))


@pytest.mark.parametrize("preset", PRESETS)
def test_what_a_person_says_wins_over_a_preset(preset: str) -> None:
    assert told_with(preset, ALL) == ALL


@pytest.mark.parametrize(
    ("preset", "black", "white"),
    [
        ("sagemaker", [0, 0, 0], [255, 255, 255]),
        ("gluon", [-2.1179, -2.0357, -1.8044], [2.2489, 2.4286, 2.64]),
        ("torchvision", [-2.1179, -2.0357, -1.8044], [2.2489, 2.4286, 2.64]),
        ("keras-mobilenet", [-1, -1, -1], [1, 1, 1]),
        ("tensorflow", [-1, -1, -1], [1, 1, 1]),
        ("teachable-machine", [-1, -1, -1], [1, 1, 1]),
        ("coral", [-1, -1, -1], [127 / 128] * 3),
    ],
)
def test_a_preset_maps_black_and_white_as_its_origin_does(
    preset: str, black: list[float], white: list[float]
) -> None:
    table = lookup(rules(told_with(preset, SIZED))[0], FLOAT)
    np.testing.assert_allclose(table[[0, 255]], [black, white], atol=1e-4)


def test_pixels_go_into_a_quantised_coral_network_as_they_are() -> None:
    input, _ = rules(told_with("coral", SIZED))
    table = lookup(input, TensorSpec((1, 224, 224, 3), "uint8", 1 / 128, 128))
    np.testing.assert_array_equal(table, np.arange(256)[:, np.newaxis].repeat(3, axis=1))


def test_a_preset_gives_red_first() -> None:
    input, _ = rules(told_with("tensorflow", SIZED))
    blue = np.zeros((224, 224, 3), np.uint8)
    blue[..., 0] = 255
    assert Preprocessor(input, FLOAT)(blue)[0, 0, 0].tolist() == [-1, -1, 1]


@pytest.mark.parametrize(
    ("shape", "layouts", "layout"),
    [((1, 96, 128, 3), ("nhwc",), "nhwc"), ((-1, 3, 96, 128), ("nchw",), "nchw")],
)
def test_size_and_layout_come_from_the_file(
    shape: tuple[int, ...], layouts: tuple[str, ...], layout: str
) -> None:
    told = completed(Told(), shape, layouts)  # type: ignore[arg-type]
    assert (told.layout, told.size) == (layout, (128, 96))


def test_what_the_file_leaves_free_must_be_told() -> None:
    assert completed(Told(), (-1, 3, -1, -1), ("nchw",)).size is None
    assert completed(Told(size=(64, 32)), (-1, 3, -1, -1), ("nchw",)).size == (64, 32)
    assert completed(Told(), (1, 3, 3, 3), ("nhwc", "nchw")).layout is None
    assert completed(Told(layout="nchw"), (1, 3, 3, 3), ("nhwc", "nchw")).size == (3, 3)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (Told(size=(64, 64)), "takes pictures of 128x96, not 64x64"),
        (Told(layout="nchw"), "is nhwc, not nchw"),
    ],
)
def test_what_contradicts_the_file_is_refused(told: Told, words: str) -> None:
    with pytest.raises(BundleError, match=words):
        completed(told, (1, 96, 128, 3), ("nhwc",))


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (replace(ALL, range=(1, 0)), "range must rise"),
        (replace(ALL, std=(1, 0, 1)), "std.1"),
        (replace(ALL, pad=(0, 0, 300)), "pad.2"),
        (replace(ALL, size=(0, 5)), "width"),
        (replace(ALL, resize="stretch"), "--pad is for --resize letterbox only"),
        (replace(ALL, mean=(float("nan"), 0, 0)), "mean"),
    ],
)
def test_values_that_cannot_be_meant_are_refused(told: Told, words: str) -> None:
    assert words in fault_of(told)
