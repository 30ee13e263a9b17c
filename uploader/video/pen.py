"""The second pen: the only place where pixels become a video file, and only masked ones do."""

import os
import subprocess
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, cast

import numpy as np

from masking.masked_frame import MaskedFrame
from uploader.errors import NotMasked, VideoNotWritten
from uploader.video.form import Sound, VideoForm, encoding
from uploader.video.matroska import block, head

FINISH_S = 600.0
"""ffmpeg holds back dozens of pictures, and a slow board takes seconds for each."""
HEAD_BYTES = 4096


class VideoPen:
    """Writes masked frames to a file, by the ffmpeg program in a process of its own.

    The file has nothing else of its source: no metadata, chapters, subtitles or data, and no sound
    unless it is asked for. What is not finished must not be kept: the file may look whole before.
    """

    def __init__(self, out: Path, form: VideoForm, sound: Sound | None = None) -> None:
        """out: is overwritten. Raises VideoNotWritten where there is no ffmpeg."""
        self._form = form
        self._complaints = TemporaryFile()  # noqa: SIM115 - closed in close
        try:
            self._process = subprocess.Popen(
                encoding(out, form, sound, _own_times()),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=self._complaints,
                start_new_session=True,
            )
        except FileNotFoundError:
            self._complaints.close()
            raise VideoNotWritten("videos need the program ffmpeg: apt install ffmpeg") from None
        self._pipe = cast(IO[bytes], self._process.stdin)
        self._send(head(form.width, form.height, form.rate))

    def write(self, masked: MaskedFrame, at_s: float) -> None:
        """The next frame, shown at_s seconds after the beginning; redacted ones are wholly covered.

        Raises NotMasked for anything whose type is not exactly MaskedFrame, and VideoNotWritten
        when the disk is full or ffmpeg ends.
        """
        if type(masked) is not MaskedFrame:
            raise NotMasked(f"only a MaskedFrame is ever encoded, not a {type(masked).__name__}")
        pixels = np.ascontiguousarray(masked.pixels)
        if pixels.shape != (self._form.height, self._form.width, 3):
            raise VideoNotWritten("its pictures change their size on the way")
        self._send(block(at_s, pixels.nbytes), pixels.data.cast("B"))

    def finish(self) -> None:
        """Waits until the file is whole. Raises VideoNotWritten when it does not become so."""
        try:
            self._pipe.close()
            status = self._process.wait(FINISH_S)
        except BrokenPipeError:
            raise self._loss() from None
        except subprocess.TimeoutExpired:
            raise VideoNotWritten(f"ffmpeg does not finish it within {FINISH_S:g} s") from None
        if status or os.fstat(self._complaints.fileno()).st_size:
            raise self._loss()

    def close(self) -> None:
        """Ends ffmpeg where it still runs; may be called twice."""
        self._process.kill()
        self._process.wait()
        self._complaints.close()
        with suppress(BrokenPipeError):
            self._pipe.close()

    def __enter__(self) -> "VideoPen":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _send(self, *parts: bytes | memoryview) -> None:
        try:
            for part in parts:
                self._pipe.write(part)
        except BrokenPipeError:
            raise self._loss() from None

    def _loss(self) -> VideoNotWritten:
        """What ffmpeg complained of first."""
        self._process.wait()
        self._complaints.seek(0)
        lines = self._complaints.read(HEAD_BYTES).decode("utf-8", "replace").splitlines()
        status = self._process.returncode
        return VideoNotWritten(f"ffmpeg: {lines[0].strip() if lines else f'ended with {status}'}")


@cache
def _own_times() -> tuple[str, str]:
    """Every frame at its own time; ffmpeg 5.1 began to call this otherwise."""
    words = ("ffmpeg", "-hide_banner", "-h", "long")
    help_ = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, check=False).stdout
    return ("-fps_mode" if b"-fps_mode" in help_ else "-vsync", "passthrough")
