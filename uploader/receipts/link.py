"""Where a record stands in the chain of its device, and who says so."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a chain, as it stands in a record.

    chain: random hex, made when the chain began. number: 1 for its first record.
    previous: hex of the hash of the record before; empty for the first.
    public_key: of the device, base64 of its 32 bytes.
    signature: base64; the key's, over the hash of the record (uploader/receipts/signing.py).
    """

    chain: str
    number: int
    previous: str
    public_key: str
    signature: str
