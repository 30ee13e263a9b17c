"""Makes a spool in which many entries wait, without putting each of them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.spooling.frames import choice, prediction, small
from benchmarks.spooling.ways import key, spool
from uploader.identity import new_id
from uploader.queue.entry import Entry, name_of, pack
from uploader.receipts.signing import record_hash
from uploader.spool import Spool


def fill(folder: Path, waiting: int) -> None:
    """Adds entries until so many wait: whole, linked and signed as by the device, not fsynced."""
    with spool(folder) as kept:
        first = _kept(kept)
        missing = waiting - kept.waiting.entries
    for entry in _more(folder, first, missing):
        head, body = pack(entry)
        name = name_of(entry.id, entry.kind, entry.record, 0, len(head) + len(body))
        (folder / str(name)).write_bytes(head + body)


def _kept(kept: Spool) -> Entry:
    """A frame that is put as any other."""
    record = kept.put(small(), prediction(), choice(0.0))
    (name,) = kept.queue.named({record.id})
    return kept.queue.read(name)


def _more(folder: Path, first: Entry, count: int) -> Iterator[Entry]:
    """Others like it, of different value, each the next of the same chain."""
    draw, device = Random(0), key(folder)
    fields = dict(first.record or {})
    for _ in range(count):
        id, value = new_id(datetime.now(timezone.utc)), draw.uniform(0.0, 0.4)
        fields = fields | {
            "id": id,
            "chosen": fields["chosen"] | {"value": value},
            "chain": _next(fields),
        }
        fields["chain"]["signature"] = device.sign(record_hash(fields))
        yield replace(first, id=id, record=fields)


def _next(fields: dict[str, Any]) -> dict[str, Any]:
    """The link after that of a record; its signature is still to be made."""
    link: dict[str, Any] = fields["chain"]
    return link | {"number": link["number"] + 1, "previous": record_hash(fields).hex()}
