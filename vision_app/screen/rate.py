"""How fast a count grows: per second, over the last few seconds."""

from dataclasses import dataclass

WINDOW_S = 5.0


@dataclass(frozen=True, slots=True)
class Count:
    """What was counted since the start, and when; monotonic seconds."""

    at_s: float
    total: int


def followed(counts: tuple[Count, ...], now: Count) -> tuple[Count, ...]:
    """The counts of the last WINDOW_S seconds, oldest first, with now as the last of them."""
    recent = (count for count in counts if now.at_s - count.at_s <= WINDOW_S)
    return (*recent, now)


def per_second(counts: tuple[Count, ...]) -> float | None:
    """Growth from the oldest to the newest; None while there is no time between them."""
    if not counts or counts[-1].at_s <= counts[0].at_s:
        return None
    return (counts[-1].total - counts[0].total) / (counts[-1].at_s - counts[0].at_s)
