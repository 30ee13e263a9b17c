"""`vision-app run`: the service."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click
from rich.console import Console

from models.catalogue.pull import pull
from models.errors import ModelError
from vision_app import config, defaults, log
from vision_app.app import App
from vision_app.machine.heaps import one_heap
from vision_app.publish import nobody
from vision_app.screen.live_terminal import live_terminal
from vision_app.screen.report import table
from vision_app.settings import Settings


@click.command()
@click.option(
    "-c",
    "--config",
    "path",
    type=click.Path(path_type=Path),
    help="TOML file; without it, embedded defaults.",
)
@click.option("--duration", type=click.FloatRange(min=0), metavar="S", help="End after S seconds.")
@click.option("--plain", is_flag=True, help="No live table in a terminal: log lines only.")
@click.option("-v", "--verbose", is_flag=True, help="Show the log of libraries, too.")
def run(path: Path | None, duration: float | None, plain: bool, verbose: bool) -> None:
    """Run the service until Ctrl-C or SIGTERM. In a terminal a live table shows every camera.

    Example: vision-app run -c site.toml --duration 60
    """
    log.set_up(verbose)
    one_heap()
    live = None if plain else live_terminal()
    settings = config.load(path) if path else _defaults()
    app = App(settings, str(path or defaults.SOURCE), hear=live.hear if live else nobody)
    with stopped_by_signals(app):
        if live:
            with live.shown(app.health) as look:
                app.run(duration, look)
        else:
            app.run(duration)
    Console(stderr=True).print(table(app.health()))


def _defaults() -> Settings:
    data = config.data_folder()
    cache, mirror = data / "models", config.mirror()
    portrait = None if defaults.find_camera() else pull_portrait(cache, mirror)
    return config.complete(defaults.service(data, portrait), data)


def pull_portrait(cache: Path, mirror: str | None) -> Path | None:
    """The face that walks through generated footage, or None (and a sentence) without it."""
    try:
        return pull("astronaut", cache, mirror, lambda text: click.echo(text, err=True))
    except ModelError as error:
        click.echo(f"No face walks through the generated footage: {error}", err=True)
        return None


@contextmanager
def stopped_by_signals(app: App) -> Iterator[None]:
    """SIGINT or SIGTERM stop the application in order; a second Ctrl-C ends it at once.

    A second SIGTERM does not: make and some supervisors send it twice.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        if number == signal.SIGINT:
            signal.signal(number, signal.default_int_handler)
        app.stop()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
