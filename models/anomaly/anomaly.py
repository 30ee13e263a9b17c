"""How unlike the known readings the present ones are, and which signals make it so."""

from collections.abc import Callable
from dataclasses import dataclass

Shares = tuple[tuple[str, float], ...]
"""(signal, share of the strangeness) for every signal of a model, largest first; the shares sum to
1 (to 0 when nothing differs at all)."""


@dataclass(frozen=True, slots=True)
class Anomaly:
    """What a model says of one moment.

    score: higher is stranger; above threshold it is anomalous.
    why: works out `signals`, for the few moments that anybody asks of.
    absent: signals that were silent for the whole window; the score was made without them.
    clear: at or below it the moment is calm; between it and the threshold it is neither, so that an
        alarm does not flicker. None: the threshold itself.
    """

    score: float
    threshold: float
    why: Callable[[], Shares]
    absent: tuple[str, ...] = ()
    clear: float | None = None

    @property
    def anomalous(self) -> bool:
        """Whether the score is above the threshold."""
        return self.score > self.threshold

    @property
    def calm(self) -> bool:
        """Whether the score is low enough to end an alarm."""
        return self.score <= (self.threshold if self.clear is None else self.clear)

    @property
    def signals(self) -> Shares:
        """Which signals make it strange, worked out anew each time; costs more than the score."""
        return self.why()

    def explain(self) -> dict[str, float]:
        """Signal → its share of the strangeness, largest first."""
        return dict(self.signals)
