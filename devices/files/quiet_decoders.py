"""Keeps the decoders of pictures and videos from writing lines of their own."""

import os

import cv2


def hush_decoders() -> None:
    """We say and count which file is damaged; OpenCV and FFmpeg need not."""
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
