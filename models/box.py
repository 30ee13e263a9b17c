"""A rectangle that a detector found."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """Corners in pixels of the picture (x to the right, y down, x2 and y2 excluded), score 0..1."""

    x1: float
    y1: float
    x2: float
    y2: float
    score: float

    def __post_init__(self) -> None:
        if not all(math.isfinite(v) for v in (self.x1, self.y1, self.x2, self.y2, self.score)):
            raise ValueError("a box has finite corners and a finite score")
        if self.x2 <= self.x1 or self.y2 <= self.y1:
            raise ValueError(f"a box has an area, not {self.x1, self.y1, self.x2, self.y2}")

    def grown(self, factor: float) -> "Box":
        """The box about the same centre with both sides multiplied by factor."""
        dx = (self.x2 - self.x1) * (factor - 1) / 2
        dy = (self.y2 - self.y1) * (factor - 1) / 2
        return Box(self.x1 - dx, self.y1 - dy, self.x2 + dx, self.y2 + dy, self.score)

    def pixels(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Whole pixels (x1, y1, x2, y2) that cover the box within the picture; may be empty."""
        x1, y1 = max(0, math.floor(self.x1)), max(0, math.floor(self.y1))
        return x1, y1, min(width, math.ceil(self.x2)), min(height, math.ceil(self.y2))
