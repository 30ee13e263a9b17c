"""What still shows below each fill, where every face was found: seen, recognised, matched.

Faces of 40 pixels and more, covered where they are annotated, by the product and by deface's own
fills, stored as JPEG. Seen: another detector finds a face there. Recognised: an embedding takes it
for the right one of all these faces; it knows each from a copy of the photograph that is smaller,
shifted, in other light and compressed again (few people stand in two photographs, and a copy is
easier to recognise than another photograph). Matched: the same by somebody who masks the copies in
the same way and compares covers, by embedding or by colours, whichever finds more. That names no
face, but tells which of the known photographs this is; the outline of a cover alone tells some.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from benchmarks.leaks.deface import DefaceFill, deface_fill
from benchmarks.leaks.judges import Judges, chip, judges, portrait
from benchmarks.leaks.row import Asked, Row
from benchmarks.leaks.scenes import Corners, Pixels, Scene, copy_of, cut, scenes, stored
from masking.fill import FillName, fill
from masking.settings import MaskingSettings
from models.box import Box

COUNTERPARTS: Sequence[tuple[FillName, DefaceFill]] = (
    ("solid", "solid"),
    ("pixelate", "mosaic"),
    ("blur", "blur"),
)
PATCH = 16
"""Colours are compared in squares of this side, pixels."""

Cover = Callable[[Sequence[Scene]], Sequence[Pixels]]


@dataclass(frozen=True, slots=True)
class Leaks:
    """Shares of the measured faces; covered: share of the pictures' pixels that changed."""

    seen: float
    recognised: float
    matched: float
    covered: float

    def __str__(self) -> str:
        return f"{self.seen:.1%} / {self.recognised:.1%} / {self.matched:.0%}"


def rows(asked: Asked) -> Iterator[Row]:
    """One for each fill, and one for faces without any."""
    with judges() as called:
        trial = Trial(scenes(asked.every), called)
        bare = trial.leaks(lambda shown: [scene.pixels for scene in shown])
        told = f"{trial.count} faces; guessing finds {1 / trial.count:.1%}"
        yield Row("no fill: seen / recognised / matched", "", str(bare), "", told)
        for how, counterpart in COUNTERPARTS:
            ours, theirs = trial.leaks(_ours(how)), trial.leaks(_theirs(counterpart))
            what = f"{how} ({counterpart} of deface): seen / recognised / matched"
            area = f"covered area {ours.covered:.1%} (deface {theirs.covered:.1%}), no false masks"
            yield Row(what, str(theirs), str(ours), "near 0 / guessing / solid", area)


class Trial:
    """Scenes, copies of them, and what the embedding knows of the faces."""

    def __init__(self, shown: Sequence[Scene], called: Judges) -> None:
        self._shown, self._judges = shown, called
        self._copies = [copy_of(scene) for scene in shown]
        self._known = called.embeddings(cut(chip, [c.pixels for c in self._copies], self._copies))
        self.count = len(self._known)

    def leaks(self, cover: Cover) -> Leaks:
        """What shows below covers."""
        masked, copies = cover(self._shown), cover(self._copies)
        kept, compared = [stored(one) for one in masked], [stored(one) for one in copies]
        probes, own = cut(chip, kept, self._shown), cut(chip, compared, self._copies)
        who, alike = self._judges.embeddings(probes), self._judges.embeddings(own)
        pairs = ((who, alike), (_colours(probes), _colours(own)), (_shades(probes), _shades(own)))
        return Leaks(
            float(self._judges.see(cut(portrait, kept, self._shown)).mean()),
            _first(who, self._known),
            max(_first(probe, gallery) for probe, gallery in pairs),
            _changed([scene.pixels for scene in self._shown], masked),
        )


def _ours(how: FillName) -> Cover:
    grow = MaskingSettings().grow

    def cover(shown: Sequence[Scene]) -> list[Pixels]:
        masked = [scene.pixels.copy() for scene in shown]
        for pixels, scene in zip(masked, shown, strict=True):
            faces = (Box(x1, y1, x2, y2, 1.0) for x1, y1, x2, y2 in scene.faces)
            fill(pixels, (face.grown(grow) for face in faces), how)
        return masked

    return cover


def _theirs(how: DefaceFill) -> Cover:
    return lambda shown: deface_fill([(scene.pixels, scene.faces) for scene in shown], how)


def _colours(chips: Sequence[Pixels]) -> Corners:
    small = [cv2.resize(c, (PATCH, PATCH), interpolation=cv2.INTER_AREA).ravel() for c in chips]
    return np.array(small, np.float64)


def _shades(chips: Sequence[Pixels]) -> Corners:
    """Colours without the light in which they were taken."""
    colours = _colours(chips)
    spread = colours.std(axis=1, keepdims=True) + 1
    return np.asarray((colours - colours.mean(axis=1, keepdims=True)) / spread, np.float64)


def _first(probes: Corners, gallery: Corners) -> float:
    """Share of the probes to which the one of the same number lies nearest."""
    nearest = np.array([((probe - gallery) ** 2).sum(axis=1).argmin() for probe in probes])
    return float(np.mean(nearest == np.arange(len(probes))))


def _changed(before: Sequence[Pixels], after: Sequence[Pixels]) -> float:
    pairs = zip(before, after, strict=True)
    changed = sum(int((one != other).any(axis=2).sum()) for one, other in pairs)
    return changed / sum(one[..., 0].size for one in before)
