"""Where every frame went: each captured frame ends under exactly one reason."""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from threading import Lock

RECENT = 2048


class End(str, Enum):
    """How a captured frame ended; docs/life-of-a-frame.md says when each is used."""

    PUBLISHED = "published"
    PUBLISH_REFUSED = "publish_refused"
    DROPPED_NEWER = "dropped_newer"
    OVER_RATE = "over_rate"
    REDACTED = "redacted"
    CLASSIFY_FAILED = "classify_failed"
    DROPPED_AT_STOP = "dropped_at_stop"


@dataclass(frozen=True, slots=True)
class Account:
    """A camera's books at one moment.

    ends: frames by how they ended. kept: spooled frames by reason (one frame may have several).
    kept_frames: spooled frames. not_kept: wanted frames that were not spooled, by cause.
    latency_ms: p50 and p95 from capture to publishing over the last 2,048 frames.
    """

    captured: int
    masked: int
    faces: int
    ends: Mapping[str, int]
    kept_frames: int
    kept: Mapping[str, int]
    not_kept: Mapping[str, int]
    latency_ms: Mapping[str, float]

    @property
    def in_flight(self) -> int:
        """Frames that are captured and have not ended yet."""
        return self.captured - sum(self.ends.values())


class Ledger:
    """The books of one camera; written by its capture thread and by the pipeline."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._captured = self._masked = self._faces = self._kept_frames = 0
        self._ends: Counter[str] = Counter()
        self._kept: Counter[str] = Counter()
        self._not_kept: Counter[str] = Counter()
        self._latency_ms: deque[float] = deque(maxlen=RECENT)

    def captured(self) -> None:
        """A frame came from the camera."""
        with self._lock:
            self._captured += 1

    def masked(self, faces: int) -> None:
        """A frame was masked; so many faces were covered."""
        with self._lock:
            self._masked += 1
            self._faces += faces

    def ended(self, end: End) -> None:
        """A frame ended; to be called exactly once for each."""
        with self._lock:
            self._ends[end.value] += 1

    def latency(self, ms: float) -> None:
        """How long it took from capture to publishing."""
        with self._lock:
            self._latency_ms.append(ms)

    def kept(self, reasons: tuple[str, ...]) -> None:
        """A frame was spooled."""
        with self._lock:
            self._kept_frames += 1
            self._kept.update(reasons)

    def not_kept(self, cause: str) -> None:
        """A frame that was wanted was not spooled."""
        with self._lock:
            self._not_kept[cause] += 1

    def close(self) -> None:
        """Ends what is still in flight: the application stopped before it could."""
        with self._lock:
            left = self._captured - self._ends.total()
            if left:
                self._ends[End.DROPPED_AT_STOP.value] += left

    def account(self) -> Account:
        """The books now, consistent in themselves."""
        with self._lock:
            ordered = sorted(self._latency_ms)
            return Account(
                captured=self._captured,
                masked=self._masked,
                faces=self._faces,
                ends=dict(self._ends),
                kept_frames=self._kept_frames,
                kept=dict(self._kept),
                not_kept=dict(self._not_kept),
                latency_ms={f"p{p}": _percentile(ordered, p) for p in (50, 95) if ordered},
            )


def _percentile(ordered: list[float], percent: int) -> float:
    """Nearest-rank percentile of sorted numbers."""
    rank = -(-len(ordered) * percent // 100)
    return round(ordered[max(rank, 1) - 1], 2)
