"""Shares what looks at photographs between the threads of a job."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from threading import Lock

from vision_app.mask.looks import Looks


class Crew:
    """Lends looks to one thread at a time; there are never more than threads that had one at once.

    opens: opens one, when all that are open are lent. `close` may be called twice.
    """

    def __init__(self, opens: Callable[[], Looks]) -> None:
        self._opens, self._turn = opens, Lock()
        self._all: list[Looks] = []
        self._idle: SimpleQueue[Looks] = SimpleQueue()

    @contextmanager
    def one(self) -> Iterator[Looks]:
        """One that nobody else has. Raises ModelError when it cannot be opened."""
        looks = self._next()
        try:
            yield looks
        finally:
            self._idle.put(looks)

    def close(self) -> None:
        """Closes all that were opened."""
        for looks in self._all:
            looks.close()

    def _next(self) -> Looks:
        try:
            return self._idle.get_nowait()
        except Empty:
            looks = self._opens()
            with self._turn:
                self._all.append(looks)
            return looks
