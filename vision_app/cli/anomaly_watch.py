"""`vision-app anomaly watch`: readings as they come, what a model says of them, in a terminal."""

import time
from collections.abc import Iterator
from pathlib import Path

import click
from rich.console import Console
from rich.live import Live

from devices.errors import EndOfSource, NothingYet
from devices.reading import Reading
from devices.sensor import Sensor, open_sensor
from devices.sensor_settings import CsvSettings
from models.anomaly.alarm import Alarm
from models.anomaly.stream import AnomalyModel
from vision_app.screen.anomaly_chart import AnomalyChart

READ_S, DRAW_S = 0.5, 0.2


@click.command()
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--model", type=click.Path(path_type=Path), required=True, help="The bundle.")
@click.option("--time-column", default="time", show_default=True)
@click.option("--separator", default=",", show_default=True)
@click.option("--follow", is_flag=True, help="What is appended to the file from now on, for ever.")
@click.option(
    "--speed",
    type=click.FloatRange(min=0),
    default=1.0,
    show_default=True,
    help="Of a replay; 60: a minute per second, 0: as fast as possible.",
)
def watch(
    data: Path, model: Path, time_column: str, separator: str, follow: bool, speed: float
) -> None:
    """Show signals, score and alert of a CSV file that is replayed, or that grows.

    Ends at the end of the file, or with Ctrl+C.

    Example: vision-app anomaly watch today.csv --model climate-model --speed 600
    """
    opened = AnomalyModel.open(model)
    settings = CsvSettings(
        name="watch",
        source=data,
        time_column=time_column,
        separator=separator,
        follow=follow,
        speed=speed,
    )
    chart = AnomalyChart(opened.manifest.name, opened.signals, opened.manifest.units)
    with open_sensor(settings) as sensor:
        _show(sensor, opened, chart)


def _show(sensor: Sensor, model: AnomalyModel, chart: AnomalyChart) -> None:
    stream, alarm = model.new_stream(sensor.signals), Alarm()
    with Live(chart.drawn(), console=Console(highlight=False), auto_refresh=False) as live:
        drawn_s = time.monotonic()
        for reading in _readings(sensor):
            if reading is not None:
                anomaly = stream.update(reading.at, reading.values)
                if anomaly is not None:
                    alarm.judge(anomaly)
                chart.add(reading.at, reading.values, anomaly, alarm.raised)
            if time.monotonic() - drawn_s >= DRAW_S:
                live.update(chart.drawn(), refresh=True)
                drawn_s = time.monotonic()
        live.update(chart.drawn(), refresh=True)


def _readings(sensor: Sensor) -> Iterator[Reading | None]:
    """Each reading; None where a while went by without one."""
    while True:
        try:
            yield sensor.read(READ_S)
        except NothingYet:
            yield None
        except (EndOfSource, KeyboardInterrupt):
            return
