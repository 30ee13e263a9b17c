"""How an object gets its name: ids that sort by time, and keys that say where, when and what."""

import os
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Literal
from uuid import UUID

BatchKind = Literal["records", "sensors", "tombstones"]
Kind = Literal["frame"] | BatchKind

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

SHAPES: Mapping[Kind, tuple[str, str]] = {
    "frame": ("frames", "jpg"),
    "records": ("records", "jsonl.gz"),
    "sensors": ("sensors", "parquet"),
    "tombstones": ("tombstones", "jsonl.gz"),
}
"""Kind → first part of the key and ending."""


def uuid7(at_ms: int, entropy: bytes) -> UUID:
    """A UUID version 7 (RFC 9562, section 5.7): it sorts by time.

    at_ms: milliseconds since 1970. entropy: 10 random bytes, of which 74 bits are used.
    """
    if not 0 <= at_ms < 1 << 48:
        raise ValueError(f"a UUID holds times from 1970 to the year 10889, not {at_ms} ms")
    if len(entropy) != 10:
        raise ValueError(f"a UUID needs 10 random bytes, not {len(entropy)}")
    random = int.from_bytes(entropy, "big")
    high, low = random >> 68, random & ((1 << 62) - 1)
    return UUID(int=at_ms << 80 | 7 << 76 | high << 64 | 0b10 << 62 | low)


def new_id(at: datetime) -> str:
    """A fresh id for something that was made at a moment."""
    return str(uuid7((at - EPOCH) // timedelta(milliseconds=1), os.urandom(10)))


def is_id(text: str) -> bool:
    """Whether the text is an id exactly as `new_id` writes it."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def object_key(kind: Kind, site: str, device: str, at: datetime, id: str, sha256: str) -> str:
    """Where an object lies in the store: never changes, and a reader can verify the content by it.

    frames/site=<site>/device=<device>/date=YYYY-MM-DD/<id>-<first 12 of sha256>.jpg, date in UTC.
    """
    folder, ending = SHAPES[kind]
    date = at.astimezone(timezone.utc).strftime("%Y-%m-%d")
    return f"{folder}/site={site}/device={device}/date={date}/{id}-{sha256[:12]}.{ending}"
