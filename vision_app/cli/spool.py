"""`vision-app spool`: what waits on this device to be uploaded."""

import json
import sys
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from itertools import islice
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from uploader.errors import Damaged
from uploader.queue import inspection
from uploader.queue.entry_name import EntryName
from uploader.queue.inspection import Status
from uploader.queue.retry import retry as retried
from uploader.record import rfc3339
from vision_app import config
from vision_app.screen.console import console
from vision_app.settings import Settings

FAILED = 1
LISTED = 50
CONFIG = click.option(
    "-c", "--config", "path", type=click.Path(path_type=Path), help="The spool of this."
)
JSON = click.option("--json", "as_json", is_flag=True, help="The same for programs.")


@click.group()
def spool() -> None:
    """See what waits to be uploaded, check it, and send again what was set aside.

    All of it works beside a running vision-app.
    """


@spool.command()
@CONFIG
@JSON
def status(path: Path | None, as_json: bool) -> None:
    """How much waits, for how long, and what was set aside.

    Example: vision-app spool status -c site.toml
    """
    settings = _settings(path)
    found = inspection.status(_folder(settings))
    if as_json:
        click.echo(json.dumps(_status_values(found), indent=2))
    else:
        console().print(_status_table(found, settings))


@spool.command("list")
@CONFIG
@JSON
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=LISTED,
    show_default=True,
    help="So many, the oldest; 0: all.",
)
def list_(path: Path | None, as_json: bool, limit: int) -> None:
    """What waits, the oldest first; as JSON a line for each.

    Example: vision-app spool list --limit 0 --json | wc -l
    """
    folder = _folder(_settings(path))
    names = inspection.waiting(folder)
    rows = (_row(folder, name) for name in islice(names, limit or None))
    if as_json:
        for row in rows:
            click.echo(json.dumps(row))
        return
    console().print(_list_table(rows))
    if limit and len(names) > limit:
        click.echo(f"and {len(names) - limit} more: --limit 0 lists all")


@spool.command()
@CONFIG
@JSON
def verify(path: Path | None, as_json: bool) -> None:
    """Read all that waits, and name what is damaged; changes nothing.

    Exit code 1: something is damaged. It is set aside when its turn comes, and never sent.

    Example: vision-app spool verify
    """
    count, damaged = 0, {}
    for name, why in inspection.damages(_folder(_settings(path))):
        count += 1
        if why:
            damaged[name.id] = why
    if as_json:
        click.echo(json.dumps({"entries": count, "damaged": damaged}, indent=2))
    else:
        for why in damaged.values():
            click.echo(why)
        click.echo(f"{count} entries were read, {len(damaged)} are damaged")
    sys.exit(FAILED if damaged else 0)


@spool.command()
@CONFIG
@JSON
def retry(path: Path | None, as_json: bool) -> None:
    """Send again what was set aside and is whole: the store refused it, and that is mended now.

    Exit code 1: something has to stay, because it is damaged.

    Example: vision-app spool retry
    """
    again, stays = [], {}
    for one, why in retried(_folder(_settings(path))):
        if why:
            stays[one.path.name] = why
        else:
            again.append(one.path.name)
    if as_json:
        click.echo(json.dumps({"again": again, "stays": stays}, indent=2))
    else:
        for name, why in stays.items():
            click.echo(f"{name} stays in quarantine: {why}")
        click.echo(f"{len(again)} entries wait again, {len(stays)} files stay")
    sys.exit(FAILED if stays else 0)


def _settings(path: Path | None) -> Settings:
    return config.load(path) if path else config.complete(Settings(), Path.cwd())


def _folder(settings: Settings) -> Path:
    assert settings.spool.folder is not None, "completed by config.complete"
    return settings.spool.folder


def _status_values(found: Status) -> dict[str, Any]:
    return {
        "process": found.user,
        "waiting": {
            kind: {"entries": backlog.entries, "bytes": backlog.size_bytes}
            for kind, backlog in found.waiting.items()
        },
        "oldest": rfc3339(found.oldest) if found.oldest else None,
        "lines": dict(found.lines),
        "quarantined": {
            "entries": found.quarantined.entries,
            "bytes": found.quarantined.size_bytes,
            "why": dict(found.why),
        },
        "free_bytes": found.free_bytes,
    }


def _status_table(found: Status, settings: Settings) -> Table:
    grid = Table(show_header=False, box=None, pad_edge=False, padding=(0, 2, 0, 0))
    grid.add_row("spool", str(_folder(settings)))
    grid.add_row("used by", f"process {found.user}" if found.user else "no process")
    for kind, backlog in found.waiting.items():
        grid.add_row(f"{kind} waiting", f"{backlog.entries:,}, {_megabytes(backlog.size_bytes)}")
    if not found.waiting:
        grid.add_row("waiting", "nothing")
    if found.oldest:
        grid.add_row("the oldest is from", f"{rfc3339(found.oldest)}, {_ago(found.oldest)}")
    for kind, lines in found.lines.items():
        grid.add_row(f"{kind} not in a batch yet", f"{lines:,}")
    aside = found.quarantined
    grid.add_row("in quarantine", f"{aside.entries:,}, {_megabytes(aside.size_bytes)}")
    for why, files in found.why.items():
        grid.add_row("", Text(f"{files:,}: {why}"))
    least = settings.spool.min_free_bytes
    free = f"{_megabytes(found.free_bytes)}; the last {_megabytes(least)} are left free"
    grid.add_row("free on its disk", free)
    return grid


def _row(folder: Path, name: EntryName) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": name.id,
        "kind": inspection.kind(folder, name),
        "made_at": rfc3339(inspection.made_at(name.id)),
        "bytes": name.size,
        "value": None if name.value is None else name.value / 100,
    }
    try:
        header = inspection.header(folder, name)
    except Damaged as error:
        return row | {"problem": str(error)}
    record = header["record"] or {}
    said = {part: record[part] for part in ("camera", "label", "reasons") if part in record}
    return row | {"key": header["key"]} | said


def _list_table(rows: Iterable[dict[str, Any]]) -> Table:
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("made at", "kind", "kB", "value", "camera", "label", "kept for"):
        grid.add_column(title, justify="right" if title in ("kB", "value") else "left")
    for row in rows:
        value = "" if row["value"] is None else f"{row['value']:.2f}"
        shown = (row["made_at"], row["kind"], f"{row['bytes'] / 1000:.0f}", value)
        reasons = row.get("problem") or ", ".join(row.get("reasons", ()))
        said = (str(row.get("camera", "")), str(row.get("label", "")), reasons)
        grid.add_row(*shown, *map(Text, said))
    return grid


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


def _ago(then: datetime) -> str:
    """In the largest unit of which there are two at least."""
    passed = datetime.now(timezone.utc) - then
    for unit, name in ((timedelta(days=1), "days"), (timedelta(hours=1), "hours")):
        if passed >= 2 * unit:
            return f"{passed // unit} {name} ago"
    return f"{max(passed // timedelta(minutes=1), 0)} minutes ago"
