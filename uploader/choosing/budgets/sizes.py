"""How large the next frame of a camera will be at most, before anybody has encoded it."""

from collections.abc import Mapping

KEPT_IN_MIND = 0.98


class Sizes:
    """Of each camera the largest frame of late: with each frame, what was larger counts 2% less.

    A limit in bytes asks for room for that much. So it can be exceeded by one frame that is larger
    than those before it, by less than that frame, and not by a second one.
    """

    def __init__(self, largest: Mapping[str, int] | None = None) -> None:
        """largest: of each camera, bytes."""
        self.largest = dict(largest or {})

    def expected(self, camera: str) -> int:
        """Bytes; 0 of a camera of which nothing was kept yet."""
        return self.largest.get(camera, 0)

    def largest_expected(self) -> int:
        """Bytes of any camera's next frame."""
        return max(self.largest.values(), default=0)

    def kept(self, camera: str, size_bytes: int) -> None:
        """A frame of that camera had this size."""
        self.largest[camera] = max(size_bytes, int(self.expected(camera) * KEPT_IN_MIND))
