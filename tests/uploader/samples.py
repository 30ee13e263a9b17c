"""Masked frames, predictions and entries, made as the product makes them."""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from numpy.typing import NDArray

from devices.frame import Frame
from masking.masked_frame import MaskedFrame
from masking.masker import Masker
from masking.settings import MaskingSettings
from models.box import Box
from models.prediction import ModelId, Prediction
from uploader.choosing.choice import Choice
from uploader.identity import new_id, object_key
from uploader.queue.disk_queue import DiskQueue
from uploader.queue.entry import Entry
from uploader.queue.entry_name import EntryName
from uploader.receipts.key import DeviceKey

NOON = datetime(2026, 1, 31, 12, 0, 0, 250_000, tzinfo=timezone.utc)
KEY = DeviceKey(Ed25519PrivateKey.generate())
MODEL = ModelId("tomatoes", "3", "ab" * 32, "litert")


class OneFace:
    """A detector that finds one face, always."""

    id = ModelId("one-face", "1", "cd" * 32, "none")
    threshold, side = 0.2, 640

    def detect(self, image: NDArray[np.uint8]) -> list[Box]:
        return [Box(8, 8, 24, 24, 0.9)]


def frame(seq: int = 0, at: datetime = NOON, size: tuple[int, int] = (48, 64)) -> Frame:
    rng = np.random.default_rng(seq)
    coarse = rng.integers(0, 256, (6, 8, 3), dtype=np.uint8)
    pixels = np.kron(coarse, np.ones((size[0] // 6, size[1] // 8, 1), dtype=np.uint8))
    return Frame(pixels, "bench", seq, at, 100.0 + seq)


def masked(seq: int = 0, at: datetime = NOON, size: tuple[int, int] = (48, 64)) -> MaskedFrame:
    masker = Masker(None, MaskingSettings(), exempt="a bench camera over seedlings")
    return masker.mask_alone(frame(seq, at, size))


def with_a_face() -> MaskedFrame:
    masker = Masker(OneFace(), MaskingSettings())
    try:
        return masker.mask_alone(frame())
    finally:
        masker.close()


def redacted() -> MaskedFrame:
    return Masker(None, MaskingSettings()).mask_alone(frame())


def prediction(confidence: float = 0.5, label: str = "ripe") -> Prediction:
    return Prediction((label, "green"), (confidence, 1 - confidence), confidence, MODEL)


def entry(body: bytes = b"PAR1 rows", minutes: int = 0) -> Entry:
    """A small object, made so many minutes after noon."""
    at = NOON + timedelta(minutes=minutes)
    id, digest = new_id(at), hashlib.sha256(body).hexdigest()
    key = object_key("sensors", "farm", "cam1", at, id, digest)
    return Entry(id, "sensors", key, "application/vnd.apache.parquet", digest, body, {"a": "b"})


def of_kind_frame(body: bytes = b"a picture", minutes: int = 0) -> Entry:
    """An entry that has a record, as `Spool.put` makes them."""
    made = entry(body, minutes)
    at = (NOON + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S.250Z")
    record = {"source-ref": "", "schema": "vision-app/record/1", "id": made.id, "captured_at": at}
    return replace(made, kind="frame", record=record)


def because(*reasons: str) -> Choice:
    """Kept for these, the first of which had budget left."""
    return Choice(reasons, by=reasons[0])


def file_of(folder: Path, id: str) -> Path:
    """Where the spool keeps the entry of that id."""
    (found,) = folder.glob(f"{id}.*")
    return found


def read_entry(queue: DiskQueue, id: str) -> Entry:
    """The entry of that id."""
    (name,) = queue.named({id})
    return queue.read(name)


def named(letter: str, value: int | None = 50, day: int = 0, size: int = 1) -> EntryName:
    """The name of an entry whose id is made of one hexadecimal digit."""
    id = "-".join(letter * digits for digits in (8, 4, 4, 4, 12))
    return EntryName(id, "", 0, value, day, size)
