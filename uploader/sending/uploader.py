"""From the spool to the store, one object per step, until the store has confirmed each."""

import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import partial

from uploader.errors import (
    Damaged,
    SpoolError,
    SpoolFull,
    StoreDenied,
    StoreError,
    StoreRejected,
    StoreUnavailable,
    UploaderError,
)
from uploader.lines.batch import Batch
from uploader.queue.entry import Entry
from uploader.queue.entry_name import EntryName
from uploader.sending.backoff import DENIED, UNAVAILABLE
from uploader.sending.gate import Gate, Held
from uploader.sending.in_flight import InFlight
from uploader.sending.stuck import Stuck
from uploader.settings import StoreSettings
from uploader.spool import Spool
from uploader.store import Store

log = logging.getLogger("uploader")

IDLE_S = 1.0


class Outcome(Enum):
    """What one step came to."""

    SENT = "sent"
    IDLE = "idle"
    """Nothing waits."""
    WAITING = "waiting"
    """What waits may not go now; `waiting_for` says why."""
    UNAVAILABLE = "unavailable"
    """Kept; tried again with backoff."""
    DENIED = "denied"
    """Kept; tried again slowly: a person has to act."""
    QUARANTINED = "quarantined"
    """Set aside: damaged, or rejected by the store for good."""
    SPOOL_FAILED = "spool_failed"
    """The disk of the spool failed; nothing is lost, tried again with backoff."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What an uploader did since it was made.

    sent: objects by kind ("frame", "records", "sensors", "tombstones"). sent_bytes: their bodies.
    unavailable, denied, quarantined, spool_failed: steps that came to this outcome.
    failing: failures in a row; 0 while all is well. last_error: the latest failure, one sentence.
    """

    sent: Mapping[str, int] = field(default_factory=dict)
    sent_bytes: int = 0
    unavailable: int = 0
    denied: int = 0
    quarantined: int = 0
    spool_failed: int = 0
    failing: int = 0
    last_error: str = ""

    @property
    def retries(self) -> int:
        """Attempts that failed and are made again."""
        return self.unavailable + self.denied + self.spool_failed


class Uploader:
    """Sends what waits. `step` is for one thread; all else for any.

    An object that fails lets the others go first, so that one which is refused cannot block them.
    waiting_for: what has to wait, and until when, as a sentence; else empty.
    """

    def __init__(
        self,
        spool: Spool,
        store: Store,
        settings: StoreSettings,
        clock: Callable[[], float] = time.monotonic,
        draw: Callable[[], float] = random.random,
        gate: Gate | None = None,
    ) -> None:
        """clock: monotonic seconds. draw: uniform in 0..1, for the jitter.

        gate: when what may go; None is always.
        """
        self._spool, self._queue, self._store = spool, spool.queue, store
        self._batch, self._settings = Batch(spool), settings
        self._logs = (self._batch, spool.tombstones)
        self._clock, self._draw = clock, draw
        self._gate, self._flight, self._stuck = gate, InFlight(), Stuck(spool.queue.folder)
        self._turn = threading.Lock()
        self._flushing = False
        self._disk_problem = ""
        self.counts = Counts()
        self.wait_s = 0.0
        self.waiting_for = ""

    @property
    def problem(self) -> str:
        """Why something that waits could not be sent, as a sentence; else empty."""
        failing = self.counts.last_error if self.counts.failing else ""
        return self._disk_problem or self._stuck.problem or failing

    @property
    def drained(self) -> bool:
        """Whether all that was accepted is in the store, records included (`flush` seals them)."""
        return all(log.empty for log in self._logs) and not self._queue.waiting.entries

    def step(self) -> Outcome:
        """Sends one object, or finds out why not; then `wait_s` says how long to wait.

        After `idle` the spool's `arrived` event may end the wait early.
        """
        with self._turn:
            try:
                outcome = self._advance()
                self._disk_problem = ""
            except SpoolError as error:
                if isinstance(error, SpoolFull):
                    self._queue.reserve.spend()
                self._disk_problem = str(error)
                outcome = self._noted(Outcome.SPOOL_FAILED, error)
            self.wait_s = self._pause_s(outcome)
            return outcome

    def flush(self) -> None:
        """Asks for an end: the batch of records is sealed as soon as nothing else waits.

        Then steps lead to `drained`, unless the store or the disk fails, or what waits may not go.
        """
        self._flushing = True

    def cut(self) -> None:
        """Ends what is being sent, for good: its step comes back at once; it stays in the spool."""
        self._flight.cut()
        self._store.close()

    def _advance(self) -> Outcome:
        for log in self._logs:
            log.recover()
        self._spool.let_go_of_old()
        self._seal(only_due=True)
        self._queue.arrived.clear()
        held = self._gate.held() if self._gate else Held()
        name = self._queue.oldest(held.may_go)
        if name is None and self._flushing:
            self._flushing = False
            self._seal()
            name = self._queue.oldest(held.may_go)
        waits = self._queue.waiting.entries > 0
        self.waiting_for = held.told if waits else ""
        if name is not None:
            return self._send(name)
        return Outcome.WAITING if self.waiting_for else Outcome.IDLE

    def _seal(self, only_due: bool = False) -> None:
        """Turns the lines of records and of tombstones into entries."""
        for log in self._logs:
            if not only_due or log.due_in_s(self._clock(), self._settings) == 0:
                log.seal()

    def _send(self, name: EntryName) -> Outcome:
        try:
            entry = self._queue.read(name)
            self._flight.run(partial(self._store.put, entry.upload))
        except (Damaged, StoreRejected) as error:
            self._spool.set_aside(name, str(error))
            self._stuck.gone()
            return self._noted(Outcome.QUARANTINED, error)
        except StoreDenied as error:
            return self._kept(name, Outcome.DENIED, error)
        except StoreUnavailable as error:
            return self._kept(name, Outcome.UNAVAILABLE, error)
        self._batch.add(name, entry, self._store.uri(entry.key))
        self._queue.reserve.fill()
        return self._sent(entry)

    def _kept(self, name: EntryName, outcome: Outcome, error: StoreError) -> Outcome:
        self._queue.postpone(name, in_doubt=error.may_be_there)
        self._stuck.failed(name, str(error))
        return self._noted(outcome, error)

    def _sent(self, entry: Entry) -> Outcome:
        self._stuck.gone()
        counts = self.counts
        self.counts = replace(
            counts,
            sent={**counts.sent, entry.kind: counts.sent.get(entry.kind, 0) + 1},
            sent_bytes=counts.sent_bytes + len(entry.body),
            failing=0,
        )
        return Outcome.SENT

    def _noted(self, outcome: Outcome, error: UploaderError) -> Outcome:
        counts = self.counts
        if not counts.failing or counts.last_error != str(error):
            log.warning("%s", error)
        self.counts = replace(
            counts,
            unavailable=counts.unavailable + (outcome is Outcome.UNAVAILABLE),
            denied=counts.denied + (outcome is Outcome.DENIED),
            quarantined=counts.quarantined + (outcome is Outcome.QUARANTINED),
            spool_failed=counts.spool_failed + (outcome is Outcome.SPOOL_FAILED),
            failing=counts.failing + (outcome is not Outcome.QUARANTINED),
            last_error=str(error),
        )
        return outcome

    def _pause_s(self, outcome: Outcome) -> float:
        if outcome in (Outcome.IDLE, Outcome.WAITING):
            due_s = (log.due_in_s(self._clock(), self._settings) for log in self._logs)
            return min(IDLE_S, *due_s)
        if outcome is Outcome.DENIED:
            return DENIED.wait_s(self.counts.failing, self._draw())
        if outcome in (Outcome.UNAVAILABLE, Outcome.SPOOL_FAILED):
            return UNAVAILABLE.wait_s(self.counts.failing, self._draw())
        return 0.0
