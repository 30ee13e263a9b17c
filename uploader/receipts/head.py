"""How far a chain of receipts has come, and the file that remembers it."""

import json
import logging
import os
from dataclasses import asdict, astuple, dataclass
from pathlib import Path

from models import durable

log = logging.getLogger("uploader")


@dataclass(frozen=True, slots=True)
class Head:
    """The newest link of a chain.

    number: 0 in a chain without a record. sha256: hex of the hash of the newest record, then empty.
    public_key: of the device that signs it.
    """

    chain: str
    number: int
    sha256: str
    public_key: str


def new_head(public_key: str) -> Head:
    """The head of a chain that nobody has."""
    return Head(os.urandom(16).hex(), 0, "", public_key)


def write_head(path: Path, head: Head) -> None:
    """Returns when a power cut would leave it. Raises OSError."""
    durable.write(path, json.dumps(asdict(head)).encode() + b"\n")


def read_head(path: Path, public_key: str) -> Head | None:
    """What was written; None where nothing can be gone on from, which the log explains."""
    try:
        head = _parsed(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        log.warning("a new chain of receipts begins: %s cannot be used (%s)", path, error)
        return None
    if head.public_key != public_key:
        log.warning("a new chain of receipts begins: the last one is signed by another key")
        return None
    return head


def _parsed(written: bytes) -> Head:
    head = Head(**json.loads(written))
    if [type(value) for value in astuple(head)] != [str, int, str, str]:
        raise ValueError("it is no head of a chain")
    return head
