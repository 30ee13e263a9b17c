"""The work that nobody could do without, called in a loop: no threads, and no books."""

import math
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime, timezone
from pathlib import Path
from threading import Event

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.pipelines.film import Size, film
from devices.pixels import Layout, decode
from masking.fill import fill
from masking.settings import MaskingSettings
from masking.tracking.motion import CameraMotion
from models.classifier import Classifier, open_classifier
from models.faces import OpenedDetector
from models.settings import CatalogueSettings
from uploader.choosing.settings import KeepSettings
from uploader.encode import decoded
from vision_app import config
from vision_app.config import data_folder
from vision_app.events import LatencyMs, Origin, PredictionEvent
from vision_app.faces.live_detector import open_live
from vision_app.faces.second_detectors import SecondDetectors, open_second_detectors
from vision_app.publishers.jsonl import JsonLinesPublisher
from vision_app.settings import JsonLinesSettings, Settings
from vision_app.weights import Weights

ORIGIN = Origin("home", "bare")

Pixels = NDArray[np.uint8]


class Bare:
    """Of every frame and of kept ones. cpu_s: by kernel, of all threads; frames, kept: how many."""

    def __init__(
        self,
        size: Size,
        masking: MaskingSettings,
        detector: OpenedDetector,
        second: SecondDetectors,
        classifier: Classifier,
        publisher: JsonLinesPublisher,
    ) -> None:
        self._jpegs = [np.frombuffer(jpeg, np.uint8) for jpeg in film(size)]
        self._layout, self._grow = Layout(*size), masking.grow
        self._detector, self._second, self._motion = detector, second, CameraMotion()
        self._classifier, self._publisher = classifier, publisher
        self.cpu_s: defaultdict[str, float] = defaultdict(float)
        self.frames = self.kept = 0
        self._last_s = 0.0

    def run(self, frames: int, kept: int, fps: float = math.inf) -> float:
        """So many of each, at most so many a second; seconds of processor time."""
        begin_s, begun_s = time.process_time(), time.monotonic()
        every = max(1, frames // max(1, kept))
        for number in range(frames):
            Event().wait(max(0.0, begun_s + number / fps - time.monotonic()))
            masked = self._frame(number)
            if number % every == 0 and number // every < kept:
                self._keep(masked)
        return time.process_time() - begin_s

    def _frame(self, number: int) -> Pixels:
        self._last_s = time.process_time()
        pixels = decode("MJPG", self._jpegs[number % len(self._jpegs)], self._layout)
        self._took("decode")
        faces = self._detector.detect(pixels)
        self._took("faces")
        self._motion.follow(pixels)
        self._took("motion")
        masked = pixels.copy()
        fill(masked, [face.grown(self._grow) for face in faces])
        self._took("cover")
        prediction = self._classifier.classify(masked)
        self._took("classify")
        now, latency = datetime.now(timezone.utc), LatencyMs(0, 0, 0)
        self._publisher.publish(
            PredictionEvent(ORIGIN, "bare", number, now, prediction, len(faces), (), latency)
        )
        self._took("publish")
        self.frames += 1
        return masked

    def _keep(self, masked: Pixels) -> None:
        self._second.again.detect(masked)
        if self._second.second is not None:
            self._second.second.detect(masked)
        self._took("look again")
        quality = [cv2.IMWRITE_JPEG_QUALITY, KeepSettings().jpeg_quality]
        stored = decoded(cv2.imencode(".jpg", masked, quality)[1].tobytes())
        self._took("JPEG, and back")
        assert stored is not None
        self._second.judge.detect(stored)
        self._took("judge")
        self.kept += 1

    def _took(self, what: str) -> None:
        now_s = time.process_time()
        self.cpu_s[what] += now_s - self._last_s
        self._last_s = now_s


KEPT = ("look again", "JPEG, and back", "judge")


def told(bare: Bare) -> str:
    """What each kernel takes, ms of CPU of one frame of those that it is for."""
    parts = []
    for name, cpu_s in bare.cpu_s.items():
        times = bare.kept if name in KEPT else bare.frames
        parts.append(f"{name} {cpu_s * 1000 / times:.2f}")
    return ", ".join(parts)


@contextmanager
def bare(folder: Path, masking: MaskingSettings, size: Size) -> Iterator[Bare]:
    """With networks of its own, opened as the application opens them, and warm."""
    weights = Weights(CatalogueSettings(cache=data_folder() / "models"), print)
    settings = config.complete(Settings(), folder)
    live, detector = open_live(masking, weights)
    second = open_second_detectors(live.detector, masking, weights, lean=True)
    with ExitStack() as opened:
        for one in (detector, second.again, second.second, second.judge):
            if one is not None:
                opened.enter_context(closing(one))
        classifier = opened.enter_context(open_classifier(settings.model))
        where = JsonLinesSettings(path=folder / "bare.jsonl")
        made = Bare(size, masking, detector, second, classifier, JsonLinesPublisher(where, ORIGIN))
        made.run(30, 3)
        made.cpu_s.clear()
        made.frames = made.kept = 0
        yield made
