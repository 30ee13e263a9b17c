"""From single judgements to an alarm that neither flickers nor sticks."""

from enum import Enum

from models.anomaly.anomaly import Anomaly

AFTER, CLEAR_AFTER = 3, 20
"""What serves where nothing else is said: raised within three readings, and cleared only once
twenty of them were calm."""


class Change(str, Enum):
    """What an alarm just did."""

    RAISED = "raised"
    CLEARED = "cleared"


class Alarm:
    """Raised by `after` anomalous judgements in a row, cleared by `clear_after` calm ones."""

    def __init__(self, after: int = AFTER, clear_after: int = CLEAR_AFTER) -> None:
        if after < 1 or clear_after < 1:
            raise ValueError(f"after and clear_after are at least 1, not {after} and {clear_after}")
        self._after = after
        self._clear_after = clear_after
        self._against = 0
        self._raised = False

    @property
    def raised(self) -> bool:
        """Whether the alarm stands."""
        return self._raised

    def judge(self, anomaly: Anomaly) -> Change | None:
        """Takes what a model says of one moment, with its hysteresis: see `Anomaly.calm`."""
        return self._count(anomaly.calm if self._raised else anomaly.anomalous)

    def update(self, anomalous: bool) -> Change | None:
        """Takes one judgement without hysteresis; says what changed, None for nothing."""
        return self._count(anomalous is not self._raised)

    def _count(self, against: bool) -> Change | None:
        """Whether this judgement speaks against the present state, and enough did so in a row."""
        self._against = self._against + 1 if against else 0
        if self._against < (self._clear_after if self._raised else self._after):
            return None
        self._against = 0
        self._raised = not self._raised
        return Change.RAISED if self._raised else Change.CLEARED
