"""How long it takes to mask a film of 1080p, beside deface with the same codec settings."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.leaks.deface import deface_video
from benchmarks.leaks.row import DATA, Asked, Row
from devices.boards.limits import usable_cores
from uploader.video.containers import CONTAINERS

VIDEOS = DATA / "faces" / "video"
PHOTOGRAPHS = DATA / "faces" / "images"
FRAMES, RATE, ROUNDS = 500, 25, 2
PIECES = (
    ("-i", VIDEOS / "facenet-pyto__video.mp4"),
    ("-i", VIDEOS / "sample-video__one-by-one-person-detection.mp4"),
    ("-loop", "1", "-i", PHOTOGRAPHS / "deep_privacy2__regjeringen.jpg"),
    ("-loop", "1", "-i", PHOTOGRAPHS / "deface__city.jpg"),
)
"""People who talk, people who walk, and two photographs of many, over which a camera pans."""
SECONDS = (4, 6, 5, 5)
CODEC = CONTAINERS[".mp4"].codec
BACKENDS = ("onnxrt", "opencv")
DETECTION = ("--scale", "640x360")
SETTINGS = f'[masking]\nmax_side = 640\n\n[catalogue]\nmirror = "{DATA / "models"}"\n'


@dataclass(frozen=True, slots=True)
class Took:
    """wall_s: from start to end. cpu_s: of all its processes."""

    wall_s: float
    cpu_s: float

    def __str__(self) -> str:
        return f"{self.wall_s:.1f} s"


def rows(asked: Asked) -> Iterator[Row]:
    """Each as a command, with all that starting it takes; the quickest of two rounds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        film, settings = folder / "film.mp4", folder / "settings.toml"
        settings.write_text(SETTINGS)
        frames = FRAMES // asked.every
        _make(film, frames)
        runs: dict[str, list[Took]] = {who: [] for who in (*BACKENDS, "ours", "encoding")}
        for _ in range(ROUNDS):
            for backend in BACKENDS:
                runs[backend].append(_timed(partial(_deface, film, backend)))
            runs["ours"].append(_timed(partial(_ours, film, settings)))
            runs["encoding"].append(_timed(partial(_encode, film)))
        yield _row(
            {who: min(took, key=lambda one: one.wall_s) for who, took in runs.items()}, frames
        )


def _row(best: dict[str, Took], frames: int) -> Row:
    theirs = min((best[backend] for backend in BACKENDS), key=_wall_s)
    ours, encoding = best["ours"], best["encoding"]
    beside = (
        f"{' '.join(CODEC)}; on {usable_cores()} cores; processor time {theirs.cpu_s:.0f} s, ours "
        f"{ours.cpu_s:.0f} s, of which decoding and encoding without a look take "
        f"{encoding.cpu_s:.0f} s ({encoding} alone)"
    )
    return Row(
        f"{frames} frames of 1080p at detection size 640x360, wall time",
        ", ".join(f"{best[backend]} ({backend})" for backend in BACKENDS),
        f"{ours}: {ours.wall_s / theirs.wall_s:.2f} of its faster",
        "≤ 0.4",
        beside,
    )


def _wall_s(took: Took) -> float:
    return took.wall_s


def _make(film: Path, frames: int) -> None:
    """The same film always, but for the version of ffmpeg."""
    pieces = []
    for number, seconds in enumerate(SECONDS):
        pan = f"x='(iw-1920)*min(t/{seconds},1)':y='(ih-1080)/2'"
        pieces.append(
            f"[{number}:v]fps={RATE},trim=duration={seconds},"
            f"scale=2304:1296:force_original_aspect_ratio=increase,crop=1920:1080:{pan},"
            f"setsar=1,format=yuv420p[p{number}]"
        )
    joined = "".join(f"[p{number}]" for number in range(len(PIECES)))
    graph = ";".join((*pieces, f"{joined}concat=n={len(PIECES)}:v=1[out]"))
    words = [str(word) for piece in PIECES for word in piece]
    codec = ("-c:v", "libx264", "-crf", "18", "-preset", "veryfast")
    _run("ffmpeg", "-v", "error", *words, "-filter_complex", graph, "-map", "[out]",
         *codec, "-frames:v", str(frames), str(film))  # fmt: skip


def _deface(film: Path, backend: str) -> None:
    codec = {"codec": "libx264", "quality": None, "macro_block_size": 1}
    output = film.with_name("deface.mp4")
    words = (*DETECTION, "--backend", backend)
    deface_video(film, output, {**codec, "output_params": list(CODEC[2:])}, words)
    output.unlink()


def _ours(film: Path, settings: Path) -> None:
    program, output = Path(sys.executable).with_name("vision-app"), film.with_name("ours.mp4")
    _run(str(program), "mask", str(film), str(output), "--config", str(settings))
    output.unlink()


def _encode(film: Path) -> None:
    output = str(film.with_name("encoded.mp4"))
    _run("ffmpeg", "-v", "error", "-y", "-i", str(film), *CODEC, "-pix_fmt", "yuv420p", output)


def _timed(work: Callable[[], None]) -> Took:
    begin_s, before = time.perf_counter(), os.times()
    work()
    after = os.times()
    cpu_s = sum(after[2:4]) - sum(before[2:4])
    return Took(time.perf_counter() - begin_s, cpu_s)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command[:3])}: {done.stderr[-500:]}")
