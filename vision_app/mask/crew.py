"""Shares what looks at pictures between the threads of a job."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from threading import Event
from types import TracebackType

from vision_app.mask.looks import Looks
from vision_app.mask.report import End, Unmasked

WAIT_S = 0.5


class Crew:
    """Several looks, each lent to one thread at a time. A context manager, which closes them."""

    def __init__(self, looks: Sequence[Looks], stop: Event) -> None:
        self._all, self._stop = tuple(looks), stop
        self._idle: SimpleQueue[Looks] = SimpleQueue()
        for one in self._all:
            self._idle.put(one)

    @contextmanager
    def one(self) -> Iterator[Looks]:
        """One of them, as soon as it is free. Raises Unmasked when the job is stopped before."""
        looks = self._next()
        try:
            yield looks
        finally:
            self._idle.put(looks)

    def __enter__(self) -> "Crew":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for looks in self._all:
            looks.close()

    def _next(self) -> Looks:
        while not self._stop.is_set():
            try:
                return self._idle.get(timeout=WAIT_S)
            except Empty:
                continue
        raise Unmasked(End.STOPPED, "the command was stopped before its turn")
