"""One frame's whole journey, in one method: mask, classify, decide, tell, leave to the keeper."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from threading import Lock

from masking.masked_frame import MaskedFrame
from masking.masker import Masker
from models.classifier import Classifier
from models.errors import ModelError
from models.prediction import Prediction
from uploader.choosing.alerts import Alerts
from uploader.choosing.candidate import Candidate, Refusal
from uploader.choosing.choice import Choice
from uploader.choosing.chooser import Chooser
from uploader.choosing.score_log import ScoreLog
from vision_app.cameras.latest import Latest
from vision_app.events import Event, LatencyMs, Origin, PredictionEvent
from vision_app.keeper import Chosen, Keeper
from vision_app.ledger import End, Ledger

log = logging.getLogger("vision_app")

TAKE_S = 0.25


class Step(str, Enum):
    """What one step did."""

    IDLE = "idle"
    FRAME = "frame"


class Pipeline:
    """Takes the newest frame of each camera in turn and sees it through.

    Several threads may `step`: each with a camera of its own, so that cameras are masked beside
    each other, and one whose detector hangs holds up itself alone. At the model they take turns.
    """

    wait_s = 0.0

    def __init__(
        self,
        latest: Latest,
        ledgers: Mapping[str, Ledger],
        maskers: Mapping[str, Masker],
        classifier: Classifier,
        publish: Callable[[Event], bool],
        keeper: Keeper,
        chooser: Chooser,
        alerts: Alerts,
        origin: Origin,
        score_log: ScoreLog | None = None,
    ) -> None:
        self._latest, self._ledgers, self._maskers = latest, ledgers, maskers
        self._classifier, self._publish = classifier, publish
        self._keeper = keeper
        self._chooser, self._alerts = chooser, alerts
        self._origin, self._score_log = origin, score_log
        self._turn = Lock()
        self._problem = ""

    @property
    def problem(self) -> str:
        """What does not work now, as sentences; empty while all does."""
        return "; ".join(filter(None, (self._problem, self._keeper.problem)))

    def step(self, wait_s: float = TAKE_S) -> Step:
        """Takes one frame, if one comes in time, and sees those through that it makes ready.

        That is the frame itself or, where masks look ahead, an earlier one of its camera.
        """
        for camera, masker in self._maskers.items():
            self._see_late_ones_through(camera, masker)
        frame = self._latest.take(wait_s)
        if frame is None:
            return Step.IDLE
        began = time.monotonic()
        try:
            self._see_through(self._maskers[frame.camera].mask(frame), began)
        finally:
            self._latest.done(frame.camera)
        return Step.FRAME

    def finish(self) -> None:
        """Sees everything through that was captured, down to the disk; no more frames may come, and
        no other thread may step."""
        self._keeper.finish()
        while self.step(wait_s=0.0) is not Step.IDLE:
            self._keeper.finish()
        for masker in self._maskers.values():
            for masked in masker.flush():
                self._see_through((masked,), time.monotonic())
                self._keeper.finish()

    def _see_late_ones_through(self, camera: str, masker: Masker) -> None:
        """Unless somebody has a frame of the camera: those that wait for it are then looked at."""
        with self._latest.reserved(camera) as free:
            if free:
                began = time.monotonic()
                self._see_through(masker.due(began), began)

    def _see_through(self, ready: Sequence[MaskedFrame], began: float) -> None:
        for masked in ready:
            self._journey(masked, began, self._ledgers[masked.camera])

    def _journey(self, masked: MaskedFrame, began: float, ledger: Ledger) -> None:
        if masked.redacted:
            return ledger.ended(End.REDACTED)
        ledger.masked(masked.faces)

        seen = time.monotonic()
        try:
            with self._turn:
                prediction = self._classifier.classify(masked.pixels)
        except ModelError as error:
            self._complain(f"classification fails: {error}")
            return ledger.ended(End.CLASSIFY_FAILED)
        self._complain("")
        classified = time.monotonic()

        standing = self._alerts.at(masked.camera)
        candidate = self._chooser.wanted(masked, prediction, standing.bits, standing)
        choice = self._weighed(candidate, ledger) if candidate else None
        latency = LatencyMs(
            capture_to_publish=(time.monotonic() - masked.captured_s) * 1000,
            mask=(seen - began) * 1000,
            classify=(classified - seen) * 1000,
        )
        event = self._event(masked, prediction, choice.reasons if choice else (), latency)
        told = self._publish(event)
        ledger.latency(latency.capture_to_publish)

        chosen = Chosen(masked, prediction, candidate, choice) if candidate and choice else None
        asked_s = candidate.at_s if candidate else None
        logged = self._score_log
        row = logged.row(masked, prediction, standing.bits, asked_s) if logged else None
        self._keeper.take(chosen, row)
        return ledger.ended(End.PUBLISHED if told else End.PUBLISH_REFUSED)

    def _weighed(self, candidate: Candidate, ledger: Ledger) -> Choice | None:
        weighed = self._chooser.weigh(candidate)
        if isinstance(weighed, Refusal):
            ledger.not_kept(weighed.value)
            return None
        self._alerts.begun(candidate.camera, candidate.standing.due)
        return weighed

    def _event(
        self,
        masked: MaskedFrame,
        prediction: Prediction,
        reasons: tuple[str, ...],
        latency: LatencyMs,
    ) -> PredictionEvent:
        return PredictionEvent(
            origin=self._origin,
            camera=masked.camera,
            seq=masked.seq,
            captured_at=masked.captured_at,
            prediction=prediction,
            faces=masked.faces,
            kept=reasons,
            latency_ms=latency,
        )

    def _complain(self, problem: str) -> None:
        if problem and problem != self._problem:
            log.warning(problem)
        self._problem = problem
