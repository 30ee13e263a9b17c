"""Runs deface 1.5.0, beside which the product is measured, in an environment of its own.

With onnx and onnxruntime; `--backend opencv` among the words takes its other backend.
"""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.leaks.own_venv import own_venv

REQUIREMENTS = ("deface==1.5.0", "onnx", "onnxruntime")
SOLID = ("--replacewith", "solid", "--boxes")
"""What covers whole boxes; without it, it blurs ellipses."""

DefaceFill = Literal["blur", "mosaic", "solid"]
Pixels = NDArray[np.uint8]
Corners = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Defaced:
    """outputs: a file for each input, in its order. wall_s: from its start to its end."""

    outputs: tuple[Path, ...]
    wall_s: float


def deface_pictures(pictures: Sequence[Path], folder: Path, words: Sequence[str] = ()) -> Defaced:
    """Its command over pictures, whose masked copies, of the same format, lie in folder."""
    folder.mkdir(parents=True, exist_ok=True)
    inputs = [folder / f"{n:05}{picture.suffix}" for n, picture in enumerate(pictures)]
    for link, picture in zip(inputs, pictures, strict=True):
        link.symlink_to(picture.resolve())
    outputs = tuple(folder / f"{link.stem}_anonymized{link.suffix}" for link in inputs)
    return _defaced(outputs, *map(str, inputs), *words)


def deface_video(
    video: Path, output: Path, codec: Mapping[str, object], words: Sequence[str] = ()
) -> Defaced:
    """Its command over one video. codec: as its --ffmpeg-config. words: `--scale 640x360`, ..."""
    settings = ("--ffmpeg-config", json.dumps(codec))
    return _defaced((output,), str(video), "--output", str(output), *settings, *words)


def deface_fill(
    jobs: Sequence[tuple[Pixels, NDArray[np.float64]]], how: DefaceFill
) -> list[Pixels]:
    """Pictures BGR in which it covered the faces (n, 4) that it was told, with its own fill."""
    with tempfile.TemporaryDirectory() as folder:
        tasks: list[dict[str, Any]] = []
        for n, (pixels, faces) in enumerate(jobs):
            raw, masked = f"{folder}/{n}-raw.png", f"{folder}/{n}-masked.png"
            cv2.imwrite(raw, pixels)
            tasks.append({"picture": raw, "output": masked, "faces": faces.tolist(), "how": how})
        job = Path(folder, "job.json")
        job.write_text(json.dumps(tasks))
        _own("fill", str(job))
        return [np.asarray(cv2.imread(task["output"]), np.uint8) for task in tasks]


def detector_cost_ms(pixels: Pixels) -> dict[str, float]:
    """Processor time of its detector for a picture at its own size, by backend, one thread."""
    with tempfile.TemporaryDirectory() as folder:
        picture = f"{folder}/picture.png"
        cv2.imwrite(picture, pixels)
        answer = json.loads(_own("cost", picture).splitlines()[-1])
    return {backend: float(ms) for backend, ms in answer.items()}


def program() -> str:
    """The path of its command, in its own environment, which is made where it is not there."""
    return str(_python().with_name("deface"))


def _defaced(outputs: tuple[Path, ...], *words: str) -> Defaced:
    begin_s = time.perf_counter()
    said = _run(program(), *words)
    took_s = time.perf_counter() - begin_s
    for output in outputs:
        if not output.exists():
            raise SystemExit(f"deface left no {output}: {said[-500:]}")
    return Defaced(outputs, took_s)


def _python() -> Path:
    return own_venv("deface-1.5.0", REQUIREMENTS)


def _own(*words: str) -> str:
    """Isolated, or it would take this file for the program of the same name."""
    return _run(str(_python()), "-I", str(Path(__file__).with_name("in_deface.py")), *words)


def _run(*command: str) -> str:
    """What it prints. onnxruntime reports to its makers unless it is told not to."""
    environment = {**os.environ, "ORT_DISABLE_TELEMETRY": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise SystemExit(f"{' '.join(command[:3])}: {done.stderr[-500:]}")
    return done.stdout
