"""What a person ordered of `vision-app mask`, and how it is carried out."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Protocol

import cv2

from devices.boards.limits import usable_cores, usable_memory
from masking.settings import MaskingSettings
from models.settings import CatalogueSettings
from vision_app.mask.crew import Crew
from vision_app.mask.job import Job
from vision_app.mask.kinds import Kind, kind_of
from vision_app.mask.opening import Opening
from vision_app.mask.report import Outcome
from vision_app.mask.report_file import report_file
from vision_app.mask.tally import Tally
from vision_app.mask.videos import Videos
from vision_app.mask.walk import Task, walk
from vision_app.mask.work import Work
from vision_app.weights import Weights

BYTES_EACH = 3 << 29
"""What one set of detectors takes at pictures of 1280 pixels, with a picture of 50 megapixels."""


@dataclass(frozen=True, slots=True)
class Order:
    """source, target: a file each, or a folder each; target was found free.

    report: where to write which boxes were covered. quality: of JPEG and WebP, 0..100.
    jobs: inputs at a time; None: as many as this machine can take. audio: of videos, kept.
    once: one detector looks at each picture, once, and nobody judges.
    """

    source: Path
    target: Path
    report: Path | None
    quality: int
    jobs: int | None
    overwrite: bool
    audio: bool
    once: bool
    masking: MaskingSettings
    catalogue: CatalogueSettings

    @property
    def at_once(self) -> int:
        """How many inputs are in hand at a time."""
        if not self.source.is_dir():
            return 1
        fit = max(1, usable_memory() // BYTES_EACH)
        return self.jobs or min(usable_cores(), fit)


class Follower(Protocol):
    """Hears how an order goes on, from several threads."""

    def say(self, text: str) -> None:
        """A sentence for people."""

    def ended(self, outcome: Outcome) -> None:
        """An input is done with."""

    def frame(self, task: Task, done: int, total: int | None) -> None:
        """A video is so far, of so many frames, where that is known."""


def carry_out(order: Order, work: Work, follower: Follower, stop: Event) -> Tally:
    """Masks what can be masked. When stop is set, what is in hand is finished or given up.

    Raises ModelError when a detector cannot be opened once more, AppError when the report cannot
    be written.
    """
    tally = Tally()
    with report_file(order.report) as report:
        job = Job(work, order.at_once, order.overwrite, stop)
        for outcome in job.run(walk(order.source, order.target)):
            tally.add(outcome)
            follower.ended(outcome)
            if report is not None:
                report.add(outcome)
        if report is not None:
            report.finish(tally.counts, stop.is_set())
    return tally


@contextmanager
def ready(order: Order, follower: Follower, stop: Event) -> Iterator[Work]:
    """Those who look, as long as the block lasts. Raises ModelError when there is no detector."""
    cores, weights = usable_cores(), Weights(order.catalogue, follower.say)
    threads = max(1, cores // order.at_once)
    cv2.setNumThreads(threads)  # its pool would take cores from the other inputs
    lanes = order.at_once if order.source.is_dir() else 0
    opening = Opening(order.masking, weights, threads, follower.say, order.once, lanes)
    watching = max(1, cores // 2)  # the rest of them encodes
    videos = Videos(order.masking, weights, watching, order.audio, stop, follower.frame)
    with closing(Crew(opening)) as crew, closing(videos):
        if kind_of(order.source) is not Kind.VIDEO:
            _open_one(crew)
        yield Work(crew, order.quality, videos)


def _open_one(crew: Crew) -> None:
    """Now, so that nothing is begun where nobody can look."""
    with crew.one():
        pass
