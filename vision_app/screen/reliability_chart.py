"""A reliability diagram for a terminal: how often a classifier is right, by how sure it is."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from models.calibration.calibration import Fit
from models.calibration.reliability import Bin

WIDTH = 16


def diagram(found: Fit) -> Table:
    """A row per bin of confidence with frames in it, before and after; the bar ends at how many
    were right, the mark stands at how sure it was."""
    grid = Table("confidence", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for when in ("before", "after"):
        grid.add_column("frames", justify="right")
        grid.add_column(f"right, {when}", no_wrap=True)
    for before, after in zip(found.before, found.after, strict=True):
        if before.count or after.count:
            span = f"{before.low:.2f}–{before.high:.2f}"
            grid.add_row(span, str(before.count), _bar(before), str(after.count), _bar(after))
    return grid


def legend() -> str:
    """What the bars and marks say."""
    return "█ share that was right, ┃ how sure it was; calibrated, the mark ends the bar"


def _bar(row: Bin) -> Text:
    if not row.count:
        return Text()
    cells = ["█"] * round(row.accuracy * WIDTH)
    cells += [" "] * (WIDTH - len(cells))
    cells[_mark(row)] = "┃"
    style = "red" if abs(row.accuracy - row.confidence) > 2 / WIDTH else "green"
    return Text("".join(cells), style=style).append(f" {row.accuracy:4.0%}", style="default")


def _mark(row: Bin) -> int:
    return min(WIDTH - 1, round(row.confidence * WIDTH))


def summary(found: Fit, present: float) -> Sequence[str]:
    """The figures in sentences, measured on held-out halves."""
    return (
        f"{found.samples} frames, {found.accuracy:.1%} named rightly; measured on held-out halves:",
        f"  temperature                          {present:8.4g} → {found.temperature:.4g}",
        f"  expected calibration error           {found.ece_before:8.4f} → {found.ece_after:.4f}",
        f"  negative log-likelihood, nats/frame  {found.nll_before:8.4f} → {found.nll_after:.4f}",
    )
