"""Draws what a model said of a file of readings: signals, score, threshold and alerts, as a PNG."""

import math
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import cv2
import numpy as np
from numpy.typing import NDArray

from models.anomaly.score import Scored

Canvas = NDArray[np.uint8]
Vector = NDArray[np.float64]

WIDTH, STRIP, SCORE_STRIP = 1600, 90, 220
LEFT, RIGHT, TOP, BOTTOM, GAP = 250, 20, 30, 50, 14
INK, GREY, LINE, RED, PINK = (40, 40, 40), (200, 200, 200), (180, 105, 30), (40, 40, 200), 205
"""Colours in the order blue, green, red; PINK is what alerts take of green and blue."""


@dataclass(frozen=True, slots=True)
class Plotted:
    """What is drawn, one entry per reading: NaN where a signal or a score is missing."""

    times: Sequence[datetime]
    signals: Mapping[str, Vector]
    scores: Vector
    threshold: float
    clear: float
    alarms: NDArray[np.bool_]


def plotted(
    seen: Sequence[tuple[Scored, bool]], signals: Sequence[str], threshold: float, clear: float
) -> bytes:
    """The PNG of scored readings, each with whether an alert stood."""
    rows = [row for row, _ in seen]
    scores = [math.nan if row.anomaly is None else row.anomaly.score for row in rows]
    return plot(
        Plotted(
            times=[row.at for row in rows],
            signals={
                name: np.array([row.values.get(name, math.nan) for row in rows]) for name in signals
            },
            scores=np.array(scores),
            threshold=threshold,
            clear=clear,
            alarms=np.array([alarm for _, alarm in seen]),
        )
    )


def plot(what: Plotted) -> bytes:
    """The PNG: a strip per signal, then the score; alerts are red bands through all of them."""
    height = TOP + (STRIP + GAP) * len(what.signals) + SCORE_STRIP + BOTTOM
    canvas = np.full((height, WIDTH, 3), 255, np.uint8)
    seconds = np.array([(at - what.times[0]).total_seconds() for at in what.times])
    columns = LEFT + (seconds / (seconds[-1] or 1.0) * (WIDTH - LEFT - RIGHT - 1)).astype(int)
    _bands(canvas, columns, what.alarms, height)
    top = TOP
    for name, values in what.signals.items():
        _strip(canvas, top, STRIP, columns, values, name, _span(values))
        top += STRIP + GAP
    _score(canvas, top, columns, what)
    _times(canvas, what.times, height)
    return png(canvas)


def png(canvas: Canvas) -> bytes:
    """An image (height, width, 3) as the bytes of a PNG file."""
    height, width, _ = canvas.shape
    rows = np.zeros((height, 1 + 3 * width), np.uint8)
    rows[:, 1:] = canvas[..., ::-1].reshape(height, -1)
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows.data)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )


def _bands(
    canvas: Canvas, columns: NDArray[np.int_], alarms: NDArray[np.bool_], height: int
) -> None:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], alarms, [False])).astype(int)))
    for first, end in edges.reshape(-1, 2).tolist():
        left, right = int(columns[first]), int(columns[min(end, len(columns) - 1)])
        canvas[TOP : height - BOTTOM, left : right + 1, :2] = PINK


def _score(canvas: Canvas, top: int, columns: NDArray[np.int_], what: Plotted) -> None:
    low, high = _span(np.append(what.scores, (what.threshold, what.clear)))
    _strip(canvas, top, SCORE_STRIP, columns, what.scores, "score", (low, high))
    for level, name, colour in (
        (what.threshold, "threshold", RED),
        (what.clear, "clear", GREY),
    ):
        y = _rows(np.array([level]), (low, high), top, SCORE_STRIP)[0]
        cv2.line(canvas, (LEFT, int(y)), (WIDTH - RIGHT, int(y)), colour, 1)
        shift = -4 if colour is RED else 12
        _text(canvas, f"{name} {level:.4g}", (LEFT + 6, int(y) + shift), RED if shift < 0 else INK)


def _strip(
    canvas: Canvas,
    top: int,
    height: int,
    columns: NDArray[np.int_],
    values: Vector,
    name: str,
    span: tuple[float, float],
) -> None:
    """One curve in its box, its name and ends at the left; missing values break it."""
    cv2.rectangle(canvas, (LEFT, top), (WIDTH - RIGHT, top + height), GREY, 1)
    _text(canvas, name[:30], (8, top + height // 2 + 4))
    for level, y in ((span[1], top + 11), (span[0], top + height - 2)):
        _text(canvas, f"{level:.4g}", (LEFT - 70, y))
    known = np.isfinite(values)
    rows = _rows(np.where(known, values, span[0]), span, top, height)
    starts = np.flatnonzero(np.diff(np.concatenate(([False], known, [False])).astype(int)))
    for first, end in starts.reshape(-1, 2).tolist():
        points = np.stack((columns[first:end], rows[first:end]), axis=1).astype(np.int32)
        cv2.polylines(canvas, [points], False, LINE, 1, cv2.LINE_AA)


def _rows(values: Vector, span: tuple[float, float], top: int, height: int) -> NDArray[np.int_]:
    share = (values - span[0]) / (span[1] - span[0])
    return np.asarray(top + height - 2 - (np.clip(share, 0, 1) * (height - 4)).astype(int))


def _span(values: Vector) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _times(canvas: Canvas, times: Sequence[datetime], height: int) -> None:
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        at = times[0] + (times[-1] - times[0]) * share
        x = LEFT + int(share * (WIDTH - LEFT - RIGHT)) - (0 if share == 0 else int(150 * share))
        _text(canvas, at.strftime("%Y-%m-%d %H:%M:%S"), (x, height - BOTTOM + 24))


def _text(
    canvas: Canvas, text: str, at: tuple[int, int], colour: tuple[int, int, int] = INK
) -> None:
    cv2.putText(canvas, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.42, colour, 1, cv2.LINE_AA)
