"""Notices that a frame shows what a kept one has shown, so that no scene is labelled twice."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from uploader.choosing.looks.diary import Diary
from uploader.choosing.looks.fingerprint import HASH, Fingerprint
from uploader.choosing.looks.looks import Looks
from uploader.choosing.looks.remembered import MAX_CAMERAS, Remembered, seen
from uploader.choosing.own import NOBODY, Own
from uploader.choosing.settings import DuplicateSettings
from uploader.choosing.value import ClassCounts

STRANGE = 0.5
"""The cosine from which on an embedding is as new as can be: half of all pairs of different shop
photographs are further apart. Of hashes it is 0: half of the bits differ."""
ROUNDING = 1e-6
SAVE_EVERY_S = 600.0
"""What a sudden end makes forget costs a second label of a few scenes; disks wear with writing."""


class Duplicates:
    """The bounded memory of what was kept, camera by camera.

    One thread may tell what was kept while another asks: nobody waits for the disk.

    Only kept frames are remembered: what changes slowly is kept again once it has changed enough.
    Of more than MAX_CAMERAS those are forgotten that kept something the longest ago. Times are
    steady seconds.

    classes: how many of each label were kept.
    """

    def __init__(
        self,
        settings: DuplicateSettings,
        folder: Path | None = None,
        owns: Mapping[str, Own] = NOBODY,
    ) -> None:
        """folder: where the memory lies between two runs; None: nowhere. A file that cannot be
        used is never fatal. owns: of cameras with rules of their own."""
        self.classes = ClassCounts()
        self._turn = threading.Lock()
        self._settings, self._diary = settings, Diary(folder)
        self._owns = {camera: its.keep.duplicates for camera, its in owns.items()}
        self._cameras: OrderedDict[str, Looks] = OrderedDict()
        self._dirty = False
        self._saved_s: float | None = None
        self._restore()

    @property
    def problem(self) -> str:
        """Why nothing can be remembered over a restart, as a sentence; empty while it can."""
        return self._diary.problem

    def near(self, camera: str, look: Fingerprint, at_s: float) -> bool:
        """Whether one was kept, and not too long ago, that showed nearly the same.

        That one has been seen again, and is remembered for longer.
        """
        with self._turn:
            settings = self._settings_of(camera)
            if not settings.enabled or (looks := self._of(camera, look)) is None:
                return False
            cosines = looks.cosines(look.vector, at_s - settings.forget_after_s)
            nearest = int(cosines.argmax())
            if cosines[nearest] < _nearly(settings, look):
                return False
            looks.seen_s[nearest] = at_s
            return True

    def novelty(self, camera: str, look: Fingerprint, at_s: float) -> float:
        """0 (one just like it was kept) to 1 (none was that looks like it in the least)."""
        with self._turn:
            if (looks := self._of(camera, look)) is None:
                return 1.0
            since_s = at_s - self._settings_of(camera).forget_after_s
            cosine = looks.cosines(look.vector, since_s).max()
        strange = 0.0 if look.space == HASH else STRANGE
        return float(np.clip((1 - cosine) / (1 - strange), 0.0, 1.0))

    def suppress(self, camera: str) -> None:
        """One more is not kept because one was that showed nearly the same."""
        with self._turn:
            if camera in self._cameras:
                self._cameras[camera].suppressed += 1
                self._dirty = True

    def suppressed(self, camera: str) -> int:
        """How many of this camera were not kept for that since the last that was kept."""
        with self._turn:
            return self._cameras[camera].suppressed if camera in self._cameras else 0

    def kept(self, camera: str, look: Fingerprint, at_s: float, told: int | None = None) -> None:
        """Remembers a frame that the spool took.

        told: how many its record says were suppressed before it; those since then still count.
        None: all.
        """
        with self._turn:
            looks = self._of(camera, look) or Looks(
                look.space, np.empty((0, look.vector.size), np.float32)
            )
            settings = self._settings_of(camera)
            since_s = at_s - settings.forget_after_s
            looks.take(look.vector, at_s, since_s, settings.remember)
            looks.suppressed = 0 if told is None else max(0, looks.suppressed - told)
            self._put(camera, looks)
            self._dirty = True
        self._save_now_and_then(at_s)

    def close(self) -> None:
        """Writes what changed; may be called twice."""
        if self._dirty:
            self._save()

    def _save(self) -> None:
        with self._turn:
            cameras = tuple(seen(camera, looks) for camera, looks in self._cameras.items())
            self._dirty = False
        self._diary.write(Remembered(cameras=cameras, labels=dict(self.classes.counts)))
        self._dirty = self._dirty or bool(self._diary.problem)

    def _restore(self) -> None:
        if (before := self._diary.read()) is None:
            return
        try:
            looks = {
                of.camera: of.looks(self._settings_of(of.camera).remember) for of in before.cameras
            }
        except ValueError as error:
            self._diary.forget(error)
        else:
            self._cameras.update(looks)
            self.classes = ClassCounts(before.labels)

    def _put(self, camera: str, looks: Looks) -> None:
        self._cameras[camera] = looks
        self._cameras.move_to_end(camera)
        if len(self._cameras) > MAX_CAMERAS:
            self._cameras.popitem(last=False)

    def _save_now_and_then(self, at_s: float) -> None:
        if self._saved_s is None:
            self._saved_s = at_s
        elif at_s - self._saved_s >= SAVE_EVERY_S:
            self._saved_s = at_s
            self._save()

    def _of(self, camera: str, look: Fingerprint) -> Looks | None:
        """What can be compared with it; another model's numbers cannot."""
        looks = self._cameras.get(camera)
        if looks is None or looks.space != look.space or looks.vectors.shape[1] != look.vector.size:
            return None
        return looks

    def _settings_of(self, camera: str) -> DuplicateSettings:
        return self._owns.get(camera, self._settings)


def _nearly(settings: DuplicateSettings, look: Fingerprint) -> float:
    """The least cosine of two that show nearly the same."""
    if look.space == HASH:
        return 1 - settings.bits / 32 - ROUNDING
    return settings.similarity
