"""Videos masked as the product masks them, by detectors that answer what a test tells them."""

from collections.abc import Callable
from pathlib import Path

from masking.settings import MaskingSettings
from models.box import Box
from tests.masking.stand_ins import Detector, finds
from tests.videos import Image
from vision_app.mask.report import Report
from vision_app.mask.video import mask_video

FACE = Box(20, 10, 36, 26, 0.9)
SETTINGS = MaskingSettings(grow=1.0, timeout_s=30)


def masked(
    source: Path,
    target: Path,
    answer: Callable[[Image], list[Box]] | None = None,
    audio: bool = False,
    settings: MaskingSettings = SETTINGS,
) -> Report:
    """mask_video with two detectors that answer so; by default each finds FACE in each picture."""
    detectors = [Detector(answer) if answer else finds(FACE) for _ in range(2)]
    return mask_video(source, target, settings, detectors, audio)
