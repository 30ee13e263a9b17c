"""Events as lines of JSON in a file."""

import json
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from threading import Lock

from vision_app.events import Event, Origin
from vision_app.publish import Told, told_already
from vision_app.settings import JsonLinesSettings


class JsonLinesPublisher:
    """Appends one line per event: {"topic": …, …payload}. Bounded to two files of max_bytes."""

    def __init__(self, settings: JsonLinesSettings, origin: Origin) -> None:
        self._path = settings.path
        self._max_bytes = settings.max_bytes
        self._counts: Counter[str] = Counter(sent=0, refused=0)
        self._lock = Lock()
        self._problem = ""

    @property
    def counts(self) -> Mapping[str, int]:
        """Events sent and refused."""
        return dict(self._counts)

    @property
    def problem(self) -> str:
        """Why the last line could not be written; empty when it could."""
        return self._problem

    def publish(self, event: Event) -> bool:
        """Appends the event; False when the disk refuses it."""
        line = json.dumps({"topic": event.topic} | event.payload(), ensure_ascii=False)
        with self._lock:
            try:
                self._append(line + "\n")
            except OSError as error:
                self._problem = f"cannot write events to {self._path}: {error.strerror}"
                self._counts["refused"] += 1
                return False
            self._problem = ""
            self._counts["sent"] += 1
            return True

    def deliver(self, event: Event) -> Told | None:
        """Appends the event; once it is in the file, it is told."""
        return told_already if self.publish(event) else None

    def close(self) -> None:
        """Nothing is held open between events."""

    def _append(self, line: str) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if self._path.exists() and self._path.stat().st_size + len(line) > self._max_bytes:
            os.replace(self._path, Path(f"{self._path}.1"))
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line)
