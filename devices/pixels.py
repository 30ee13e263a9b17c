"""From a camera's raw buffer to BGR pixels, and from a picture file to BGR pixels.

What is damaged is refused here, never passed on half right:

* A raw buffer that is shorter than its lines.
* A JPEG that is not of the negotiated size, or of which the decoder (libjpeg-turbo, strict) had to
  guess anything: it is cut short, a code is impossible, a marker does not belong there. OpenCV's
  own decoder lets half of all overwritten JPEGs pass, which is why it is not used for them.

One irregularity is no damage: many webcams (Logitech's C270 and C910 among them) put a few spare
bytes before restart and end markers of every frame. Up to 16 of them are let pass where the picture
has its end marker. Zeros or leftovers behind the end marker, missing Huffman tables (usual in
MJPEG) and restart markers are no damage either. A camera that leaves the end marker out cannot be
told from one whose frames are cut; its MJPEG is refused.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray

from devices.errors import DeviceError

Pixels = NDArray[np.uint8]

SPARE_BYTES = 16
MAX_SIDE = 16384
_SPARE = re.compile(r"(\d+) extraneous bytes before marker 0xd[0-9]")
_START, _END = b"\xff\xd8", b"\xff\xd9"
_TURNED = b"Exif\0\0"
"""Without these bytes in it a JPEG says nothing of how its camera was held."""


class Damaged(DeviceError):
    """A buffer or a file does not hold the whole picture that it should."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Size of a picture in pixels, and bytes from one line to the next (0: without padding)."""

    width: int
    height: int
    line_bytes: int = 0


Decoder = Callable[[Pixels, Layout], Pixels]


def decode(fourcc: str, data: Pixels, layout: Layout) -> Pixels:
    """The picture in a raw buffer as a new array, uint8 (height, width, 3) BGR.

    data: uint8, flat. fourcc: a key of DECODERS. Raises Damaged.
    """
    return DECODERS[fourcc](data, layout)


def decode_file(data: bytes) -> Pixels:
    """The picture in an image file of any kind that OpenCV reads, upright, uint8 BGR.

    Raises Damaged.
    """
    flat = np.frombuffer(data, np.uint8)
    if data.startswith(_START):
        pixels = _jpeg_of_any_size(flat)
        if _TURNED not in data:
            return pixels
    try:
        image = cv2.imdecode(flat, cv2.IMREAD_COLOR) if data else None
    except cv2.error as error:
        raise Damaged(f"OpenCV cannot decode it: {error.err}") from error
    if image is None:
        raise Damaged("it holds no picture that can be decoded")
    return np.asarray(image, np.uint8)


def _mjpg(data: Pixels, layout: Layout) -> Pixels:
    width, height = _jpeg_size(data)
    if (width, height) != (layout.width, layout.height):
        raise Damaged(f"a JPEG of {width}x{height}, not {layout.width}x{layout.height}")
    return _whole_jpeg(data, width, height)


def _jpeg_of_any_size(data: Pixels) -> Pixels:
    """Not turned upright, for which OpenCV has to decode it again. Raises Damaged unless whole."""
    width, height = _jpeg_size(data)
    if max(width, height) > MAX_SIDE:
        raise Damaged(f"a JPEG of {width}x{height}, larger than {MAX_SIDE} pixels a side")
    return _whole_jpeg(data, width, height)


def _jpeg_size(data: Pixels) -> tuple[int, int]:
    try:
        height, width, _, _ = simplejpeg.decode_jpeg_header(data)
    except ValueError as error:
        raise Damaged(f"no JPEG: {error}") from error
    return width, height


def _whole_jpeg(data: Pixels, width: int, height: int) -> Pixels:
    pixels = np.empty((height, width, 3), np.uint8)
    try:
        simplejpeg.decode_jpeg(data, "BGR", buffer=pixels)
    except ValueError as error:
        if not _harmless(str(error), data):
            raise Damaged(f"a damaged JPEG: {error}") from error
    return pixels


def _harmless(complaint: str, data: Pixels) -> bool:
    """Whether the decoder complained of a few spare bytes first; it has decoded all the same."""
    spare = _SPARE.search(complaint)
    return spare is not None and int(spare[1]) <= SPARE_BYTES and _END in data.tobytes()


def _lines(data: Pixels, count: int, used_bytes: int, line_bytes: int) -> Pixels:
    """The first lines of a buffer without their padding: a view (count, used_bytes)."""
    stride = max(line_bytes, used_bytes)
    if data.size < count * stride:
        raise Damaged(f"{data.size} bytes, too few for {count} lines of {stride}")
    return data[: count * stride].reshape(count, stride)[:, :used_bytes]


def _packed(conversion: int, pixel_bytes: int) -> Decoder:
    """All that a pixel needs lies beside it, or beside its neighbour (4:2:2)."""

    def convert(data: Pixels, layout: Layout) -> Pixels:
        lines = _lines(data, layout.height, layout.width * pixel_bytes, layout.line_bytes)
        return _bgr(lines.reshape(layout.height, layout.width, pixel_bytes), conversion)

    return convert


def _semi_planar(conversion: int) -> Decoder:
    """A plane of luma, then one of both chromas in turn, each shared by four pixels."""

    def convert(data: Pixels, layout: Layout) -> Pixels:
        lines = _lines(data, layout.height * 3 // 2, layout.width, layout.line_bytes)
        return _bgr(lines, conversion)

    return convert


def _planar(conversion: int) -> Decoder:
    """A plane of luma, then one of each chroma in lines half as long, shared by four pixels."""

    def convert(data: Pixels, layout: Layout) -> Pixels:
        width, height = layout.width, layout.height
        stride = max(layout.line_bytes, width)
        if stride == width:
            return _bgr(_lines(data, height * 3 // 2, width, stride), conversion)
        luma = _lines(data, height, width, stride)
        chroma = _lines(data[height * stride :], height, width // 2, stride // 2)
        planes = np.concatenate((luma.ravel(), chroma.ravel()))  # OpenCV knows no padding here
        return _bgr(planes.reshape(height * 3 // 2, width), conversion)

    return convert


def _bgr3(data: Pixels, layout: Layout) -> Pixels:
    lines = _lines(data, layout.height, layout.width * 3, layout.line_bytes)
    return lines.reshape(layout.height, layout.width, 3).copy()


def _grey16(data: Pixels, layout: Layout) -> Pixels:
    """The upper eight of sixteen bits of luma, of which the lower ones come first."""
    lines = _lines(data, layout.height, layout.width * 2, layout.line_bytes)
    return _bgr(lines[:, 1::2], cv2.COLOR_GRAY2BGR)


def _bgr(image: Pixels, conversion: int) -> Pixels:
    try:
        return np.asarray(cv2.cvtColor(image, conversion), np.uint8)
    except cv2.error as error:
        raise Damaged(f"OpenCV cannot convert a picture of {image.shape}: {error.err}") from error


DECODERS: Mapping[str, Decoder] = {
    "MJPG": _mjpg,
    "JPEG": _mjpg,
    "YUYV": _packed(cv2.COLOR_YUV2BGR_YUY2, 2),
    "UYVY": _packed(cv2.COLOR_YUV2BGR_UYVY, 2),
    "YVYU": _packed(cv2.COLOR_YUV2BGR_YVYU, 2),
    "NV12": _semi_planar(cv2.COLOR_YUV2BGR_NV12),
    "NV21": _semi_planar(cv2.COLOR_YUV2BGR_NV21),
    "YU12": _planar(cv2.COLOR_YUV2BGR_I420),
    "YV12": _planar(cv2.COLOR_YUV2BGR_YV12),
    "BGR3": _bgr3,
    "RGB3": _packed(cv2.COLOR_RGB2BGR, 3),
    "XR24": _packed(cv2.COLOR_BGRA2BGR, 4),
    "AR24": _packed(cv2.COLOR_BGRA2BGR, 4),
    "RGBP": _packed(cv2.COLOR_BGR5652BGR, 2),
    "BA81": _packed(cv2.COLOR_BayerBGGR2BGR, 1),
    "GBRG": _packed(cv2.COLOR_BayerGBRG2BGR, 1),
    "GRBG": _packed(cv2.COLOR_BayerGRBG2BGR, 1),
    "RGGB": _packed(cv2.COLOR_BayerRGGB2BGR, 1),
    "GREY": _packed(cv2.COLOR_GRAY2BGR, 1),
    "Y16 ": _grey16,
}
"""By the four letters of V4L2; devices/v4l2/choice.py says what each costs."""
