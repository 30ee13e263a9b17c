"""Whose signatures count: the public keys that an auditor got from the devices themselves."""

import base64
from collections.abc import Iterable, Iterator
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from uploader.audit.finding import Finding, Kind
from uploader.audit.ledger import Chain
from uploader.errors import ReceiptError
from uploader.receipts.key import fingerprint

KEY_BYTES = 32
FEW = 3
"""Records that are named one by one."""


def read_public_key(path: Path) -> str:
    """The base64 of a public key, from a file that holds it so, or in PEM form.

    Raises ReceiptError.
    """
    try:
        text = path.read_bytes().strip()
    except OSError as error:
        raise ReceiptError(f"the key {path} cannot be read ({error.strerror})") from error
    try:
        raw = _raw(text)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ReceiptError(
            f"{path} holds no Ed25519 public key: take what vision-app receipts key prints"
        ) from error
    return base64.b64encode(raw).decode()


def _raw(text: bytes) -> bytes:
    if not text.startswith(b"-----"):
        raw = base64.b64decode(text, validate=True)
        if len(raw) != KEY_BYTES:
            raise ValueError(f"{len(raw)} bytes")
        return raw
    key = load_pem_public_key(text)
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("another kind of key")
    return key.public_bytes_raw()


def key_findings(chains: Iterable[Chain], trusted: frozenset[str]) -> Iterator[Finding]:
    """Chains of keys that are not trusted, where any is named, and of more than one key."""
    for chain in chains:
        counts = chain.keys
        own = max(counts, key=counts.__getitem__, default="")
        for key, count in counts.items():
            named = fingerprint(key)
            signs = f"{count} of its records are signed with the key {named}"
            if trusted and key not in trusted:
                text = f"{signs}, which is not one of those that you trust{_some(chain, key)}"
                yield Finding(Kind.WRONG_KEY, chain.name, text)
            elif key != own:
                text = f"{signs}, the others with {fingerprint(own)}: a chain has one key"
                yield Finding(Kind.WRONG_KEY, chain.name, text + _some(chain, key))


def _some(chain: Chain, key: str) -> str:
    """Which records those are, where they are few."""
    notes = [note for notes in chain.noted.values() for note in notes if note.inside]
    ids = [note.id for note in notes if note.public_key == key]
    return f" ({', '.join(ids)})" if len(ids) <= FEW else ""
