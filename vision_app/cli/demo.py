"""`vision-app demo`: the same application on embedded defaults, with a report at the end."""

from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from vision_app import config, defaults, log
from vision_app.app import App
from vision_app.cli.run import pull_portrait, stopped_by_signals
from vision_app.events import HealthEvent
from vision_app.screen.report import sheet_of, table
from vision_app.settings import Settings

DRAIN_S = 30.0


@click.command()
@click.option("--seconds", type=click.FloatRange(min=1), default=20.0, show_default=True)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo-out"),
    show_default=True,
    help="Each demo writes into a new folder below this one.",
)
@click.option("-v", "--verbose", is_flag=True, help="Show the log of libraries, too.")
def demo(seconds: float, out: Path, verbose: bool) -> None:
    """Show the whole application at work, without any configuration.

    Uses the first camera of this machine, or renders footage; uploads into a folder.

    Example: vision-app demo --seconds 20
    """
    log.set_up(verbose)
    folder = out.resolve() / datetime.now().strftime("%Y%m%d-%H%M%S")
    folder.mkdir(parents=True)
    app = App(_settings(folder), drain_s=DRAIN_S)
    app.detection.step()
    with stopped_by_signals(app):
        _run(app, seconds)
    _report(app.health(), folder)


def _settings(folder: Path) -> Settings:
    cache = config.data_folder() / "models"
    mirror = config.mirror()
    portrait = None if defaults.find_camera() else pull_portrait(cache, mirror)
    return config.complete(defaults.demo(folder, portrait), folder)


def _run(app: App, seconds: float) -> None:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("starting", total=seconds)

        def look() -> None:
            health = app.health()
            progress.update(task, completed=health.uptime_s, description=_line(health))

        app.run(seconds, look)


def _line(health: HealthEvent) -> str:
    frames = sum(camera["captured"] for camera in health.cameras.values())
    faces = sum(camera["faces"] for camera in health.cameras.values())
    kept = sum(camera["kept_frames"] for camera in health.cameras.values())
    alerts = sum(sensor["alerts"] for sensor in health.sensors.values())
    return f"{frames} frames, {faces} faces masked, {kept} kept, {alerts} alerts"


def _report(health: HealthEvent, folder: Path) -> None:
    bucket, sheet = folder / "bucket", folder / "contact-sheet.png"
    png = sheet_of(bucket)
    if png is not None:
        sheet.write_bytes(png)
    console = Console()
    console.print(table(health))
    lies = [("events", folder / "events.jsonl"), ("uploaded objects", bucket)]
    lies += [("contact sheet", sheet)] if png is not None else []
    for what, where in lies:
        click.echo(f"{what + ':':<18}{where}")
