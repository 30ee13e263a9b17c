"""Finds the newest link of a chain in what a process left in its spool."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

from uploader.disk_queue import ENTRY, OPEN, RECORDS
from uploader.entry import read_header
from uploader.errors import Damaged
from uploader.receipts.head import Head
from uploader.receipts.signing import record_hash, signed

Fields = Mapping[str, Any]


def newest(spool: Path, head: Head) -> Head:
    """The head, or what came after it: every entry that waits is looked at.

    Raises Damaged where something cannot be read: then nobody knows which link is the newest.
    """
    last: Fields | None = None
    number = head.number
    for record in chain(_waiting(spool), _noted(spool / RECORDS / OPEN)):
        link = record.get("chain", {})
        if link.get("chain") == head.chain and link["number"] > number:
            last, number = record, link["number"]
    if last is None:
        return head
    digest = record_hash(last)
    if not signed(head.public_key, digest, last["chain"]["signature"]):
        raise Damaged(f"the record {last['id']} is not what this device signed")
    return replace(head, number=number, sha256=digest.hex())


def _waiting(spool: Path) -> Iterator[Fields]:
    """The records of the entries."""
    with os.scandir(spool) as found:
        for item in found:
            if item.name.endswith(ENTRY):
                yield read_header(Path(item.path))["record"] or {}


def _noted(log: Path) -> Iterator[Fields]:
    """The records of frames that are in the store; one without its end still has its entry."""
    if not log.exists():
        return
    with log.open("rb") as lines:
        for line in lines:
            if line.endswith(b"\n"):
                yield _parsed(line, log)


def _parsed(line: bytes, log: Path) -> Fields:
    try:
        fields = json.loads(line)
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        raise Damaged(f"a line of {log} is damaged")
    return fields
