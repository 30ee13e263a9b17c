"""What masking costs the processor: a camera's frames with faces, and the fill of many faces."""

import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime, timezone

import cv2
import numpy as np

from benchmarks.leaks.deface import Pixels, detector_cost_ms
from benchmarks.leaks.live import default_live
from benchmarks.leaks.row import DATA, Asked, Row
from devices.frame import Frame
from masking.fill import fill
from masking.masker import Masker
from masking.settings import MaskingSettings
from models.box import Box

VIDEO = DATA / "faces" / "video" / "facenet-pyto__video.mp4"
"""People who talk, by a television camera: one to three faces in each frame."""
WIDTH, HEIGHT = 1280, 720
WARM = 5
FACES, FACE_WIDTH, FACE_HEIGHT = 20, 80, 100
RUNS = 400


def rows(asked: Asked) -> Iterator[Row]:
    """The whole way of a frame through the masker as it is configured by default, and the fill."""
    yield _live(_footage()[:: asked.every])
    yield _fill(RUNS // asked.every)


def _live(footage: Sequence[Pixels]) -> Row:
    """Processor time of all threads, of one thread each."""
    settings = MaskingSettings()
    cv2.setNumThreads(1)
    live, detector = default_live(settings)
    with closing(detector) as opened, closing(Masker(opened, settings)) as masker:
        masker.every = live.every
        costs_ms, masked, redacted = _masked(masker, footage)
        told = live.told(opened, settings.budget_ms)
    theirs = detector_cost_ms(footage[0])
    beside = (
        f"{told}; {masked} of {len(footage)} frames have faces covered, {redacted} were redacted; "
        f"dearest frame {max(costs_ms):.1f}. deface: its detector alone, by backend"
    )
    return Row(
        "live path, CPU-ms per 720p frame, one thread",
        ", ".join(f"{ms:.0f} ({backend})" for backend, ms in theirs.items()),
        f"{statistics.mean(costs_ms):.1f}",
        "≤ 12",
        beside,
    )


def _masked(masker: Masker, footage: Sequence[Pixels]) -> tuple[list[float], int, int]:
    """Costs of frames, ms; and how many had faces covered, how many were redacted."""
    costs_ms, done = [], []
    for seq, pixels in enumerate([*footage[:WARM], *footage]):
        frame = Frame(pixels, "video", seq, datetime.now(timezone.utc), time.monotonic())
        begin_s = time.process_time()
        done += masker.mask(frame)
        costs_ms.append((time.process_time() - begin_s) * 1e3)
    done = (done + masker.flush())[WARM:]
    with_faces = sum(one.faces > 0 for one in done)
    return costs_ms[WARM:], with_faces, sum(one.redacted for one in done)


def _fill(runs: int) -> Row:
    pixels = np.zeros((1080, 1920, 3), np.uint8)
    places = np.random.default_rng(0).integers((24, 30), (1816, 950), (FACES, 2))
    faces = [Box(x, y, x + FACE_WIDTH, y + FACE_HEIGHT, 1.0) for x, y in places.tolist()]
    grown = [face.grown(MaskingSettings().grow) for face in faces]
    took_ms = []
    for _ in range(runs):
        begin_s = time.perf_counter()
        fill(pixels, grown)
        took_ms.append((time.perf_counter() - begin_s) * 1e3)
    return Row(
        f"fill of {FACES} faces at 1080p, solid, ms",
        "",
        f"{statistics.median(took_ms):.3f}",
        "≤ 0.1",
        f"faces of {FACE_WIDTH}x{FACE_HEIGHT}; covered area {(pixels[..., 0] > 0).mean():.1%}",
    )


def _footage() -> list[Pixels]:
    """The frames of the video, BGR, at the size of the live path."""
    video, frames = cv2.VideoCapture(str(VIDEO)), []
    while (read := video.read())[0]:
        frames.append(np.asarray(cv2.resize(read[1], (WIDTH, HEIGHT)), np.uint8))
    video.release()
    return frames
