"""What policies would have kept, side by side: tables and a chart for people, values for programs.

Money is for what would be kept in thirty days, in the currency of [keep.budget.prices].
"""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from vision_app.simulate.outcome import Outcome

WIDTH = 24
"""Of a column of a policy; longer names take more lines."""
CLASSES = 12
"""Rows of the table of classes; all others make one more."""
HEIGHTS = " ▁▂▃▄▅▆▇█"
COLUMNS = 60
NAME = 18
"""So much of a name has room before its line of the chart."""
MONTH_DAYS = 30
OTHERS = "all others"

Outcomes = Mapping[str, Outcome]
"""By the name of the configuration."""


def table(outcomes: Outcomes) -> Table:
    """A row for each thing that is counted, a column for each policy."""
    grid = _columns("", outcomes)
    for row in ("frames", "days", "a policy asked for", "uploads", "uploads a day"):
        grid.add_row(row, *(_facts(one)[row] for one in outcomes.values()))
    for row in ("megabytes a day", "cost of 30 days"):
        grid.add_row(row, *(_facts(one)[row] for one in outcomes.values()))
    for title, part in (("kept for", "by"), ("not kept:", "refused")):
        names = sorted({name for one in outcomes.values() for name in getattr(one, part)})
        for name in names:
            cells = (f"{getattr(one, part)[name]:,}" for one in outcomes.values())
            grid.add_row(f"{title} {name}", *cells)
    return grid


def classes(outcomes: Outcomes) -> Table:
    """The share of each class, in all frames and in those that would be kept."""
    grid = _columns("share of class", {"all frames": None, **outcomes})
    shown = _shown(outcomes)
    frames = next(iter(outcomes.values())).frames
    for name in shown:
        counts = [frames, *(one.kept for one in outcomes.values())]
        grid.add_row(Text(name), *(_share(count[name], count.total()) for count in counts))
    if len(frames) > len(shown):
        counts = [frames, *(one.kept for one in outcomes.values())]
        rest = (c.total() - sum(c[name] for name in shown) for c in counts)
        cells = (_share(n, c.total()) for n, c in zip(rest, counts, strict=True))
        grid.add_row(OTHERS, *cells)
    return grid


def chart(outcomes: Outcomes) -> Iterator[Text]:
    """Uploads over time: a line for each policy, all to one scale."""
    hours = [hour for one in outcomes.values() for hour in one.hours]
    if not hours:
        return
    first, last = min(hours), max(hours)
    wide = -(-(last - first + 1) // COLUMNS)
    bars = {name: _bars(one, first, last, wide) for name, one in outcomes.items()}
    most = max(max(counts) for counts in bars.values())
    room = max(len(name) for name in bars) + 1
    indent, end = (room, "") if room <= NAME else (0, "\n")
    for name, counts in bars.items():
        heights = (HEIGHTS[-(-count * (len(HEIGHTS) - 1) // most)] for count in counts)
        yield Text.assemble(f"{name:<{indent}}{end}", ("".join(heights), "green"))
    yield Text(f"{'':<{indent}}uploads in {_hours(wide)}; the highest bar is {most:,}", style="dim")


def as_values(outcome: Outcome) -> dict[str, Any]:
    """Everything, for JSON."""
    return {
        "frames": outcome.frames.total(),
        "days": round(outcome.days, 3),
        "wanted": outcome.wanted,
        "uploads": outcome.uploads,
        "bytes": outcome.size_bytes,
        "cost": outcome.cost,
        "by": dict(outcome.by),
        "refused": dict(outcome.refused),
        "classes": {
            name: {"frames": frames, "kept": outcome.kept[name]}
            for name, frames in outcome.frames.items()
        },
    }


def _facts(outcome: Outcome) -> dict[str, str]:
    days = outcome.days
    return {
        "frames": f"{outcome.frames.total():,}",
        "days": f"{days:.2f}",
        "a policy asked for": f"{outcome.wanted:,}",
        "uploads": f"{outcome.uploads:,}",
        "uploads a day": f"{outcome.uploads / days:,.0f}",
        "megabytes a day": f"{outcome.size_bytes / 1e6 / days:,.1f}",
        "cost of 30 days": f"{outcome.cost / days * MONTH_DAYS:,.2f}",
    }


def _columns(first: str, names: Mapping[str, object]) -> Table:
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    grid.add_column(first, overflow="fold")
    for name in names:
        grid.add_column(Text(name), justify="right", overflow="fold", max_width=WIDTH)
    return grid


def _shown(outcomes: Outcomes) -> list[str]:
    """The classes of which most is kept by any policy, then those that are seen most."""
    frames = next(iter(outcomes.values())).frames

    def weight(name: str) -> tuple[int, int]:
        return max(one.kept[name] for one in outcomes.values()), frames[name]

    return sorted(frames, key=weight, reverse=True)[:CLASSES]


def _share(count: int, of: int) -> str:
    return f"{count / of:.1%}" if of else "–"


def _bars(outcome: Outcome, first: int, last: int, wide: int) -> list[int]:
    bars = [0] * ((last - first) // wide + 1)
    for hour, kept in outcome.hours.items():
        bars[(hour - first) // wide] += kept
    return bars


def _hours(count: int) -> str:
    return "an hour" if count == 1 else f"{count} hours"
