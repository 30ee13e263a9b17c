"""What is written about an entry that was let go: that it was here, and why it is in no store."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from uploader.identity import Kind
from uploader.queue.entry_name import EntryName
from uploader.receipts.key import DeviceKey
from uploader.receipts.signing import record_hash

SCHEMA = "vision-app/tombstone/1"

Reason = Literal["max_bytes", "max_count", "max_age", "min_free_bytes"]


@dataclass(frozen=True, slots=True)
class LostLink:
    """Which link of the chain of receipts went with it, and who says so.

    chain, number, sha256: of the frame's record and its hash; empty and 0 for what is no frame.
    signature: base64, over the hash of the tombstone, as records are signed.
    """

    chain: str
    number: int
    sha256: str
    public_key: str
    signature: str


@dataclass(frozen=True, slots=True)
class Tombstone:
    """One entry that was let go; `fields` are one line (docs/schemas/tombstone.json).

    key, sha256, size_bytes: of the object that it would have been. camera, captured_at: of a frame,
    else empty. value: 0..99, when it was accepted. at: when it was let go, by the wall clock.
    """

    id: str
    site: str
    device: str
    kind: Kind
    key: str
    sha256: str
    size_bytes: int
    camera: str
    captured_at: str
    value: int
    reason: Reason
    at: str
    chain: LostLink

    def fields(self) -> dict[str, Any]:
        """As it is signed and written."""
        return {"schema": SCHEMA} | asdict(self)


def tombstone(
    name: EntryName,
    header: Mapping[str, Any],
    reason: Reason,
    at: str,
    origin: tuple[str, str],
    key: DeviceKey,
) -> Tombstone:
    """Signed. header: of the entry's file. origin: site and device. Raises ReceiptError."""
    record = header["record"] or {}
    link, digest = record.get("chain", {}), record_hash(record).hex() if "chain" in record else ""
    lost = LostLink(link.get("chain", ""), link.get("number", 0), digest, key.public_key, "")
    made = Tombstone(
        id=name.id,
        site=origin[0],
        device=origin[1],
        kind=header["kind"],
        key=header["key"],
        sha256=header["sha256"],
        size_bytes=header["size"],
        camera=record.get("camera", ""),
        captured_at=record.get("captured_at", ""),
        value=name.value or 0,
        reason=reason,
        at=at,
        chain=lost,
    )
    signature = key.sign(record_hash(made.fields()))
    return replace(made, chain=replace(lost, signature=signature))
