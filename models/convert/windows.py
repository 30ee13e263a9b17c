"""The window that convolution and pooling move over a picture."""

from dataclasses import dataclass

from models.convert.attributes import Attributes
from models.convert.call import require_choice
from models.convert.graph import Shape, Tensor, written
from models.errors import BundleError

LARGEST = 1 << 16
LAYOUTS = {1: "NCW", 2: "NCHW", 3: "NCDHW"}


@dataclass(frozen=True, slots=True)
class Window:
    """Per axis of the picture: its size, and how the window lies on it."""

    sizes: Shape
    kernel: Shape
    stride: Shape
    dilate: Shape
    pad: Shape

    @property
    def room(self) -> Shape:
        """How far the window can move: negative where it is larger than the padded picture."""
        return tuple(
            size + 2 * pad - dilate * (kernel - 1) - 1
            for size, pad, dilate, kernel in zip(
                self.sizes, self.pad, self.dilate, self.kernel, strict=True
            )
        )

    def places(self, partly: bool) -> Shape:
        """How often it fits; partly: also where its end looks beyond the padded picture."""
        return tuple(
            (-(-room // stride) if partly else room // stride) + 1
            for room, stride in zip(self.room, self.stride, strict=True)
        )


def read_window(options: Attributes, data: Tensor) -> Window:
    """The window that the options describe; raises BundleError when it does not fit the data."""
    kernel = options.integers("kernel")
    axes = len(kernel)
    ones, zeros = (1,) * axes, (0,) * axes
    require_layout(options, axes)
    if len(data.shape) != axes + 2:
        raise BundleError(f"its window has {axes} axes, but its input is {written(data.shape)}")
    stride, dilate = options.integers("stride", ones), options.integers("dilate", ones)
    pad = options.integers("pad", zeros)
    if {len(stride), len(dilate), len(pad)} != {axes}:
        raise BundleError("its kernel, stride, dilate and pad differ in length")
    if min(kernel + stride + dilate) < 1 or min(pad) < 0:
        raise BundleError("its kernel, stride, dilate or pad is negative or zero")
    if max(kernel + stride + dilate + pad) > LARGEST:
        raise BundleError(f"its kernel, stride, dilate or pad is larger than {LARGEST}")
    window = Window(data.shape[2:], kernel, stride, dilate, pad)
    if min(window.room) < 0:
        raise BundleError(
            f"its window {kernel} is larger than what arrives, {written(data.shape)}: are the "
            "pictures smaller than those that the network was trained with?"
        )
    return window


def require_layout(options: Attributes, axes: int) -> None:
    """Channels before rows and columns is what every CPU build of mxnet runs."""
    require_choice("layout", options.word("layout", "None"), ("None", LAYOUTS.get(axes, "None")))
