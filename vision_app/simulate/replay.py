"""Shows a log of scores to a chooser as if its frames came again."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uploader.choosing.budgets.budgets import Budgets
from uploader.choosing.budgets.money import frame_cost
from uploader.choosing.candidate import Candidate, once
from uploader.choosing.choice import Choice
from uploader.choosing.chooser import Chooser
from uploader.choosing.frames import Frames
from uploader.choosing.looks.duplicates import Duplicates
from uploader.choosing.looks.fingerprint import of_hash
from uploader.choosing.own import NOBODY, Own
from uploader.choosing.policies import Names, policies_of, reason_of
from uploader.choosing.score_file import Header, ScoreFile
from uploader.choosing.settings import KeepSettings
from uploader.errors import PolicyError
from vision_app.simulate.log import Log
from vision_app.simulate.outcome import HOUR_S, Outcome

CHUNK_BYTES = 1 << 24
"""Of a log that are held in memory at once."""
GUESS_BYTES = 100_000
"""Of a JPEG, where the log holds none that was kept."""
SEED = 0

Rows = NDArray[np.void]
Indexes = NDArray[np.intp]
Seconds = NDArray[np.float64]
Progress = Callable[[int], None]
"""Is told of how many more frames became of something."""


def replay(
    log: Log,
    keep: KeepSettings,
    progress: Progress = lambda frames: None,
    owns: Mapping[str, Own] = NOBODY,
) -> Outcome:
    """What the settings would have kept of the log, by the device's own code.

    owns: of cameras with rules of their own.

    Near-duplicates are told by hashes, also where the model has embeddings, and an audit is drawn
    anew, the same at each call. Raises PolicyError when a policy speaks of what was not there.
    """
    run = _Run(keep, owns, log)
    for file in log.files:
        run.take_up(file)
        many = max(1, CHUNK_BYTES // file.rows.itemsize)
        for begin in range(0, len(file.rows), many):
            chunk = file.rows[begin : begin + many]
            run.see(file.header, chunk)
            progress(len(chunk))
    return run.outcome


class _Run:
    """One replay, in its own time: see `_times`."""

    def __init__(self, keep: KeepSettings, owns: Mapping[str, Own], log: Log) -> None:
        self._keep, self._owns, self._sizes = keep, owns, log.sizes
        self._now_s = self._last_s = self._ahead_s = 0.0
        limits = {reason_of(policy): policy for policy in policies_of(keep)}
        self._budgets = Budgets(keep.budget, limits, keep.max_per_minute, self._now, owns=owns)
        self._duplicates = Duplicates(keep.duplicates, owns=owns)
        self._draws = np.random.default_rng(SEED)
        self._header: Header | None = None
        self._known: dict[tuple[str, bytes], tuple[str, ...]] = {}
        self.outcome = Outcome()

    def take_up(self, file: ScoreFile) -> None:
        """The model or the cameras may be others than before; what was kept is remembered."""
        header = file.header
        if header == self._header:
            return
        names = Names(header.labels, header.sensors, header.cameras)
        self._header = header
        try:
            self._chooser = Chooser(
                self._keep, names, self._budgets, self._duplicates, self._now, owns=self._owns
            )
        except PolicyError as error:
            raise PolicyError(f"{error} ({file.path}: move it away to leave it out)") from error

    def see(self, header: Header, rows: Rows) -> None:
        """The next frames, in the order in which they came."""
        frames, times = _frames(header, rows, self._draws), self._times(rows)
        self._count_all(header, frames, times)
        matched = self._chooser.matched(frames)
        for candidate, size in self._candidates(header, frames, rows, times, matched):
            self._now_s = candidate.at_s
            self.outcome.wanted += 1
            weighed = self._chooser.weigh(candidate)
            if isinstance(weighed, Choice):
                self._chooser.kept(candidate, weighed, size)
                self._count(candidate, weighed, size)
            else:
                self.outcome.refused[weighed.value] += 1

    def _candidates(
        self,
        header: Header,
        frames: Frames,
        rows: Rows,
        times: Seconds,
        matched: NDArray[np.bool_],
    ) -> Iterator[tuple[Candidate, int]]:
        """Each frame that a policy matches and is for, and its bytes."""
        wanted = np.flatnonzero(matched.any(axis=1))
        columns = (
            times[wanted].tolist(), _column(rows, "size", wanted), _column(rows, "hash", wanted),
            _column(rows, "camera", wanted), frames.best[wanted].tolist(),
            (1.0 - frames.margin[wanted]).tolist(), matched[wanted],
        )  # fmt: skip
        for at_s, size, bits, index, best, uncertainty, hits in zip(*columns, strict=True):
            camera = header.cameras[index]
            reasons = self._reasons(camera, hits.tobytes())
            if reasons:
                label, look = header.labels[best], once(partial(of_hash, bits))
                candidate = Candidate(camera, at_s, reasons, label, uncertainty, look)
                yield candidate, size or self._sizes.get(camera, GUESS_BYTES)

    def _times(self, rows: Rows) -> Seconds:
        """(n,): the steady seconds of the rows; where these go back, time goes on all the same.

        They do where the spool was removed, or where the logs of two devices lie together.
        """
        steady_s = rows["steady_s"]
        back_s = np.maximum(-np.diff(steady_s, prepend=self._last_s), 0.0)
        times: Seconds = steady_s + self._ahead_s + np.cumsum(back_s)
        self._last_s = float(steady_s[-1])
        self._ahead_s += float(back_s.sum())
        return times

    def _count_all(self, header: Header, frames: Frames, times: Seconds) -> None:
        outcome = self.outcome
        counts = np.bincount(frames.best, minlength=len(header.labels)).tolist()
        if not outcome.frames:
            outcome.first_s = float(times[0])
        outcome.frames.update(dict(zip(header.labels, counts, strict=True)))
        outcome.last_s = float(times[-1])

    def _count(self, candidate: Candidate, choice: Choice, size: int) -> None:
        outcome = self.outcome
        outcome.kept[candidate.label] += 1
        outcome.by[choice.by] += 1
        outcome.hours[int(candidate.at_s // HOUR_S)] += 1
        outcome.size_bytes += size
        outcome.money += frame_cost(self._keep.budget.prices, size)

    def _reasons(self, camera: str, hits: bytes) -> tuple[str, ...]:
        """Of the chooser, asked once for each set of policies that match."""
        known = self._known.get((camera, hits))
        if known is None:
            known = self._chooser.reasons(camera, np.frombuffer(hits, np.bool_))
            self._known[camera, hits] = known
        return known

    def _now(self) -> float:
        return self._now_s


def _column(rows: Rows, name: str, wanted: Indexes) -> list[Any]:
    return list(rows[name][wanted].tolist())


def _frames(header: Header, rows: Rows, draws: np.random.Generator) -> Frames:
    return Frames(
        labels=header.labels,
        scores=rows["scores"],
        confidence=rows["confidence"],
        faces=rows["faces"].astype(np.int64),
        sensors=header.sensors,
        alerts=rows["alerts"],
        draw=draws.random(len(rows)),
    )
