"""The whole system on one screen: builds every part, starts them, waits, stops them in reverse."""

import logging
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from functools import partial
from itertools import compress
from threading import Event as Flag
from threading import Timer

from devices.boards.accelerators import accelerators
from devices.boards.limits import usable_cores
from devices.camera import Camera, open_camera
from devices.settings import CameraSettings
from masking.masker import WAIT_S, Masker
from models.classifier import open_classifier
from uploader.sending.gate import Gate
from uploader.sending.uploader import Outcome, Uploader
from uploader.store import open_store
from vision_app.alerting.hook import Hook
from vision_app.alerting.opening import open_desk
from vision_app.cameras.capture import Capture, State
from vision_app.cameras.latest import Latest
from vision_app.choosing import check_policies, names_in, open_choosing, widened
from vision_app.errors import AppError
from vision_app.events import HealthEvent, Origin
from vision_app.faces.detection import Detection
from vision_app.health import Health, Parts
from vision_app.keeper import Keeper
from vision_app.ledger import Ledger
from vision_app.machine.accelerator_use import notes_of_here
from vision_app.pipeline import Pipeline
from vision_app.preflight import Faults, check_cameras, check_hook, open_anomaly_models
from vision_app.publish import Listener, nobody, open_publishers, tell
from vision_app.sensors.live_models import live_models, open_drift
from vision_app.sensors.sensing import Sensing
from vision_app.settings import Settings
from vision_app.storing import open_bulk, open_spool
from vision_app.worker import PATIENCE_S, Loop, Worker, stop_together

log = logging.getLogger("vision_app")

LOOK_S = 0.2
SOURCES_END_S = 5.0
"""So long, for all together, a stop waits for cameras and sensors that are busy with a device."""
SPARE_LANES = 1
"""Threads of the pipeline beside one for each core, while one waits for a detector that hangs."""
UPLOADER = "uploader"
GIVE_UP = (Outcome.UNAVAILABLE, Outcome.DENIED, Outcome.SPOOL_FAILED)


class App:
    """The service. Raises ConfigError with every fault of the set-up before anything starts."""

    def __init__(
        self,
        settings: Settings,
        source: str = "set-up",
        drain_s: float | None = None,
        hear: Listener = nobody,
        opener: Callable[[CameraSettings, int], Camera] = open_camera,
    ) -> None:
        """source: where the settings come from, for the person who has to correct them.

        drain_s: how long a stop waits for uploads; default: as [store] drain_s says.
        hear: hears every prediction and alert beside the publishers, as `tell` says.
        opener: opens a camera, which numbers its frames from a number on.
        """
        self._settings, self._source = settings, source
        said_s = settings.store.drain_s if settings.store else 0.0
        self._drain_s = said_s if drain_s is None else drain_s
        self._stop, self._bug, self._hear, self._opener = Flag(), "", hear, opener
        with ExitStack() as opened:
            self._build(settings, opened)
            self._opened = opened.pop_all()

    def _build(self, s: Settings, opened: ExitStack) -> None:
        faults, keep_open = Faults(self._source), opened.enter_context
        with faults.at("model"):
            classifier = keep_open(open_classifier(s.model))
        with faults.at("spool"):
            spool = keep_open(open_spool(s))
        with faults.at("store"):
            store = keep_open(closing(open_store(s.store))) if s.store else None
        check_cameras(s, faults)
        check_hook(s, faults)
        anomaly_models = open_anomaly_models(s, faults)
        faults.refuse_any()
        names = names_in(s, classifier.labels)
        check_policies(s, names, faults)
        with faults.at("bulk"):
            self._bulk = keep_open(open_bulk(s, spool)) if s.sensor and s.bulk.enabled else None

        origin = Origin(s.device.site, s.device.name)
        with faults.at("publish"):
            publishers = open_publishers(s.publish, origin)
        faults.refuse_any()
        publish = partial(tell, publishers.values(), hear=self._hear)

        self._classifier = classifier
        self.choosing = keep_open(closing(open_choosing(s, names, spool.clock)))
        latest, ledgers = Latest(), {camera.name: Ledger() for camera in s.camera}
        maskers = {c.name: keep_open(closing(Masker(None, s.masking, c.exempt))) for c in s.camera}
        seeking = [maskers[camera.name] for camera in s.camera if not camera.exempt]
        self.detection = keep_open(closing(Detection(s.masking, s.catalogue, seeking)))
        self._keeper = Keeper(
            lambda: self.detection.second_look, spool, self.choosing.chooser, ledgers,
            self.choosing.score_log, self.choosing.alerts,
        )  # fmt: skip
        self._pipeline = Pipeline(
            latest, ledgers, maskers, classifier, publish, self._keeper, self.choosing.chooser,
            self.choosing.alerts, origin, self.choosing.score_log,
        )  # fmt: skip
        self._lanes = min(len(s.camera), usable_cores() + SPARE_LANES)
        self._captures = [
            Capture(camera, latest, ledgers[camera.name], self._opener) for camera in s.camera
        ]
        self._hook = keep_open(closing(Hook(s.alert.hook, s.alert.hook_timeout_s)))
        alerts, heard = self.choosing.alerts, self._hear
        self._drift = keep_open(closing(open_drift(s, spool.clock.now_s)))
        live = live_models(s, anomaly_models, self._drift)
        models = {name: one.model for name, one in live.items()}
        desk = open_desk(s, models, publishers, alerts, heard, self._hook)
        self._desk = keep_open(closing(desk))
        self._sensings = [
            Sensing(sensor, live.get(sensor.name), self._bulk, self._desk.judge)
            for sensor in s.sensor
        ]
        self._sources: tuple[Capture | Sensing, ...] = (*self._sensings, *self._captures)
        self._uploader = (
            Uploader(spool, store, s.store, gate=Gate(s.store, s.bulk))
            if store and s.store
            else None
        )
        self._ledgers, self._publishers = ledgers, publishers
        self._health = Health(
            Parts(
                origin, self._captures, ledgers, maskers, self.detection, self.choosing,
                self._pipeline, self._sensings, self._bulk, spool, self._uploader, publishers,
                self._desk, self._drift,
            ),
            s.health.every_s,
        )  # fmt: skip

    def run(self, duration_s: float | None = None, look: Callable[[], None] = lambda: None) -> None:
        """Runs until `stop`, duration_s, the end of every source, or a bug; then stops in order.

        look is called a few times a second by this thread, to show progress.
        Raises AppError when a bug ended it.
        """
        self._say_what_is_special()
        workers = self._workers()
        until = time.monotonic() + duration_s if duration_s is not None else float("inf")
        try:
            for worker in workers:
                worker.start()
            while time.monotonic() < until and not self._stop.wait(LOOK_S) and not self._ended():
                look()
        finally:
            self._end(workers)
        if self._bug:
            raise AppError(f"{self._bug} stopped with a bug; the log has its traceback")

    def stop(self) -> None:
        """Asks `run` to end; may be called from a signal handler or another thread."""
        self._stop.set()

    def health(self) -> HealthEvent:
        """Every count at this moment."""
        return self._health.now()

    def _say_what_is_special(self) -> None:
        """What runs the model, cameras that are not masked, runtimes that were not taken."""
        model = self._classifier.id
        log.info("model %s %s runs on %s", model.name, model.version, model.backend)
        for camera in self._settings.camera:
            if camera.exempt:
                log.warning("camera %s is exempt from masking: %s", camera.name, camera.exempt)
            elif ahead := self._settings.masking.look_ahead:
                late_s = min(ahead / camera.fps, WAIT_S)
                log.info(
                    "camera %s is shown %d frames late, %.0f ms at %g fps, to mask faces before "
                    "they are seen (masking.look_ahead)", camera.name, ahead, late_s * 1000,
                    camera.fps,
                )  # fmt: skip
        for sentence in widened(self._settings):
            log.warning(sentence)
        for note in notes_of_here(self._classifier.notes, accelerators()):
            log.info(note)
        for refusal in self._classifier.refused:
            log.warning(refusal)
        if not self._publishers:
            log.warning("there is no [publish] block: predictions and alerts are told to nobody")

    def _workers(self) -> list[Worker]:
        """In the order of starting; stopped in reverse, so that nothing is left in between."""
        loops: list[tuple[str, Loop]] = [("health", self._health), ("clock", self.choosing.clock)]
        loops += [(UPLOADER, self._uploader)] if self._uploader else []
        loops += [("bulk", self._bulk)] if self._bulk else []
        loops += [("hook", self._hook)] if self._settings.alert.hook else []
        loops += [("alerts", self._desk), ("drift", self._drift)]
        loops += [("detection", self.detection)] if self._captures else []
        loops += [("keeper", self._keeper)] if self._captures else []
        loops += [(f"pipeline {lane}", self._pipeline) for lane in range(1, self._lanes + 1)]
        loops += [(f"sensor {s.settings.name}", s) for s in self._sensings]
        loops += [(f"camera {c.settings.name}", c) for c in self._captures]
        return [Worker(name, loop, self._on_bug) for name, loop in loops]

    def _end(self, workers: list[Worker]) -> None:
        """A camera or sensor whose driver does not return is left to it; all else ends in order."""
        log.info("stopping")
        deadline = Timer(self._drain_s, self._uploader.cut if self._uploader else self.stop)
        others, sources = workers[: -len(self._sources)], workers[-len(self._sources) :]
        gone = stop_together(sources, SOURCES_END_S)
        others, lanes = others[: len(others) - self._lanes], others[len(others) - self._lanes :]
        ended = stop_together(lanes, PATIENCE_S)
        for worker in reversed(others):
            if worker.name == UPLOADER:
                deadline.start()
            ended.append(worker.stop())
        for source in compress(self._sources, gone):
            source.close()
        try:
            if all(ended) and not self._bug:
                if self._captures:
                    self._pipeline.finish()
                self._finish_uploads(deadline)
        finally:
            deadline.cancel()
            self._keeper.close()
            for ledger in self._ledgers.values():
                ledger.close()
            self._health.step()
            for publisher in self._publishers.values():
                publisher.close()
            self._opened.close()

    def _finish_uploads(self, deadline: Timer) -> None:
        """Sends what waits, until the store fails, time is up, or what waits may not go."""
        if self._bulk is not None:
            self._bulk.close()
        if self._uploader is None:
            return
        self._uploader.flush()
        while not self._uploader.drained and deadline.is_alive():
            outcome = self._uploader.step()
            if outcome in GIVE_UP:
                log.warning("the rest waits in the spool: %s", self._uploader.counts.last_error)
                return
            if outcome is Outcome.WAITING:
                log.info("%s", self._uploader.waiting_for)
                return

    def _ended(self) -> bool:
        return all(source.view.state is State.ENDED for source in self._sources)

    def _on_bug(self, who: str) -> None:
        self._bug = who
        self._stop.set()
