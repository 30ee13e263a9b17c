"""What became of frames that were shown to a policy."""

from collections import Counter
from dataclasses import dataclass, field

from uploader.choosing.budgets.money import NANO

HOUR_S = 3600


@dataclass(slots=True)
class Outcome:
    """What became of the frames.

    frames: all, by their label. wanted: those that a policy matched. kept: by label. by: kept, by
    the reason they count for. refused: by cause. hours: kept, by the hour of the steady clock.
    size_bytes, money: of those kept; money in billionths. first_s, last_s: of all, steady seconds.
    """

    frames: Counter[str] = field(default_factory=Counter)
    wanted: int = 0
    kept: Counter[str] = field(default_factory=Counter)
    by: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    hours: Counter[int] = field(default_factory=Counter)
    size_bytes: int = 0
    money: int = 0
    first_s: float = 0.0
    last_s: float = 0.0

    @property
    def uploads(self) -> int:
        """Frames that would have been uploaded."""
        return self.kept.total()

    @property
    def days(self) -> float:
        """How long the log is; an hour at least, so that what is counted per day is no nonsense."""
        return max(self.last_s - self.first_s, HOUR_S) / (24 * HOUR_S)

    @property
    def cost(self) -> float:
        """In the currency of the prices."""
        return self.money / NANO
