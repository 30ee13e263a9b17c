"""Masks many inputs, several at once, and says of each how it ended."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from threading import Event

from vision_app.mask.places import same
from vision_app.mask.report import End, Outcome, Report, Unmasked
from vision_app.mask.walk import Task

WAIT_S = 0.5
AHEAD = 2
"""Tasks in hand for each thread; more are only taken from the walk when one is done."""

Work = Callable[[Task], Report]


class Job:
    """What is done with every input, in at most `threads` threads. work: raises Unmasked.

    overwrite: whether an output that is there may be replaced. stop: what is not begun when it is
    set ends as stopped; what is in hand is finished, unless its work heeds it as well.
    """

    def __init__(self, work: Work, threads: int, overwrite: bool, stop: Event) -> None:
        self._work, self._threads = work, threads
        self._overwrite, self._stop = overwrite, stop

    def run(self, entries: Iterable[Task | Outcome]) -> Iterator[Outcome]:
        """How each ended, in the order in which they did. Walks on only while it is asked."""
        in_hand: set[Future[Outcome]] = set()
        with ThreadPoolExecutor(self._threads, "mask") as pool:
            for entry in entries:
                if self._stop.is_set():
                    break
                if isinstance(entry, Outcome):
                    yield entry
                    continue
                in_hand.add(pool.submit(self._end, entry))
                while len(in_hand) >= AHEAD * self._threads:
                    done, in_hand = wait(in_hand, WAIT_S, FIRST_COMPLETED)
                    yield from (future.result() for future in done)
            while in_hand:
                done, in_hand = wait(in_hand, WAIT_S, FIRST_COMPLETED)
                yield from (future.result() for future in done)

    def _end(self, task: Task) -> Outcome:
        try:
            self._require_free(task)
            output = task.name.with_name(task.target.name)
            return Outcome(task.name, End.MASKED, output=output, report=self._work(task))
        except Unmasked as error:
            why = str(error)
            if self._overwrite and error.end in (End.REDACTED, End.WITHHELD):
                why += _removed(task.target)
            return Outcome(task.name, error.end, why)

    def _require_free(self, task: Task) -> None:
        if self._stop.is_set():
            raise Unmasked(End.STOPPED, "the command was stopped before its turn")
        if same(task.source, task.target):
            raise Unmasked(End.EXISTS, "its output would be the input itself")
        if os.path.lexists(task.target) and (not self._overwrite or task.target.is_dir()):
            raise Unmasked(End.EXISTS, "its output exists already; --overwrite replaces it")


def _removed(target: Path) -> str:
    """What an earlier run wrote is not left to be taken for the output of this one."""
    try:
        target.unlink()
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"; its earlier output cannot be removed: {error.strerror}"
    return "; its earlier output was removed"
