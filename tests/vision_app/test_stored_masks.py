"""What was to be covered is overwritten in the very bytes that are kept, whatever the footage."""

import time
from collections.abc import Iterable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime, timezone
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.frame import Frame
from masking.fill import LEVEL
from masking.masker import Masker
from masking.second_look import SecondLook
from masking.settings import MaskingSettings
from models.box import Box
from models.classifier import Classifier, open_classifier
from models.settings import ModelSettings
from tests.masking.stand_ins import Detector, Image
from tests.uploader.choosing.deciding import chooser_of
from tests.uploader.samples import KEY
from uploader.choosing.alerts import Alerts
from uploader.choosing.settings import DuplicateSettings, KeepSettings
from uploader.encode import decoded
from uploader.queue.entries import entries
from uploader.queue.entry import Entry
from uploader.settings import SpoolSettings
from uploader.spool import Spool
from vision_app.cameras.latest import Latest
from vision_app.events import Origin
from vision_app.keeper import Keeper
from vision_app.ledger import End, Ledger
from vision_app.pipeline import Pipeline

AT = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)
KEEP = KeepSettings(
    below=1.0,
    gap_s=0,
    max_per_minute=1000,
    jpeg_quality=100,
    duplicates=DuplicateSettings(enabled=False),
)
DARK = 120
"""No pixel of the footage is brighter; it is grey, so that JPEG does not blur it over edges."""
ERROR = 12
"""Levels by which JPEG may change a pixel at the best quality."""


@dataclass(frozen=True)
class Moment:
    """A frame: what the live detector would find in it, and whether nobody has time for it."""

    faces: tuple[Box, ...]
    scene: int
    gap_s: float
    dropped: bool


@dataclass(frozen=True)
class Footage:
    """height, width of its frames. late: whether each waits for long when it is taken.

    second, judge: what they find in every frame that is to be kept, the judge only once.
    """

    height: int
    width: int
    moments: tuple[Moment, ...]
    late: bool
    second: tuple[Box, ...]
    judge: tuple[Box, ...]

    def frames(self) -> Iterable[Frame]:
        """Each says in its first pixel, which tells the detector, which one it is."""
        at_s = time.monotonic() + (-100 if self.late else 100)
        scenes = [np.random.default_rng(n).integers(0, DARK, self.shape, np.uint8) for n in (0, 1)]
        for number, moment in enumerate(self.moments):
            at_s += moment.gap_s
            pixels = np.repeat(scenes[moment.scene], 3, axis=2)
            pixels[0, 0] = number
            yield Frame(pixels, "bench", number, AT, at_s)

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.height, self.width, 1

    def live(self, image: Image) -> list[Box]:
        return list(self.moments[int(image[0, 0, 0])].faces)


corners, extents = st.floats(-60, 200), st.floats(0.01, 120)
boxes = st.builds(
    lambda x, y, w, h: Box(x, y, x + w, y + h, 0.9), corners, corners, extents, extents
)
moments = st.builds(
    Moment,
    st.lists(boxes, max_size=3).map(tuple),
    st.sampled_from([0] * 7 + [1]),
    st.sampled_from([0.0, 0.07, 0.07, 0.3, 0.9, 1.2]),
    st.sampled_from([False, False, False, True]),
)
sides = st.one_of(st.integers(1, 9), st.integers(1, 150))
footages = st.builds(
    Footage,
    sides,
    sides,
    st.lists(moments, min_size=1, max_size=9).map(tuple),
    st.booleans(),
    st.lists(boxes, max_size=1).map(tuple),
    st.lists(boxes, max_size=2).map(tuple),
)


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return open_classifier(ModelSettings())


def kept(footage: Footage, masking: MaskingSettings, classifier: Classifier) -> list[Entry]:
    """What lies in the spool when all is through; the books add up."""
    latest, ledger, keep_open = Latest(), Ledger(), ExitStack()
    says = cycle([footage.judge, ()])
    judge = Detector(lambda image: list(next(says)) if footage.judge else [])
    second = Detector(lambda image: list(footage.second))
    with TemporaryDirectory() as folder, keep_open:
        spool = Spool(Path(folder), SpoolSettings(min_free_bytes=0), "s", "d", 100, KEY)
        keep_open.enter_context(spool)
        masker = keep_open.enter_context(closing(Masker(Detector(footage.live), masking)))
        look = SecondLook(Detector(lambda image: []), second, judge, masking)
        keep_open.enter_context(closing(look))
        books, chooser = {"bench": ledger}, chooser_of(KEEP)
        keeper = Keeper(lambda: look, spool, chooser, books)
        pipeline = Pipeline(
            latest, books, {"bench": masker}, classifier, lambda event: True, keeper, chooser,
            Alerts(()), Origin("s", "d"),
        )  # fmt: skip
        for frame, moment in zip(footage.frames(), footage.moments, strict=True):
            ledger.captured()
            if latest.put(frame) is not None:
                ledger.ended(End.DROPPED_NEWER)
            if not moment.dropped:
                pipeline.step()
                keeper.finish()
        pipeline.finish()
        account = ledger.account()
        assert account.captured == sum(account.ends.values()) == len(footage.moments)
        return [spool.queue.read(name) for name in sorted(entries(Path(folder)))]


def check(entry: Entry, footage: Footage) -> None:
    """All that the receipt names, and all that was seen in this frame, is grey; the rest is not."""
    assert entry.record is not None
    receipt = entry.record["receipt"]
    faces = [Box(**face) for face in receipt["faces"]]
    if "live" in [look["role"] for look in receipt["looks"]]:
        seen = footage.moments[entry.record["seq"]].faces
        assert covers(seen, footage) <= covers(faces, footage)
    assert covers((*footage.second, *footage.judge), footage) <= covers(faces, footage)

    picture = decoded(entry.body)
    assert picture is not None
    assert picture.shape == (footage.height, footage.width, 3)
    below = np.zeros(picture.shape[:2], bool)
    for x1, y1, x2, y2 in covers(faces, footage):
        below[y1:y2, x1:x2] = True
    assert (abs(picture[below].astype(int) - LEVEL) <= ERROR).all()
    assert (picture[~below] <= DARK + ERROR).all()


def covers(faces: Iterable[Box], footage: Footage) -> set[tuple[int, int, int, int]]:
    """Where they must be overwritten, within the picture."""
    found = {face.grown(1.6).pixels(footage.width, footage.height) for face in faces}
    return {(x1, y1, x2, y2) for x1, y1, x2, y2 in found if x1 < x2 and y1 < y2}


waits = st.sampled_from([(0, 1), (2, 1), (2, 3), (4, 2)])


@settings(max_examples=40, deadline=None)
@given(footages, waits, st.sampled_from([0, 0, 1, 5]))
def test_whatever_the_boxes_sizes_and_dropped_frames_what_is_masked_is_overwritten_in_the_file(
    classifier: Classifier, footage: Footage, wait: tuple[int, int], hold: int
) -> None:
    ahead, every = wait
    masking = MaskingSettings(look_ahead=ahead, detect_every=every, hold=hold)
    for entry in kept(footage, masking, classifier):
        check(entry, footage)


@pytest.mark.parametrize("size", [(1, 1), (1, 4001), (2999, 1), (2161, 3841)])
def test_in_the_smallest_and_in_huge_frames_too(
    size: tuple[int, int], classifier: Classifier
) -> None:
    height, width = size
    face = Box(width / 2, -3, width / 2 + 40, height / 2, 0.9)
    moments = tuple(Moment((face,) if n == 1 else (), 0, 0.1, n == 2) for n in range(4))
    footage = Footage(height, width, moments, False, (Box(0, 0, 0.6, 0.6, 0.9),), ())
    entries = kept(footage, MaskingSettings(), classifier)
    assert len(entries) == 3
    for entry in entries:
        check(entry, footage)
        assert entry.record is not None
        assert covers([face], footage) <= covers(
            [Box(**one) for one in entry.record["receipt"]["faces"]], footage
        )
