"""The pictures of a video file, decoded by the ffmpeg program in a process of its own."""

import os
import subprocess
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, cast

from devices.errors import VideoBroken
from devices.files.matroska import pictures
from devices.files.video_facts import SAFE, VideoFacts, complaint, no_ffmpeg, of_the_file
from devices.frame import Frame

CAMERA = "video"
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
"""When every video begins: when it was filmed is nobody's business."""
CLOCK = "1:90000"
MILLISECOND = 0.001
END_S = 10.0
HEAD_BYTES = 4096


def frames(path: Path, facts: VideoFacts) -> Generator[Frame, None, None]:
    """Its pictures in order and upright; captured_s are seconds since the beginning of the file.

    Raises VideoBroken, at the place where ffmpeg notices that the file is cut or damaged; what is
    left of such a file is not played on. ProgramMissing where there is no ffmpeg.
    """
    number = -1
    with _decoder(path) as (stream, complaints):
        for number, (told_s, pixels) in enumerate(pictures(stream)):
            _check(complaints, path)
            at_s = _on_grid(told_s, facts)
            yield Frame(pixels, CAMERA, number, EPOCH + timedelta(seconds=at_s), at_s)
    if number < 0:
        raise VideoBroken("it holds no picture")
    if _avi_is_cut(path):
        raise VideoBroken("it is cut: its header tells of more than there is")


@contextmanager
def _decoder(path: Path) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """Raw pictures, and what ffmpeg complains of; it has ended well when the block has."""
    with TemporaryFile() as complaints:
        try:
            process = subprocess.Popen(
                _command(path),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=complaints,
                start_new_session=True,
            )
        except FileNotFoundError:
            raise no_ffmpeg() from None
        with process:
            try:
                yield cast(BinaryIO, process.stdout), cast(BinaryIO, complaints)
                status = process.wait(END_S)
            except subprocess.TimeoutExpired:
                raise VideoBroken("ffmpeg does not get done with it") from None
            finally:
                process.kill()
        _check(cast(BinaryIO, complaints), path, status)


def _command(path: Path) -> tuple[str, ...]:
    """V:0 is the first video that is no cover picture; ffmpeg turns it upright by itself."""
    return (
        "ffmpeg", "-nostdin", "-hide_banner", "-v", "error", "-xerror",
        *SAFE, "-i", of_the_file(path),
        "-map", "0:V:0", "-c:v", "rawvideo", "-pix_fmt", "bgr24",
        "-enc_time_base", CLOCK, "-allow_raw_vfw", "1", "-write_crc32", "0",
        "-f", "matroska", "pipe:1",
    )  # fmt: skip


def _check(complaints: BinaryIO, path: Path, status: int = 0) -> None:
    """Raises VideoBroken for any complaint: ffmpeg ends well over many a damaged file."""
    if status or os.fstat(complaints.fileno()).st_size:
        complaints.seek(0)
        why = complaint(complaints.read(HEAD_BYTES), path)
        raise VideoBroken(f"it is cut or damaged ({why}); ffmpeg -i IN OUT may rescue what is left")


def _on_grid(told_s: float, facts: VideoFacts) -> float:
    """The time to more than the millisecond in which it is told, where the pictures are steady."""
    exact_s = float(round(told_s * facts.rate) / facts.rate)
    return exact_s if abs(exact_s - told_s) <= MILLISECOND else told_s


def _avi_is_cut(path: Path) -> bool:
    """ffmpeg takes the end of such a file for the end of the video."""
    with path.open("rb") as file:
        head = file.read(12)
    claimed = int.from_bytes(head[4:8], "little") + 8
    return head[:4] == b"RIFF" and head[8:12] == b"AVI " and path.stat().st_size < claimed
