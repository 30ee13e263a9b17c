"""One network, compiled for each of the first few sizes of its inputs, and then for any."""

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from models.errors import ModelError

Compiled = TypeVar("Compiled")
Shape = tuple[int, ...]


class Sizes(Generic[Compiled]):
    """What is compiled for which shape; threads may share it. `close` may be called twice.

    compiled: compiles for a shape. for_any: the shape that leaves every size free, which runs
    slower. few: so many shapes at most are compiled each for itself.
    """

    def __init__(self, compiled: Callable[[Shape], Compiled], for_any: Shape, few: int) -> None:
        self._compiled, self._for_any, self._few = compiled, for_any, few
        self._turn = Lock()
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
            if found is None:
                key = shape if len(self._by_shape) < self._few else self._for_any
                found = self._by_shape[key] = self._compiled(key)
            return found

    def close(self) -> None:
        """Frees all."""
        with self._turn:
            self._closed = True
            self._by_shape.clear()
