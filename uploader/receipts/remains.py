"""Finds the newest link of a chain in what a process left in its spool."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

from uploader.errors import Damaged
from uploader.lines.log_files import log_files
from uploader.queue.entries import RECORDS, TOMBSTONES, entries, read_entry
from uploader.queue.entry import read_header
from uploader.queue.entry_name import CHAIN_DIGITS, EntryName
from uploader.receipts.head import Head
from uploader.receipts.signing import record_hash, signed

Fields = Mapping[str, Any]


def newest(spool: Path, head: Head, named: Mapping[str, EntryName]) -> Head:
    """The head, or what came after it.

    named: of each chain (8 digits) the entry with the highest number, by its name. It is opened,
    and must be whole; where it is not what its name says, every entry that waits is opened.
    Raises Damaged where something cannot be read: then nobody knows which link is the newest.
    """
    last = named.get(head.chain[:CHAIN_DIGITS])
    if last is None or last.number <= head.number:
        waiting: Iterator[Fields] = iter(())
    elif _is_true(spool, last, head):
        waiting = iter([read_entry(spool, last).record or {}])
    else:
        waiting = _waiting(spool)
    return _newest(head, chain(waiting, _noted(spool / RECORDS), _noted(spool / TOMBSTONES)))


def _newest(head: Head, lines: Iterator[Fields]) -> Head:
    """lines: records, or tombstones, which name the hash of a record that went with its entry."""
    last: Fields | None = None
    number = head.number
    for line in lines:
        link = line.get("chain", {})
        if link.get("chain") == head.chain and link["number"] > number:
            last, number = line, link["number"]
    if last is None:
        return head
    digest = record_hash(last)
    if not signed(head.public_key, digest, last["chain"]["signature"]):
        raise Damaged(f"what is written of {last['id']} is not what this device signed")
    return replace(head, number=number, sha256=last["chain"].get("sha256") or digest.hex())


def _is_true(spool: Path, name: EntryName, head: Head) -> bool:
    """Whether the entry holds the link that its name says."""
    try:
        link = (read_header(spool / str(name))["record"] or {}).get("chain", {})
    except Damaged:
        return False
    return (link.get("chain"), link.get("number")) == (head.chain, name.number)


def _waiting(spool: Path) -> Iterator[Fields]:
    """The records of all entries."""
    for name in entries(spool):
        yield read_header(spool / str(name))["record"] or {}


def _noted(folder: Path) -> Iterator[Fields]:
    """The lines of a log; one without its end still has its entry."""
    for log in log_files(folder):
        with log.open("rb") as lines:
            yield from (_parsed(line, log) for line in lines if line.endswith(b"\n"))


def _parsed(line: bytes, log: Path) -> Fields:
    try:
        fields = json.loads(line)
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        raise Damaged(f"a line of {log} is damaged")
    return fields
