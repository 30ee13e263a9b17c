"""A picture for the golden example of bundles whose maker gives none: the same on every machine."""

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 320, 240
BARS = np.array(
    [
        (235, 235, 235), (16, 200, 235), (200, 190, 16), (40, 180, 30),
        (190, 30, 200), (30, 30, 200), (200, 40, 30), (16, 16, 16),
    ],
    np.uint8,
)  # fmt: skip
"""Blue, green, red of the colour bars, from the left."""
DISC, RING = (60, 120, 230), (20, 60, 40)


def drawn_picture() -> NDArray[np.uint8]:
    """Colour bars, gradients, squares of several sizes and a ringed disc; (240, 320, 3) BGR.

    Every channel says something else, so that swapped colours, a turned or a wrongly cut picture
    give other scores. It is neither square nor of the size of a usual input, so that it is resized.
    """
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    ramps = (x * 255 // (WIDTH - 1), y * 255 // (HEIGHT - 1), (x + y) * 255 // (WIDTH + HEIGHT - 2))
    picture = np.stack(ramps, axis=-1).astype(np.uint8)
    picture[:72] = BARS[x[:72] * len(BARS) // WIDTH]
    side = 4 << (x * 4 // WIDTH)
    odd = ((x // side + y // side) % 2 == 1) & (y >= 176)
    picture[odd] = 255 - picture[odd]
    from_middle = (x - 205) ** 2 + (y - 118) ** 2
    picture[from_middle < 62**2] = RING
    picture[from_middle < 50**2] = DISC
    return picture
