"""SHA-256 as S3 writes it, of objects that were sent whole and of those that were sent in parts."""

import base64
from collections.abc import Iterator
from hashlib import sha256


def encoded(digest: bytes) -> str:
    """A digest as it stands in headers."""
    return base64.b64encode(digest).decode()


def of_whole(sha256_hex: str) -> str:
    """The checksum of an object that was sent whole."""
    return encoded(bytes.fromhex(sha256_hex))


def of_parts(body: bytes, part_bytes: int) -> str:
    """The checksum of an object that was sent in parts: of the digests of all, and their number."""
    digests = [sha256(piece).digest() for piece in pieces(body, part_bytes)]
    return f"{encoded(sha256(b''.join(digests)).digest())}-{len(digests)}"


def pieces(body: bytes, part_bytes: int) -> Iterator[bytes]:
    """The parts of a body; the last may be smaller."""
    for start in range(0, len(body), part_bytes):
        yield body[start : start + part_bytes]


def fits(checksum: str, body: bytes, sha256_hex: str, part_bytes: int) -> bool:
    """Whether a checksum that a server told, of either kind, is that of the body."""
    if "-" in checksum:
        return checksum == of_parts(body, part_bytes)
    return checksum == of_whole(sha256_hex)
