"""What a video file says of itself, before any picture of it is decoded."""

import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from devices.errors import ProgramMissing, VideoBroken
from devices.pixels import MAX_SIDE

LIMIT_S = 60.0
UNKNOWN_RATE = Fraction(25)
MAX_RATE = 1000
FINEST = 1001
"""Rates are multiples of 1/1001: 30000/1001 is what television calls 29.97."""
SAFE = (
    "-protocol_whitelist", "file",
    "-format_whitelist", "mov,matroska,avi,mpegts,mpeg,mpegvideo,mjpeg",
)  # fmt: skip
"""A file that is only a list of other files or addresses is not followed."""

_PART = re.compile(r"^(\[[^\]]+\]\s*)+")

Said = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """Of the first video stream that is no cover picture.

    rate: the finest grid of frames per second on which its pictures lie. average: per second of
    its length. frames: about how many; None when untold. pixel_shape: width of a pixel by its
    height, upright. matrix, primaries, transfer: how its colours are meant, in ffmpeg's words, ""
    when untold. audio: whether it has sound.
    """

    rate: Fraction
    average: Fraction
    frames: int | None
    pixel_shape: Fraction
    matrix: str
    primaries: str
    transfer: str
    audio: bool


def video_facts(path: Path) -> VideoFacts:
    """Raises VideoBroken for what ffmpeg cannot read, ProgramMissing where there is no ffmpeg."""
    said = _probed(path)
    streams = said.get("streams", [])
    videos = [stream for stream in streams if _is_video(stream)]
    if not videos:
        raise VideoBroken("it holds no moving pictures")
    video = videos[0]
    if max(int(video.get("width", 0)), int(video.get("height", 0))) > MAX_SIDE:
        raise VideoBroken(f"its pictures have more than {MAX_SIDE} pixels a side")
    rate = _rate(video.get("r_frame_rate")) or _rate(video.get("avg_frame_rate")) or UNKNOWN_RATE
    average = _rate(video.get("avg_frame_rate")) or rate
    return VideoFacts(
        rate,
        average,
        _frames(video, said.get("format", {}), average),
        _pixel_shape(video),
        _told(video.get("color_space")),
        _told(video.get("color_primaries")),
        _told(video.get("color_transfer")),
        any(stream.get("codec_type") == "audio" for stream in streams),
    )


def of_the_file(path: Path) -> str:
    """As ffmpeg takes it, whatever signs are in its name."""
    return f"file:{path}"


def complaint(said: bytes, path: Path) -> str:
    """What ffmpeg complained of first, as a clause: without the file's name and its own parts."""
    lines = said.decode("utf-8", "replace").strip().splitlines() or ["it does not say why"]
    return _PART.sub("", lines[0]).removeprefix(f"{of_the_file(path)}: ").strip()


def _probed(path: Path) -> Said:
    command = (
        "ffprobe", "-v", "error", *SAFE, "-show_streams", "-show_format", "-of", "json",
        of_the_file(path),
    )  # fmt: skip
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT_S, check=False
        )
    except FileNotFoundError:
        raise no_ffmpeg() from None
    except subprocess.TimeoutExpired:
        raise VideoBroken(f"ffprobe does not get done with it within {LIMIT_S:g} s") from None
    if done.returncode:
        raise VideoBroken(f"ffmpeg cannot read it: {complaint(done.stderr, path)}")
    said: Said = json.loads(done.stdout)
    return said


def no_ffmpeg() -> ProgramMissing:
    """One sentence for everybody who needs it."""
    return ProgramMissing("videos need the programs ffmpeg and ffprobe: apt install ffmpeg")


def _is_video(stream: Said) -> bool:
    return stream.get("codec_type") == "video" and not stream["disposition"]["attached_pic"]


def _rate(text: str | None) -> Fraction | None:
    number = _fraction(text or "", "/")
    if number is None or not 0 < number <= MAX_RATE:
        return None
    return number.limit_denominator(FINEST)


def _fraction(text: str, sign: str) -> Fraction | None:
    above, _, below = text.partition(sign)
    if not (above.isdecimal() and below.isdecimal()) or not int(below):
        return None
    return Fraction(int(above), int(below))


def _frames(video: Said, whole: Said, average: Fraction) -> int | None:
    count = str(video.get("nb_frames", ""))
    if count.isdecimal():
        return int(count)
    duration = video.get("duration") or whole.get("duration")
    return round(float(duration) * average) if duration else None


def _pixel_shape(video: Said) -> Fraction:
    shape = _fraction(video.get("sample_aspect_ratio", ""), ":") or Fraction(1)
    lying = any(abs(turn) % 180 == 90 for turn in _turns(video.get("side_data_list", ())))
    return 1 / shape if lying else shape


def _turns(side_data: Sequence[Said]) -> list[int]:
    """By how many degrees a picture is to be turned before it is shown."""
    return [int(data.get("rotation", 0)) for data in side_data]


def _told(word: str | None) -> str:
    return "" if word in (None, "unknown", "reserved") else str(word)
