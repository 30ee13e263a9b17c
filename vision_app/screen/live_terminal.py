"""Keeps the live table at the bottom of a terminal; log lines scroll by above it."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console, Group
from rich.live import Live

from vision_app.events import Event, HealthEvent, PredictionEvent
from vision_app.screen.live_table import live_table
from vision_app.screen.rate import Count, followed, per_second

DRAW_S, RARELY_S = 0.5, 2.0
SHARE = 0.01
"""Of a processor, at most, for the table: where drawing takes long, it is drawn more rarely."""


class LiveTerminal:
    """Hears every event, words and numbers only; looks at the health twice a second."""

    def __init__(
        self,
        console: Console,
        clock: Callable[[], float] = time.monotonic,
        cpu_clock: Callable[[], float] = time.thread_time,
    ) -> None:
        """cpu_clock: seconds that the calling thread has computed."""
        self._console, self._clock, self._cpu_clock = console, clock, cpu_clock
        self._seen: dict[str, PredictionEvent] = {}
        self._counts: dict[str, tuple[Count, ...]] = {}

    def hear(self, event: Event) -> None:
        """Remembers the newest prediction of each camera; any thread may call it."""
        if isinstance(event, PredictionEvent):
            self._seen[event.camera] = event

    @contextmanager
    def shown(self, health: Callable[[], HealthEvent]) -> Iterator[Callable[[], None]]:
        """Shows the table, and leaves its last state on the screen.

        Gives what is to be called often; it draws when it is time. Standard error is shown above
        the table if it is a terminal, too; a file stays what it is.
        """
        due_s = self._clock()
        stderr_too = sys.stderr.isatty()
        with Live(console=self._console, auto_refresh=False, redirect_stderr=stderr_too) as live:

            def look() -> None:
                nonlocal due_s
                if self._clock() >= due_s:
                    due_s = self._clock() + self._draw(live, health)

            try:
                yield look
            finally:
                live.update(self._table(health()))

    def _draw(self, live: Live, health: Callable[[], HealthEvent]) -> float:
        """Draws; returns how many seconds to wait before it is done again."""
        began_s = self._cpu_clock()
        now = health()
        self._count(now)
        live.update(self._table(now), refresh=True)
        took_s = self._cpu_clock() - began_s
        return min(max(DRAW_S, took_s / SHARE), RARELY_S)

    def _count(self, health: HealthEvent) -> None:
        now_s = self._clock()
        for name, camera in health.cameras.items():
            now = Count(now_s, camera["captured"])
            self._counts[name] = followed(self._counts.get(name, ()), now)

    def _table(self, health: HealthEvent) -> Group:
        fps = {name: per_second(counts) for name, counts in self._counts.items()}
        return live_table(health, fps, dict(self._seen))


def live_terminal() -> LiveTerminal | None:
    """On standard output; None where that is no terminal, or one that cannot move its cursor."""
    console = Console(highlight=False)
    return LiveTerminal(console) if sys.stdout.isatty() and console.is_interactive else None
