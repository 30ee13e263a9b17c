"""Frames for uvc_cam.py: JPEG bytes or raw YUYV of a given size.

source: "synthetic" (a moving square, the frame number in a barcode), a picture, a directory of
pictures, an .mjpg file (concatenated JPEGs, sent as they are, without OpenCV) or a video.
"""
import os
import re


def pictures(source):
    if os.path.isdir(source):
        return sorted(os.path.join(source, f) for f in os.listdir(source)
                      if re.search(r"\.(jpe?g|png|bmp)$", f, re.I))
    return [source]


def split_mjpg(data):
    out, i = [], 0
    while True:
        i = data.find(b"\xff\xd8\xff", i)
        j = data.find(b"\xff\xd9", i)
        if i < 0 or j < 0:
            return out
        out.append(data[i:j + 2])
        i = j + 2


def images(source, size):
    """The pictures of a source as BGR arrays of one size; at most 300 of a video."""
    import cv2
    if source == "synthetic":
        return [gradient(size)]
    if not re.search(r"\.(mp4|avi|mkv|mov|webm)$", source, re.I):
        return [cv2.resize(cv2.imread(p), size) for p in pictures(source)]
    video, out = cv2.VideoCapture(source), []
    while len(out) < 300:
        got, image = video.read()
        if not got:
            break
        out.append(cv2.resize(image, size))
    return out


def gradient(size):
    import numpy as np
    width, height = size
    x, y = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    return np.dstack((x, y, 255 - x)).astype(np.uint8)


def stamped(image, i, n):
    """A square that moves from left to right, and an 8-bit number at the top left, high bit first."""
    import cv2
    image = image.copy()
    height, width = image.shape[:2]
    side, bit = height // 6, max(4, width // 16)
    x = (width - side) * i // max(1, n - 1)
    cv2.rectangle(image, (x, height // 2), (x + side, height // 2 + side), (0, 255, 255), -1)
    for b in range(8):
        shade = (255,) * 3 if i >> (7 - b) & 1 else (0,) * 3
        cv2.rectangle(image, (b * bit, 0), (b * bit + bit - 1, bit - 1), shade, -1)
    return image


def encode(image, fmt, quality):
    import cv2
    import numpy as np
    if fmt == "MJPG":
        return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
    if fmt == "YUYV":
        y, cr, cb = cv2.split(cv2.cvtColor(image, cv2.COLOR_BGR2YCrCb))
        chroma = np.dstack((cb[:, 0::2], cr[:, 0::2])).reshape(y.shape)
        return np.dstack((y, chroma)).tobytes()
    raise ValueError(fmt)


class Frames:
    """frame(n) -> bytes of frame n; a cycle of at least `cycle` frames is made once and repeated."""

    def __init__(self, source, width, height, fmt="MJPG", quality=80, cycle=30):
        if source.endswith(".mjpg"):
            with open(source, "rb") as f:
                self.cache = split_mjpg(f.read())
            return
        base = images(source, (width, height))
        n = max(cycle, len(base))
        self.cache = [encode(stamped(base[i % len(base)], i, n), fmt, quality) for i in range(n)]

    def frame(self, n):
        return self.cache[n % len(self.cache)]
