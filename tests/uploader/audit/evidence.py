"""A store as devices fill it, and the hands of somebody who tampers with it."""

import gzip
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from numpy.typing import NDArray

from masking.masker import Masker
from masking.second_look import SecondLook
from masking.settings import MaskingSettings
from models.box import Box
from models.prediction import ModelId
from tests.uploader.samples import NOON, because, frame, prediction
from uploader.audit.finding import Finding, Kind
from uploader.audit.question import Question
from uploader.audit.verification import Verification
from uploader.audit.verify import verify
from uploader.identity import new_id, object_key
from uploader.lines.tombstone import tombstone
from uploader.queue.entry_name import EntryName
from uploader.reading import open_reader
from uploader.receipts.key import DeviceKey, open_key
from uploader.receipts.signing import record_hash
from uploader.sending.uploader import Outcome, Uploader
from uploader.settings import SpoolSettings, StoreSettings
from uploader.spool import Spool
from uploader.store import Store

SIZE = (96, 128)
FACE = Box(40, 30, 60, 55, 0.9)
DAY = timedelta(days=1)
ROOMY = SpoolSettings(min_free_bytes=0)

Line = dict[str, Any]


class Sees:
    """A detector that finds these faces in every picture."""

    threshold, side = 0.2, 640

    def __init__(self, name: str, *faces: Box) -> None:
        self.id = ModelId(name, "1", sha256(name.encode()).hexdigest(), "none")
        self._faces = faces

    def detect(self, image: NDArray[np.uint8]) -> list[Box]:
        return list(self._faces)


def fill_store(
    spool_folder: Path,
    store: Store,
    days: int = 1,
    frames: int = 6,
    exempt: int = 1,
    site: str = "farm",
    device: str = "cam1",
    bounds: SpoolSettings = ROOMY,
    value: Callable[[int], float] = lambda seq: 0.5,
) -> DeviceKey:
    """Masks, keeps and uploads so many frames a day, as a device does; returns its key.

    value: of each frame by its number; nothing is sent before the last is kept.
    """
    settings = StoreSettings(url="file:///unused", records_max=4)
    masker = Masker(Sees("first", FACE), MaskingSettings())
    bench = Masker(None, MaskingSettings(), exempt="over seedlings")
    look = SecondLook(Sees("first"), Sees("other"), Sees("judge"), MaskingSettings())
    key = open_key(spool_folder.with_name(f"{spool_folder.name}-key"))
    with Spool(spool_folder, bounds, site, device, 90, key) as spool:
        uploader = Uploader(spool, store, settings)
        for seq in range(days * frames):
            at = NOON + DAY * (seq // frames) + timedelta(seconds=seq)
            raw = frame(seq, at, SIZE)
            camera = bench if seq % frames < exempt else masker
            masked = look.look(camera.mask_alone(raw))
            choice = replace(because("low_confidence"), value=value(seq))
            spool.put(masked, prediction(), choice, look.vouch)
        uploader.flush()
        while uploader.step() is Outcome.SENT:
            pass
        assert uploader.drained
    masker.close()
    look.close()
    store.close()
    return key


class Evidence:
    """A folder that was filled by `fill_store`, for somebody who may write there.

    key: the device's. Only `forge…` need it: they are what a thief of the key could do.
    """

    def __init__(self, folder: Path, key: DeviceKey) -> None:
        self.folder, self.key = folder, key

    def copied(self, folder: Path) -> "Evidence":
        """The same, to be tampered with."""
        shutil.copytree(self.folder, folder)
        return Evidence(folder, self.key)

    @property
    def settings(self) -> StoreSettings:
        return StoreSettings(url=self.folder.as_uri())

    def verify(self, question: Question | None = None) -> Verification:
        """By default with the key of the device as the only trusted one."""
        trusting = Question(trusted=frozenset({self.key.public_key}))
        return verify(open_reader(self.settings), question or trusting)

    def findings(self, question: Question | None = None) -> list[Finding]:
        return list(self.verify(question).findings)

    def found(self, question: Question | None = None) -> dict[Kind, list[str]]:
        """What each finding is about, by kind."""
        kinds: dict[Kind, list[str]] = {}
        for finding in self.findings(question):
            kinds.setdefault(finding.kind, []).append(finding.about)
        return kinds

    @property
    def frames(self) -> list[str]:
        """Keys of the frames, in order of capture."""
        return self._keys("frames/**/*.jpg")

    @property
    def batches(self) -> list[str]:
        return self._keys("records/**/*.jsonl.gz")

    def path(self, key: str) -> Path:
        return self.folder / key

    def lines(self) -> list[Line]:
        """All records, by their numbers."""
        return sorted((line for batch in self.batches for line in self.batch(batch)), key=_number)

    def batch(self, key: str) -> list[Line]:
        text = gzip.decompress(self.path(key).read_bytes())
        return [json.loads(line) for line in text.splitlines()]

    def change(self, number: int, change: Callable[[Line], object]) -> Line:
        """Changes the record of a number, and names its batch anew, so that nothing shows there."""
        for batch in self.batches:
            lines = self.batch(batch)
            for line in lines:
                if line["chain"]["number"] == number:
                    change(line)
                    self.path(batch).unlink()
                    self.write(lines)
                    return line
        raise LookupError(number)

    def forge(self, number: int, change: Callable[[Line], object]) -> Line:
        """The same by a thief of the key, who signs the whole chain from there on again."""
        changed = self.change(number, change)
        batches = {batch: self.batch(batch) for batch in self.batches}
        lines = sorted((line for of in batches.values() for line in of), key=_number)
        chain(lines, self.key)
        for batch, of in batches.items():
            self.path(batch).unlink()
            self.write(of)
        return changed

    def remove(self, number: int) -> None:
        """Takes one record out of its batch."""
        for batch in self.batches:
            lines = self.batch(batch)
            kept = [line for line in lines if line["chain"]["number"] != number]
            if len(kept) < len(lines):
                self.path(batch).unlink()
                self.write(kept)

    def bury(self, number: int, stones: int = 1, key: DeviceKey | None = None) -> Line:
        """Takes a frame and its record away, and leaves tombstones as the device would."""
        line = next(each for each in self.lines() if _number(each) == number)
        self.remove(number)
        self.path(line["key"]).unlink()
        name = EntryName(line["id"], line["chain"]["chain"][:8], number, 50, 0, 1)
        header = {"record": line, "kind": "frame", "size": line["size_bytes"]}
        header |= {"key": line["key"], "sha256": line["sha256"]}
        origin, at = (line["site"], line["device"]), line["captured_at"]
        stone = tombstone(name, header, "max_count", at, origin, key or self.key).fields()
        for _ in range(stones):
            self.write_stones([stone])
        return line

    @property
    def stones(self) -> list[str]:
        """Keys of the files of tombstones."""
        return self._keys("tombstones/**/*.jsonl.gz")

    def write_stones(self, stones: list[Line]) -> str:
        """A new file of these tombstones, named as the device names them."""
        text = "".join(json.dumps(stone) + "\n" for stone in stones).encode()
        return self.put("tombstones", gzip.compress(text), stones[0])

    def write(self, lines: list[Line]) -> str:
        """A new batch of these lines, named as the device names them."""
        text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
        return self.put("records", gzip.compress(text.encode(), mtime=0), lines[0])

    def put(self, kind: Any, body: bytes, like: Line) -> str:
        """An object under a proper name, of the device and day of a record."""
        at = datetime.fromisoformat(like["captured_at"].replace("Z", "+00:00"))
        place = like["site"], like["device"], at, new_id(at), sha256(body).hexdigest()
        key = object_key(kind, *place)
        self.path(key).parent.mkdir(parents=True, exist_ok=True)
        self.path(key).write_bytes(body)
        return key

    def forge_frame(self, number: int, body: bytes) -> str:
        """Another picture, with a record of the thief's that fits it; returns its key."""
        line = self.lines()[number - 1]
        self.path(line["key"]).unlink()
        key = self.put("frame", body, line)
        facts = {
            "id": key.split("/")[-1][:36],
            "key": key,
            "sha256": sha256(body).hexdigest(),
            "size_bytes": len(body),
            "source-ref": line["source-ref"].removesuffix(line["key"]) + key,
        }
        self.forge(number, lambda line: line.update(facts))
        return key

    def _keys(self, pattern: str) -> list[str]:
        return sorted(
            path.relative_to(self.folder).as_posix() for path in self.folder.glob(pattern)
        )


def sign(line: Line, key: DeviceKey) -> None:
    """Signs a record as it stands."""
    line["chain"]["public_key"] = key.public_key
    line["chain"]["signature"] = key.sign(record_hash(line))


def chain(lines: list[Line], key: DeviceKey) -> None:
    """Links each to the one before it, and signs all."""
    previous = ""
    for line in lines:
        line["chain"]["previous"] = previous
        sign(line, key)
        previous = record_hash(line).hex()


def another_key() -> DeviceKey:
    """Not the device's."""
    return DeviceKey(Ed25519PrivateKey.generate())


def bare_picture() -> bytes:
    """A frame with nothing covered in it."""
    pixels = frame(99, size=SIZE).pixels
    return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()


def _number(line: Line) -> int:
    return int(line["chain"]["number"])
