"""What exactly is hashed and signed of a record: on the device, and wherever it is checked.

The hash of a record is the SHA-256 of its JSON in the canonical form of RFC 8785, so that a reader
in any language gets the same from the line in the store. Two fields are left out: `source-ref`,
which only the store knows, and `chain.signature`, which is made of the hash.
"""

import base64
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from uploader.errors import ReceiptError


def record_hash(fields: Mapping[str, Any]) -> bytes:
    """The 32 bytes that stand for a record, as it was written or as it was read.

    Raises ReceiptError for what has no canonical form: NaN, an integer beyond 2**53, half a
    surrogate pair.
    """
    hashed = {name: value for name, value in fields.items() if name != "source-ref"}
    chain = hashed.get("chain")
    if isinstance(chain, dict):
        hashed["chain"] = {name: value for name, value in chain.items() if name != "signature"}
    try:
        return sha256(rfc8785.dumps(hashed)).digest()
    except (ValueError, RecursionError) as error:
        raise ReceiptError(f"a record cannot be hashed ({error}): report this") from error


def sign(key: Ed25519PrivateKey, digest: bytes) -> str:
    """The signature over a record's hash, as base64."""
    return base64.b64encode(key.sign(digest)).decode()


def signed(public_key: str, digest: bytes, signature: str) -> bool:
    """Whether the signature over the hash is that of the key; False also where one is no such."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key, validate=True))
        key.verify(base64.b64decode(signature, validate=True), digest)
    except (ValueError, InvalidSignature):
        return False
    return True
