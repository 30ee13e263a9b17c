"""Makes a shareable picture of a raw frame: faces covered, or everything where that is not sure."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from devices.frame import Frame
from masking.covering import covered, exempted, redacted
from masking.guard import Failed, Guard
from masking.masked_frame import Look, MaskedFrame, look
from masking.settings import MaskingSettings
from masking.tracking.scene import Scene
from masking.tracking.track import Cover, Moment
from models.box import Box
from models.faces import FaceDetector

WAIT_S = 0.5
"""So long at most a frame waits for those after it."""
REGION = 3.0
"""When it could not be followed how the scene moved, a face that is not seen again is covered with
its sides multiplied by this, besides settings.grow; when that happens twice, the whole frame."""
ASTRAY = "a face was seen before or after, and nobody knows where it is in this frame"


@dataclass(slots=True)
class Waiting:
    """A raw frame that waits for those after it. look: what was seen in it; failed: why nothing
    could be."""

    frame: Frame
    moment: Moment
    look: Look | None = None
    failed: str = ""

    @property
    def was_looked_at(self) -> bool:
        """Whether a detector was shown it, with whatever success."""
        return self.look is not None or bool(self.failed)


class Masker:
    """The masker of one camera. `close` may be called twice.

    Without a detector, or with one that breaks, hangs or talks nonsense, frames are redacted whole.
    exempt: why this camera needs no masking, from its configuration; None for every other camera.
    failures: frames redacted in a row; 0 after one that went well. trouble: why the last one was.
    every: the detector looks at every n-th frame.
    """

    def __init__(
        self, detector: FaceDetector | None, settings: MaskingSettings, exempt: str | None = None
    ) -> None:
        if exempt is not None and not exempt.strip():
            raise ValueError("an exempt camera needs a written reason")
        self.failures, self.trouble = 0, ""
        self.every = settings.detect_every or 1
        self._settings = settings
        self._exempt = exempt
        self._scene = Scene(settings.hold, settings.look_ahead)
        self._waiting: deque[Waiting] = deque()
        self._next_look = 0
        self._guard: Guard | None = None
        self.detector = detector

    @property
    def detector(self) -> FaceDetector | None:
        """Who seeks the faces; may be set at any time, also from another thread."""
        return self._guard.detector if self._guard else None

    @detector.setter
    def detector(self, detector: FaceDetector | None) -> None:
        former = self._guard
        self._guard = Guard(detector, self._settings.timeout_s) if detector else None
        if former is not None:
            former.close()

    def mask(self, frame: Frame) -> list[MaskedFrame]:
        """Takes the camera's next frame and gives back those that are ready, oldest first.

        A frame waits until settings.look_ahead more have come, so that a face is covered before it
        was seen. Never raises for a detector that fails: receipts say what was done, and why.
        """
        if self._exempt is not None:
            return [exempted(frame, self._exempt, self._settings)]
        moment, begins = self._scene.enter(frame)
        ready = self.flush() if begins else []
        if begins:
            self._scene.begin()
        newest = Waiting(frame, moment)
        self._waiting.append(newest)
        if moment.number >= self._next_look:
            self._look_at(newest)
        ahead = self._settings.look_ahead if self._guard else 0
        return ready + self._released(len(self._waiting) - ahead)

    def due(self, now_s: float) -> list[MaskedFrame]:
        """Those that wait for frames that do not come, oldest first; now_s is monotonic."""
        late = [one for one in self._waiting if now_s - one.frame.captured_s >= WAIT_S]
        if late:
            self._look_at_the_end()
        return self._released(len(late))

    def flush(self) -> list[MaskedFrame]:
        """All that still wait: no more frames will come, or none that have to do with them."""
        self._look_at_the_end()
        return self._released(len(self._waiting))

    def mask_alone(self, frame: Frame) -> MaskedFrame:
        """A frame that has none before and after it: what is seen in it is covered."""
        if self._exempt is not None:
            return exempted(frame, self._exempt, self._settings)
        alone = Waiting(frame, Moment(0, frame.captured_s))
        found = self._seen(alone)
        if alone.failed:
            return self._redacted(frame, alone.failed)
        return self._covered(frame, [Cover(face, 0, 0) for face in found], alone.look)

    def close(self) -> None:
        """Ends the detector's thread and forgets the frames that wait; one that still comes is
        redacted whole."""
        self.detector = None
        self._waiting.clear()

    def _look_at(self, one: Waiting) -> None:
        """Seeks faces in a frame that waits; the next look is due `every` frames later."""
        self._next_look = one.moment.number + self.every
        self._scene.see(one.moment, self._seen(one))

    def _look_at_the_end(self) -> None:
        """No frame is shown before a look at it or at a later one."""
        if self._waiting and not self._waiting[-1].was_looked_at:
            self._look_at(self._waiting[-1])

    def _seen(self, one: Waiting) -> tuple[Box, ...]:
        guard = self._guard
        if guard is None:
            one.failed = "there is no face detector"
            return ()
        answer = guard.find(one.frame.pixels)
        if isinstance(answer, Failed) and self._guard not in (guard, None):
            return self._seen(one)  # another detector was set meanwhile
        if isinstance(answer, Failed):
            one.failed = answer.why
            return ()
        one.look = look("live", guard.detector, len(answer.faces))
        return answer.faces

    def _released(self, count: int) -> list[MaskedFrame]:
        return [self._shown(self._waiting.popleft()) for _ in range(count)]

    def _shown(self, one: Waiting) -> MaskedFrame:
        """A frame that has left the waiting room, with what is known of it now."""
        if not one.was_looked_at:
            later = next((later for later in self._waiting if later.was_looked_at), None)
            if later is None:
                self._look_at(one)
            else:
                one.failed = later.failed
        if one.failed:
            return self._redacted(one.frame, one.failed)
        covers = self._scene.covers(one.moment)
        if any(cover.lost > 1 for cover in covers):
            return self._redacted(one.frame, ASTRAY)
        return self._covered(one.frame, covers, one.look)

    def _covered(self, frame: Frame, covers: Sequence[Cover], seen: Look | None) -> MaskedFrame:
        self.failures = 0
        faces = tuple(cover.box.grown(REGION) if cover.lost else cover.box for cover in covers)
        carried = sum(cover.since > 0 for cover in covers)
        return covered(frame, faces, (seen,) if seen else (), self._settings, carried)

    def _redacted(self, frame: Frame, why: str) -> MaskedFrame:
        self.failures, self.trouble = self.failures + 1, why
        return redacted(frame, why, self._settings)
