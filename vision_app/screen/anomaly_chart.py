"""A live chart for a terminal: the last readings of each signal, the score, and the alert."""

import math
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from rich.console import Group
from rich.table import Table
from rich.text import Text

from models.anomaly.anomaly import Anomaly

BARS = "▁▂▃▄▅▆▇█"
WIDTH = 40
NAME_COLUMNS = 20


class AnomalyChart:
    """The last readings of one sensor."""

    def __init__(self, model: str, signals: Sequence[str], units: Mapping[str, str]) -> None:
        self._model, self._units = model, units
        self._past = {name: deque([math.nan] * WIDTH, WIDTH) for name in signals}
        self._scores = deque([math.nan] * WIDTH, WIDTH)
        self._at: datetime | None = None
        self._anomaly: Anomaly | None = None
        self._alarm = False

    def add(
        self, at: datetime, values: Mapping[str, float], anomaly: Anomaly | None, alarm: bool
    ) -> None:
        """Takes one reading, what the model says of it, and whether an alert stands."""
        self._at, self._alarm = at, alarm
        self._anomaly = anomaly or self._anomaly
        for name, past in self._past.items():
            past.append(values.get(name, math.nan))
        if anomaly is not None:
            self._scores.append(anomaly.score)

    def drawn(self) -> Group:
        """What stands on the screen now; fits 80 columns."""
        grid = Table(box=None, pad_edge=False, show_header=False, padding=(0, 1, 0, 0))
        grid.add_column(max_width=NAME_COLUMNS, overflow="fold")
        grid.add_column(no_wrap=True, min_width=WIDTH)
        shares = self._anomaly.explain() if self._anomaly and self._anomaly.anomalous else {}
        for name, past in self._past.items():
            share = shares.get(name, 0.0)
            style = "red" if share >= 0.2 else "default"
            said = f"{self._number(name, past[-1])}{f'  {share:.0%}' if share >= 0.05 else ''}"
            grid.add_row(Text(name, style), Text(sparkline(past), "cyan"), Text(said, style))
        grid.add_row(Text("score", "bold"), Text(sparkline(self._scores), "magenta"), self._score())
        return Group(self._heading(), grid)

    def _heading(self) -> Text:
        when = "" if self._at is None else f"  {self._at:%Y-%m-%d %H:%M:%S} UTC"
        state, style = ("ALERT", "bold red") if self._alarm else ("calm", "green")
        if self._anomaly is None:
            state, style = "the window fills", "yellow"
        return Text.assemble((self._model, "bold"), when, "  ", (state, style))

    def _score(self) -> Text:
        if self._anomaly is None:
            return Text("–")
        style = "red" if self._anomaly.anomalous else "green"
        return Text(f"{self._anomaly.score:.3f} of {self._anomaly.threshold:.3f}", style)

    def _number(self, name: str, value: float) -> str:
        return "–" if math.isnan(value) else f"{value:.4g} {self._units.get(name, '')}".rstrip()


def sparkline(numbers: Iterable[float]) -> str:
    """One bar per number, from the least to the greatest of them; blank where there is none."""
    shown = list(numbers)
    known = [x for x in shown if math.isfinite(x)]
    if not known:
        return " " * len(shown)
    low, high = min(known), max(known)
    steps = (len(BARS) - 1) / (high - low) if high > low else 0.0
    return "".join(BARS[round((x - low) * steps)] if math.isfinite(x) else " " for x in shown)
