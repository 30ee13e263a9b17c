"""How long to wait before trying again."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential waiting with jitter, so that many devices do not return at the same moment.

    base_s: ceiling after the first failure; it doubles with each further one up to cap_s.
    floor: share of the ceiling that is always waited; 0 is full jitter.
    """

    base_s: float
    cap_s: float
    floor: float = 0.0

    def wait_s(self, failures: int, draw: float) -> float:
        """Seconds to wait after so many failures in a row; draw is uniform in 0..1."""
        ceiling = min(self.cap_s, self.base_s * 2.0 ** min(failures - 1, 62))
        return ceiling * (self.floor + (1 - self.floor) * draw)


UNAVAILABLE = Backoff(base_s=0.5, cap_s=60.0)
"""The store may be back at any moment."""

DENIED = Backoff(base_s=10.0, cap_s=300.0, floor=0.5)
"""A person has to act first."""
