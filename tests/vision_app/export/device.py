"""A device that keeps frames of which a test says what they show, and sends them to a store."""

import csv
import gzip
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any

from devices.frame import Frame
from masking.masker import Masker
from masking.second_look import SecondLook
from masking.settings import MaskingSettings
from models.prediction import ModelId, Prediction
from tests.uploader.audit.evidence import FACE, SIZE, Sees
from tests.uploader.samples import KEY, MODEL, NOON, frame
from uploader.choosing.choice import Choice
from uploader.identity import object_key
from uploader.record import Record
from uploader.sending.uploader import Outcome, Uploader
from uploader.settings import SpoolSettings, StoreSettings
from uploader.spool import Spool
from uploader.store import Store, open_store

RIPE: Mapping[str, float] = {"ripe": 0.5, "green": 0.3, "rotten": 0.2}
LOW = Choice(("low_confidence",), by="low_confidence", value=0.75, suppressed=2)


class Device:
    """Frames of the camera `bench`, which is exempt, unless another is named. A context manager."""

    def __init__(
        self, folder: Path, store: Store, site: str = "farm", device: str = "cam1", batch: int = 3
    ) -> None:
        settings = StoreSettings(url="file:///unused", records_max=batch)
        self._spool = Spool(folder, SpoolSettings(min_free_bytes=0), site, device, 90, KEY)
        self._uploader = Uploader(self._spool, store, settings)
        self._exempt = Masker(None, MaskingSettings(), exempt="over seedlings")
        self._masker = Masker(Sees("first", FACE), MaskingSettings())
        self._look = SecondLook(Sees("first"), Sees("other"), Sees("judge"), MaskingSettings())
        self._count = 0

    def keep(
        self,
        at: datetime | None = None,
        scores: Mapping[str, float] = RIPE,
        choice: Choice = LOW,
        camera: str = "bench",
        model: ModelId = MODEL,
    ) -> Record:
        """Keeps one more frame, by default a second after noon for each that was kept before."""
        self._count += 1
        at = at or NOON + timedelta(seconds=self._count)
        pixels = frame(self._count, at, SIZE).pixels
        raw = Frame(pixels, camera, self._count, at, 100.0 + self._count)
        masker = self._exempt if camera == "bench" else self._masker
        opinion = Prediction(tuple(scores), tuple(scores.values()), max(scores.values()), model)
        masked = self._look.look(masker.mask_alone(raw))
        return self._spool.put(masked, opinion, choice, self._look.vouch)

    def send(self) -> None:
        """Sends all that was kept, with the records of it."""
        self._uploader.flush()
        while self._uploader.step() is Outcome.SENT:
            pass
        assert self._uploader.drained

    def __enter__(self) -> "Device":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._spool.close()
        self._masker.close()
        self._look.close()


class Shop:
    """A folder that devices fill."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "store"
        self.store = open_store(StoreSettings(url=self.folder.as_uri()))
        self._spools = folder

    def device(self, site: str = "farm", device: str = "cam1", batch: int = 3) -> Device:
        return Device(self._spools / f"{site}-{device}", self.store, site, device, batch)

    @property
    def batches(self) -> list[Path]:
        """Files of records, in order."""
        return sorted(self.folder.glob("records/**/*.jsonl.gz"))

    def lines(self) -> list[dict[str, Any]]:
        """All records, in the order of their batches."""
        return [json.loads(line) for batch in self.batches for line in texts(batch)]


def texts(batch: Path) -> list[bytes]:
    """The lines of a batch."""
    return gzip.decompress(batch.read_bytes()).splitlines()


def put(folder: Path, body: bytes, like: dict[str, Any]) -> Path:
    """A batch of records under the name that a device would give it."""
    place = like["site"], like["device"], NOON, like["id"], sha256(body).hexdigest()
    path = folder / object_key("records", *place)
    path.write_bytes(body)
    return path


def packed(*lines: dict[str, Any]) -> bytes:
    return gzip.compress("".join(json.dumps(line) + "\n" for line in lines).encode())


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


def ids(text: str) -> list[str]:
    return [row["id"] for row in rows(text)]
