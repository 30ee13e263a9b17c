"""Reads batches of records: what they say of frames, and whether the device signed just that."""

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from pydantic import TypeAdapter, ValidationError

from uploader.audit.finding import Finding, Kind
from uploader.audit.layout import Place
from uploader.audit.treatment import receipt_faults
from uploader.errors import ObjectMissing, ReceiptError, StoreRejected
from uploader.identity import object_key
from uploader.reading import Stored, StoreReader
from uploader.receipts.signing import record_hash, signed
from uploader.record import SCHEMA, Record

MAX_BATCH = 64 << 20
"""Bytes of a batch, unpacked; the device ends one at an eighth of it."""
GZIP = 31
READ: TypeAdapter[Record] = TypeAdapter(Record)


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
    try:
        if stored.size > MAX_BATCH:
            raise StoreRejected(f"it has {stored.size} bytes: no device wrote that")
        return read_batch(stored.key, where, reader.read(stored.key))
    except (ObjectMissing, StoreRejected) as error:
        return Batch((), (Finding(Kind.DAMAGED, stored.key, str(error)),))


def read_batch(key: str, where: Place, body: bytes) -> Batch:
    """Everything in it that can be read."""
    claims: list[Claim] = []
    findings: list[Finding] = []
    if not sha256(body).hexdigest().startswith(where.sha12):
        findings.append(Finding(Kind.CHANGED, key, "it is not what its name was made of"))
    try:
        lines = _unpacked(body)
    except ValueError as error:
        return Batch((), (*findings, Finding(Kind.DAMAGED, key, str(error))))
    for number, line in enumerate(lines, start=1):
        try:
            claim = _claim(key, line)
        except ValueError as error:
            findings.append(Finding(Kind.DAMAGED, key, f"line {number} {error}"))
        else:
            claims.append(claim)
            findings += _faults(claim, where)
    return Batch(tuple(claims), tuple(findings))


def _unpacked(body: bytes) -> list[bytes]:
    packed = zlib.decompressobj(GZIP)
    try:
        text = packed.decompress(body, MAX_BATCH)
    except zlib.error as error:
        raise ValueError("it is no gzip file, or a damaged one: its records are lost") from error
    if packed.unconsumed_tail:
        raise ValueError(f"it unpacks to more than {MAX_BATCH >> 20} MB: no device wrote it")
    if not packed.eof or packed.unused_data or not text.endswith(b"\n"):
        raise ValueError("it is cut off, or has something behind its end")
    return text[:-1].split(b"\n")


def _claim(batch: str, line: bytes) -> Claim:
    """Raises ValueError with what the line is or is not."""
    try:
        fields = json.loads(line, object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is no JSON that has one meaning ({error})") from error
    if not isinstance(fields, dict) or fields.get("schema") != SCHEMA:
        raise ValueError(f"is not of the schema {SCHEMA}: use the vision-app that wrote it")
    try:
        record = READ.validate_json(line, strict=True)
        digest = record_hash(fields)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise ValueError(f"is no record ({where}: {first['msg']})") from error
    except ReceiptError as error:
        raise ValueError(f"is no record ({error})") from error
    chain, source = record.chain, str(fields.get("source-ref", ""))
    genuine = signed(chain.public_key, digest, chain.signature)
    base = source[: -len(record.key)] if source.endswith("/" + record.key) else ""
    return Claim(batch, replace(record, labels=(), scores=()), digest, genuine, base)


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two readers may take different ones of two values under one name."""
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a name stands in it twice")
    return fields


def _faults(claim: Claim, where: Place) -> Iterator[Finding]:
    record = claim.record
    if not claim.genuine:
        text = "the record was edited: its signature does not fit what it says"
        yield Finding(Kind.EDITED, record.id, text)
    own = (record.site, record.device, record.captured_at, record.id, record.sha256)
    if record.key != object_key("frame", *own):
        text = f"the record names {record.key}, which is not the frame that it describes"
        yield Finding(Kind.EDITED, record.id, text)
    elif where.folder != "records" + record.key[len("frames") : record.key.rindex("/")]:
        text = f"the record lies in {where.folder}, where those of other days or devices belong"
        yield Finding(Kind.EDITED, record.id, text)
    if not claim.source:
        text = "source-ref was edited: it leads to another object than the one recorded"
        yield Finding(Kind.EDITED, record.id, text)
    for fault in receipt_faults(record.receipt):
        yield Finding(Kind.UNMASKED, record.key, fault)
