"""Remembers what kept frames looked like, so that the same scene is not kept again and again."""

from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

from uploader.choosing.fingerprint import HASH, Fingerprint
from uploader.choosing.settings import DuplicateSettings

MAX_CAMERAS = 64
"""The cameras that kept something last; of others all is forgotten."""
UNLIKE = 0.5
"""Cosine at and below which an embedding is wholly new."""


class Looks:
    """What the kept frames of one camera looked like, in one space; the one unseen for longest
    makes room for a new one."""

    def __init__(self, space: str, size: int, remember: int) -> None:
        self.space = space
        self.suppressed = 0
        self._vectors = np.empty((remember, size), np.float32)
        self._kept_s = np.empty(remember)
        self._seen_s = np.empty(remember)
        self._count = 0

    def similarity(
        self, look: Fingerprint, at_s: float, forget_after_s: float
    ) -> NDArray[np.float32]:
        """(n,) cosines with all that is remembered; -1 of what was kept too long ago."""
        cosines = self._vectors[: self._count] @ look.vector
        cosines[self._kept_s[: self._count] < at_s - forget_after_s] = -1.0
        return np.asarray(cosines)

    def saw(self, index: int, at_s: float) -> None:
        """The one at the index was seen again."""
        self._seen_s[index] = at_s

    def remember(self, look: Fingerprint, at_s: float) -> None:
        """Takes one more."""
        if self._count < len(self._vectors):
            index, self._count = self._count, self._count + 1
        else:
            index = int(self._seen_s.argmin())
        self._vectors[index] = look.vector
        self._kept_s[index] = self._seen_s[index] = at_s


class Duplicates:
    """The bounded memory of all cameras, for one thread; times are steady seconds."""

    def __init__(self, settings: DuplicateSettings) -> None:
        self._settings = settings
        self._cameras: OrderedDict[str, Looks] = OrderedDict()

    def near(self, camera: str, look: Fingerprint, at_s: float) -> bool:
        """Whether a kept frame of this camera, not too long ago, showed nearly the same."""
        if not self._settings.enabled:
            return False
        similarity = self._most_similar(camera, look, at_s)
        return similarity >= self._threshold(look)

    def novelty(self, camera: str, look: Fingerprint, at_s: float) -> float:
        """0 (as a kept frame) to 1 (like none of them)."""
        unlike = 0.0 if look.space == HASH else UNLIKE
        similarity = self._most_similar(camera, look, at_s)
        return float(min(1.0, max(0.0, (1.0 - similarity) / (1.0 - unlike))))

    def suppress(self, camera: str) -> None:
        """One more frame of this camera is not kept because it was near."""
        if camera in self._cameras:
            self._cameras[camera].suppressed += 1

    def suppressed(self, camera: str) -> int:
        """How many of this camera were not kept for that, since the last that was kept."""
        looks = self._cameras.get(camera)
        return looks.suppressed if looks else 0

    def kept(self, camera: str, look: Fingerprint, at_s: float) -> None:
        """Remembers a frame that the spool took, and counts anew."""
        looks = self._cameras.get(camera)
        if looks is None or looks.space != look.space:
            looks = Looks(look.space, look.vector.size, self._settings.remember)
            self._cameras[camera] = looks
        self._cameras.move_to_end(camera)
        if len(self._cameras) > MAX_CAMERAS:
            self._cameras.popitem(last=False)
        looks.remember(look, at_s)
        looks.suppressed = 0

    def _most_similar(self, camera: str, look: Fingerprint, at_s: float) -> float:
        """The greatest cosine with what is remembered; -1 where nothing is."""
        looks = self._cameras.get(camera)
        if looks is None or looks.space != look.space:
            return -1.0
        cosines = looks.similarity(look, at_s, self._settings.forget_after_s)
        best = int(cosines.argmax())
        if cosines[best] >= self._threshold(look):
            looks.saw(best, at_s)
        return float(cosines[best])

    def _threshold(self, look: Fingerprint) -> float:
        """Two hashes of 64 bits, d of them different, have a cosine of 1 - d / 32."""
        if look.space == HASH:
            return 1.0 - self._settings.bits / 32.0 - 1e-6
        return self._settings.similarity
