"""The kinds of video file that can be written, by the ending of their names."""

from collections.abc import Mapping
from dataclasses import dataclass

H264 = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "23")
VP9 = (
    "-c:v", "libvpx-vp9", "-deadline", "good", "-cpu-used", "4", "-row-mt", "1",
    "-crf", "33", "-b:v", "0",
)  # fmt: skip
AVI_H264 = (*H264, "-bf", "0")
"""Pictures of an AVI are in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Container:
    """muxer, codec: in ffmpeg's words. odd_sizes: whether 4:2:0 may have an odd width or height.
    steady: whether pictures can be shown but at the beats of one rate."""

    muxer: str
    codec: tuple[str, ...]
    odd_sizes: bool = False
    steady: bool = False


CONTAINERS: Mapping[str, Container] = {
    ".mp4": Container("mp4", H264),
    ".m4v": Container("mp4", H264),
    ".mov": Container("mov", H264),
    ".mkv": Container("matroska", H264),
    ".ts": Container("mpegts", H264),
    ".webm": Container("webm", VP9, odd_sizes=True),
    ".avi": Container("avi", AVI_H264, steady=True),
}
