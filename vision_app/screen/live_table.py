"""How everything is now, for a person at a terminal: a row per camera, drawn from values."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from vision_app.events import HealthEvent, PredictionEvent
from vision_app.ledger import End

NAME_COLUMNS = 20
"""A longer name goes on in the next line: names often differ only at their ends."""
NOTHING = "–"
STATE_STYLES = {
    "ok": "green",
    "degraded": "yellow",
    "failing": "red",
    "opening": "yellow",
    "live": "green",
    "frozen": "yellow",
    "blank": "yellow",
    "stalled": "yellow",
    "lost": "red",
}


def live_table(
    health: HealthEvent,
    fps: Mapping[str, float | None],
    seen: Mapping[str, PredictionEvent],
) -> Group:
    """fps: captured frames per second by camera. seen: the newest prediction of each camera.

    Fits 80 columns; only problems and notes may take several lines.
    """
    parts: list[RenderableType] = ["", _heading(health)]
    if health.cameras:
        parts.append(_cameras(health.cameras, fps, seen))
    parts += [_line(_sensor(name, sensor)) for name, sensor in health.sensors.items()]
    parts.append(_line(_stores(health)))
    parts += [Text(f"problem: {_plain(problem)}", "red") for problem in health.problems]
    parts += [Text(f"note: {_plain(note)}") for note in health.notes]
    return Group(*parts)


def _heading(health: HealthEvent) -> Text:
    who = f"{health.origin.site}/{health.origin.device}"
    up = timedelta(seconds=int(health.uptime_s))
    return Text.assemble(
        (who, "bold"), "  ", (health.state, STATE_STYLES[health.state]), f"  up {up}"
    )


def _cameras(
    cameras: Mapping[str, Mapping[str, Any]],
    fps: Mapping[str, float | None],
    seen: Mapping[str, PredictionEvent],
) -> Table:
    """Only the last column's width depends on what is seen, so that nothing moves."""
    grid = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    grid.add_column("camera", width=min(max(map(len, [*cameras, "camera"])), NAME_COLUMNS))
    grid.add_column("state", width=7)
    for name, width in (("fps", 5), ("age", 6), ("drops", 6), ("faces", 5), ("conf", 4)):
        grid.add_column(name, width=width, justify="right")
    grid.add_column("label")
    for name, camera in cameras.items():
        state = Text(camera["state"], STATE_STYLES.get(camera["state"], ""))
        numbers = (_rate(fps.get(name)), duration(camera["age_s"]), count(_drops(camera)))
        opinion = _opinion(seen.get(name))
        style = "" if camera["state"] == "live" else "dim"
        grid.add_row(Text(name, overflow="fold"), state, *numbers, *opinion, style=style)
    return grid


def _opinion(event: PredictionEvent | None) -> tuple[str, str, Text]:
    """Faces, confidence and label."""
    if event is None:
        return NOTHING, NOTHING, _line(NOTHING)
    opinion = event.prediction
    return str(event.faces), f"{opinion.confidence:.2f}", _line(opinion.label)


def _drops(camera: Mapping[str, Any]) -> int:
    """Frames that the camera or its driver lost, and those that a newer one replaced."""
    return sum((*camera["losses"].values(), camera["ends"].get(End.DROPPED_NEWER.value, 0)))


def _rate(fps: float | None) -> str:
    return NOTHING if fps is None else f"{fps:.1f}"


def _sensor(name: str, sensor: Mapping[str, Any]) -> str:
    told = f"sensor {name}: {sensor['state']}, {sensor['readings']} readings"
    if sensor["score"] is not None:
        told += f", score {sensor['score']:.2f} of {sensor['threshold']:.2f}"
    return f"{told}, {sensor['alerts']} alerts raised"


def _stores(health: HealthEvent) -> str:
    return "; ".join(_stored(health))


def _stored(health: HealthEvent) -> Iterator[str]:
    spool, uploads = health.spool, health.uploads
    yield f"spool: {spool.get('count', 0)} waiting, {size(spool.get('bytes', 0))}"
    if spool.get("quarantined"):
        yield f"{spool['quarantined']} set aside"
    if uploads:
        yield f"uploaded: {sum(uploads['sent'].values())}, {size(uploads['bytes'])}"
        if uploads["retries"]:
            yield f"{uploads['retries']} retries"
        if uploads["waiting_for"]:
            yield uploads["waiting_for"]


def duration(seconds: float | None) -> str:
    """At most 6 characters."""
    if seconds is None:
        return NOTHING
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    for unit, size_s in (("s", 1), ("min", 60), ("h", 3600)):
        if seconds / size_s < 99.5:
            return f"{seconds / size_s:.0f} {unit}"
    return f"{seconds / 86400:.0f} d"


def count(number: int) -> str:
    """At most 6 characters."""
    for unit, step in (("", 1), ("k", 1000), ("M", 10**6)):
        if number < 100_000 * step:
            return f"{number // step}{unit}"
    return f"{number // 10**9}G"


def size(number: int) -> str:
    """Bytes, as megabytes."""
    return f"{number / 1e6:.1f} MB"


def _line(text: str) -> Text:
    """One line, cut where it does not fit."""
    return Text(_plain(text), no_wrap=True, overflow="ellipsis")


def _plain(text: str) -> str:
    """What comes from outside cannot steer the terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
