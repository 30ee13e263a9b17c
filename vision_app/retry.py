"""Counts failures in a row and says how long to wait before the next try."""

import random

from uploader.sending.backoff import Backoff

DEVICE = Backoff(base_s=0.25, cap_s=5.0, floor=0.25)
"""A camera or a sensor: back within seconds after it is plugged in again."""

DOWNLOAD = Backoff(base_s=10.0, cap_s=600.0, floor=0.5)
"""A file from the internet."""


class Retry:
    """Failures in a row of one thing."""

    def __init__(self, backoff: Backoff) -> None:
        self._backoff, self._failures = backoff, 0

    def failed(self) -> float:
        """Counts a failure; returns the seconds to wait."""
        self._failures += 1
        return self._backoff.wait_s(self._failures, random.random())

    def succeeded(self) -> None:
        """The next failure is the first again."""
        self._failures = 0
