"""Photographs masked by `vision-app mask`, kept as frames of a camera are, and masked by deface.

Both programs get the photographs as PNG and write PNG: a pixel is unchanged when it is exactly what
it was. Kept frames were masked as a live frame is here, looked at again, stored as JPEG: there a
pixel is unchanged when no channel differs by more than 16 levels from what the same encoder makes
of the raw picture, which takes 1% of what lies about covers for changed; what shows the grey of
covers, give or take 4 levels, is none of a face, be the face as light as that. What is withheld has
no output and leaks nothing; its share stands beside. Faces are measured by their shorter side.
deface covers with solid boxes, but where faces are found again: there it does what it does by
itself, which is to blur ellipses.

deface tells no boxes: its recall is that of its network at each photograph's own size, on our
runtime. A box with a face is one that overlaps it by 0.4 (intersection over union). On the WIDER
photographs all boxes count, as they are covered. Faces are found again by dlib or by ULFG, which
had no part in the masking.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.faces import weights_of
from benchmarks.leaks.deface import SOLID, deface_pictures
from benchmarks.leaks.found import Finds, Scored, finds
from benchmarks.leaks.judges import MIDDLE, MIN_IOU, judges
from benchmarks.leaks.live import default_live
from benchmarks.leaks.row import DATA, Asked, Row
from benchmarks.leaks.shown import NOISE, Shown, area, grey, same, share
from devices.frame import Frame
from masking import partners
from masking.errors import Withheld
from masking.masker import Masker
from masking.second_look import SecondLook
from masking.settings import MaskingSettings
from models.faces import DETECTORS, DetectorName, FaceDetector, open_detector
from models.nms import iou
from tests.models.detectors.photographs import Photograph, photographs
from uploader.choosing.settings import KeepSettings
from uploader.encode import decoded, jpeg
from uploader.vouched import vouched

NATIVE_SIDE = 4096
"""Larger than every photograph here."""
DEFACE_THRESHOLD, LOWEST = 0.2, 0.1
PRECISION = 0.9
BOX = ("x1", "y1", "x2", "y2", "score")
COMMAND = (sys.executable, "-c", "from vision_app.cli import main; main()", "mask")

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Masked:
    """What a program made of the photographs: what shows, and what it takes for faces."""

    shown: Shown
    boxes: Sequence[Scored]


def rows(asked: Asked) -> Iterator[Row]:
    """Yields what is bare, found, found again, and covered where nobody is."""
    pictures = list(photographs(DATA / "faces", asked.every))
    with tempfile.TemporaryDirectory() as folder:
        files = _written(pictures, Path(folder, "raw"))
        defaced = _defaced(pictures, files, Path(folder, "defaced"), SOLID)
        blurred = _defaced(pictures, files, Path(folder, "blurred"), ())
        ours = _masked(pictures, files, Path(folder, "masked"))
    kept = _kept(pictures)
    yield from _bare_rows(defaced, ours.shown, kept)
    network = open_detector("centerface", weights_of("centerface"), LOWEST, NATIVE_SIDE)
    boxes = [_boxes(network, picture.pixels) for picture in pictures]
    yield from _found_rows(pictures, boxes, ours.boxes)
    yield _found_again_row(blurred, ours.shown, kept)
    yield Row(
        "photographs without a face: masked area",
        area(defaced.empty), area(ours.shown.empty), "≤ 0.5%",
        f"kept frames {area(kept.empty)}; on all photographs deface {area(defaced.whole)}, "
        f"ours {area(ours.shown.whole)}, kept frames {area(kept.whole)}",
    )  # fmt: skip


def _bare_rows(defaced: Shown, ours: Shown, kept: Shown) -> Iterator[Row]:
    theirs = share(defaced.bare, defaced.faces)
    for what, one in (("photographs", ours), ("kept frames", kept)):
        yield Row(
            f"{what}: faces ≥ 20 px with more than 25% unchanged",
            theirs, share(one.bare, one.faces), "≤ 0.6%",
            f"withheld {share(one.withheld, one.photographs)}; masked area {area(one.whole)}",
        )  # fmt: skip


def _found_rows(
    pictures: Sequence[Photograph], network: Sequence[Scored], ours: Sequence[Scored]
) -> Iterator[Row]:
    pairs = [list(zip(pictures, boxes, strict=True)) for boxes in (network, ours)]
    theirs, mine = map(finds, pairs)
    yield Row(
        "photographs: recall at precision ≥ .90",
        f"{theirs.at_precision(PRECISION):.3f}", f"{mine.at_precision(PRECISION):.3f}", "≥ .965",
        f"all that is covered: deface {_told(_covered(theirs))}; ours {_told(mine)}",
    )  # fmt: skip
    theirs, mine = (finds(pair for pair in some if pair[0].wider) for some in pairs)
    yield Row(
        "WIDER photographs: recall of all that is covered",
        f"{_covered(theirs).recall:.3f}", f"{mine.recall:.3f}", "≥ .91",
        f"of {mine.faces} faces; deface {_told(_covered(theirs))}; ours {_told(mine)}",
    )  # fmt: skip


def _found_again_row(blurred: Shown, ours: Shown, kept: Shown) -> Row:
    other = _open("ulfg", DETECTORS["ulfg"].threshold, NATIVE_SIDE)
    with judges() as dlib:

        def found(portraits: Sequence[Pixels]) -> str:
            seen = dlib.see(portraits) | [_in_the_middle(other, one) for one in portraits]
            return share(int(seen.sum()), len(portraits))

        portraits = (ours.raw, blurred.masked, ours.masked, kept.masked)
        unmasked, theirs, mine, stored = map(found, portraits)
    told = f"kept frames {stored}; where nothing is masked {unmasked}"
    return Row("photographs: faces ≥ 40 px found again", theirs, mine, "≤ 0.5%", told)


def _written(pictures: Sequence[Photograph], folder: Path) -> list[Path]:
    folder.mkdir()
    files = [folder / f"{n:04}.png" for n in range(len(pictures))]
    for file, picture in zip(files, pictures, strict=True):
        cv2.imwrite(str(file), picture.pixels)
    return files


def _defaced(
    pictures: Sequence[Photograph], files: Sequence[Path], folder: Path, words: Sequence[str]
) -> Shown:
    shown = Shown()
    outputs = deface_pictures(files, folder, words).outputs
    for picture, output in zip(pictures, map(_read, outputs), strict=True):
        shown.add(picture, output, same(picture.pixels, output))
    return shown


def _masked(pictures: Sequence[Photograph], files: Sequence[Path], folder: Path) -> Masked:
    report = folder.with_suffix(".json")
    words = (str(files[0].parent), str(folder), "--report", str(report))
    done = subprocess.run([*COMMAND, *words], capture_output=True, text=True, check=False)
    if not report.exists():
        raise SystemExit(f"vision-app mask: {done.stderr[-500:]}")
    told = {row["input"]: row for row in json.loads(report.read_text())["inputs"]}
    shown, boxes = Shown(), []
    for picture, file in zip(pictures, files, strict=True):
        row = told[file.name]
        if row["end"] == "masked":
            output = _read(folder / file.name)
            shown.add(picture, output, same(picture.pixels, output))
        else:
            shown.withhold()
        corners = [[box[key] for key in BOX] for box in row.get("boxes", ())]
        boxes.append(np.array(corners, np.float64).reshape(-1, 5))
    return Masked(shown, boxes)


def _kept(pictures: Sequence[Photograph]) -> Shown:
    settings, shown = MaskingSettings(timeout_s=60), Shown()
    quality, side = KeepSettings().jpeg_quality, settings.second_look_side
    live, opened = default_live(settings)
    first, second = live.detector, partners.seconds(live.detector)[0]
    judge = partners.judges(first, second)[0]
    with ExitStack() as stack:
        masker = stack.enter_context(closing(Masker(opened, settings)))
        plain = stack.enter_context(closing(Masker(None, settings, "to see what JPEG changes")))
        again, other = (_open(name, DETECTORS[name].cover, side) for name in (first, second))
        looks = SecondLook(again, other, _open(judge, DETECTORS[judge].judge, side), settings)
        stack.callback(looks.close)
        for picture in pictures:
            frame = Frame(picture.pixels, "photograph", 1, datetime.now(timezone.utc), 0.0)
            try:
                looked = looks.look(masker.mask_alone(frame))
                _, body = vouched(looked, lambda one: jpeg(one, quality), looks.vouch)
            except Withheld:
                shown.withhold()
                continue
            output, raw = decoded(body), decoded(jpeg(plain.mask_alone(frame), quality))
            assert output is not None
            assert raw is not None
            shown.add(picture, output, same(raw, output, NOISE) & ~grey(output))
    return shown


def _open(name: DetectorName, threshold: float, side: int) -> FaceDetector:
    return open_detector(name, weights_of(name), threshold, side)


def _boxes(detector: FaceDetector, pixels: Pixels) -> Scored:
    found = [(box.x1, box.y1, box.x2, box.y2, box.score) for box in detector.detect(pixels)]
    return np.array(found, np.float64).reshape(-1, 5)


def _in_the_middle(detector: FaceDetector, portrait: Pixels) -> bool:
    """Whether it finds the face for which a portrait was cut."""
    return bool((iou(MIDDLE, _boxes(detector, portrait)[:, :4]) >= MIN_IOU).any())


def _read(file: Path) -> Pixels:
    pixels = cv2.imread(str(file))
    assert pixels is not None
    return np.asarray(pixels, np.uint8)


def _covered(theirs: Finds) -> Finds:
    """Only what deface covers, at its threshold."""
    covered = theirs.scores >= DEFACE_THRESHOLD
    return Finds(theirs.scores[covered], theirs.true[covered], theirs.faces)


def _told(one: Finds) -> str:
    return f"recall {one.recall:.3f}, precision {one.precision:.3f}, {one.false} false masks"
