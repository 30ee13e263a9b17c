"""Shows a log of scores to a chooser as if its frames came again."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
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
from uploader.choosing.policies import Names, policies_of, reason_of
from uploader.choosing.score_log import Header, score_files
from uploader.choosing.settings import KeepSettings
from vision_app.simulate.outcome import HOUR_MS, Outcome

CHUNK = 1 << 16
"""Frames that are held in memory at once."""
GUESS_BYTES = 100_000
"""Of a JPEG, where the log holds none that was kept."""
SEED = 0

Rows = NDArray[np.void]
Indexes = NDArray[np.intp]
Progress = Callable[[int], None]
"""Is told of how many more frames became of something."""


def replay(folder: Path, keep: KeepSettings, progress: Progress = lambda frames: None) -> Outcome:
    """What the settings would have kept of the log in a folder, by the device's own code.

    Near-duplicates are told by hashes, also where the model has embeddings, and an audit is drawn
    anew, the same at each call. Raises ScoreLogError; PolicyError when a policy speaks of what was
    not there.
    """
    run = _Run(keep, _mean_sizes(folder))
    for header, rows in score_files(folder):
        run.take_up(header)
        for begin in range(0, len(rows), CHUNK):
            chunk = np.asarray(rows[begin : begin + CHUNK])
            run.see(header, chunk)
            progress(len(chunk))
    return run.outcome


def frames_in(folder: Path) -> int:
    """How many frames the log holds."""
    return sum(len(rows) for _, rows in score_files(folder))


class _Run:
    """One replay. sizes: of a camera's JPEG in bytes, where it was not kept."""

    def __init__(self, keep: KeepSettings, sizes: Mapping[str, int]) -> None:
        self._keep, self._sizes = keep, sizes
        self._now_s = 0.0
        limits = {reason_of(policy): policy for policy in policies_of(keep)}
        self._budgets = Budgets(keep.budget, limits, keep.max_per_minute, self._now)
        self._duplicates = Duplicates(keep.duplicates)
        self._draws = np.random.default_rng(SEED)
        self._header: Header | None = None
        self._known: dict[tuple[str, bytes], tuple[str, ...]] = {}
        self.outcome = Outcome()

    def take_up(self, header: Header) -> None:
        """The model or the cameras may be others than before; what was kept is remembered."""
        if header == self._header:
            return
        names = Names(header.labels, header.sensors, header.cameras)
        self._header, self._known = header, {}
        self._chooser = Chooser(self._keep, names, self._budgets, self._duplicates, self._now)

    def see(self, header: Header, rows: Rows) -> None:
        """The next frames, in the order in which they came."""
        frames = _frames(header, rows, self._draws)
        self._count_all(header, frames, rows)
        matched = self._chooser.matched(frames)
        wanted = np.flatnonzero(matched.any(axis=1))
        for candidate, at_ms, size in self._candidates(header, frames, rows, matched, wanted):
            self._now_s = candidate.at_s
            self.outcome.wanted += 1
            weighed = self._chooser.weigh(candidate)
            if isinstance(weighed, Choice):
                self._chooser.kept(candidate, weighed, size)
                self._count(candidate, weighed, at_ms, size)
            else:
                self.outcome.refused[weighed.value] += 1

    def _candidates(
        self,
        header: Header,
        frames: Frames,
        rows: Rows,
        matched: NDArray[np.bool_],
        wanted: Indexes,
    ) -> Iterator[tuple[Candidate, int, int]]:
        """Of each frame that a policy matches and is for: it, when it was, its bytes."""
        columns = (
            _column(rows, "steady_s", wanted), _column(rows, "at_ms", wanted),
            _column(rows, "size", wanted), _column(rows, "hash", wanted),
            _column(rows, "camera", wanted), frames.best[wanted].tolist(),
            (1.0 - frames.margin[wanted]).tolist(), matched[wanted],
        )  # fmt: skip
        for at_s, at_ms, size, bits, index, best, uncertainty, hits in zip(*columns, strict=True):
            camera = header.cameras[index]
            reasons = self._reasons(camera, hits.tobytes())
            if reasons:
                label, look = header.labels[best], once(partial(of_hash, bits))
                candidate = Candidate(camera, at_s, reasons, label, uncertainty, look)
                yield candidate, at_ms, size or self._sizes.get(camera, GUESS_BYTES)

    def _count_all(self, header: Header, frames: Frames, rows: Rows) -> None:
        counts = np.bincount(frames.best, minlength=len(header.labels)).tolist()
        self.outcome.frames.update(dict(zip(header.labels, counts, strict=True)))
        first, last = int(rows["at_ms"].min()), int(rows["at_ms"].max())
        self.outcome.first_ms = min(self.outcome.first_ms or first, first)
        self.outcome.last_ms = max(self.outcome.last_ms, last)

    def _count(self, candidate: Candidate, choice: Choice, at_ms: int, size: int) -> None:
        outcome = self.outcome
        outcome.kept[candidate.label] += 1
        outcome.by[choice.by] += 1
        outcome.hours[at_ms // HOUR_MS] += 1
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


def _mean_sizes(folder: Path) -> Mapping[str, int]:
    """Of each camera of which a frame was kept."""
    bytes_in, frames = Counter[str](), Counter[str]()
    for header, rows in score_files(folder):
        for index, camera in enumerate(header.cameras):
            sizes = rows["size"][rows["camera"] == index]
            bytes_in[camera] += int(sizes.sum(dtype=np.int64))
            frames[camera] += int(np.count_nonzero(sizes))
    return {camera: bytes_in[camera] // count for camera, count in frames.items() if count}
