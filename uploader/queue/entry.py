"""One file of the spool: a future object with everything that is needed to send it.

    vision-app/entry/1 <sha256 of the header>\\n
    <header: one line of JSON>\\n
    <body: the bytes of the object>

The header holds the sha256 of the body, so damage is noticed wherever in the file it is.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from uploader.errors import Damaged
from uploader.identity import Kind
from uploader.queue.entry_name import CHAIN_DIGITS, EntryName
from uploader.queue.tail import without_tail
from uploader.store import Upload

MAGIC = b"vision-app/entry/1 "
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

READINGS = 99
"""Raw readings are worth as much as the best frame of their day: nothing can be measured again."""
UNKNOWN = 50
"""The value of a frame that a version which knew no values has kept."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A future object.

    sha256: hex of the body. metadata: ASCII user metadata.
    record: the line that is written about the object once it is stored; only frames have one.
    """

    id: str
    kind: Kind
    key: str
    content_type: str
    sha256: str
    body: bytes = field(repr=False)
    metadata: Mapping[str, str] = field(default_factory=dict)
    record: Mapping[str, Any] | None = field(default=None, repr=False)

    @property
    def upload(self) -> Upload:
        """What the store is given."""
        return Upload(self.key, self.body, self.sha256, self.content_type, self.metadata)


def name_of(
    id: str, kind: Kind, record: Mapping[str, Any] | None, day: int, size: int
) -> EntryName:
    """The name of an entry. day: of its acceptance; size: bytes of its file."""
    link = (record or {}).get("chain", {})
    chain, number = str(link.get("chain", ""))[:CHAIN_DIGITS], int(link.get("number", 0))
    return EntryName(id, chain, number, _value(kind, record or {}), day, size)


def _value(kind: Kind, record: Mapping[str, Any]) -> int | None:
    if kind == "frame":
        chosen = record.get("chosen")
        return min(round(chosen["value"] * 100), 99) if chosen else UNKNOWN
    return READINGS if kind == "sensors" else None


def pack(entry: Entry) -> tuple[bytes, bytes]:
    """The file of an entry, in two pieces so that the body is not copied."""
    header = _JSON.encode(
        {
            "id": entry.id,
            "kind": entry.kind,
            "key": entry.key,
            "content_type": entry.content_type,
            "sha256": entry.sha256,
            "size": len(entry.body),
            "metadata": dict(entry.metadata),
            "record": entry.record,
        }
    ).encode()
    return MAGIC + _hex(header) + b"\n" + header + b"\n", entry.body


def unpack(name: EntryName, data: bytes) -> Entry:
    """The entry in the file of that name. Raises Damaged when one bit of it has changed."""
    id = name.id
    first, _, rest = without_tail(name, data).partition(b"\n")
    header, _, body = rest.partition(b"\n")
    fields = _fields(id, first, header)
    if fields["size"] != len(body) or fields["sha256"].encode() != _hex(body):
        raise Damaged(f"{id} is damaged: its body ({len(body)} bytes) is not what was written")
    true = name_of(fields["id"], fields["kind"], fields["record"], name.day, name.size)
    if (true.id, true.chain, true.number) != (id, name.chain, name.number):
        raise Damaged(f"{id} is a copy of the entry {fields['id']} under another name")
    del fields["size"]
    return Entry(body=body, **fields)


def read_header(path: Path) -> Mapping[str, Any]:
    """What `pack` wrote of an entry before its body. Raises Damaged when it cannot be read."""
    id = path.name.partition(".")[0]
    try:
        with path.open("rb") as file:
            first, header = file.readline().rstrip(b"\n"), file.readline().rstrip(b"\n")
    except OSError as error:
        raise Damaged(f"{id} cannot be read ({error.strerror})") from error
    return _fields(id, first, header)


def _fields(id: str, first: bytes, header: bytes) -> dict[str, Any]:
    if not first.startswith(MAGIC):
        raise Damaged(f"{id} is no spool entry: it does not begin with {MAGIC.decode()!r}")
    if first != MAGIC + _hex(header):
        raise Damaged(f"{id} is damaged: its header is not what was written")
    fields: dict[str, Any] = json.loads(header)
    return fields


def _hex(data: bytes) -> bytes:
    return sha256(data).hexdigest().encode()
