"""`vision-app simulate`."""

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from uploader.choosing.score_log import FOLDER
from vision_app import config
from vision_app.screen.console import console
from vision_app.settings import Settings
from vision_app.simulate.log import Log, open_log
from vision_app.simulate.outcome import Outcome
from vision_app.simulate.replay import replay
from vision_app.simulate.report import as_values, chart, classes, table

PATH = click.Path(path_type=Path)
MOST = 4
DEFAULTS = "defaults"


@click.command()
@click.argument("log", type=PATH, required=False)
@click.option(
    "-c", "--config", "paths", type=PATH, multiple=True, help="Try [keep] of this; may be repeated."
)
@click.option("--json", "as_json", is_flag=True, help="Everything that is counted, as JSON.")
def simulate(log: Path | None, paths: tuple[Path, ...], as_json: bool) -> None:
    """Tell what policies would have kept of the frames that this device has seen.

    LOG is a folder of scores, as `vision-app run` collects it with [keep.score_log] enabled = true;
    by default that of the first configuration. The device's own code decides, so that a replay of
    what it used tells what it did, apart from frames that the second look withheld and from those
    that an audit drew. Near-duplicates are told by 64 bits, not by embeddings.

    Example: vision-app simulate -c site.toml -c cheaper.toml
    """
    if len(paths) > MOST:
        raise click.UsageError(f"{len(paths)} configurations do not fit side by side: up to {MOST}")
    tried = _tried(paths)
    folder = log or _log_of(next(iter(tried.values())))
    outcomes = _replayed(open_log(folder), tried)
    if as_json:
        click.echo(json.dumps({name: as_values(one) for name, one in outcomes.items()}, indent=2))
        return
    screen = console()
    screen.print(table(outcomes), "", classes(outcomes), "", *chart(outcomes), sep="\n")


def _tried(paths: tuple[Path, ...]) -> Mapping[str, Settings]:
    """Configurations by a short name; without any, the defaults."""
    if not paths:
        return {DEFAULTS: config.complete(Settings(), Path.cwd())}
    names = [path.stem for path in paths]
    alike = len(set(names)) < len(names)
    return {str(path) if alike else path.stem: config.load(path) for path in paths}


def _log_of(settings: Settings) -> Path:
    assert settings.device.data is not None, "completed by config.complete"
    return settings.device.data / FOLDER


def _replayed(log: Log, tried: Mapping[str, Settings]) -> dict[str, Outcome]:
    outcomes = {}
    screen = Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(20), TimeRemainingColumn())
    with Progress(*columns, console=screen, disable=not screen.is_terminal) as progress:
        for name, settings in tried.items():
            task = progress.add_task(name, total=log.frames)
            told = partial(progress.advance, task)
            outcomes[name] = replay(log, settings.keep, told, settings.owns)
    return outcomes
