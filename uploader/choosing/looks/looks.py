"""What the kept frames of one camera looked like: so many places, the longest unseen goes first."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(slots=True, eq=False)
class Looks:
    """A bounded memory of unit vectors of one space; times are steady seconds.

    space: who made the vectors. suppressed: wanted frames that were not kept since the last that
    was. vectors: (n, size) float32. kept_s, seen_s: (n,) float64, when each was kept, and when a
    frame last showed nearly the same.
    """

    space: str
    vectors: NDArray[np.float32]
    kept_s: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    seen_s: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    suppressed: int = 0

    def cosines(self, vector: NDArray[np.float32], since_s: float) -> NDArray[np.float32]:
        """(n,): with each; -1 of what was kept before since_s."""
        found: NDArray[np.float32] = self.vectors @ vector
        found[self.kept_s < since_s] = -1.0
        return found

    def take(self, vector: NDArray[np.float32], at_s: float, since_s: float, most: int) -> None:
        """Remembers one more; at most so many, of which those from before since_s go first."""
        if len(self.vectors) < most:
            self.vectors = np.concatenate((self.vectors, vector[np.newaxis]))
            self.kept_s, self.seen_s = np.append(self.kept_s, at_s), np.append(self.seen_s, at_s)
            return
        place = np.where(self.kept_s < since_s, -np.inf, self.seen_s).argmin()
        self.vectors[place], self.kept_s[place], self.seen_s[place] = vector, at_s, at_s

    def latest(self, most: int) -> "Looks":
        """Those seen last, at most so many."""
        last = np.sort(np.argsort(self.seen_s)[-most:])
        times = self.kept_s[last], self.seen_s[last]
        return Looks(self.space, self.vectors[last], *times, self.suppressed)
