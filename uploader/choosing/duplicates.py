"""Notices that a frame shows what a kept one has shown, so that no scene is labelled twice."""

from collections import OrderedDict
from collections.abc import Iterable

import numpy as np

from uploader.choosing.fingerprint import HASH, Fingerprint
from uploader.choosing.looks import Looks
from uploader.choosing.settings import DuplicateSettings

MAX_CAMERAS = 64
"""Of so many that kept something last; what the others kept is forgotten."""
STRANGE = 0.5
"""The cosine from which on an embedding is as new as can be: half of all pairs of different shop
photographs are further apart. Of hashes it is 0: half of the bits differ."""
ROUNDING = 1e-6


class Duplicates:
    """The bounded memory of what was kept, camera by camera; for one thread.

    Only kept frames are remembered: what changes slowly is kept again once it has changed enough.
    Times are steady seconds.
    """

    def __init__(self, settings: DuplicateSettings) -> None:
        self._settings = settings
        self._cameras: OrderedDict[str, Looks] = OrderedDict()

    def near(self, camera: str, look: Fingerprint, at_s: float) -> bool:
        """Whether one was kept, and not too long ago, that showed nearly the same.

        That one has been seen again, and is remembered for longer.
        """
        if not self._settings.enabled or (looks := self._of(camera, look)) is None:
            return False
        cosines = looks.cosines(look.vector, at_s - self._settings.forget_after_s)
        nearest = int(cosines.argmax())
        if cosines[nearest] < self._nearly(look):
            return False
        looks.seen_s[nearest] = at_s
        return True

    def novelty(self, camera: str, look: Fingerprint, at_s: float) -> float:
        """0 (one just like it was kept) to 1 (none was that looks like it in the least)."""
        if (looks := self._of(camera, look)) is None:
            return 1.0
        cosine = looks.cosines(look.vector, at_s - self._settings.forget_after_s).max()
        strange = 0.0 if look.space == HASH else STRANGE
        return float(np.clip((1 - cosine) / (1 - strange), 0.0, 1.0))

    def suppress(self, camera: str) -> None:
        """One more is not kept because one was that showed nearly the same."""
        if camera in self._cameras:
            self._cameras[camera].suppressed += 1

    def suppressed(self, camera: str) -> int:
        """How many of this camera were not kept for that since the last that was kept."""
        return self._cameras[camera].suppressed if camera in self._cameras else 0

    def kept(self, camera: str, look: Fingerprint, at_s: float) -> None:
        """Remembers a frame that the spool took, and counts from 0 again."""
        looks = self._of(camera, look) or Looks(
            look.space, np.empty((0, look.vector.size), np.float32)
        )
        since_s = at_s - self._settings.forget_after_s
        looks.take(look.vector, at_s, since_s, self._settings.remember)
        looks.suppressed = 0
        self._put(camera, looks)

    def cameras(self) -> Iterable[tuple[str, Looks]]:
        """All that is remembered, those first that kept something the longest ago."""
        return self._cameras.items()

    def restore(self, camera: str, looks: Looks) -> None:
        """Takes back what `cameras` gave, in its order."""
        self._put(camera, looks)

    def _put(self, camera: str, looks: Looks) -> None:
        self._cameras[camera] = looks
        self._cameras.move_to_end(camera)
        if len(self._cameras) > MAX_CAMERAS:
            self._cameras.popitem(last=False)

    def _of(self, camera: str, look: Fingerprint) -> Looks | None:
        """What can be compared with it; another model's numbers cannot."""
        looks = self._cameras.get(camera)
        if looks is None or looks.space != look.space or looks.vectors.shape[1] != look.vector.size:
            return None
        return looks

    def _nearly(self, look: Fingerprint) -> float:
        """The least cosine of two that show nearly the same."""
        if look.space == HASH:
            return 1 - self._settings.bits / 32 - ROUNDING
        return self._settings.similarity
