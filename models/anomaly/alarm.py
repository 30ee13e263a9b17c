"""From single judgements to an alarm that neither flickers nor sticks."""

from enum import Enum


class Change(str, Enum):
    """What an alarm just did."""

    RAISED = "raised"
    CLEARED = "cleared"


class Alarm:
    """Raised by `after` anomalous judgements in a row, cleared by `clear_after` normal ones."""

    def __init__(self, after: int, clear_after: int) -> None:
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

    def update(self, anomalous: bool) -> Change | None:
        """Takes one judgement; says what changed, None for nothing."""
        self._against = self._against + 1 if anomalous is not self._raised else 0
        if self._against < (self._clear_after if self._raised else self._after):
            return None
        self._against = 0
        self._raised = not self._raised
        return Change.RAISED if self._raised else Change.CLEARED
