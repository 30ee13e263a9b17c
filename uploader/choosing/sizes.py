"""How large the next frame of a camera will be at most, before anybody has encoded it."""

from collections.abc import Mapping

from uploader.choosing.limits import HOUR_S


class Sizes:
    """Of each camera the largest frame of late; what was large counts half after an hour.

    A limit in bytes asks for room for that much. So it can be exceeded by one frame that is larger
    than expected, by less than that frame, and not by a second one; and a camera that took one
    huge frame is not stopped for ever.
    """

    def __init__(self, largest: Mapping[str, tuple[float, float]] | None = None) -> None:
        """largest: of each camera (steady seconds, bytes)."""
        self.largest = dict(largest or {})

    def expected(self, camera: str, at_s: float) -> int:
        """Bytes; 0 of a camera of which nothing was kept yet."""
        largest = self.largest.get(camera)
        if largest is None:
            return 0
        then_s, size_bytes = largest
        return int(size_bytes * 0.5 ** (max(at_s - then_s, 0.0) / HOUR_S))

    def largest_expected(self, at_s: float) -> int:
        """Bytes of any camera's next frame."""
        return max((self.expected(camera, at_s) for camera in self.largest), default=0)

    def kept(self, camera: str, size_bytes: int, at_s: float) -> None:
        """A frame of that camera had this size."""
        self.largest[camera] = (at_s, max(size_bytes, self.expected(camera, at_s)))
