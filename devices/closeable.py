"""What is opened and has to be closed again: at the end of a `with` block, or by hand."""

from types import TracebackType
from typing import Protocol, TypeVar

Own = TypeVar("Own", bound="Closeable")


class Closeable(Protocol):
    """A context manager whose end is `close`; to be derived from, or matched."""

    __slots__ = ()

    def close(self) -> None:
        """Gives back what it holds."""

    def __enter__(self: Own) -> Own:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
