"""What Spool.put makes of a frame, for another disk queue than ours to keep."""

from dataclasses import replace
from hashlib import sha256

from benchmarks.spooling.frames import choice
from masking.masked_frame import MaskedFrame
from models.prediction import Prediction
from uploader.identity import new_id, object_key
from uploader.metadata import frame_metadata
from uploader.queue.entry import Entry
from uploader.receipts.key import DeviceKey
from uploader.receipts.link import Link
from uploader.receipts.signing import record_hash
from uploader.record import Chosen, Record

CHAIN = "ab" * 16


class Signed:
    """A chain of receipts without a disk, for one thread at a time."""

    def __init__(self, key: DeviceKey) -> None:
        self._key = key
        self._link = Link(CHAIN, 1, "", key.public_key, signature="")

    def entry(self, masked: MaskedFrame, prediction: Prediction, body: bytes) -> Entry:
        """With its record, which is the next of the chain."""
        unsigned = self._record(masked, prediction, body)
        digest = record_hash(unsigned.fields(source_ref=""))
        link = replace(unsigned.chain, signature=self._key.sign(digest))
        record = replace(unsigned, chain=link)
        self._link = replace(link, number=link.number + 1, previous=digest.hex(), signature="")
        return Entry(
            id=record.id,
            kind="frame",
            key=record.key,
            content_type="image/jpeg",
            sha256=record.sha256,
            body=body,
            metadata=frame_metadata(record),
            record=record.fields(source_ref=record.key),
        )

    def _record(self, masked: MaskedFrame, prediction: Prediction, body: bytes) -> Record:
        at, chosen = masked.captured_at, choice()
        id, digest = new_id(at), sha256(body).hexdigest()
        return Record(
            id=id,
            site="farm",
            device="cam1",
            camera=masked.camera,
            seq=masked.seq,
            captured_at=at,
            key=object_key("frame", "farm", "cam1", at, id, digest),
            sha256=digest,
            size_bytes=len(body),
            width=masked.width,
            height=masked.height,
            label=prediction.label,
            confidence=prediction.confidence,
            labels=prediction.labels,
            scores=prediction.scores,
            reasons=chosen.reasons,
            chosen=Chosen(chosen.by, chosen.value, chosen.suppressed),
            model=prediction.model,
            receipt=masked.receipt,
            chain=self._link,
        )
