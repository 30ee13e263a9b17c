"""A service with a sensor on each kind of line, and all that one can do to them."""

import json
import os
import signal
import subprocess
import sys
import tty
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import Any

import pyarrow.parquet

from tests.wire.service import PROGRAM, ROOT

Health = dict[str, Any]
WAIT_S = 30.0
CONFIG = """
[device]
site = "farm"
name = "node"
data = "{data}"

[[sensor]]
name = "bench"
kind = "serial"
source = "{folder}/port"
signal = [{{ name = "n", at = "1", max = 1000000 }}]

[[sensor]]
name = "air"
kind = "mqtt"
host = "127.0.0.1"
port = {port}
client_id = "node-air"
signal = [{{ name = "n", at = "air", max = 1000000 }}]

[[sensor]]
name = "stamped"
kind = "mqtt"
host = "127.0.0.1"
port = {port}
client_id = "node-stamped"
time_key = "at"
signal = [{{ name = "n", at = "stamped#n", max = 1000000 }}]

[[sensor]]
name = "log"
kind = "csv"
source = "{folder}/log.csv"
follow = true
signal = [{{ name = "n", max = 1000000 }}]

[bulk]
every_s = 0.5

[spool]
min_free_bytes = 0

[store]
url = "file://{folder}/bucket"

[publish.jsonl]
path = "{folder}/events.jsonl"

[health]
every_s = 0.5
"""


class Port:
    """A serial port that can be unplugged: it is found by a link, as in /dev/serial/by-id."""

    def __init__(self, link: Path) -> None:
        self._link, self._end = link, -1
        self.plug()

    def plug(self) -> None:
        """Under another number, as the kernel does it."""
        self._end, ours = os.openpty()
        tty.setraw(ours)
        self._link.unlink(missing_ok=True)
        self._link.symlink_to(os.ttyname(ours))
        os.close(ours)

    def say(self, text: bytes) -> None:
        os.write(self._end, text)

    def unplug(self) -> None:
        if self._end >= 0:
            os.close(self._end)
        self._end = -1


class Site:
    """The running service; its end asks it to end, and looks whether it did in order."""

    def __init__(
        self,
        folder: Path,
        mqtt_port: int,
        data: Path,
        environment: Mapping[str, str] | None = None,
        more: str = "",
    ) -> None:
        """environment: of tests/faults/world.py, where the service shall live in another world.

        more: at the end of the configuration.
        """
        self.folder = folder
        self.port = Port(folder / "port")
        self.log_file = folder / "log.csv"
        self.log_file.write_text("time,n\n")
        (folder / "site.toml").write_text(
            CONFIG.format(folder=folder, data=data, port=mqtt_port) + more
        )
        command = [sys.executable, "-c", PROGRAM, "run", "-c", str(folder / "site.toml")]
        with (folder / "service.log").open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env={**os.environ, **(environment or {})}, stdout=log, stderr=log
            )

    def __enter__(self) -> "Site":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            code = self._process.wait(WAIT_S)
        finally:
            self._process.kill()
            self._process.wait()
            self.port.unplug()
        assert code == 0 or kind is not None, self.said()
        assert "Traceback" not in self.said()

    def said(self) -> str:
        return (self.folder / "service.log").read_text()

    def opened(self, sensor: str, times: int = 1) -> None:
        """Waits until it was opened so often."""
        until(lambda: self.said().count(f"sensor {sensor} is open") >= times, self.said)

    def write(self, line: str) -> None:
        """Into the file that is followed."""
        with self.log_file.open("a") as file:
            file.write(line)

    def health(self) -> Health:
        """The newest."""
        lines = (self.folder / "events.jsonl").read_text().splitlines()
        told = [event for line in lines if (event := json.loads(line))["topic"].endswith("/health")]
        return told[-1] if told else {"problems": [], "sensors": {}, "bulk": {"losses": {}}}

    def told(self, true: Callable[[Health], bool]) -> Health:
        """The newest health, once that is true of it."""
        until(lambda: true(self.health()), lambda: f"{self.health()}\n{self.said()}")
        return self.health()

    def read(self, **counts: int) -> None:
        """Waits until so many readings of each were taken."""
        self.told(lambda health: all(readings(health, s) >= n for s, n in counts.items()))

    def alerts(self) -> list[str]:
        """All that were told."""
        lines = (self.folder / "events.jsonl").read_text().splitlines()
        return [line for line in lines if json.loads(line)["topic"].endswith("/anomaly")]

    def stored(self) -> dict[str, list[float]]:
        """Sensor → its numbers, in all files of the bucket; looks at each file's order and date."""
        found: dict[str, list[float]] = {}
        for path in sorted((self.folder / "bucket" / "sensors").rglob("*.parquet")):
            table = pyarrow.parquet.ParquetFile(path).read()
            times = table.column("time").to_pylist()
            assert times == sorted(times)
            assert {f"date={at:%F}" for at in times} == {path.parent.name}
            for row in table.to_pylist():
                found.setdefault(row["sensor"], []).append(row.get("n"))
        return found


def until(true: Callable[[], bool], said: Callable[[], object]) -> None:
    """Waits for it; said: what is told when it does not come."""
    pause = Event()
    for _ in range(int(WAIT_S / 0.05)):
        if true():
            return
        pause.wait(0.05)
    raise AssertionError(f"it did not come: {said()}")


def readings(health: Health, sensor: str) -> int:
    return int(health["sensors"].get(sensor, {}).get("readings", 0))


def losses(health: Health, sensor: str) -> dict[str, int]:
    return dict(health["sensors"][sensor]["losses"])


def iso(at: datetime | None = None) -> str:
    return (at or datetime.now(timezone.utc)).isoformat()
