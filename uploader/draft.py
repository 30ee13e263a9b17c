"""What a kept frame becomes: its record, which waits for its link, and its entry in the spool."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from masking.masked_frame import MaskedFrame
from models.prediction import Prediction
from uploader.choosing.choice import Choice
from uploader.identity import new_id, object_key
from uploader.metadata import frame_metadata
from uploader.queue.entry import Entry
from uploader.receipts.chain import Draft
from uploader.record import Chosen, Record


def drafted(
    site: str,
    device: str,
    masked: MaskedFrame,
    prediction: Prediction,
    choice: Choice,
    body: bytes,
) -> Draft:
    """The record of a frame whose JPEG is body."""
    at, digest = masked.captured_at, sha256(body).hexdigest()
    id = new_id(at)
    return lambda link: Record(
        id=id,
        site=site,
        device=device,
        camera=masked.camera,
        seq=masked.seq,
        captured_at=at,
        key=object_key("frame", site, device, at, id, digest),
        sha256=digest,
        size_bytes=len(body),
        width=masked.width,
        height=masked.height,
        label=prediction.label,
        confidence=prediction.confidence,
        labels=prediction.labels,
        scores=prediction.scores,
        reasons=choice.reasons,
        chosen=Chosen(choice.by, choice.value, choice.suppressed),
        model=prediction.model,
        receipt=masked.receipt,
        chain=link,
        alerts=choice.alerts,
    )


def entry_of(record: Record, fields: Mapping[str, Any], body: bytes) -> Entry:
    """What waits in the spool. fields: of the record, with the key as its address."""
    return Entry(
        id=record.id,
        kind="frame",
        key=record.key,
        content_type="image/jpeg",
        sha256=record.sha256,
        body=body,
        metadata=frame_metadata(record),
        record=fields,
    )
