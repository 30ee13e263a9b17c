"""Frames of a camera, one after another, and what became of them."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import datetime, timezone

import numpy as np

from devices.frame import Frame
from masking.fill import LEVEL
from masking.masked_frame import MaskedFrame
from masking.masker import Masker
from masking.settings import MaskingSettings
from models.box import Box
from tests.masking.stand_ins import FACE, Detector, Image

FPS = 15
AT = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)
SCENE = np.random.default_rng(1).integers(0, 200, (60, 80, 3), np.uint8)
"""A place that stands still; no pixel has the colour of the cover."""
OTHER_SCENE = np.random.default_rng(9).integers(0, 200, SCENE.shape, np.uint8)

Answer = list[Box] | Exception


def at(number: int, pixels: Image = SCENE, captured_s: float | None = None) -> Frame:
    """The n-th frame of a camera; of one that runs evenly where no time is told."""
    when_s = number / FPS if captured_s is None else captured_s
    return Frame(np.array(pixels), "bench", number, AT, when_s)


def says(*answers: Answer) -> Detector:
    """Answers its looks in turn, and finds nothing after that."""
    left = list(answers)

    def answer(image: Image) -> list[Box]:
        one = left.pop(0) if left else []
        if isinstance(one, Exception):
            raise one
        return one

    return Detector(answer)


def through(
    detector: Detector | None, frames: Iterable[Frame], **masking: object
) -> list[MaskedFrame]:
    """What comes out of a masker, all of it."""
    done = []
    with closing(Masker(detector, MaskingSettings.model_validate(masking))) as masker:
        for frame in frames:
            done += masker.mask(frame)
        return done + masker.flush()


def covered(masked: MaskedFrame, box: Box) -> bool:
    x1, y1, x2, y2 = box.pixels(masked.width, masked.height)
    return bool((masked.pixels[y1 : max(y1, y2), x1 : max(x1, x2)] == LEVEL).all())


def where(done: Sequence[MaskedFrame], box: Box = FACE) -> list[int]:
    """Numbers of the frames in which the place is covered, but not all of the frame."""
    return [one.seq for one in done if not one.redacted and covered(one, box)]


def redacted(done: Sequence[MaskedFrame]) -> list[int]:
    return [one.seq for one in done if one.redacted]
