"""The whole application in this process, with paced cameras, and what it says and costs."""

import logging
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any

import numpy as np

from benchmarks.pipelines.film import Size, film
from benchmarks.pipelines.paced import PacedCamera
from devices.settings import CameraSettings
from masking.settings import MaskingSettings
from vision_app import config
from vision_app.app import App
from vision_app.config import data_folder
from vision_app.events import Event as Told
from vision_app.events import PredictionEvent
from vision_app.settings import Settings

READY_S = 60.0
LOOK_S = 0.05
SETTLED_S = 2.0
KEPT_S = 0.7
"""By then what was to be kept is on the disk."""


@dataclass(slots=True)
class Heard:
    """Of each published frame the milliseconds since its capture, and those of them in which
    nothing was done with it.

    decoded_ms: what decoding took, by camera and number; left by the cameras.
    """

    ages_ms: list[float] = field(default_factory=list)
    waits_ms: list[float] = field(default_factory=list)
    decoded_ms: dict[tuple[str, int], float] = field(default_factory=dict)

    def hear(self, event: Told) -> None:
        """A listener of the application."""
        if isinstance(event, PredictionEvent):
            latency = event.latency_ms
            decoded_ms = self.decoded_ms.pop((event.camera, event.seq))
            self.ages_ms.append(latency.capture_to_publish)
            done_ms = decoded_ms + latency.mask + latency.classify
            self.waits_ms.append(latency.capture_to_publish - done_ms)


@dataclass(frozen=True, slots=True)
class Window:
    """What happened while it was measured. cpu_s: of all threads of this process.

    counts: by how frames ended, and why others never came; kept and not kept among them.
    """

    wall_s: float
    cpu_s: float
    ages_ms: list[float]
    waits_ms: list[float]
    counts: Counter[str]

    @property
    def published(self) -> int:
        """Frames."""
        return self.counts["published"]

    @property
    def cpu_ms(self) -> float:
        """Of one frame."""
        return self.cpu_s * 1000 / max(1, self.published)

    @property
    def kept(self) -> int:
        """Frames that went through the second look, whether it let them pass or not."""
        return self.counts["kept_frames"] + self.counts["withheld"]

    @property
    def lost(self) -> int:
        """Frames that were filmed and not published."""
        return sum(self.counts[why] for why in LOST)


LOST = (
    "stale", "damaged", "dropped_newer", "over_rate", "redacted", "classify_failed",
    "publish_refused",
)  # fmt: skip


def percentiles(seen: Window) -> str:
    """Of the ages of published frames, ms."""
    p50, p95, p99 = np.percentile(seen.ages_ms, (50, 95, 99))
    return f"p50 {p50:.1f}, p95 {p95:.1f}, p99 {p99:.1f}"


def causes(seen: Window) -> str:
    """Why frames were lost."""
    lost = ", ".join(f"{seen.counts[why]} {why}" for why in LOST if seen.counts[why])
    return lost or "none lost"


class Service:
    """An application that runs, its cameras filming while `running` is set."""

    def __init__(self, app: App, heard: Heard, running: Event) -> None:
        self.app, self.heard, self.running = app, heard, running

    def window(self, seconds: float) -> Window:
        """Lets the cameras film for so long, and waits until what was filmed is through."""
        before, heard = self._counts(), len(self.heard.ages_ms)
        begin_s, cpu_s = time.monotonic(), time.process_time()
        self.running.set()
        Event().wait(seconds)
        wall_s = time.monotonic() - begin_s
        self.running.clear()
        ages_ms, waits_ms = self.heard.ages_ms[heard:], self.heard.waits_ms[heard:]
        self._through()
        cpu_s = time.process_time() - cpu_s
        return Window(wall_s, cpu_s, ages_ms, waits_ms, self._counts() - before)

    def _through(self) -> None:
        while any(camera["in_flight"] for camera in self.app.health().cameras.values()):
            Event().wait(LOOK_S)
        Event().wait(KEPT_S)

    def _counts(self) -> Counter[str]:
        counts: Counter[str] = Counter()
        for camera in self.app.health().cameras.values():
            for part in (camera["ends"], camera["losses"], camera["not_kept"]):
                counts.update(part)
            counts["kept_frames"] += camera["kept_frames"]
        return counts


@contextmanager
def service(
    folder: Path, masking: MaskingSettings, cameras: int, size: Size, fps: float
) -> Iterator[Service]:
    """One that has its detectors, and has looked at some seconds of film already."""
    logging.disable(logging.WARNING)
    heard, running = Heard(), Event()
    jpegs = film(size)

    def opener(settings: CameraSettings, first_seq: int) -> PacedCamera:
        return PacedCamera(settings, first_seq, jpegs, running, heard.decoded_ms)

    settings = _settings(folder, masking, cameras, size, fps)
    app = App(settings, "benchmark", hear=heard.hear, opener=opener)
    thread = Thread(target=app.run, name="application")
    thread.start()
    try:
        _wait_for_detectors(app)
        running_service = Service(app, heard, running)
        running_service.window(SETTLED_S)
        yield running_service
    finally:
        app.stop()
        thread.join()
        logging.disable(logging.NOTSET)


def _settings(
    folder: Path, masking: MaskingSettings, cameras: int, size: Size, fps: float
) -> Settings:
    names = (f"camera-{number}" for number in range(cameras))
    camera: dict[str, Any] = {"width": size.width, "height": size.height, "fps": fps}
    raw = {
        "device": {"data": str(folder)},
        "camera": [{"name": name, **camera} for name in names],
        "masking": masking.model_dump(),
        "catalogue": {"cache": str(data_folder() / "models")},
        "publish": {"jsonl": {"path": str(folder / "events.jsonl")}},
    }
    return config.complete(config.parse(raw, "benchmark"), folder)


def _wait_for_detectors(app: App) -> None:
    until_s = time.monotonic() + READY_S
    while app.detection.problem or app.detection.second_look is None:
        if time.monotonic() > until_s:
            raise SystemExit(f"there is no detector: {app.detection.problem}{app.detection.lack}")
        Event().wait(LOOK_S)
