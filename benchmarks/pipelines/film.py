"""What the measured cameras show: people who talk, by a television camera, as a webcam's JPEGs."""

from functools import cache
from typing import NamedTuple

import cv2

from benchmarks.leaks.row import DATA

VIDEO = DATA / "faces" / "video" / "facenet-pyto__video.mp4"
QUALITY = 85
"""Of the JPEGs; webcams are at about as much."""
FRAMES = 100


class Size(NamedTuple):
    """Of a camera's pictures, pixels."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.height}p"


HD, FULL_HD = Size(1280, 720), Size(1920, 1080)


@cache
def film(size: Size) -> tuple[bytes, ...]:
    """JPEGs of a scene that goes on and back again, so that it has no cut where it is repeated."""
    if not VIDEO.is_file():
        raise SystemExit(f"{VIDEO} is not there, and there is nothing else to measure on")
    video, forward = cv2.VideoCapture(str(VIDEO)), list[bytes]()
    while len(forward) < FRAMES and (read := video.read())[0]:
        pixels = cv2.resize(read[1], size, interpolation=cv2.INTER_AREA)
        forward.append(
            cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()
        )
    video.release()
    return (*forward, *reversed(forward[1:-1]))
