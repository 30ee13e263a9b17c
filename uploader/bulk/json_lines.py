"""Reads the journals of versions that wrote a line of JSON for each reading."""

import json
import math

import numpy as np
from numpy.typing import NDArray

from models.anomaly.units import units
from uploader.bulk.form import Layout

LATEST_MS = 253_402_300_800_000
"""The year 10000, which no date has."""
Part = tuple[Layout, NDArray[np.int64], NDArray[np.float64]]


def rows_of_lines(data: bytes) -> tuple[list[Part], int]:
    """All rows, and how many lines are none."""
    lines = data.splitlines(keepends=True)
    told = [row for line in lines if (row := _row(line)) is not None]
    signals = tuple(dict.fromkeys(signal for _, values in told for signal in values))
    numbers = [[values.get(signal, math.nan) for signal in signals] for _, values in told]
    times_us = np.array([1000 * at_ms for at_ms, _ in told], np.int64)
    shaped = np.array(numbers, np.float64).reshape(len(told), len(signals))
    parts = [(Layout(signals, units(signals)), times_us, shaped)] if told else []
    return parts, len(lines) - len(told)


def _row(line: bytes) -> tuple[int, dict[str, float]] | None:
    """`[milliseconds since 1970, {"signal": number}]`; without an end it is half of one."""
    try:
        at_ms, values = json.loads(line if line.endswith(b"\n") else b"")
        found = {str(signal): float(value) for signal, value in values.items()}
        return (int(at_ms), found) if abs(at_ms) < LATEST_MS else None
    except (ValueError, TypeError, AttributeError, OverflowError):
        return None
