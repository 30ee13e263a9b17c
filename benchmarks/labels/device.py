"""The chooser as it is by default, before which frames arrive one after the other."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from benchmarks.labels.head import Head
from uploader.choosing.budgets.budgets import Budgets
from uploader.choosing.candidate import Candidate
from uploader.choosing.choice import Choice
from uploader.choosing.chooser import Chooser
from uploader.choosing.frames import Frames
from uploader.choosing.looks.duplicates import Duplicates
from uploader.choosing.looks.fingerprint import Fingerprint
from uploader.choosing.policies import Names, policies_of, reason_of
from uploader.choosing.settings import KeepSettings

CAMERA, EVERY_S = "shelf", 10.0
JPEG_BYTES = 100_000


def unlimited(keep: KeepSettings, now: Callable[[], float]) -> Budgets:
    """The budgets of the configuration, remembered nowhere."""
    limits = {reason_of(policy): policy for policy in policies_of(keep)}
    return Budgets(keep.budget, limits, keep.max_per_minute, now)


class Device:
    """One camera, with no limits but the default ones."""

    def __init__(self, labels: tuple[str, ...], keep: KeepSettings | None = None) -> None:
        keep = keep or KeepSettings()
        self._labels, self._now_s = labels, 0.0
        names = Names(labels, sensors=(), cameras=(CAMERA,))
        budgets = unlimited(keep, self._now)
        self._chooser = Chooser(keep, names, budgets, Duplicates(keep.duplicates), self._now)

    def keeps(self, head: Head, seen: NDArray[np.float32], most: int) -> Iterator[int]:
        """Which of the frames, (n, 1024) embeddings in the order of their arrival, are kept."""
        return islice(self._kept(self._frames(head, seen), seen), most)

    def _kept(self, frames: Frames, seen: NDArray[np.float32]) -> Iterator[int]:
        for index, matched in enumerate(self._chooser.matched(frames)):
            self._now_s += EVERY_S
            reasons = self._chooser.reasons(CAMERA, matched)
            candidate = Candidate(
                CAMERA, self._now_s, reasons, self._labels[frames.best[index]],
                1.0 - float(frames.margin[index]), partial(Fingerprint, "shop", seen[index]),
            )  # fmt: skip
            choice = self._chooser.weigh(candidate) if reasons else None
            if isinstance(choice, Choice):
                self._chooser.kept(candidate, choice, JPEG_BYTES)
                yield index

    def _frames(self, head: Head, seen: NDArray[np.float32]) -> Frames:
        count = len(seen)
        return Frames(
            labels=self._labels,
            scores=head.scores(seen),
            confidence=head.confidence(seen),
            faces=np.zeros(count, np.int64),
            sensors=(),
            alerts=np.zeros(count, np.uint64),
            draw=np.ones(count),
        )

    def _now(self) -> float:
        return self._now_s
