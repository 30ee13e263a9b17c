"""Asks a camera for every pixel format, size and rate that it offers."""

import ctypes
import errno
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from devices.v4l2 import sizes_abi as sizes
from devices.v4l2.abi import Fract, fourcc
from devices.v4l2.choice import Mode, Offer, Rates, Steps
from devices.v4l2.node import V4L2Node

Entry = TypeVar("Entry", bound=ctypes.Structure)

MOST = 256
"""So many sizes of a format, and rates of a size, are heard at most."""

LARGEST = Mode(1 << 16, 1 << 16, None)


def offers(node: V4L2Node, codes: Sequence[str], near: Mode = LARGEST) -> tuple[Offer, ...]:
    """What it offers in these formats, in its own order.

    Of a range of sizes, the rates are those of the size that is nearest to `near`. A camera that
    lists no sizes is asked which one it would give.
    """
    return tuple(offer for code in codes for offer in _of_format(node, code, near))


def _of_format(node: V4L2Node, code: str, near: Mode) -> Iterator[Offer]:
    listed = [(_steps(one, "width"), _steps(one, "height")) for one in _sizes(node, code)]
    if not listed:
        given = node.try_format(code, min(near.width, 1 << 14), min(near.height, 1 << 14))
        listed = [(Steps(given.width, given.width), Steps(given.height, given.height))]
    for width, height in listed:
        at = width.nearest(near.width), height.nearest(near.height)
        yield Offer(code, width, height, tuple(_rates(node, code, *at)))


def _sizes(node: V4L2Node, code: str) -> Iterator[sizes.FrameSize]:
    def entry(index: int) -> sizes.FrameSize:
        return sizes.FrameSize(index=index, pixel_format=fourcc(code))

    for size in _listed(node, sizes.ENUM_FRAMESIZES, entry):
        yield size
        if size.type != sizes.DISCRETE:
            return


def _steps(size: sizes.FrameSize, side: str) -> Steps:
    told = size.stepwise
    if size.type == sizes.DISCRETE:
        one = told.min_width if side == "width" else told.max_width
        return Steps(one, one)
    low, high, step = (getattr(told, f"{what}_{side}") for what in ("min", "max", "step"))
    return Steps(low, max(low, high), max(step, 1))


def _rates(node: V4L2Node, code: str, width: int, height: int) -> Iterator[Rates]:
    """A camera names times between frames: the longest is its lowest rate."""

    def entry(index: int) -> sizes.FrameInterval:
        where = {"pixel_format": fourcc(code), "width": width, "height": height}
        return sizes.FrameInterval(index=index, **where)

    for interval in _listed(node, sizes.ENUM_FRAMEINTERVALS, entry):
        shortest, longest = interval.stepwise.min, interval.stepwise.max
        discrete = interval.type == sizes.DISCRETE
        high, low = _fps(shortest), _fps(shortest if discrete else longest)
        if high:
            yield Rates(min(low, high), high)
        if not discrete:
            return


def _fps(interval: Fract) -> float:
    return interval.denominator / interval.numerator if interval.numerator else 0.0


def _listed(node: V4L2Node, request: int, entry: Callable[[int], Entry]) -> Iterator[Entry]:
    """Entries by number until the driver knows no more."""
    for index in range(MOST):
        one = entry(index)
        try:
            node.call(request, one)
        except OSError as error:
            if error.errno in (errno.EINVAL, errno.ENOTTY):
                return
            raise
        yield one
