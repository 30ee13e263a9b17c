"""Reads a batch of records back: for audits, and for whoever makes manifests of what was kept."""

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from uploader.identity import object_key
from uploader.record import SCHEMA, Record, rfc3339

MAX_BATCH = 64 << 20
"""Bytes of a batch, unpacked; the device ends one at an eighth of it."""
GZIP = 31
READ: TypeAdapter[Record] = TypeAdapter(Record)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a batch. fields: as they stand there. record: the same, checked."""

    fields: dict[str, Any]
    record: Record

    @property
    def source_ref(self) -> str:
        """The address of the frame."""
        return str(self.fields.get("source-ref", ""))

    @property
    def base(self) -> str:
        """The address without the frame's key; empty where it leads to another object."""
        key, source = self.record.key, self.source_ref
        return source[: -len(key)] if source.endswith("/" + key) else ""


def unpacked(body: bytes) -> list[bytes]:
    """The lines of a batch. Raises ValueError with a clause that says what it is instead."""
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


def fields_of(line: bytes, schema: str) -> dict[str, Any]:
    """The fields of a line of that schema; raises as `read_line` does."""
    try:
        fields = json.loads(line, object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is no JSON that has one meaning ({error})") from error
    if not isinstance(fields, dict) or fields.get("schema") != schema:
        raise ValueError(f"is not of the schema {schema}: use the vision-app that wrote it")
    return fields


def read_line(line: bytes) -> Line:
    """What a line says. Raises ValueError with what it is or is not, as the end of a sentence."""
    fields = fields_of(line, SCHEMA)
    try:
        record = READ.validate_json(line, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise ValueError(f"is no record ({where}: {first['msg']})") from error
    if fields["captured_at"] != rfc3339(record.captured_at):
        raise ValueError("is no record (captured_at: devices write UTC with milliseconds and Z)")
    return Line(fields, record)


def address_faults(record: Record, base: str, folder: str) -> Iterator[str]:
    """Why a record leads to another frame than its own, or does not belong where it lies.

    base: `Line.base`. folder: of the batch; empty where that is not known.
    """
    own = (record.site, record.device, record.captured_at, record.id, record.sha256)
    if record.key != object_key("frame", *own):
        yield f"the record names {record.key}, which is not the frame that it describes"
    elif folder and folder != "records" + record.key[len("frames") : record.key.rindex("/")]:
        yield f"the record lies in {folder}, where those of other days or devices belong"
    if not base:
        yield "source-ref was edited: it leads to another object than the one recorded"


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two readers may take different ones of two values under one name."""
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a name stands in it twice")
    return fields
