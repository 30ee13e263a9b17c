"""Reads a file of lines out of a store: is it what its name says, and what is in it?"""

from collections.abc import Callable
from hashlib import sha256
from typing import TypeVar

from uploader.audit.finding import Finding, Kind
from uploader.audit.layout import Place
from uploader.errors import ObjectMissing, StoreRejected
from uploader.lines.reading import MAX_BATCH, unpacked
from uploader.reading import Stored, StoreReader

Item = TypeVar("Item")


def read_file(
    reader: StoreReader, stored: Stored, where: Place, read: Callable[[str, bytes], Item]
) -> tuple[list[Item], list[Finding]]:
    """What its lines say, as far as they can be read, and what is wrong with the others.

    read: what a line says, from the key of the file and the line; raises ValueError with a clause.
    Raises StoreUnavailable or StoreDenied.
    """
    key = stored.key
    try:
        if stored.size > MAX_BATCH:
            raise StoreRejected(f"it has {stored.size} bytes: no device wrote that")
        body = reader.read(key)
    except (ObjectMissing, StoreRejected) as error:
        return [], [Finding(Kind.DAMAGED, key, str(error))]
    findings: list[Finding] = []
    if not sha256(body).hexdigest().startswith(where.sha12):
        findings.append(Finding(Kind.CHANGED, key, "it is not what its name was made of"))
    try:
        lines = unpacked(body)
    except ValueError as error:
        return [], [*findings, Finding(Kind.DAMAGED, key, str(error))]
    items: list[Item] = []
    for number, line in enumerate(lines, start=1):
        try:
            items.append(read(key, line))
        except ValueError as error:
            findings.append(Finding(Kind.DAMAGED, key, f"line {number} {error}"))
    return items, findings
