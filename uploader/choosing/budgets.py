"""Whether one more frame may be kept: of its policy, of its camera, of the device, of the day."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from uploader.choosing.settings import BudgetSettings, Limits


@dataclass(frozen=True, slots=True)
class Use:
    """What is used of one limit: images, bytes or money."""

    used: float
    limit: float


class Budgets:
    """Counts kept frames. Thread-safe.

    problem: why they cannot be remembered now, as a sentence; empty while they can.
    """

    def __init__(
        self,
        settings: BudgetSettings,
        limits: Mapping[str, Limits],
        max_per_minute: int,
        now: Callable[[], float],
        folder: Path | None = None,
    ) -> None:
        """limits: of each policy, by its reason. max_per_minute: of each camera.

        now: steady seconds. folder: where they are remembered; None: only in memory.
        """
        self.problem = ""

    def left(self, reason: str, camera: str) -> bool:
        """Whether that policy may keep one more frame of that camera now."""
        raise NotImplementedError

    def review(self, label: str, uncertainty: float) -> bool:
        """Whether it is among the most uncertain (0..1) of its class for which today has reviews.

        It learns from being asked: ask for every frame that might be kept, and only for those.
        """
        raise NotImplementedError

    def charge(self, reason: str, camera: str, size_bytes: int, label: str = "") -> None:
        """Counts a kept frame, and returns when a power cut would not lose it (two fsyncs)."""
        raise NotImplementedError

    def used(self) -> Mapping[str, Use]:
        """What is used of each limit, by its name in the configuration."""
        raise NotImplementedError

    @property
    def spent(self) -> tuple[str, ...]:
        """A sentence for each limit that keeps frames from being kept now."""
        raise NotImplementedError

    def close(self) -> None:
        """Writes down what was learned; may be called twice."""
