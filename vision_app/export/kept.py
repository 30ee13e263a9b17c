"""One frame of a manifest: where it lies, and what its record says."""

from dataclasses import dataclass

from models.prediction import Prediction
from uploader.audit.treatment import receipt_faults
from uploader.lines.reading import Line, address_faults
from uploader.record import Record


@dataclass(frozen=True, slots=True)
class Kept:
    """source_ref: address of the frame. opinion: the whole one that the record holds."""

    source_ref: str
    record: Record
    opinion: Prediction


def kept(line: Line, folder: str, frames: str | None) -> Kept:
    """The frame of a line that lies in a folder of records, as `address_faults` takes it.

    frames: address below which the keys of frames are found now, if not where they were sent to.
    Raises ValueError with a clause where the record leads elsewhere, or the frame may not be kept.
    """
    record = line.record
    for fault in (*address_faults(record, line.base, folder), *receipt_faults(record.receipt)):
        raise ValueError(fault)
    if record.label not in record.labels:
        raise ValueError(f"its label {record.label!r} is none of its labels")
    opinion = Prediction(record.labels, record.scores, record.confidence, record.model)
    source_ref = f"{frames.rstrip('/')}/{record.key}" if frames else line.source_ref
    return Kept(source_ref, record, opinion)
