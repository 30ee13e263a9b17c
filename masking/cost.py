"""How much of a core it takes to mask a frame, measured on this machine with the real parts."""

import itertools
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import datetime, timezone

import cv2
import numpy as np
from numpy.typing import NDArray

from devices.frame import Frame
from masking.masker import Masker
from masking.settings import MaskingSettings
from models.bench.usage import processor_s_besides
from models.detectors.drawn_faces import drawn_faces
from models.errors import ModelError
from models.faces import FaceDetector

WIDTH, HEIGHT = 1280, 720
STEP, PLACES = 4, 6
"""Pixels by which the picture moves from frame to frame, and how often until it begins again."""
ROUNDS = 4
ENOUGH_S = 0.2
"""A machine on which the first rounds take longer is judged by those."""
PATIENCE_S = 60.0
FILMED = 1.2
"""A camera's frames cost so many times what drawn ones do: they have noise, and more in them that
may be a face (`python -m benchmarks.privacy --part costs`)."""


def cost_ms(detector: FaceDetector, settings: MaskingSettings, every: int = 1) -> float:
    """Milliseconds of one core for a frame of 1280x720, on average over every n frames, of which
    the detector looks at one; what other threads do meanwhile does not count.

    The least of a few rounds, for a network is slow at first with each new size. Raises ModelError
    when the detector fails.
    """
    frames = _frames()
    others = [one for one in threading.enumerate() if one is not threading.current_thread()]
    until_s = time.monotonic() + ENOUGH_S
    rounds: list[float] = []
    patient = settings.model_copy(update={"timeout_s": PATIENCE_S})
    with closing(Masker(detector, patient)) as masker:
        masker.every = every
        while not rounds or (len(rounds) < ROUNDS and time.monotonic() < until_s):
            begin_s = processor_s_besides(others)
            _mask(masker, itertools.islice(frames, every))
            rounds.append((processor_s_besides(others) - begin_s) * 1000 / every)
    return min(rounds) * FILMED


def _mask(masker: Masker, frames: Iterable[Frame]) -> None:
    for frame in frames:
        for masked in masker.mask(frame):
            if masked.redacted:
                raise ModelError(f"a frame could not be masked: {masked.receipt.reason}")


def _frames() -> Iterator[Frame]:
    """Drawn faces that move a little from frame to frame, without end."""
    wide = cv2.resize(drawn_faces(), (WIDTH + PLACES * STEP, HEIGHT))
    places = [np.ascontiguousarray(wide[:, STEP * n :][:, :WIDTH], np.uint8) for n in range(PLACES)]
    return (_frame(pixels, seq) for seq, pixels in enumerate(itertools.cycle(places)))


def _frame(pixels: NDArray[np.uint8], seq: int) -> Frame:
    return Frame(pixels, "drawn", seq, datetime.now(timezone.utc), time.monotonic())
