"""How unlike the known readings the present ones are, and which signals make it so."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Anomaly:
    """What a model says of one moment.

    score: higher is stranger; above threshold it is anomalous.
    signals: (signal, share of the strangeness) for every signal of the model, largest first; the
        shares sum to 1 (to 0 when nothing differs at all).
    absent: signals that were silent for the whole window; the score was made without them.
    """

    score: float
    threshold: float
    signals: tuple[tuple[str, float], ...]
    absent: tuple[str, ...] = ()

    @property
    def anomalous(self) -> bool:
        """Whether the score is above the threshold."""
        return self.score > self.threshold
