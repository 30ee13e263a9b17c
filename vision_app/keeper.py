"""Keeps what was chosen, in its own time: looks again, encodes, and puts it into the spool."""

import logging
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from threading import Condition

from masking.errors import LookFailed, Withheld
from masking.masked_frame import MaskedFrame
from masking.second_look import SecondLook
from models.free_memory import give_back
from models.prediction import Prediction
from uploader.choosing.alerts import Alerts
from uploader.choosing.candidate import Candidate, Refusal
from uploader.choosing.choice import Choice
from uploader.choosing.chooser import Chooser
from uploader.choosing.score_log import Row, ScoreLog
from uploader.errors import SpoolError, SpoolFull
from uploader.spool import Spool
from uploader.vouched import Vouch
from vision_app.ledger import Ledger

log = logging.getLogger("vision_app")

TAKE_S = 0.25
MOST_FRAMES = 4
"""Frames that wait to be kept; as many pictures are held in memory."""
MOST_ROWS = 4096
"""Rows of the log of scores that wait behind them."""


class Kept(str, Enum):
    """What one step did."""

    IDLE = "idle"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A masked frame that is to be kept, what was seen in it, and why it is wanted."""

    masked: MaskedFrame
    prediction: Prediction
    candidate: Candidate
    choice: Choice


@dataclass(frozen=True, slots=True)
class Task:
    """A frame to keep, the row of the log that waits for its size, or both."""

    chosen: Chosen | None
    row: Row | None


class Keeper:
    """A short queue and what is done with it, in a thread of its own: no camera waits for a disk.

    `take` and `problem` are for any thread, the others for one. second_look: who looks again, None
    while nobody can.
    """

    wait_s = 0.0

    def __init__(
        self,
        second_look: Callable[[], SecondLook | None],
        spool: Spool,
        chooser: Chooser,
        ledgers: Mapping[str, Ledger],
        score_log: ScoreLog | None = None,
        alerts: Alerts | None = None,
    ) -> None:
        """alerts: are told of the frames that are their snapshots."""
        self._alerts = alerts or Alerts(())
        self._second_look, self._spool = second_look, spool
        self._chooser, self._ledgers, self._score_log = chooser, ledgers, score_log
        self._tasks: deque[Task] = deque()
        self._frames = self._rows_lost = 0
        self._changed = Condition()
        self._problems: dict[str, str] = {}

    @property
    def problem(self) -> str:
        """What does not work now, as sentences; empty while all does."""
        return "; ".join(filter(None, self._problems.values()))

    def take(self, chosen: Chosen | None, row: Row | None = None) -> None:
        """Leaves a frame, a row or both, and returns at once.

        Where MOST_FRAMES wait already, the frame is not kept, and counted as keeper_full.
        """
        with self._changed:
            if chosen and self._frames >= MOST_FRAMES:
                self._not_kept(chosen, "keeper_full")
                chosen = None
            if row and len(self._tasks) >= MOST_ROWS:
                self._rows_lost, row = self._rows_lost + 1, None
            if chosen or row:
                self._frames += chosen is not None
                self._tasks.append(Task(chosen, row))
                self._changed.notify()

    def step(self, wait_s: float = TAKE_S) -> Kept:
        """Sees one task through, if one comes in time."""
        with self._changed:
            if not self._changed.wait_for(lambda: bool(self._tasks), wait_s):
                return Kept.IDLE
            task, lost = self._tasks[0], self._rows_lost
            self._rows_lost = 0
        size = self._keep(task.chosen) if task.chosen else 0
        if self._score_log and task.row:
            self._score_log.write(task.row, size)
            self._score_log.lost += lost
        with self._changed:
            self._tasks.popleft()
            self._frames -= task.chosen is not None
        if task.chosen:
            give_back()
        return Kept.DONE

    def finish(self) -> None:
        """Sees everything through that waits."""
        while self.step(wait_s=0.0) is not Kept.IDLE:
            pass

    def close(self) -> None:
        """Counts what still waits, because something else did not end in order; may be called
        twice."""
        with self._changed:
            for task in self._tasks:
                if task.chosen:
                    self._not_kept(task.chosen, "dropped_at_stop")
            self._tasks.clear()

    def _keep(self, chosen: Chosen) -> int:
        """The bytes of its JPEG; 0 where it is not kept, which is counted."""
        ledger = self._ledgers[chosen.masked.camera]
        choice = self._chooser.still(chosen.candidate, chosen.choice)
        if isinstance(choice, Refusal):
            self._not_kept(chosen, choice.value)
            return 0
        try:
            looked, vouch = self._looked_at_again(chosen.masked)
            record = self._spool.put(looked, chosen.prediction, choice, vouch)
        except LookFailed as error:
            self._complain("second look", f"no frame is kept: {error}")
            self._not_kept(chosen, "withheld")
        except Withheld:
            self._not_kept(chosen, "withheld")
        except SpoolFull as error:
            self._complain("spool", str(error))
            self._not_kept(chosen, "spool_full")
        except SpoolError as error:
            self._complain("spool", str(error))
            self._not_kept(chosen, "spool_failed")
        else:
            self._complain("spool", "")
            if vouch is not None:
                self._complain("second look", "")
            self._chooser.kept(chosen.candidate, choice, record.size_bytes)
            ledger.kept(choice.reasons)
            self._alerts.kept(record.camera, chosen.candidate.standing.due, record.id)
            return record.size_bytes
        return 0

    def _looked_at_again(self, masked: MaskedFrame) -> tuple[MaskedFrame, Vouch | None]:
        """The frame after the second look, and who looks at it once more when it is encoded."""
        second_look = self._second_look()
        if masked.receipt.treatment == "exempt":
            return masked, None
        if second_look is None:
            raise Withheld("there is no detector for the second look")
        return second_look.look(masked), second_look.vouch

    def _not_kept(self, chosen: Chosen, cause: str) -> None:
        self._ledgers[chosen.masked.camera].not_kept(cause)
        self._alerts.failed(chosen.masked.camera, chosen.candidate.standing.due)

    def _complain(self, place: str, problem: str) -> None:
        if problem and problem != self._problems.get(place):
            log.warning(problem)
        self._problems[place] = problem
