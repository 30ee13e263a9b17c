"""Moves a virtual camera over photographs and counts which faces show in any of its frames.

Per photograph 60 frames of 1280x720 at 15 frames per second, with a sensor's noise. A face counts
in the frames in which its shorter side has 20 pixels and half of it is in view; it is exposed where
more than 25% of what is in view of it is exactly as it was. The live path is the default one, with
the detector that it takes on this machine; deface gets the same frames as PNG.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from benchmarks.leaks.deface import SOLID, deface_pictures
from benchmarks.leaks.live import default_live
from benchmarks.leaks.row import DATA, Asked, Row
from benchmarks.leaks.shown import EXPOSED, SMALL, Flags, area, same, share
from benchmarks.leaks.virtual_camera import HEIGHT, WIDTH, Corners, Pixels, View, Way, views
from devices.frame import Frame
from masking.masked_frame import MaskedFrame
from masking.masker import Masker
from masking.settings import MaskingSettings
from tests.models.detectors.photographs import Photograph, photographs
from vision_app.mask.video import PATIENT

FPS = 15
IN_VIEW = 0.5
DROPPED, LATE_S = 0.25, 0.03
"""Of uneven frames, so many never come and the others come by up to so much too late."""
WHAT = "face-frames exposed / people ever exposed"

Mask = Callable[[Sequence[View]], Sequence[Pixels | None]]
"""None: the frame was lost before it was masked."""


@dataclass(slots=True)
class Exposure:
    """Counts over pans: faces in frames, and people, which are faces of photographs; pixels covered
    and in all, in all frames and in those of photographs without a face."""

    seen: int = 0
    bare: int = 0
    people: int = 0
    people_bare: int = 0
    whole: tuple[int, int] = (0, 0)
    empty: tuple[int, int] = (0, 0)

    def add(
        self, photograph: Photograph, shown: Sequence[View], outputs: Sequence[Pixels | None]
    ) -> None:
        """outputs: what became of each view; None where nothing did."""
        seen, bare = set(), set()
        for view, output in zip(shown, outputs, strict=True):
            if output is None:
                continue
            unchanged = same(view.pixels, output)
            self._cover(unchanged, not len(photograph.faces))
            for person in _counting(view.faces, photograph.ignored):
                seen.add(person)
                self.seen += 1
                if _bare(unchanged, view.faces[person]):
                    bare.add(person)
                    self.bare += 1
        self.people += len(seen)
        self.people_bare += len(bare)

    def _cover(self, unchanged: Flags, empty: bool) -> None:
        changed = unchanged.size - int(unchanged.sum())
        self.whole = self.whole[0] + changed, self.whole[1] + unchanged.size
        if empty:
            self.empty = self.empty[0] + changed, self.empty[1] + unchanged.size

    def __str__(self) -> str:
        frames, people = share(self.bare, self.seen), share(self.people_bare, self.people)
        return f"{frames} / {people}"

    @property
    def bought(self) -> str:
        """What it was bought with."""
        return f"masked area {area(self.whole)}, where nobody is {area(self.empty)}"


def rows(asked: Asked) -> Iterator[Row]:
    """Beside deface for a steady pan; ours alone for what is harder to follow."""
    pictures = list(photographs(DATA / "faces", asked.every))
    settings = MaskingSettings(timeout_s=60)
    live, opened = default_live(settings)
    with closing(opened) as detector:

        def ours(
            shown: Sequence[View], uneven: bool = False, settings: MaskingSettings = settings
        ) -> Sequence[Pixels | None]:
            with closing(Masker(detector, settings)) as masker:
                masker.every = live.every
                return _masked(masker, shown, uneven)

        as_file = partial(ours, settings=settings.model_copy(update=PATIENT))
        steady, theirs, patient = _moved(pictures, "pan", ours, _defaced, as_file)
        told = f"{live.detector} at {live.side} px; {steady.bought}; deface {theirs.bought}"
        yield Row(f"pan: {WHAT}", str(theirs), str(steady), "≤ 0.2% / ≤ 1.5%", told)
        yield Row(f"pan in a file: {WHAT}", str(theirs), str(patient), "", patient.bought)
        (held,) = _moved(pictures, "hand-held", ours)
        yield Row(f"hand-held, coming closer: {WHAT}", "", str(held), "", held.bought)
        (uneven,) = _moved(pictures, "pan", partial(ours, uneven=True))
        yield Row(f"pan, a quarter of its frames lost: {WHAT}", "", str(uneven), "", uneven.bought)


def _moved(pictures: Sequence[Photograph], way: Way, *masks: Mask) -> list[Exposure]:
    """What each way to mask leaves bare."""
    exposures = [Exposure() for _ in masks]
    for number, picture in enumerate(pictures):
        shown = list(views(picture, way, number))
        for exposure, mask in zip(exposures, masks, strict=True):
            exposure.add(picture, shown, mask(shown))
    return exposures


def _masked(masker: Masker, shown: Sequence[View], uneven: bool) -> Sequence[Pixels | None]:
    rng = np.random.default_rng(len(shown))
    outputs: list[Pixels | None] = [None] * len(shown)
    done: list[MaskedFrame] = []
    for seq, view in enumerate(shown):
        lost, late_s = rng.random() < DROPPED, rng.uniform(0, LATE_S)
        if not (uneven and lost):
            captured_s = seq / FPS + late_s * uneven
            at = datetime.now(timezone.utc)
            done += masker.mask(Frame(view.pixels, "virtual", seq, at, captured_s))
    for masked in done + masker.flush():
        outputs[masked.seq] = masked.pixels
    return outputs


def _defaced(shown: Sequence[View]) -> Sequence[Pixels]:
    with tempfile.TemporaryDirectory() as name:
        files = [Path(name, f"{n:03}.png") for n in range(len(shown))]
        for file, view in zip(files, shown, strict=True):
            cv2.imwrite(str(file), view.pixels, [cv2.IMWRITE_PNG_COMPRESSION, 1])
        done = deface_pictures(files, Path(name, "out"), SOLID).outputs
        return [np.asarray(cv2.imread(str(file)), np.uint8) for file in done]


def _counting(faces: Corners, ignored: Flags) -> list[int]:
    """Those that are large enough and in view."""
    width, height = (faces[:, 2:] - faces[:, :2]).T
    inside = np.clip(faces, 0, (WIDTH, HEIGHT, WIDTH, HEIGHT))
    part = np.prod(inside[:, 2:] - inside[:, :2], axis=1) / (width * height)
    large = np.minimum(width, height) >= SMALL
    return [int(n) for n in np.flatnonzero(large & (part >= IN_VIEW) & ~ignored)]


def _bare(unchanged: Flags, face: Corners) -> bool:
    x1, y1, x2, y2 = (max(0, round(float(corner))) for corner in face)
    return bool(unchanged[y1:y2, x1:x2].mean() > EXPOSED)
