"""Which of its formats, sizes and rates a camera is asked for, and what is said if it gives others.

The most colour comes first, then the nearest size, then the rate, then what is cheapest to decode.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

SAME_RATE = 0.01
"""Rates that differ by less are the same: 29.97 and 30."""


@dataclass(frozen=True, slots=True)
class Coding:
    """What a pixel format means for us.

    loss: 0 for full colour, 1 where the picture is rough (five bits of a colour, one colour in each
    pixel), 2 without colour. ns_per_pixel: what decoding costs (benchmarks/decode.py).
    """

    loss: int
    ns_per_pixel: float


CODINGS: Mapping[str, Coding] = {
    "BGR3": Coding(0, 0.18),
    "RGB3": Coding(0, 0.19),
    "XR24": Coding(0, 0.23),
    "AR24": Coding(0, 0.23),
    "YU12": Coding(0, 0.43),
    "YV12": Coding(0, 0.43),
    "NV12": Coding(0, 0.44),
    "NV21": Coding(0, 0.44),
    "YUYV": Coding(0, 0.51),
    "UYVY": Coding(0, 0.51),
    "YVYU": Coding(0, 0.51),
    "MJPG": Coding(0, 2.44),
    "JPEG": Coding(0, 2.44),
    "RGBP": Coding(1, 0.18),
    "BA81": Coding(1, 0.39),
    "GBRG": Coding(1, 0.39),
    "GRBG": Coding(1, 0.39),
    "RGGB": Coding(1, 0.39),
    "GREY": Coding(2, 0.14),
    "Y16 ": Coding(2, 0.41),
}
"""Every pixel format that can be decoded here, by the four letters of V4L2."""

OTHER_NAMES: Mapping[str, str] = {
    "MJPEG": "MJPG",
    "YUY2": "YUYV",
    "I420": "YU12",
    "BGR24": "BGR3",
    "RGB24": "RGB3",
    "GRAY": "GREY",
    "GRAY8": "GREY",
    "Y800": "GREY",
    "Y16": "Y16 ",
}
"""What people and other programs call some of them."""


@dataclass(frozen=True, slots=True)
class Steps:
    """Whole numbers from low to high, step apart; one number where low is high."""

    low: int
    high: int
    step: int = 1

    def nearest(self, wish: int) -> int:
        """The one that is nearest to the wish."""
        inside = min(max(wish, self.low), self.high)
        steps = round((inside - self.low) / max(self.step, 1))
        found = self.low + steps * max(self.step, 1)
        return found if found <= self.high else found - max(self.step, 1)


@dataclass(frozen=True, slots=True)
class Rates:
    """Frames per second from low to high; one rate where both are the same."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Offer:
    """A pixel format in a size, or in a range of sizes. rates: empty where the camera is silent."""

    code: str
    width: Steps
    height: Steps
    rates: tuple[Rates, ...] = ()

    @property
    def fastest(self) -> float:
        """Its highest rate; 0 where it is not known."""
        return max((rates.high for rates in self.rates), default=0.0)


@dataclass(frozen=True, slots=True)
class Mode:
    """A size in pixels and frames per second, asked or given; fps: None where it is not known."""

    width: int
    height: int
    fps: float | None

    def __str__(self) -> str:
        rate = "" if self.fps is None else f" at {self.fps:.4g} fps"
        return f"{self.width}x{self.height}{rate}"


@dataclass(frozen=True, slots=True)
class Choice:
    """What to ask of the camera."""

    code: str
    mode: Mode


def choose(offers: Sequence[Offer], asked: Mode) -> Choice | None:
    """The best of all offers that can be decoded; None where there is none."""
    choices = [Choice(one.code, _reached(one, asked)) for one in offers if one.code in CODINGS]
    return min(choices, key=lambda one: _demerits(one, asked), default=None)


def _demerits(choice: Choice, asked: Mode) -> tuple[float, ...]:
    coding, mode = CODINGS[choice.code], choice.mode
    per_second = mode.width * mode.height * (mode.fps or asked.fps or 1.0)
    return (coding.loss, *_misses(mode, asked), coding.ns_per_pixel * per_second)


def _misses(mode: Mode, asked: Mode) -> tuple[float, float]:
    """By how many pixels of its sides, and frames per second, the mode falls short of the wish."""
    size = abs(mode.width - asked.width) + abs(mode.height - asked.height)
    if mode.fps is None or asked.fps is None or _same(mode.fps, asked.fps):
        return size, 0.0
    return size, max(0.0, asked.fps - mode.fps)


def _reached(offer: Offer, asked: Mode) -> Mode:
    """The nearest to the wish that this offer can do: of rates, rather a faster one."""
    width, height = offer.width.nearest(asked.width), offer.height.nearest(asked.height)
    wish = asked.fps or 0.0
    rates = [min(max(wish, one.low), one.high) for one in offer.rates]
    enough = [rate for rate in rates if rate >= wish or _same(rate, wish)]
    return Mode(width, height, min(enough) if enough else max(rates, default=None))


def _same(rate: float, other: float) -> bool:
    return abs(rate - other) <= SAME_RATE * max(rate, other)


def difference(asked: Mode, got: Choice, offers: Sequence[Offer]) -> str:
    """A sentence where the camera gives something else than asked, and what to do; else empty."""
    size, _ = _misses(got.mode, asked)
    if not size and _as_fast(got.mode, asked):
        return ""
    advice = ", or ".join(_advice(asked, got, offers))
    return f"asked {asked}, the camera gives {got.code.strip()} {got.mode}: set {advice}"


def _as_fast(mode: Mode, asked: Mode) -> bool:
    return mode.fps is None or asked.fps is None or _same(mode.fps, asked.fps)


def _advice(asked: Mode, got: Choice, offers: Sequence[Offer]) -> Iterator[str]:
    mode, misses = got.mode, _misses(got.mode, asked)
    what = [f"width = {mode.width}, height = {mode.height}"] if misses[0] else []
    if not _as_fast(mode, asked):
        what.append(f"fps = {mode.fps:.4g}")
    yield ", ".join(what)
    best = choose(offers, asked)
    if best is not None and _misses(best.mode, asked) < misses:
        yield f'format = "{best.code.strip()}", which gives {best.mode}'
    elif misses[1]:
        yield from _faster(asked, offers)


def _faster(asked: Mode, offers: Sequence[Offer]) -> Iterator[str]:
    """The largest size, of colour, that comes at the rate that was asked for."""
    usable = [one for one in offers if one.code in CODINGS and not CODINGS[one.code].loss]
    modes = [_reached(one, asked) for one in usable]
    enough = [mode for mode in modes if mode.fps and not _misses(mode, asked)[1]]
    if enough:
        mode = max(enough, key=lambda one: one.width * one.height)
        yield f"width = {mode.width}, height = {mode.height} for {mode.fps:.4g} fps"
