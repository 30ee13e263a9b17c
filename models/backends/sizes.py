"""One network, compiled for each of the first few sizes of its inputs, and then for any."""

import time
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from models.errors import ModelError

SLOW_S = 0.7
"""Seconds; a machine that compiles for longer is not made to when somebody waits for an answer."""

Compiled = TypeVar("Compiled")
Shape = tuple[int, ...]


class Sizes(Generic[Compiled]):
    """What is compiled for which shape; threads may share it. `close` may be called twice.

    compiled: compiles for a shape. for_any: the shape that leaves every size free, which runs
    slower. few: so many shapes at most are compiled each for itself; on a slow machine the first
    alone, and at once what any other needs.
    """

    def __init__(
        self,
        compiled: Callable[[Shape], Compiled],
        for_any: Shape,
        few: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._compiled, self._for_any, self._few = compiled, for_any, few
        self._clock, self._turn = clock, Lock()
        self._by_shape: dict[Shape, Compiled] = {}
        self._closed = False

    def fitting(self, shape: Shape) -> Compiled:
        """For inputs of this shape; who asks meanwhile waits while it is compiled.

        Raises ModelError when it is closed, and what compiling raises.
        """
        with self._turn:
            if self._closed:
                raise ModelError("this network is closed: open it again")
            found = self._by_shape.get(shape) or self._by_shape.get(self._for_any)
            return found or self._add(shape if self._has_room() else self._for_any)

    def close(self) -> None:
        """Frees all."""
        with self._turn:
            self._closed = True
            self._by_shape.clear()

    def _add(self, shape: Shape) -> Compiled:
        begin_s = self._clock()
        added = self._by_shape[shape] = self._compiled(shape)
        if self._clock() - begin_s > SLOW_S and self._has_room():
            self._by_shape[self._for_any] = self._compiled(self._for_any)
        return added

    def _has_room(self) -> bool:
        return len(self._by_shape) < self._few
