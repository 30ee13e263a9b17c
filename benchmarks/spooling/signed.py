"""What Spool.put makes of a frame, for another disk queue than ours to keep."""

from dataclasses import replace

from benchmarks.spooling.frames import choice
from masking.masked_frame import MaskedFrame
from models.prediction import Prediction
from uploader.draft import drafted, entry_of
from uploader.queue.entry import Entry
from uploader.receipts.key import DeviceKey
from uploader.receipts.link import Link
from uploader.receipts.signing import record_hash

CHAIN = "ab" * 16


class Signed:
    """A chain of receipts without a disk, for one thread at a time."""

    def __init__(self, key: DeviceKey) -> None:
        self._key = key
        self._link = Link(CHAIN, 1, "", key.public_key, signature="")

    def entry(self, masked: MaskedFrame, prediction: Prediction, body: bytes) -> Entry:
        """With its record, which is the next of the chain."""
        draft = drafted("farm", "cam1", masked, prediction, choice(), body)
        unsigned = draft(self._link)
        digest = record_hash(unsigned.fields(source_ref=""))
        link = replace(unsigned.chain, signature=self._key.sign(digest))
        record = replace(unsigned, chain=link)
        self._link = replace(link, number=link.number + 1, previous=digest.hex(), signature="")
        return entry_of(record, record.fields(source_ref=record.key), body)
