"""Decides about each classified frame: whether it is kept, why, and what it is worth."""

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from masking.masked_frame import MaskedFrame
from models.prediction import Prediction
from uploader.choosing.alerts import ALERT, NOTHING, Standing
from uploader.choosing.budgets.budgets import Budgets
from uploader.choosing.candidate import Candidate, Refusal, once
from uploader.choosing.choice import Choice
from uploader.choosing.frames import Frames, one
from uploader.choosing.looks.duplicates import Duplicates
from uploader.choosing.looks.fingerprint import fingerprint
from uploader.choosing.own import NOBODY, Own, rules
from uploader.choosing.policies import Names, matcher
from uploader.choosing.settings import KeepSettings
from uploader.choosing.value import value

STILL, STILL_S = 0.1, 1.0
"""What was near a kept frame is taken to be so for this part of the gap, and so many seconds at
most, and not compared again."""


class Chooser:
    """All that is asked before a frame is kept, cheap questions first.

    Of each camera one thread asks `wanted` and `weigh`; one for all tells what was `kept` and asks
    `still` before. A frame that waits to be kept between the two is not counted yet.

    The first policy that matches and may keep the frame does, and is charged for it. An audit is
    drawn from all frames alike, or it measures nothing: only budgets hold it back. The snapshot of
    an alert is taken whatever it shows, too.
    """

    def __init__(
        self,
        keep: KeepSettings,
        names: Names,
        budgets: Budgets,
        duplicates: Duplicates,
        now: Callable[[], float],
        draw: Callable[[], float] = random.random,
        owns: Mapping[str, Own] = NOBODY,
    ) -> None:
        """now: steady seconds. draw: uniform in 0..1. owns: of cameras with rules of their own.

        Raises PolicyError when a policy speaks of what is not there.
        """
        found = tuple(rules(keep, owns, names.cameras))
        self._matchers = tuple(matcher(rule.policy, names) for rule in found)
        self._reasons = tuple((rule.reason, rule.cameras) for rule in found)
        self._audits = [(r.reason, r.cameras) for r in found if r.policy.kind == "audit"]
        self._gaps_s = {camera: its.keep.gap_s for camera, its in owns.items()}
        self._sensors, self._gap_s = names.sensors, keep.gap_s
        self._budgets, self._duplicates = budgets, duplicates
        self._now, self._draw = now, draw
        self._classes = duplicates.classes
        self._asked_s: dict[tuple[str, str], float] = {}
        self._near_s: dict[str, float] = {}

    def wanted(
        self,
        masked: MaskedFrame,
        prediction: Prediction,
        alerts: int,
        standing: Standing = NOTHING,
    ) -> Candidate | None:
        """The frame that has just come, if it is asked for; never one that shows nothing.

        alerts: bit i is set while an alert of the i-th sensor is raised. standing: those alerts,
        which ask by themselves for a snapshot.
        """
        if masked.redacted:
            return None
        frames = one(masked, prediction, self._sensors, alerts, self._draw())
        due = (ALERT,) if standing.due else ()
        reasons = (*due, *self.reasons(masked.camera, self.matched(frames)[0]))
        if not reasons:
            return None
        label, uncertainty = prediction.labels[frames.best[0]], 1.0 - float(frames.margin[0])
        look = once(partial(fingerprint, masked, prediction))
        return Candidate(masked.camera, self._now(), reasons, label, uncertainty, look, standing)

    def matched(self, frames: Frames) -> NDArray[np.bool_]:
        """(n, policies): which of them match each frame."""
        bits = np.empty((len(frames.confidence), len(self._matchers)), np.bool_)
        for column, matches in enumerate(self._matchers):
            bits[:, column] = matches(frames)
        return bits

    def reasons(self, camera: str, matched: NDArray[np.bool_]) -> tuple[str, ...]:
        """Of the policies that match, (policies,), and are for this camera."""
        pairs = zip(self._reasons, matched.tolist(), strict=True)
        return tuple(r for (r, only), hit in pairs if hit and (not only or camera in only))

    def weigh(self, candidate: Candidate) -> Choice | Refusal:
        """Whether it is kept, and why; it costs no budget before `kept` is told."""
        in_time = [reason for reason in candidate.reasons if self._in_time(candidate, reason)]
        if not in_time:
            return Refusal.TOO_SOON
        paid = [r for r in in_time if self._budgets.left(r, candidate.camera)]
        if not paid:
            return Refusal.OVER_BUDGET
        refusal = self._of_no_use(candidate)
        if refusal is None:
            return self._choice(candidate, paid[0])
        spared = self._spared_one(candidate, paid)
        if spared is not None:
            return self._choice(candidate, spared)
        if refusal is Refusal.NEAR_DUPLICATE:
            self._duplicates.suppress(candidate.camera)
        return refusal

    def still(self, candidate: Candidate, choice: Choice) -> Choice | Refusal:
        """Whether it is kept after it has waited: others may have been meanwhile."""
        camera = candidate.camera
        paid = [r for r in candidate.reasons if self._budgets.left(r, camera)]
        by = choice.by if choice.by in paid else None
        if by is None:
            return Refusal.OVER_BUDGET
        if not self._is_spared(candidate, by) and self._is_near(candidate):
            by = self._spared_one(candidate, paid)
        if by is None:
            self._duplicates.suppress(camera)
            return Refusal.NEAR_DUPLICATE
        return replace(choice, by=by, suppressed=self._duplicates.suppressed(camera))

    def kept(self, candidate: Candidate, choice: Choice, size_bytes: int) -> None:
        """The spool took it: it is charged, and remembered."""
        camera, told = candidate.camera, choice.suppressed
        self._budgets.charge(choice.by, camera, size_bytes, candidate.label)
        self._duplicates.kept(camera, candidate.look(), candidate.at_s, told)
        self._classes.kept(candidate.label)

    def _in_time(self, candidate: Candidate, reason: str) -> bool:
        """Whether nobody has asked for it too short a time ago."""
        asked_s = self._asked_s.get((candidate.camera, reason), float("-inf"))
        waited_s = candidate.at_s - asked_s
        return self._is_spared(candidate, reason) or waited_s >= self._gap_of(candidate.camera)

    def _gap_of(self, camera: str) -> float:
        return self._gaps_s.get(camera, self._gap_s)

    def _spared_one(self, candidate: Candidate, reasons: Iterable[str]) -> str | None:
        """The first of the reasons for which it is kept whatever it shows."""
        return next((reason for reason in reasons if self._is_spared(candidate, reason)), None)

    def _is_spared(self, candidate: Candidate, reason: str) -> bool:
        """Whether only budgets hold it back: an audit, or the snapshot of an alert."""
        if reason == ALERT:
            return bool(candidate.standing.due)
        camera = candidate.camera
        return any(name == reason and (not o or camera in o) for name, o in self._audits)

    def _of_no_use(self, candidate: Candidate) -> Refusal | None:
        """Duplicates first: the day's reviews are spread over what could be kept."""
        if self._stays_near(candidate):
            return Refusal.NEAR_DUPLICATE
        if not self._budgets.review(candidate.label, candidate.uncertainty):
            return Refusal.NOT_TODAY
        return None

    def _stays_near(self, candidate: Candidate) -> bool:
        camera, at_s = candidate.camera, candidate.at_s
        still_s = min(STILL_S, STILL * self._gap_of(camera))
        if 0 <= at_s - self._near_s.get(camera, float("-inf")) < still_s:
            return True
        near = self._is_near(candidate)
        if near:
            self._near_s[camera] = at_s
        return near

    def _is_near(self, candidate: Candidate) -> bool:
        return self._duplicates.near(candidate.camera, candidate.look(), candidate.at_s)

    def _choice(self, candidate: Candidate, by: str) -> Choice:
        """From here on the gap counts: a frame that is withheld cost a second look as well."""
        camera, at_s = candidate.camera, candidate.at_s
        self._asked_s.update({(camera, reason): at_s for reason in candidate.reasons})
        return Choice(
            reasons=candidate.reasons,
            by=by,
            value=self._value(candidate),
            suppressed=self._duplicates.suppressed(camera),
            alerts=candidate.standing.alerts,
        )

    def _value(self, candidate: Candidate) -> float:
        """What was drawn by chance is let go last, as a sample is fair only while none of it lacks;
        and so is the one picture of an alert."""
        if self._spared_one(candidate, candidate.reasons):
            return 1.0
        novelty = self._duplicates.novelty(candidate.camera, candidate.look(), candidate.at_s)
        return value(candidate.uncertainty, novelty, self._classes.rarity(candidate.label))
