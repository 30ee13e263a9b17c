"""When a frame that a camera holds is to be decoded: so that it is ready when it is wanted."""

from dataclasses import dataclass

EARLY = 0.75
"""Of a period: a frame that has come just now, and will wait for no longer, is decoded. Where a
newer one is waited for, and none comes, the pipeline waits for the rest of a period."""
OLD = 0.5
"""Of a period: a frame that has waited for longer for a pipeline that is late, or would have, gives
way to one that has come just now."""
LOOK = 0.25
"""Of a period: how soon it is looked again while one waits that is not old."""


@dataclass(frozen=True, slots=True)
class Demand:
    """How soon the pipeline takes a frame of a camera.

    free_in_s: until it will probably be done with the one before; 0 where it is, or is late.
    waited_s: for how long a frame has been ready; None where none is.
    """

    free_in_s: float
    waited_s: float | None

    def hold_s(self, work_s: float, period_s: float, age_s: float) -> float:
        """For how long the newest frame is to be held; 0: it is to be decoded now.

        work_s: what that takes. period_s: between two frames. age_s: since the newest has come.
        """
        fresh = age_s < LOOK * period_s
        if self.waited_s is not None and not (fresh and self._is_old(self.waited_s, period_s)):
            return LOOK * period_s
        early_s = self.free_in_s - work_s
        if age_s + max(0.0, early_s) <= (EARLY if fresh else OLD) * period_s:
            return 0.0
        return max(0.0, early_s + (1 - EARLY) * period_s)

    def _is_old(self, waited_s: float, period_s: float) -> bool:
        """Whether the one that is ready will probably have waited for a period when it is taken."""
        if self.free_in_s > 0:
            return waited_s + self.free_in_s > period_s
        return waited_s > OLD * period_s
