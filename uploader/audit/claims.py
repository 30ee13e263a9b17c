"""Reads batches of records: what they say of frames, and whether the device signed just that."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from uploader.audit.finding import Finding, Kind
from uploader.audit.layout import Place
from uploader.audit.line_files import read_file
from uploader.audit.treatment import receipt_faults
from uploader.errors import ReceiptError
from uploader.lines.reading import address_faults, read_line
from uploader.reading import Stored, StoreReader
from uploader.receipts.signing import record_hash, signed
from uploader.record import Record


@dataclass(frozen=True, slots=True)
class Claim:
    """One record of a batch.

    batch: key of the batch. record: without labels and scores. digest: its hash. genuine: whether
    it is signed as it stands. source: its source-ref without the key of the frame.
    """

    batch: str
    record: Record
    digest: bytes
    genuine: bool
    source: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What a batch holds, and what is wrong with it."""

    claims: tuple[Claim, ...]
    findings: tuple[Finding, ...]


def stored_batch(reader: StoreReader, stored: Stored, where: Place) -> Batch:
    """Everything in it that can be read. Raises StoreUnavailable or StoreDenied."""
    claims, findings = read_file(reader, stored, where, _claim)
    faults = (fault for claim in claims for fault in _faults(claim, where))
    return Batch(tuple(claims), (*findings, *faults))


def _claim(batch: str, line: bytes) -> Claim:
    """Raises ValueError with what the line is or is not."""
    read = read_line(line)
    try:
        digest = record_hash(read.fields)
    except ReceiptError as error:
        raise ValueError(f"is no record ({error})") from error
    record, chain = read.record, read.record.chain
    genuine = signed(chain.public_key, digest, chain.signature)
    return Claim(batch, replace(record, labels=(), scores=()), digest, genuine, read.base)


def _faults(claim: Claim, where: Place) -> Iterator[Finding]:
    record = claim.record
    if not claim.genuine:
        text = "the record was edited: its signature does not fit what it says"
        yield Finding(Kind.EDITED, record.id, text)
    for fault in address_faults(record, claim.source, where.folder):
        yield Finding(Kind.EDITED, record.id, fault)
    for fault in receipt_faults(record.receipt):
        yield Finding(Kind.UNMASKED, record.key, fault)
