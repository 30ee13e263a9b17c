"""Keeps OpenCV from spreading small jobs over all cores, which costs more than it saves."""

import cv2

ITS_OWN = "opencv"


def keep_to_one_thread(detector: str) -> None:
    """From now on all that OpenCV does is done by the thread that asks for it, unless the detector
    on this backend is OpenCV's own: that needs its pool.

    Its pool is one for the process: threads that wake up for parts of a millisecond cost 2 ms of
    every frame of 1080p, and cameras are masked beside each other anyway.
    """
    if detector.split()[0] != ITS_OWN:
        cv2.setNumThreads(1)
