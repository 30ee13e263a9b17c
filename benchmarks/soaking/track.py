"""Faults one after the other: each begins, ends, and is waited for until the service has mended."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from benchmarks.soaking.fault import Fault, Health

CALM_S = (8.0, 20.0)
"""Between two faults."""


@dataclass(slots=True)
class Happening:
    """A fault as it went; seconds from its begin to the notice, and from its end to the mending."""

    fault: Fault
    began_s: float
    before: Health
    ended_s: float | None = None
    at_end: Health | None = None
    noticed_s: float | None = None
    mended_s: float | None = None

    @property
    def broken(self) -> str:
        """Which promise it broke, as a sentence; else empty."""
        promised_s = self.fault.notice_s
        if self.noticed_s is None or self.noticed_s > promised_s:
            when = (
                "was never noticed" if self.noticed_s is None else f"after {self.noticed_s:.1f} s"
            )
            return f"{self.fault.name}: noticed within {promised_s:g} s was promised, {when}"
        if self.mended_s is None or self.mended_s > self.fault.mend_s:
            when = "never" if self.mended_s is None else f"after {self.mended_s:.1f} s"
            return f"{self.fault.name}: mended within {self.fault.mend_s:g} s was promised, {when}"
        return ""


class Track:
    """Draws faults, all once before any of them twice; it is stepped with every health event.

    The first of them comes first.
    """

    def __init__(self, faults: Sequence[Fault], draw: Random, say: Callable[[str], None]) -> None:
        self._faults, self._draw, self._say = faults, draw, say
        self._deck = list(faults[:1])
        self._now: Happening | None = None
        self._next_s = time.time() + draw.uniform(*CALM_S)
        self.happened: list[Happening] = []

    @property
    def calm(self) -> bool:
        """Whether nothing is wrong, nor was a moment ago."""
        return self._now is None

    def step(self, health: Health, at_s: float, more: bool) -> None:
        """health: the newest, of at_s (seconds since 1970). more: another fault may begin."""
        if self._now is None:
            if more and time.time() >= self._next_s:
                self._begin(health)
        elif self._now.at_end is None:
            self._notice(self._now, health, at_s)
            if time.time() >= self._next_s:
                self._end(self._now, health)
        else:
            self._notice(self._now, health, at_s)
            self._mend(self._now, health, at_s)

    def close(self) -> None:
        """Ends what is going on."""
        if self._now is not None and self._now.at_end is None:
            self._now.fault.end()

    def _begin(self, health: Health) -> None:
        if not self._deck:
            self._deck = self._draw.sample(self._faults, len(self._faults))
        fault = self._deck.pop()
        lasts_s = fault.lasts_s * self._draw.uniform(1.0, 1.5)
        self._say(f"{fault.name}, for {lasts_s:.0f} s")
        fault.begin()
        self._now = Happening(fault, time.time(), health)
        self.happened.append(self._now)
        self._next_s = time.time() + lasts_s

    def _notice(self, now: Happening, health: Health, at_s: float) -> None:
        if now.noticed_s is None and now.fault.shown(now.before, health):
            now.noticed_s = max(0.0, at_s - now.began_s)

    def _end(self, now: Happening, health: Health) -> None:
        now.fault.end()
        now.ended_s, now.at_end = time.time(), health

    def _mend(self, now: Happening, health: Health, at_s: float) -> None:
        assert now.ended_s is not None
        assert now.at_end is not None
        if at_s <= now.ended_s:
            return
        well = now.fault.well(now.at_end, health)
        if not well and at_s - now.ended_s < now.fault.mend_s:
            return
        now.mended_s = at_s - now.ended_s if well else None
        self._say(f"{now.fault.name} is over: {_seconds(now)}")
        self._now, self._next_s = None, time.time() + self._draw.uniform(*CALM_S)


def _seconds(done: Happening) -> str:
    noticed = "unnoticed" if done.noticed_s is None else f"noticed in {done.noticed_s:.1f} s"
    return f"{noticed}, " + (
        "not mended" if done.mended_s is None else f"mended in {done.mended_s:.1f} s"
    )
