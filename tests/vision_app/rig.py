"""Everything between a camera and the disk, with a face whose colour nothing else has."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from types import TracebackType
from typing import Any

import cv2
import numpy as np

from devices.settings import CameraSettings
from masking.masker import Masker
from masking.second_look import SecondLook
from masking.settings import MaskingSettings
from models.box import Box
from models.classifier import open_classifier
from models.faces import FaceDetector
from models.settings import CatalogueSettings, ModelSettings
from tests.masking.stand_ins import Detector, Image
from tests.uploader.samples import KEY
from tests.wire.service import check_schema
from uploader.choosing.policies import Names
from uploader.choosing.settings import DuplicateSettings, KeepSettings
from uploader.encode import decoded
from uploader.queue.entries import entries
from uploader.settings import SpoolSettings
from uploader.spool import Spool
from vision_app.cameras.capture import Capture
from vision_app.cameras.latest import Latest
from vision_app.choosing import open_choosing
from vision_app.events import HealthEvent, Origin
from vision_app.faces.detection import Detection
from vision_app.health import Health, Parts
from vision_app.keeper import Keeper
from vision_app.ledger import Account, Ledger
from vision_app.pipeline import Pipeline
from vision_app.publish import Publisher, tell
from vision_app.publishers.jsonl import JsonLinesPublisher
from vision_app.settings import JsonLinesSettings, Settings

MARKER = (255, 0, 255)
HEIGHT, WIDTH = 96, 128
FACE = Box(48, 32, 80, 72, 0.9)
KEEP_ALL = KeepSettings(
    below=1.0, gap_s=0, max_per_minute=10_000, duplicates=DuplicateSettings(enabled=False)
)


def marked(image: Image) -> Image:
    """Which pixels have about the colour of the face: more red and blue than green."""
    blue, green, red = (image[..., channel].astype(int) for channel in range(3))
    return np.asarray(np.minimum(red, blue) - green > 60, np.uint8)


def faces_in(image: Image) -> list[Box]:
    """Where the marker is: what a perfect detector answers."""
    rows, columns = np.nonzero(marked(image))
    if not len(rows):
        return []
    x1, y1, x2, y2 = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
    return [Box(float(x1), float(y1), float(x2), float(y2), 0.9)]


def footage(folder: Path) -> Path:
    """A picture of a green place, without the colour of the cover, in which somebody stands."""
    picture = np.random.default_rng(3).integers(0, 90, (HEIGHT, WIDTH, 3), np.uint8)
    picture[..., 1] += 90
    x1, y1, x2, y2 = FACE.pixels(WIDTH, HEIGHT)
    picture[y1:y2, x1:x2] = MARKER
    assert cv2.imwrite(str(folder / "place.png"), picture)
    return folder / "place.png"


class Rig:
    """One camera, from its file to the spool and an event file below folder; a context manager."""

    def __init__(
        self,
        folder: Path,
        live: FaceDetector | None,
        others: tuple[FaceDetector, FaceDetector, FaceDetector],
        masking: MaskingSettings,
        filming: Callable[[Latest, Ledger], Capture] | None = None,
    ) -> None:
        """others: again, second, judge. filming: a camera "bench" instead of the file."""
        folder.mkdir(exist_ok=True)
        self._folder, self._stack, origin = folder, ExitStack(), Origin("s", "d")
        keep_open = self._stack.enter_context
        camera = CameraSettings(
            name="bench", kind="file", source=str(footage(folder)), loop=True, paced=False
        )
        latest, self.ledger = Latest(), Ledger()
        self.masker = keep_open(closing(Masker(live, masking)))
        look = keep_open(closing(SecondLook(*others, masking)))
        self.spool = keep_open(
            Spool(folder / "spool", SpoolSettings(min_free_bytes=0), "s", "d", 90, KEY)
        )
        told = JsonLinesPublisher(JsonLinesSettings(path=folder / "events.jsonl"), origin)
        publishers: dict[str, Publisher] = {"jsonl": keep_open(closing(told))}
        ledgers, maskers = {"bench": self.ledger}, {"bench": self.masker}
        capture = filming(latest, self.ledger) if filming else Capture(camera, latest, self.ledger)
        self._capture = keep_open(closing(capture))
        settings = Settings(keep=KEEP_ALL, spool=SpoolSettings(folder=folder / "spool"))
        names = Names((), (), ())
        choosing = keep_open(closing(open_choosing(settings, names, self.spool.clock)))
        self._keeper = Keeper(lambda: look, self.spool, choosing.chooser, ledgers)
        self._pipeline = Pipeline(
            latest, ledgers, maskers, keep_open(open_classifier(ModelSettings())),
            lambda event: tell(publishers.values(), event), self._keeper, choosing.chooser,
            choosing.alerts, origin,
        )  # fmt: skip
        detection = Detection(masking, CatalogueSettings(cache=folder), [])
        self._health = Health(
            Parts(
                origin, [self._capture], ledgers, maskers, detection, choosing, self._pipeline,
                [], None, self.spool, None, publishers,
            ),
            every_s=1.0,
        )  # fmt: skip
        self._capture.step()

    def see(self, frames: int, captured_each: int = 1) -> HealthEvent:
        """So many frames go through, of each several only the last; health after them."""
        for _ in range(frames):
            for _ in range(captured_each):
                self._capture.step()
            self._pipeline.step()
            self._keeper.finish()
        self._health.step()
        return self._health.now()

    def end(self) -> Account:
        """The books, when all that waited has gone through."""
        self._pipeline.finish()
        return self.ledger.account()

    def pictures(self) -> Iterator[Image]:
        """All that lie in the spool, as a reader of the store will see them."""
        for name in sorted(entries(self._folder / "spool")):
            entry = self.spool.queue.read(name)
            picture = decoded(entry.body)
            assert entry.kind == "frame"
            assert picture is not None
            yield picture

    def said(self) -> list[dict[str, Any]]:
        """Every event that was published, each as its schema says."""
        lines = (self._folder / "events.jsonl").read_text().splitlines()
        events: list[dict[str, Any]] = [json.loads(line) for line in lines]
        for event in events:
            event.pop("topic")
            check_schema(event["schema"].split("/")[1], event)
        return events

    def __enter__(self) -> "Rig":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()


def sees() -> Detector:
    """Finds the face wherever it shows."""
    return Detector(faces_in)


def blind() -> Detector:
    """Finds nothing, ever."""
    return Detector(lambda image: [])
