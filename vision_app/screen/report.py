"""What happened, as a table for people, and the contact sheet of what was kept."""

import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from uploader.encode import contact_sheet
from vision_app.events import HealthEvent

TILES = 20


def table(health: HealthEvent) -> Table:
    """One row per thing that was counted."""
    grid = Table(title="What happened", show_header=False, title_justify="left", min_width=72)
    for name, camera in health.cameras.items():
        _camera_rows(grid, name, camera)
    for name, sensor in health.sensors.items():
        grid.add_row(
            f"sensor {name}", f"{sensor['readings']} readings, {sensor['alerts']} alerts raised"
        )
    sent = health.uploads.get("sent", {})
    grid.add_row("uploaded", _counts(sent) or "nothing")
    waiting = health.spool.get("count", 0)
    grid.add_row("waiting in the spool", f"{waiting} objects")
    for problem in health.problems:
        grid.add_row("problem", f"[red]{escape(problem)}[/red]")
    for note in health.notes:
        grid.add_row("note", escape(note))
    return grid


def _camera_rows(grid: Table, name: str, camera: Mapping[str, Any]) -> None:
    ends = dict(camera["ends"])
    published = ends.pop("published", 0)
    latency = camera["latency_ms"]
    grid.add_row(f"camera {name}", camera["mode"])
    grid.add_row("  frames captured", str(camera["captured"]))
    grid.add_row("  masked", f"{camera['masked']} frames, {camera['faces']} faces covered")
    grid.add_row("  published", str(published))
    grid.add_row("  not published, why", _counts(ends) or "none")
    grid.add_row("  lost before capture, why", _counts(camera["losses"]) or "none")
    kept = f"{camera['kept_frames']} frames: {_counts(camera['kept'])}"
    grid.add_row("  kept, why", kept if camera["kept_frames"] else "none")
    grid.add_row("  wanted but not kept, why", _counts(camera["not_kept"]) or "none")
    if latency:
        text = f"p50 {latency['p50']:.0f} ms, p95 {latency['p95']:.0f} ms"
        grid.add_row("  capture to publish", text)
    grid.add_section()


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items()) if count)


def stored_records(bucket: Path) -> Iterator[dict[str, Any]]:
    """Every record that lies in a folder store, oldest file first."""
    for path in sorted(bucket.glob("records/**/*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            yield from (json.loads(line) for line in lines)


def sheet_of(bucket: Path) -> bytes | None:
    """A PNG of stored frames, each with label, confidence and why it was kept; None without any.

    It is made of what really left the device: the objects in the store and their records.
    """
    records = _varied(list(stored_records(bucket)))
    tiles = [((bucket / r["key"]).read_bytes(), _caption(r)) for r in records]
    return contact_sheet(tiles) if tiles else None


def _varied(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """At most TILES records, spread evenly over time."""
    ordered = sorted(records, key=lambda record: str(record["id"]))
    count = min(TILES, len(ordered))
    return [ordered[place * len(ordered) // count] for place in range(count)]


def _caption(record: Mapping[str, Any]) -> str:
    faces = len(record["receipt"]["faces"])
    seen = f", {faces} face{'s' * (faces != 1)}" if faces else ""
    return f"{record['label']} {record['confidence']:.2f}{seen}\n{', '.join(record['reasons'])}"
