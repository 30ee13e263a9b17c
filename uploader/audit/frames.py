"""Looks at one stored frame: is it the recorded one, and are its faces really covered?"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from models.faces import FaceDetector
from uploader.audit.claims import Claim
from uploader.audit.covers import uncovered
from uploader.audit.finding import Finding, Kind
from uploader.audit.jpeg_parts import JpegParts, jpeg_parts
from uploader.encode import decoded
from uploader.errors import ObjectMissing, StoreRejected
from uploader.reading import StoreReader

MAX_FRAME = 64 << 20
"""Bytes; the device writes pictures of at most a few."""
MAX_PIXELS = 100_000_000

Unrecorded = tuple[str, int, str]
"""Key of a frame, its bytes, and the SHA-256 that a tombstone names; empty without one."""


@dataclass(frozen=True, slots=True)
class Looked:
    """key: of the frame. other: the SHA-256 of what lies there instead of what was recorded.

    buried: whether it is what a tombstone names.
    """

    key: str
    findings: tuple[Finding, ...]
    other: str = ""
    buried: bool = False


class FrameCheck:
    """Reads frames of a store; from several threads. detector: looks for faces, one at a time."""

    def __init__(self, reader: StoreReader, detector: FaceDetector | None) -> None:
        self._reader, self._detector = reader, detector
        self._turn = threading.Lock()

    def recorded(self, claim: Claim, size: int) -> Looked:
        """A frame that has a record, and so many bytes."""
        key, record = claim.record.key, claim.record
        try:
            body = self._body(key, size)
        except (ObjectMissing, StoreRejected, ValueError) as error:
            return Looked(key, (_unreadable(key, error),))
        digest = sha256(body).hexdigest()
        if digest != record.sha256:
            return Looked(key, tuple(self._faces(key, body)), digest)
        exempt = record.receipt.treatment == "exempt"
        return Looked(key, (*self._picture(claim, body), *self._faces(key, body, exempt)))

    def unrecorded(self, listed: Unrecorded) -> Looked:
        """A frame that no record names; read only where there is something to be seen in it."""
        key, size, buried = listed
        if self._detector is None and not buried:
            return Looked(key, ())
        try:
            body = self._body(key, size)
        except (ObjectMissing, StoreRejected, ValueError) as error:
            return Looked(key, (_unreadable(key, error),))
        if sha256(body).hexdigest() != buried:
            return Looked(key, tuple(self._faces(key, body)))
        return Looked(key, (*_more(key, body), *self._faces(key, body)), buried=True)

    def _body(self, key: str, size: int) -> bytes:
        if size > MAX_FRAME:
            raise ValueError(f"it has {size} bytes: no device wrote that")
        return self._reader.read(key)

    def _picture(self, claim: Claim, body: bytes) -> Iterator[Finding]:
        record, receipt = claim.record, claim.record.receipt
        try:
            parts = jpeg_parts(body)
            if parts.width * parts.height > MAX_PIXELS:
                raise ValueError(f"it has {parts.width}x{parts.height} pixels")
            masked = receipt.treatment == "masked" and receipt.fill == "solid"
            bare = uncovered(body, parts, receipt.faces, receipt.grow) if masked else ()
        except ValueError as error:
            yield _unreadable(record.key, error)
            return
        if (parts.width, parts.height) != (record.width, record.height):
            text = f"it has {parts.width}x{parts.height} pixels, not those of the record"
            yield Finding(Kind.CHANGED, record.key, text)
        yield from _extras(record.key, parts)
        for x1, y1, x2, y2 in bare:
            text = f"nothing covers the face at {x1},{y1} to {x2},{y2} that the record names"
            yield Finding(Kind.UNMASKED, record.key, text)

    def _faces(self, key: str, body: bytes, exempt: bool = False) -> Iterator[Finding]:
        if self._detector is None:
            return
        picture = decoded(body)
        if picture is None:
            yield Finding(Kind.DAMAGED, key, "it is no picture, so nobody can look for faces")
            return
        with self._turn:
            faces = self._detector.detect(picture)
        if faces:
            best = max(face.score for face in faces)
            many = "a face" if len(faces) == 1 else f"{len(faces)} faces"
            text = f"{self._detector.id.name} sees {many} in it (score {best:.2f})"
            yield Finding(Kind.FACE, key, f"{text}; its camera is exempt" if exempt else text)


def _more(key: str, body: bytes) -> Iterator[Finding]:
    """What it carries beside its pixels."""
    try:
        yield from _extras(key, jpeg_parts(body))
    except ValueError as error:
        yield _unreadable(key, error)


def _extras(key: str, parts: JpegParts) -> Iterator[Finding]:
    for extra in parts.extras:
        text = f"it carries {extra}, which the device never writes: see what that shows"
        yield Finding(Kind.UNMASKED, key, text)


def _unreadable(key: str, error: Exception) -> Finding:
    missing = isinstance(error, ObjectMissing)
    return Finding(Kind.MISSING if missing else Kind.DAMAGED, key, str(error))
