"""How ffmpeg is told to make a video file of masked frames, and of nothing else."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from uploader.video.containers import Container

FINE_TICKS = 10_000

MATRICES: Mapping[str, str] = {
    "bt709": "bt709",
    "bt470bg": "bt470",
    "smpte170m": "smpte170m",
    "smpte240m": "smpte240m",
    "fcc": "fcc",
    "bt2020nc": "bt2020",
}
"""How ffmpeg's scaler calls what its files call otherwise; it knows no others."""
PRIMARIES = {"bt709", "bt470bg", "smpte170m", "smpte240m", "smpte432", "bt2020"}
TRANSFERS = {
    "bt709", "smpte170m", "smpte240m", "iec61966-2-1", "bt2020-10", "bt2020-12", "smpte2084",
    "arib-std-b67",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class VideoForm:
    """What the file is to be.

    rate: the finest grid of frames per second on which they lie. pixel_shape: width of a pixel by
    its height. matrix, primaries, transfer: how the colours of the source were meant, in ffmpeg's
    words, or "".
    """

    container: Container
    width: int
    height: int
    rate: Fraction
    pixel_shape: Fraction = Fraction(1)
    matrix: str = ""
    primaries: str = ""
    transfer: str = ""


@dataclass(frozen=True, slots=True)
class Sound:
    """The file whose first sound is copied as it is; begins_s: its place against the pictures."""

    source: Path
    begins_s: float


def encoding(
    out: Path, form: VideoForm, sound: Sound | None, own_times: tuple[str, str]
) -> tuple[str, ...]:
    """Raw pictures from the standard input, as `uploader.video.matroska` writes them, into out.

    own_times: what tells this ffmpeg to show every frame at its own time.
    """
    return (
        "ffmpeg", "-nostdin", "-hide_banner", "-v", "error",
        *(_late(sound) if sound else ()), "-f", "matroska", "-i", "pipe:0",
        *(_copied(sound) if sound else ("-map", "0:v:0")),
        "-map_metadata", "-1", "-map_metadata:s", "-1", "-map_chapters", "-1", "-bitexact",
        "-vf", ",".join(_filters(form)),
        *form.container.codec, *own_times, "-enc_time_base", _clock(form),
        "-f", form.container.muxer, "-y", f"file:{out}",
    )  # fmt: skip


def _late(sound: Sound) -> tuple[str, ...]:
    return ("-itsoffset", f"{sound.begins_s:.6f}")


def _copied(sound: Sound) -> tuple[str, ...]:
    return (
        "-protocol_whitelist", "file", "-i", f"file:{sound.source}",
        "-map", "0:v:0", "-map", "1:a:0", "-c:a", "copy",
    )  # fmt: skip


def _filters(form: VideoForm) -> tuple[str, ...]:
    """From BGR to what codecs take, by the same matrix by which the source became BGR."""
    matrix = MATRICES.get(form.matrix)
    scale = f"scale=out_range=tv:out_color_matrix={matrix}" if matrix else "scale=out_range=tv"
    odd = (form.width % 2 or form.height % 2) and not form.container.odd_sizes
    pixels = "yuv444p" if odd else "yuv420p"
    shape = f"setsar={form.pixel_shape.numerator}/{form.pixel_shape.denominator}"
    return scale, f"format={pixels}", shape, f"setparams={':'.join(_colours(form))}"


def _colours(form: VideoForm) -> Iterator[str]:
    """What players are told of them."""
    yield "range=tv"
    if form.matrix in MATRICES:
        yield f"colorspace={form.matrix}"
        if form.primaries in PRIMARIES:
            yield f"color_primaries={form.primaries}"
        if form.transfer in TRANSFERS:
            yield f"color_trc={form.transfer}"


def _clock(form: VideoForm) -> str:
    """The unit of the file's times: a frame at the constant rate falls on it exactly.

    Where only beats of the rate can be told, ffmpeg moves each frame to the nearest that is free.
    """
    if form.container.steady:
        return f"{form.rate.denominator}:{form.rate.numerator}"
    ticks = form.rate.numerator
    while ticks < FINE_TICKS:
        ticks *= 2
    return f"1:{ticks}"
