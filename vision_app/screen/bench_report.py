"""What `model bench` found, for people: a table, a chart, and sentences; and for programs."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich.table import Table
from rich.text import Text

from devices.boards.accelerators import accelerators
from devices.boards.processor import processor
from models.bench.bench import Report
from models.bench.measurement import Figures, Measurement
from models.bundles.manifest import Manifest
from models.choice import CPU
from vision_app.screen.console import WIDTH

BARS = 24
"""Ways that the chart shows at most, the fastest."""
EIGHTHS = " ▏▎▍▌▋▊▉"
CHOSEN, DIFFERS = "◀ auto", "differs"
COLUMNS = ("p50\nms", "p95\nms", "images\nper s", "CPU\nms", "memory\nMB", "differs\nby")
SHORT = {"float32": "f32", "float16": "f16", "bfloat16": "bf16"}


def as_values(report: Report) -> dict[str, Any]:
    """Everything, for JSON; the measurements best first."""
    rows = [_row(one, one is report.best) for one in report.measurements]
    return {"measurements": rows, "not_measured": list(report.notes)}


def table(report: Report) -> Table:
    """A row for each way that was tried, by speed."""
    grid = Table("way", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in COLUMNS:
        grid.add_column(name, justify="right", no_wrap=True)
    grid.add_column("verdict", no_wrap=True)
    for one in _by_speed(report):
        style = "bold" if one is report.best else "" if one.usable else "dim"
        verdict = _short_verdict(one, one is report.best)
        grid.add_row(label(one), *_cells(one.figures), verdict, style=style)
    return grid


def chart(report: Report) -> Iterator[Text]:
    """One line for each of the fastest ways: a bar of images per second, at the median time."""
    shown = [one for one in _by_speed(report) if one.figures][:BARS]
    room = max((len(label(one)) for one in shown), default=0)
    longest = max((1e3 / one.p50_ms for one in shown), default=1.0)
    for one in shown:
        rate = 1e3 / one.p50_ms
        mark = CHOSEN if one is report.best else "" if one.usable else DIFFERS
        end = f" {number(rate)} {mark}".rstrip()
        cells = (WIDTH - room - 1 - len(f" {number(longest)} {DIFFERS}")) * rate / longest
        style = "green" if one is report.best else "" if one.usable else "dim"
        yield Text.assemble(f"{label(one):<{room}} ", (bar(cells), style), end)


def bar(cells: float) -> str:
    """A bar that is so many characters long, to an eighth; never nothing."""
    eighths = max(1, round(cells * 8))
    return "█" * (eighths // 8) + EIGHTHS[eighths % 8].strip()


def sentences(report: Report, manifest: Manifest) -> Iterator[str]:
    """What "auto" takes, what the machine has, and why the ways that are not used are not."""
    yield _winner(report, manifest)
    yield _machine(report)
    for one in report.measurements:
        if not one.usable:
            yield f"{label(one)} is not used: {one.verdict}."


def not_measured(report: Report) -> Table:
    """What could not be tried, and what to do about it."""
    grid = Table.grid(padding=(0, 1))
    for note in report.notes:
        grid.add_row("·", Text(f"{note}."))
    return grid


def label(one: Measurement) -> str:
    """A way in a few words: runtime, device, precision → what it computes in, × threads."""
    choice, where = one.choice, one.choice.placement
    numbers = [choice.weights.precision, *([where.math] if where.math != "float32" else [])]
    precision = "→".join(SHORT.get(word, word) for word in numbers)
    if where.device == CPU:
        return f"{choice.backend} {precision} ×{where.threads}"
    return f"{choice.backend} {where.device} {precision}"


def number(value: float) -> str:
    """Three digits that count."""
    places = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 1 else 3
    return f"{value:.{places}f}"


def _by_speed(report: Report) -> list[Measurement]:
    return sorted(report.measurements, key=lambda one: one.p50_ms)


def _cells(figures: Figures | None) -> list[str]:
    if figures is None:
        return ["–"] * len(COLUMNS)
    speed = (figures.p50_ms, figures.p95_ms, figures.images_per_s, figures.cpu_ms)
    difference = f"{figures.difference:.1g}"
    return [*map(number, speed), f"{figures.memory_mb:.0f}", difference]


def _short_verdict(one: Measurement, chosen: bool) -> str:
    if one.figures is None:
        return "failed"
    return ("ok " + CHOSEN if chosen else "ok") if one.usable else DIFFERS


def _winner(report: Report, manifest: Manifest) -> str:
    if report.best is None or report.best.figures is None:
        return f"Nothing here runs {manifest.name} {manifest.version} as it was made."
    figures = report.best.figures
    return (
        f'backend = "auto" now runs {manifest.name} {manifest.version} with '
        f"{label(report.best)}: {number(figures.p50_ms)} ms a picture, "
        f"{number(figures.cpu_ms)} ms of processor time."
    )


def _machine(report: Report) -> str:
    here, chips = processor(), accelerators()
    machine = f"{here.name}, {here.cores} usable core{'s' * (here.cores != 1)}"
    if not chips:
        return f"This machine: {machine}, and no accelerator that the kernel knows of."
    names = ", ".join(f"{chip.vendor} {chip.name}" for chip in chips)
    used = {one.choice.placement.device for one in report.measurements if one.usable} - {CPU}
    hint = "" if used else ", which nothing could use: vision-app doctor says why"
    return f"This machine: {machine}; {names}{hint}."


def _row(one: Measurement, chosen: bool) -> dict[str, Any]:
    weights, where = one.choice.weights, one.choice.placement
    way = {"weights": weights.file, "precision": weights.precision, "backend": one.choice.backend}
    figures = asdict(one.figures) if one.figures else None
    return way | asdict(where) | {"figures": figures, "verdict": one.verdict, "chosen": chosen}
