from itertools import product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from models.backend import TensorSpec
from models.bundles.manifest import Input
from models.errors import BundleError
from models.preprocess import Preprocessor, fit, shape_of
from tests.models.networks import INPUT
from tests.models.reference import real, reference

SHRINK = 0.501
"""Largest difference from the reference when no side grows: one rounding of an area mean."""
GROW = 1.3
"""As before when a side grows: OpenCV's bilinear weights have 11 bits, and two roundings meet."""


def rules(**values: Any) -> Input:
    kept: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in INPUT.items()}
    return Input(**(kept | values))


def noise(width: int, height: int) -> NDArray[np.uint8]:
    random = np.random.default_rng(width * height)
    return random.integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize("resize", ["stretch", "center-crop", "letterbox"])
@pytest.mark.parametrize("color", ["rgb", "bgr"])
@pytest.mark.parametrize(
    ("size", "within"),
    [
        ((640, 480), SHRINK),
        ((97, 131), SHRINK),
        ((1280, 720), SHRINK),
        ((64, 48), SHRINK),
        ((20, 11), GROW),
        ((200, 20), GROW),
        ((1, 1), GROW),
        ((1, 300), GROW),
    ],
)
def test_pixels_are_those_of_the_reference(
    resize: str, color: str, size: tuple[int, int], within: float
) -> None:
    pad = (10, 20, 30) if resize == "letterbox" else None
    wanted = rules(width=64, height=48, resize=resize, color=color, pad=pad)
    image = noise(*size)
    fitted = fit(image, wanted)
    assert fitted.shape == (48, 64, 3)
    assert np.abs(fitted - reference(image, wanted)).max() <= within


@pytest.mark.parametrize("layout", ["nhwc", "nchw"])
@pytest.mark.parametrize("color", ["rgb", "bgr"])
@pytest.mark.parametrize(
    "numbers",
    [
        {"range": (0, 255)},
        {"range": (0, 1), "mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225)},
        {"range": (-1, 1)},
        {"range": (0, 255), "mean": (103.9, 116.8, 123.7), "std": (57, 57, 57)},
    ],
)
@pytest.mark.parametrize(
    "tensor",
    [
        TensorSpec((), "float32"),
        TensorSpec((), "float16"),
        TensorSpec((), "int8", 0.0186, -14),
        TensorSpec((), "uint8", 1 / 128, 128),
        TensorSpec((), "int16", 1e-4, 0),
        TensorSpec((), "uint8"),
    ],
)
def test_numbers_are_those_of_the_formula(
    layout: str, color: str, numbers: dict[str, Any], tensor: TensorSpec
) -> None:
    wanted = rules(width=16, height=16, layout=layout, color=color, **numbers)
    image = np.arange(16 * 16 * 3, dtype=np.uint8).reshape(16, 16, 3)
    spec = TensorSpec(shape_of(wanted), tensor.dtype, tensor.scale, tensor.zero_point)
    made = Preprocessor(wanted, spec)(image)
    assert made.dtype == tensor.dtype
    assert made.shape == shape_of(wanted)
    pixels = image if color == "bgr" else image[..., ::-1]
    exact = stored(real(pixels.astype(np.float64), wanted), tensor)
    np.testing.assert_array_equal(
        made[0] if layout == "nhwc" else made[0].transpose(1, 2, 0), exact
    )


def stored(values: NDArray[np.float64], tensor: TensorSpec) -> NDArray[Any]:
    """Numbers as the tensor holds them."""
    dtype = np.dtype(tensor.dtype)
    if dtype.kind == "f":
        return values.astype(dtype)
    steps = np.rint(values / (tensor.scale or 1) + tensor.zero_point)
    return np.clip(steps, np.iinfo(dtype).min, np.iinfo(dtype).max).astype(dtype)


def test_the_picture_itself_is_never_changed() -> None:
    kinds = (TensorSpec((), "float32"), TensorSpec((), "int8", 1 / 255, -128))
    for layout, color, kind in product(("nhwc", "nchw"), ("rgb", "bgr"), kinds):
        wanted = rules(width=16, height=12, layout=layout, color=color)
        for size in ((16, 12), (40, 30)):
            image = noise(*size)
            before = image.copy()
            spec = TensorSpec(shape_of(wanted), kind.dtype, kind.scale, kind.zero_point)
            tensor = Preprocessor(wanted, spec)(image)
            tensor[:] = 0
            np.testing.assert_array_equal(image, before)


def test_a_quantised_network_that_takes_pixels_as_they_are_gets_them_without_a_copy() -> None:
    wanted = rules(width=16, height=12, layout="nhwc", range=(0, 255))
    image = noise(16, 12)
    tensor = Preprocessor(wanted, TensorSpec((1, 12, 16, 3), "uint8", 1.0, 0))(image)
    assert np.shares_memory(tensor, image)


def test_sizes_that_the_network_leaves_free_are_those_of_the_manifest() -> None:
    tensor = Preprocessor(rules(), TensorSpec((-1, 3, -1, -1), "float32"))(noise(40, 30))
    assert tensor.shape == (1, 3, 6, 8)


@pytest.mark.parametrize("shape", [(1, 8, 6, 3), (1, 3, 8, 6), (1, 3, 6), (2, 3, 6, 8)])
def test_a_network_that_takes_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(BundleError, match=r"correct input\.width"):
        Preprocessor(rules(), TensorSpec(shape, "float32"))


def test_a_network_that_takes_no_numbers_is_refused() -> None:
    with pytest.raises(BundleError, match="int64"):
        Preprocessor(rules(), TensorSpec((1, 3, 6, 8), "int64"))
