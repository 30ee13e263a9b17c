"""Small videos made by the ffmpeg program, and what is in the videos that came out."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.parts import need

WIDTH, HEIGHT, FRAMES = 64, 48, 12
VP9 = ("-c:v", "libvpx-vp9", "-b:v", "200k")

Image = NDArray[np.uint8]


def ffmpeg(*words: str | Path) -> None:
    """Runs it; what it complains of fails the test."""
    need("ffmpeg (apt install ffmpeg)", shutil.which("ffmpeg"))
    subprocess.run(("ffmpeg", "-v", "error", "-y", *map(str, words)), check=True)


def film(
    path: Path,
    *words: str | Path,
    size: str = f"{WIDTH}x{HEIGHT}",
    rate: str = "25",
    frames: int = FRAMES,
    codec: tuple[str, ...] = ("-c:v", "libx264", "-pix_fmt", "yuv420p"),
) -> Path:
    """A moving test picture; words: more for ffmpeg before the name of the output."""
    picture = ("-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}")
    ffmpeg(*picture, *words, *codec, "-frames:v", str(frames), path)
    return path


def probed(path: Path) -> dict[str, Any]:
    """Everything that ffprobe finds in a file."""
    words = ("-count_frames", "-show_streams", "-show_format", "-show_chapters", "-of", "json")
    done = subprocess.run(
        ("ffprobe", "-v", "error", *words, path), capture_output=True, check=True, text=True
    )
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def picture_stream(path: Path) -> Mapping[str, Any]:
    """The one stream that there is."""
    (stream,) = probed(path)["streams"]
    found: Mapping[str, Any] = stream
    return found


def times_s(path: Path) -> list[float]:
    """When each picture is shown."""
    words = (
        "-select_streams",
        "V:0",
        "-show_entries",
        "frame=best_effort_timestamp_time",
        "-of",
        "csv=p=0",
    )
    done = subprocess.run(
        ("ffprobe", "-v", "error", *words, path), capture_output=True, check=True, text=True
    )
    return sorted(float(line.strip(",")) for line in done.stdout.split())


def pictures(path: Path, width: int = WIDTH, height: int = HEIGHT) -> Image:
    """(frames, height, width, 3), BGR, as a player shows them."""
    words = ("-map", "0:V:0", "-f", "rawvideo", "-pix_fmt", "bgr24", "pipe:1")
    done = subprocess.run(("ffmpeg", "-v", "error", "-i", path, *words), capture_output=True)
    return np.frombuffer(done.stdout, np.uint8).reshape(-1, height, width, 3)
