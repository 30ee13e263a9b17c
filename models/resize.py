"""A picture at another size, each pixel the mean of the area that it covers."""

import cv2
import numpy as np
from numpy.typing import NDArray


def resized(image: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """The whole image, uint8 (height, width, 3), at another size; itself where it has that size.

    Area mean where a side shrinks, then bilinear where one grows. When no side grows each value is
    the exact mean, rounded: at most 0.501 away from it, whatever the picture. When one grows it is
    at most 1.3 away: OpenCV's bilinear weights have 11 bits, and two roundings meet.
    """
    rows, columns = image.shape[:2]
    shrunk = _shrunk(image, min(width, columns), min(height, rows))
    return _scaled(shrunk, width, height, cv2.INTER_LINEAR)


def _shrunk(image: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """Where OpenCV was built with Intel's IPP its area mean is four times as fast.

    It needs to be allowed, since halves may be rounded the other way than in OpenCV's own loops.
    The permission is this thread's, and does nothing in a build without IPP. Half the size has a
    loop in OpenCV that is faster still, and there many means are halves.
    """
    if image.shape[:2] == (2 * height, 2 * width):
        return _scaled(image, width, height, cv2.INTER_AREA)
    allowed = cv2.ipp.useIPP_NotExact()
    cv2.ipp.setUseIPP_NotExact(True)
    try:
        return _scaled(image, width, height, cv2.INTER_AREA)
    finally:
        cv2.ipp.setUseIPP_NotExact(allowed)


def _scaled(
    image: NDArray[np.uint8], width: int, height: int, interpolation: int
) -> NDArray[np.uint8]:
    if image.shape[:2] == (height, width):
        return image
    return np.asarray(cv2.resize(image, (width, height), interpolation=interpolation), np.uint8)
