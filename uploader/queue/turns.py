"""Work that several threads do at once and that takes effect in the order in which it was begun."""

import threading
from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import Generic, TypeVar

from uploader.errors import SpoolError

Item = TypeVar("Item")

Finish = Callable[[Sequence[Item]], None]
"""Makes all of them take effect, in this order, or none; raises SpoolError. Without the lock."""


class Turn(Generic[Item]):
    """One that was begun. ready: its own part is done. over: it took effect, or it failed."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self.ready = self.over = False
        self.error: SpoolError | None = None


class Turns(Generic[Item]):
    """A line of threads, of which one finishes for all that are ready and not behind another.

    Where one fails, all that were begun after it fail as well.
    """

    def __init__(
        self,
        lock: threading.Condition,
        finish: Finish[Item],
        settle: Callable[[Sequence[Item], SpoolError | None], None],
        at_once: int,
    ) -> None:
        """lock: held by who begins. settle: is told, under the lock, what took effect, or why not.

        at_once: so many are finished together.
        """
        self._lock, self._finish, self._settle, self._at_once = lock, finish, settle, at_once
        self._line: list[Turn[Item]] = []
        self._busy = False

    def begin(self, item: Item) -> Turn[Item]:
        """Takes the last place in the line; the lock must be held."""
        turn = Turn(item)
        self._line.append(turn)
        return turn

    def run(self, turn: Turn[Item], part: Callable[[], None]) -> None:
        """Does the turn's own part, and returns when it took effect. Raises SpoolError."""
        gone = SpoolError("a frame was not written to its end: report this")
        error: SpoolError | None = gone
        try:
            part()
            error = None
        except SpoolError as failure:
            error = failure
        finally:
            with self._lock:
                turn.ready, turn.error = True, turn.error or error
                if error is gone:  # others have to serve; who stays here does it, unasked
                    self._lock.notify_all()
        with self._lock:
            while not turn.over:
                if self._busy or not self._line[0].ready:
                    self._lock.wait()
                else:
                    self._serve()
        if turn.error is not None:
            raise turn.error

    def _serve(self) -> None:
        """Finishes for the first of the line, and those behind them that are ready."""
        if self._line[0].error is not None:
            self._fail(self._line[0].error)
            return
        good = takewhile(lambda turn: turn.ready and turn.error is None, self._line)
        group = [turn for turn, _ in zip(good, range(self._at_once), strict=False)]
        items = [turn.item for turn in group]
        error = self._finished(items)
        if error is not None:
            self._fail(error)
            return
        del self._line[: len(group)]
        self._settle(items, None)
        for turn in group:
            turn.over = True

    def _finished(self, items: Sequence[Item]) -> SpoolError | None:
        """Why nothing took effect; the lock is not held meanwhile."""
        self._busy = True
        self._lock.release()
        try:
            self._finish(items)
        except SpoolError as error:
            return error
        finally:
            self._lock.acquire()
            self._busy = False
            self._lock.notify_all()
        return None

    def _fail(self, error: SpoolError) -> None:
        """All of the line: none may take effect before another that it was begun after."""
        failed, self._line = self._line, []
        self._settle([turn.item for turn in failed], error)
        for turn in failed:
            turn.error, turn.over = error, True
        self._lock.notify_all()
