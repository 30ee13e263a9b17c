"""What mxnet's Reshape makes of a shape: its codes 0, -1, -2, -3 and -4."""

import math

from models.convert.graph import Shape, written
from models.errors import BundleError


def reshaped(shape: Shape, codes: Shape, reverse: bool = False) -> Shape:
    """The shape that a list of codes asks for; reverse: they are read from the last axis on.

    A size > 0 stands for itself. 0 keeps an axis, -1 is what is left, -2 keeps all further axes,
    -3 joins two axes, -4 splits an axis into the two sizes that follow, one of which may be -1.
    """
    if reverse:
        return reshaped(shape[::-1], codes[::-1])[::-1]
    try:
        return _filled(_read(shape, list(codes)), math.prod(shape))
    except (IndexError, ValueError, ZeroDivisionError):
        raise BundleError(f"{codes} cannot be the new shape of {written(shape)}") from None


def _read(shape: Shape, codes: list[int]) -> list[int]:
    """The new sizes, of which one may still be -1."""
    made: list[int] = []
    at = 0
    while codes:
        code = codes.pop(0)
        if code == -2:
            made += shape[at:]
            at = len(shape)
        elif code == -3:
            made.append(shape[at] * shape[at + 1])
            at += 2
        elif code == -4:
            made += _filled([codes.pop(0), codes.pop(0)], shape[at])
            at += 1
        elif code >= -1:
            made.append(code or shape[at])
            at += 1
        else:
            raise ValueError
    return made


def _filled(sizes: list[int], elements: int) -> Shape:
    """The sizes with -1 replaced, so that their product is the number of elements."""
    if -1 in sizes:
        at = sizes.index(-1)
        sizes[at] = elements // math.prod(sizes[:at] + sizes[at + 1 :])
    if min(sizes) < 1 or math.prod(sizes) != elements:
        raise ValueError
    return tuple(sizes)
