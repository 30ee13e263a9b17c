"""Whether one more frame may be kept: of its policy, of its camera, of the device, of the day.

Counting a frame takes two fsyncs: it happens once for each kept frame, which took as many to be
kept. Then neither kill -9 nor a power cut makes room that is not there
(uploader/choosing/budgets/spent.py tells of the frame that was being kept just then). What was
learned of the classes is written along, every LEARNED_EVERY_S at most: of that, an end without
`close` may lose the newest.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from uploader.choosing.budgets.account import Account
from uploader.choosing.budgets.allowance import Allowance
from uploader.choosing.budgets.limits import DAY_S, HOUR_S, MINUTE_S
from uploader.choosing.budgets.notebook import Notebook
from uploader.choosing.budgets.review import Review
from uploader.choosing.budgets.spent import End
from uploader.choosing.kinds import Limits
from uploader.choosing.own import NOBODY, Own
from uploader.choosing.settings import BudgetSettings
from uploader.errors import Damaged

log = logging.getLogger("uploader")

LEARNED_EVERY_S = 300.0


@dataclass(frozen=True, slots=True)
class Use:
    """What is used of one limit: images, bytes or money."""

    used: float
    limit: float


class Budgets:
    """Counts kept frames; for any thread, but one only may charge. Nobody waits for the disk."""

    def __init__(
        self,
        settings: BudgetSettings,
        limits: Mapping[str, Limits],
        max_per_minute: int,
        now: Callable[[], float],
        folder: Path | None = None,
        owns: Mapping[str, Own] = NOBODY,
    ) -> None:
        """limits: of each policy, by its reason. max_per_minute: of each camera.
        owns: of cameras with rules of their own.

        now: steady seconds. folder: where they are remembered; None: only in memory. A file that
        is damaged is never fatal: every limit is then taken for used up, once for its length.
        """
        self._guard = threading.Lock()
        self._now, self._notebook = now, Notebook(folder)
        self._end, at_s = End.SUDDEN, now()
        self._account = Account(settings, limits, max_per_minute, at_s, owns)
        self._begin(at_s)
        self._review = self._reviews(settings.reviews_per_day, at_s)
        self._learned_at_s = at_s
        self._keep_spent(at_s)

    @property
    def problem(self) -> str:
        """Why nothing can be remembered, as a sentence; empty while it can.

        Frames are counted all the same, but the end of the process forgets what is not written.
        """
        return self._notebook.problem

    def left(self, reason: str, camera: str) -> bool:
        """Whether that policy may keep one more frame of that camera now."""
        with self._guard:
            return self._account.left(reason, camera, self._now())

    def review(self, label: str, uncertainty: float) -> bool:
        """Whether it is among the most uncertain (0..1) of its class, for which today has reviews.

        It learns from being asked: ask for every frame that might be kept, and only for those.
        """
        with self._guard:
            return self._review is None or self._review.wants(label, uncertainty, self._now())

    def charge(self, reason: str, camera: str, size_bytes: int, label: str = "") -> None:
        """Counts a kept frame, and returns when a power cut would not undo that."""
        at_s = self._now()
        with self._guard:
            self._account.charge(reason, camera, size_bytes, at_s)
            if self._review:
                self._review.kept(label, at_s)
        self._end = End.SUDDEN
        self._keep_spent(at_s)
        if at_s - self._learned_at_s >= LEARNED_EVERY_S:
            self._keep_learned(at_s)

    def used(self) -> Mapping[str, Use]:
        """What is used of each limit, by its name in the configuration."""
        with self._guard:
            at_s = self._now()
            return {allowance.name: _use(allowance, at_s) for allowance in self._account}

    @property
    def spent(self) -> tuple[str, ...]:
        """A sentence for each limit that will leave no room for a minute or longer."""
        with self._guard:
            at_s = self._now()
            takes = self._account.takes(self._account.sizes.largest_expected())
            waits_s = [
                (allowance, allowance.window.room_in_s(allowance.asks(takes), at_s))
                for allowance in self._account
            ]
        return tuple(_sentence(each, wait_s) for each, wait_s in waits_s if wait_s > MINUTE_S)

    def close(self) -> None:
        """Writes down that everything is counted, and what was learned; may be called twice."""
        self._end, at_s = End.ORDERLY, self._now()
        self._keep_spent(at_s)
        self._keep_learned(at_s)

    def _begin(self, at_s: float) -> None:
        """Takes up what an earlier run has counted."""
        try:
            earlier = self._notebook.spent()
        except Damaged as error:
            self._account.spend_all(at_s)
            log.warning(
                "every limit of [keep] counts as used up, once for its length: %s; to begin with "
                "nothing used, stop, remove that file, and start", error,
            )  # fmt: skip
            return
        if earlier is None:
            return
        self._account.restore(earlier, at_s)
        if earlier.end is End.SUDDEN:
            self._account.charge_all(at_s)
        if earlier.end is not End.ORDERLY:
            self._end = End.COUNTED

    def _reviews(self, per_day: int | None, at_s: float) -> Review | None:
        savings = self._account.savings
        if per_day is None or savings is None:
            return None
        return Review(per_day, at_s, savings, self._notebook.learned())

    def _keep_spent(self, at_s: float) -> None:
        if self._notebook.remembers:
            with self._guard:
                spent = self._account.spent(self._end, at_s)
            self._notebook.keep_spent(spent)

    def _keep_learned(self, at_s: float) -> None:
        self._learned_at_s = at_s
        if self._review:
            with self._guard:
                learned = self._review.learned()
            self._notebook.keep_learned(learned)


def _use(allowance: Allowance, at_s: float) -> Use:
    window = allowance.window
    return Use(allowance.in_units(window.used(at_s)), allowance.in_units(window.limit))


def _sentence(allowance: Allowance, wait_s: float) -> str:
    limit, name = allowance.in_units(allowance.window.limit), allowance.name
    if wait_s == float("inf"):
        return f"{name} = {limit:g} allows no frame at all: raise it"
    return f"{name} = {limit:g} is used up: no frame is kept for {_in_words(wait_s)}"


def _in_words(seconds: float) -> str:
    """The largest unit of which there are two at least."""
    if seconds >= 2 * DAY_S:
        return f"{seconds / DAY_S:.0f} days"
    if seconds >= 2 * HOUR_S:
        return f"{seconds / HOUR_S:.0f} hours"
    return f"{seconds / MINUTE_S:.0f} minutes"
