"""What the service tells, heard in two ways: from its file of events, and from the broker."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from benchmarks.soaking.fault import Health

PREDICTION, HEALTH = "vision-app/prediction/1", "vision-app/health/1"


class Told:
    """Reads the file of events as it grows, and on when the service begins another."""

    def __init__(self, path: Path) -> None:
        self._path, self._part = path, ""
        self._file: TextIO | None = None
        self.latencies_ms: defaultdict[str, list[float]] = defaultdict(list)
        self.alerts: Counter[str] = Counter()
        self.health: Health = {}

    def news(self) -> Iterator[tuple[float, Health]]:
        """Health events that are new, and when they were, in seconds since 1970."""
        for line in self._lines():
            event = json.loads(line)
            if event["schema"] == HEALTH:
                self.health = event
                yield datetime.fromisoformat(event["at"].replace("Z", "+00:00")).timestamp(), event
            elif event["schema"] == PREDICTION:
                late_ms = event["latency_ms"]["capture_to_publish"]
                self.latencies_ms[event["camera"]].append(late_ms)
            else:
                self.alerts[event.get("state", "")] += 1

    def close(self) -> None:
        """Gives the file back."""
        if self._file is not None:
            self._file.close()

    def _lines(self) -> Iterator[str]:
        """Whole lines; of the file that was replaced first, to its end."""
        while True:
            replaced = self._replaced()
            if self._file is not None:
                yield from self._whole(self._file)
            if not replaced:
                return
            self.close()
            self._file, self._part = self._path.open(encoding="utf-8"), ""

    def _whole(self, file: TextIO) -> Iterator[str]:
        while line := file.readline():
            self._part += line
            if self._part.endswith("\n"):
                whole, self._part = self._part, ""
                yield whole

    def _replaced(self) -> bool:
        """Whether the service writes another file than the one that is being read."""
        if not self._path.exists():
            return False
        if self._file is None:
            return True
        return Path(f"/proc/self/fd/{self._file.fileno()}").stat().st_ino != (
            self._path.stat().st_ino
        )


class Heard:
    """Counts the predictions that arrive at a client of the broker; it comes back by itself."""

    def __init__(self, port: int) -> None:
        self._seen: set[tuple[str, int]] = set()
        self.twice = 0
        self._client = Client(CallbackAPIVersion.VERSION2, "soak", clean_session=False)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = lambda client, *rest: client.subscribe("vision/#", qos=1)
        self._client.on_message = self._hear
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    @property
    def predictions(self) -> int:
        """Each counted once."""
        return len(self._seen)

    def close(self) -> None:
        """Hears no more."""
        self._client.disconnect()
        self._client.loop_stop()

    def _hear(self, client: Client, data: Any, message: MQTTMessage) -> None:
        if not message.topic.endswith("/prediction"):
            return
        event = json.loads(message.payload)
        one = (event["camera"], event["seq"])
        self.twice += one in self._seen
        self._seen.add(one)
