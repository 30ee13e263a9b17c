"""A camera that is a file: a video, an image, or a folder of them, once or round and round."""

import time
from collections import Counter
from collections.abc import Generator, Mapping
from datetime import datetime, timezone
from pathlib import Path
from threading import Event
from typing import NamedTuple

import cv2
import numpy as np

from devices.closeable import Closeable
from devices.errors import DeviceLost, DeviceUnavailable, EndOfSource, NothingYet
from devices.files.quiet_decoders import hush_decoders
from devices.frame import Frame
from devices.pixels import Damaged, Pixels, decode_file
from devices.settings import CameraSettings

IMAGES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff")
VIDEOS = (".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mjpg", ".ts")
MAX_FPS = 1000.0


class Shot(NamedTuple):
    """A picture and how long it is shown."""

    pixels: Pixels
    show_s: float


class FileCamera(Closeable):
    """Plays settings.source as if it were filmed now.

    A video comes at its own rate, images at settings.fps; with settings.paced false, all come as
    fast as they are read. Pictures keep their own size: settings.width and height are not heeded.
    A folder is played in the order of names; what by its ending is no image or video is ignored.

    losses: damaged, a file that holds no whole picture; it takes a frame number and is passed over.
    """

    def __init__(self, settings: CameraSettings, first_seq: int = 0) -> None:
        hush_decoders()
        self._settings = settings
        self._files = _files(settings)
        self._losses: Counter[str] = Counter()
        self._seq = first_seq
        self._shots = self._play()
        self._next = next(self._shots, None)
        if self._next is None:
            raise DeviceUnavailable(
                f"camera {settings.name}: {settings.source} holds no picture that can be read; "
                "give an image, a video or a folder of them"
            )
        height, width, _ = self._next.pixels.shape
        rate = f"at {1 / self._next.show_s:.4g} fps" if settings.paced else "as fast as possible"
        self._mode = f"file {width}x{height} {rate}"
        self._due_s = time.monotonic()
        self._closed = Event()

    @property
    def losses(self) -> Mapping[str, int]:
        """Frames lost since opening, by reason."""
        return dict(self._losses)

    @property
    def mode(self) -> str:
        """Size and rate of the first picture: "file 1280x720 at 25 fps"."""
        return self._mode

    def read(self, timeout_s: float) -> Frame:
        """The next picture, when its time has come; raises NothingYet, EndOfSource, DeviceLost."""
        shot = self._shot()
        self._wait(timeout_s)
        self._next = None
        now_s = time.monotonic()
        self._due_s = max(self._due_s + shot.show_s, now_s)
        self._seq += 1
        now = datetime.now(timezone.utc)
        return Frame(shot.pixels, self._settings.name, self._seq - 1, now, now_s)

    def close(self) -> None:
        """Closes the file that is being played."""
        self._closed.set()
        self._shots.close()

    def _shot(self) -> Shot:
        """The picture that is due next, decoded before its time."""
        if self._closed.is_set():
            raise DeviceLost(f"camera {self._settings.name} is closed")
        self._next = self._next or next(self._shots, None)
        if self._next is None:
            name, source = self._settings.name, self._settings.source
            if self._settings.loop:
                raise DeviceLost(f"camera {name}: {source} holds no pictures any more")
            raise EndOfSource(f"camera {name}: {source} has been played to its end")
        return self._next

    def _wait(self, timeout_s: float) -> None:
        ahead_s = self._due_s - time.monotonic() if self._settings.paced else 0.0
        self._closed.wait(max(0.0, min(ahead_s, timeout_s)))
        if ahead_s > timeout_s:
            raise NothingYet(f"camera {self._settings.name}: no frame within {timeout_s:g} s")

    def _play(self) -> Generator[Shot, None, None]:
        """All pictures in order, once or round and round; a round without any is the last."""
        again = True
        while again:
            again = False
            for path in self._files:
                shown = False
                for shot in _shots(path, 1 / self._settings.fps):
                    yield shot
                    shown = True
                if not shown:
                    self._losses["damaged"] += 1
                    self._seq += 1
                again = again or (shown and self._settings.loop)


def _files(settings: CameraSettings) -> tuple[Path, ...]:
    """The files to play, in order."""
    source = Path(settings.source)
    if source.is_dir():
        found = sorted(p for p in source.iterdir() if p.suffix.lower() in IMAGES + VIDEOS)
        if not found:
            raise DeviceUnavailable(
                f"camera {settings.name}: the folder {source} holds no image or video "
                f"({' '.join(IMAGES + VIDEOS)})"
            )
        return tuple(found)
    if not source.exists():
        raise DeviceUnavailable(f"camera {settings.name}: there is no file or folder {source}")
    return (source,)


def _shots(path: Path, image_s: float) -> Generator[Shot, None, None]:
    """The pictures of one file; none when it is damaged."""
    if path.suffix.lower() in IMAGES:
        try:
            yield Shot(decode_file(path.read_bytes()), image_s)
        except (OSError, Damaged):
            return
    else:
        yield from _video(path, image_s)


def _video(path: Path, default_s: float) -> Generator[Shot, None, None]:
    video = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    try:
        fps = video.get(cv2.CAP_PROP_FPS)
        show_s = 1 / fps if 0 < fps <= MAX_FPS else default_s
        while True:
            got, image = video.read()
            if not got:
                return
            yield Shot(np.asarray(image, np.uint8), show_s)
    finally:
        video.release()
