"""What it costs to turn a camera's raw buffer into BGR pixels, by format and library.

    python -m benchmarks.decode [--runs 40]

Medians on one core, of 720p and 1080p; "ours" is devices/pixels.py with its checks. A library that
is not installed is left out: PyTurboJPEG needs libturbojpeg from the system. "damaged" counts how
many of 100 cut and 100 overwritten JPEGs each way refuses. The picture is the rendered greenhouse
with noise on it; its JPEG has quality 85 and chroma halved sideways, as most webcams send it.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray

from devices.boards.processor import processor
from devices.camera import open_camera
from devices.pixels import Damaged, Layout, decode
from devices.settings import CameraSettings

Pixels = NDArray[np.uint8]
Way = Callable[[Pixels, int, int], object]

SIZES = ((1280, 720), (1920, 1080))


def main() -> None:
    """Prints a row for each format and library."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=40)
    runs = parser.parse_args().runs
    cv2.setNumThreads(1)
    print(f"{processor().name}; OpenCV {cv2.__version__}, simplejpeg {simplejpeg.__version__}")
    print("\n| format | library | 1280x720, ms | 1920x1080, ms |\n|---|---|---|---|")
    buffers = {size: dict(_buffers(_picture(*size))) for size in SIZES}
    for code in buffers[SIZES[0]]:
        for library, way in _ways(code).items():
            costs = [f"{_cost_ms(way, buffers[size][code], size, runs):.2f}" for size in SIZES]
            print(f"| {code} | {library} | {' | '.join(costs)} |", flush=True)
    print(
        "\n| JPEG decoded by | cut: refused of 100 | overwritten: refused of 100 |\n|---|---|---|"
    )
    spoilt = tuple(_spoilt(buffers[SIZES[0]]["MJPG"]))
    for library, way in _ways("MJPG").items():
        refused = [sum(_refuses(way, jpeg, *SIZES[0]) for jpeg in kind) for kind in spoilt]
        print(f"| {library} | {refused[0]} | {refused[1]} |", flush=True)


def _picture(width: int, height: int) -> Pixels:
    settings = CameraSettings(name="bench", kind="generated", width=width, height=height)
    with open_camera(settings) as camera:
        pixels = camera.read(5.0).pixels
    noise = np.random.default_rng(1).normal(0, 3, pixels.shape)
    return np.clip(pixels + noise, 0, 255).astype(np.uint8)


def _buffers(picture: Pixels) -> Iterator[tuple[str, Pixels]]:
    """The picture in each format, as a camera without padding sends it."""
    half = (cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422)
    jpeg = cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, 85, *half))[1]
    yield "MJPG", np.asarray(jpeg, np.uint8).ravel()
    yield "YUYV", _flat(picture, cv2.COLOR_BGR2YUV_YUY2)
    yield "UYVY", _flat(picture, cv2.COLOR_BGR2YUV_UYVY)
    planar = _flat(picture, cv2.COLOR_BGR2YUV_I420)
    luma = picture.shape[0] * picture.shape[1]
    u, v = np.split(planar[luma:], 2)
    yield "NV12", np.concatenate((planar[:luma], np.dstack((u, v)).ravel()))
    yield "NV21", np.concatenate((planar[:luma], np.dstack((v, u)).ravel()))
    yield "YU12", planar
    yield "YV12", np.concatenate((planar[:luma], v, u))
    yield "BGR3", picture.ravel()
    yield "RGB3", _flat(picture, cv2.COLOR_BGR2RGB)
    yield "XR24", _flat(picture, cv2.COLOR_BGR2BGRA)
    yield "RGBP", _flat(picture, cv2.COLOR_BGR2BGR565)
    grey = _flat(picture, cv2.COLOR_BGR2GRAY)
    yield "RGGB", grey
    yield "GREY", grey
    yield "Y16 ", np.repeat(grey, 2)


def _flat(picture: Pixels, conversion: int) -> Pixels:
    return np.asarray(cv2.cvtColor(picture, conversion), np.uint8).ravel()


def _ways(code: str) -> Mapping[str, Way]:
    """The libraries that turn this format into BGR, and ours."""
    found: dict[str, Way] = {"ours": lambda data, w, h: decode(code, data, Layout(w, h))}
    if code == "MJPG":
        found |= {"OpenCV": lambda data, w, h: cv2.imdecode(data, cv2.IMREAD_COLOR)}
        found |= {"simplejpeg": lambda data, w, h: simplejpeg.decode_jpeg(data, "BGR")}
        found |= {"simplejpeg, fast upsampling": _fast_upsampling} | _turbojpeg()
    if code == "BGR3":
        found |= {"numpy": lambda data, w, h: data.copy()}
    if code == "RGB3":
        found |= {"numpy": lambda data, w, h: data.reshape(h, w, 3)[..., ::-1].copy()}
    if code == "GREY":
        found |= {"numpy": lambda data, w, h: np.repeat(data.reshape(h, w, 1), 3, 2)}
        found |= {"OpenCV merge": lambda data, w, h: cv2.merge([data.reshape(h, w)] * 3)}
    if code == "Y16 ":
        found |= {"numpy, OpenCV": _shifted}
    if code in ("NV12", "NV21"):
        conversion = cv2.COLOR_YUV2BGR_NV12 if code == "NV12" else cv2.COLOR_YUV2BGR_NV21
        found |= {"OpenCV, two planes": lambda data, w, h: _two_planes(data, w, h, conversion)}
    return found


def _fast_upsampling(data: Pixels, _w: int, _h: int) -> Pixels:
    return np.asarray(simplejpeg.decode_jpeg(data, "BGR", fastupsample=True), np.uint8)


def _shifted(data: Pixels, width: int, height: int) -> Pixels:
    deep = data.view("<u2").reshape(height, width)
    return np.asarray(cv2.cvtColor((deep >> 8).astype(np.uint8), cv2.COLOR_GRAY2BGR), np.uint8)


def _two_planes(data: Pixels, width: int, height: int, conversion: int) -> Pixels:
    luma = data[: width * height].reshape(height, width)
    chroma = data[width * height :].reshape(height // 2, width // 2, 2)
    return np.asarray(cv2.cvtColorTwoPlane(luma, chroma, conversion), np.uint8)


def _turbojpeg() -> dict[str, Way]:
    with suppress(ImportError, RuntimeError):
        from turbojpeg import TurboJPEG

        library = TurboJPEG()
        return {"PyTurboJPEG": lambda data, w, h: library.decode(data.tobytes())}
    return {}


def _cost_ms(way: Way, data: Pixels, size: tuple[int, int], runs: int) -> float:
    data = data.copy()
    data.setflags(write=False)
    costs = []
    for _ in range(runs + 3):
        begin_s = time.perf_counter()
        way(data, *size)
        costs.append((time.perf_counter() - begin_s) * 1000)
    return statistics.median(costs[3:])


def _spoilt(jpeg: Pixels) -> Iterator[list[Pixels]]:
    """Cut at a hundred places; a hundred with one byte of 2,000 overwritten."""
    dice = np.random.default_rng(2)
    yield [jpeg[: dice.integers(1000, jpeg.size - 2)] for _ in range(100)]
    overwritten = [jpeg.copy() for _ in range(100)]
    for one in overwritten:
        places = dice.integers(700, jpeg.size - 2, jpeg.size // 2000)
        one[places] = dice.integers(0, 256, places.size)
    yield overwritten


def _refuses(way: Way, jpeg: Pixels, width: int, height: int) -> bool:
    try:
        return way(jpeg, width, height) is None
    except (Damaged, ValueError, OSError, cv2.error):
        return True


if __name__ == "__main__":
    main()
