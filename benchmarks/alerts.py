"""From a reading to its alert at a subscriber of a real broker, beside a camera that is masked.

python -m benchmarks.alerts [ALERTS]: 1000 unless it is said. Needs mosquitto, and the detectors
that `vision-app model pull faces` brings.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event as Flag
from threading import Thread

import numpy as np

from devices.reading import Reading
from tests.models.anomaly.anomaly_bundles import write
from tests.wire.broker import Listener, broker, free_port
from vision_app import config
from vision_app.app import App
from vision_app.sensors.sensing import Sensing

BOUND_MS = 20.0
EVERY_S = 0.02
WARM_S = 8.0
BEGIN = datetime(2026, 1, 31, tzinfo=timezone.utc)


def readings() -> Iterator[Reading]:
    """As ever, then as never, again and again: a raise and a clear in each half minute."""
    second = 0
    while True:
        value = 50.0 if second // 15 % 2 else 0.0
        at = BEGIN + timedelta(seconds=second)
        values = {"temperature_c": value, "vent_pct": value}
        yield Reading("climate", at, time.monotonic(), values)
        second += 1


def feed(sensing: Sensing, alerts: int, taken_s: list[float], stop: Flag) -> None:
    """Gives readings to a sensor's journey, and notes when the one came that changed an alert."""
    for reading in readings():
        before = sensing.view.anomalous, sensing.view.alerts
        began_s = time.monotonic()
        sensing._journey(reading)
        if sensing.view.alerts != before[1]:
            taken_s.append(began_s)
            stop.wait(EVERY_S)
        if len(taken_s) >= alerts or stop.is_set():
            return


class Clocked(Listener):
    """Notes when each raise arrived."""

    def __init__(self, port: int) -> None:
        self.came_s: list[float] = []
        super().__init__(port)

    def _keep(self, message: object) -> None:
        now_s, payload = time.monotonic(), getattr(message, "payload", b"{}")
        if getattr(message, "topic", "").endswith("/anomaly"):
            said = json.loads(payload)
            if said["state"] == "raised" and not said["again"]:
                self.came_s.append(now_s)


def site(folder: Path, port: int) -> App:
    """A camera of 720p at 15 frames a second, all kept that may be, and a sensor."""
    (folder / "nothing.csv").write_text("time,temperature_c,vent_pct\n")
    raw = {
        "device": {"data": str(folder)},
        "camera": [{"name": "bed", "kind": "generated", "width": 1280, "height": 720}],
        "keep": {"below": 1.0, "gap_s": 0.1, "max_per_minute": 600},
        "store": {"url": f"file://{folder}/store"},
        "publish": {"mqtt": {"host": "127.0.0.1", "port": port}},
        "alert": {"after": 1, "clear_after": 1},
        "sensor": [
            {
                "name": "climate",
                "source": str(folder / "nothing.csv"),
                "follow": True,
                "model": str(write(folder / "model")),
            }
        ],
    }
    return App(config.complete(config.parse(raw, "benchmark"), folder))


def main() -> None:
    """Prints the times; exit code 1 above the bound."""
    parser = argparse.ArgumentParser(description="Measure alerts.")
    parser.add_argument("alerts", type=int, nargs="?", default=1000, help="how many (1000)")
    alerts = parser.parse_args().alerts
    port, taken_s, stop = free_port(), list[float](), Flag()
    with TemporaryDirectory() as name, broker(Path(name), port):
        folder = Path(name)
        app, listener = site(folder, port), Clocked(port)
        service = Thread(target=app.run)
        service.start()
        stop.wait(WARM_S)
        feed(app._sensings[0], alerts, taken_s, stop)
        stop.wait(1.0)
        camera = app.health().cameras["bed"]
        app.stop()
        service.join()
        listener.close()
    assert len(listener.came_s) == len(taken_s), (len(listener.came_s), len(taken_s))
    took_ms = (np.array(listener.came_s) - np.array(taken_s)) * 1000
    p50, p99, most = np.percentile(took_ms, [50, 99, 100])
    print(f"{alerts} alerts beside {camera['captured']} frames, {camera['kept_frames']} kept")
    print(f"reading to subscriber: p50 {p50:.1f} ms, p99 {p99:.1f} ms, most {most:.1f} ms")
    sys.exit(int(p99 > BOUND_MS))


if __name__ == "__main__":
    main()
