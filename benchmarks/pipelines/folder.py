"""Part `folder`: `vision-app mask` beside deface 1.5.0, one network, the same pictures."""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.leaks.deface import program
from benchmarks.leaks.row import DATA
from benchmarks.pipelines.film import FULL_HD, Size
from benchmarks.pipelines.row import Asked, Row
from vision_app.config import data_folder

PICTURES, QUICK_PICTURES = 300, 40
QUALITY = 92
PHOTOGRAPHS = DATA / "faces" / "images"
SIZES = (Size(640, 360), Size(1280, 720), FULL_HD)
"""At which CenterFace sees a picture; the last is what deface does by itself."""
BACKENDS = ("opencv", "onnxrt")
TRIED = 20
"""On so many pictures it is tried which of deface's backends is the faster one."""
CONFIG = """
[catalogue]
cache = "{cache}"
[masking]
detector = "centerface"
max_side = {side}
"""


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of a whole command, and of processor time of all that it started."""

    wall_s: float
    cpu_s: float


def rows(asked: Asked) -> Iterator[Row]:
    """At each size; then ours as it is by default, with all its looks."""
    pictures = _pictures(asked.folder, asked.some(PICTURES, QUICK_PICTURES))
    for size in SIZES:
        backend = min(BACKENDS, key=lambda b: _deface(pictures[:TRIED], size, b).wall_s)
        theirs = _deface(pictures, size, backend)
        ours = _ours(asked.folder, size.width, "--once")
        yield _beside(size, backend, theirs, ours, len(pictures))
    whole = _ours(asked.folder, 0)
    yield Row(
        f"  by default: two detectors, closer, and a judge; {len(pictures)} pictures",
        "",
        _told(whole, len(pictures)),
        "`vision-app mask` without --once and with its own detectors",
    )


def _beside(size: Size, backend: str, theirs: Took, ours: Took, count: int) -> Row:
    faster, part = theirs.wall_s / ours.wall_s, ours.cpu_s / theirs.cpu_s
    return Row(
        f"{count} JPEGs of 1080p, CenterFace sees them at {size.width}x{size.height}",
        "≥ 4 × as many a second, ≤ 0.25 of the CPU",
        f"{faster:.1f} ×, {part:.2f} of the CPU",
        f"ours (--once): {_told(ours, count)}; deface ({backend}): {_told(theirs, count)}",
    )


def _told(took: Took, count: int) -> str:
    return f"{count / took.wall_s:.1f} a second, {took.cpu_s * 1000 / count:.0f} ms of CPU each"


def _pictures(folder: Path, count: int) -> list[Path]:
    """Photographs with faces, cut to 1920x1080, over and over, each time a little elsewhere."""
    (folder / "in").mkdir()
    found = [one for one in map(_photograph, sorted(PHOTOGRAPHS.iterdir())) if one is not None]
    paths = []
    for number in range(count):
        pixels = np.roll(found[number % len(found)], 8 * (number // len(found)), axis=1)
        paths.append(folder / "in" / f"{number:04}.jpg")
        cv2.imwrite(str(paths[-1]), pixels, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return paths


def _photograph(path: Path) -> NDArray[np.uint8] | None:
    pixels = cv2.imread(str(path))
    if pixels is None:
        return None
    scale = max(FULL_HD.width / pixels.shape[1], FULL_HD.height / pixels.shape[0])
    large = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    top, left = (large.shape[0] - FULL_HD.height) // 2, (large.shape[1] - FULL_HD.width) // 2
    part = large[top : top + FULL_HD.height, left : left + FULL_HD.width]
    return np.asarray(part, np.uint8)


def _deface(pictures: Sequence[Path], size: Size, backend: str) -> Took:
    """Its outputs, which lie beside the inputs, are removed again. Solid: to blur takes longer."""
    words = ["--backend", backend, "--boxes", "--replacewith", "solid"]
    if size != FULL_HD:
        words += ["--scale", f"{size.width}x{size.height}"]
    took = _took(program(), *map(str, pictures), *words)
    for picture in pictures:
        picture.with_name(f"{picture.stem}_anonymized.jpg").unlink()
    return took


def _ours(folder: Path, side: int, *words: str) -> Took:
    out, told = folder / "out", folder / "mask.toml"
    config = CONFIG.format(cache=data_folder() / "models", side=side)
    told.write_text(config if side else config.partition("[masking]")[0])
    mask = str(Path(sys.executable).with_name("vision-app"))
    took = _took(mask, "mask", str(folder / "in"), str(out), "-c", str(told), *words)
    rmtree(out)
    return took


def _took(*command: str) -> Took:
    """onnxruntime reports to its makers unless it is told not to."""
    environment = {**os.environ, "ORT_DISABLE_TELEMETRY": "1"}
    before, begin_s = _children_s(), time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    took = Took(time.perf_counter() - begin_s, _children_s() - before)
    if done.returncode:
        raise SystemExit(f"{command[0]}: {done.stderr[-500:]}")
    return took


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
