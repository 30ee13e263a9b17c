"""Reads tombstones: what devices say that they had to let go, and whether they signed just that."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from uploader.audit.finding import Finding, Kind
from uploader.audit.layout import Place
from uploader.audit.line_files import read_file
from uploader.errors import ReceiptError
from uploader.lines.reading import fields_of
from uploader.lines.tombstone import SCHEMA, Tombstone
from uploader.reading import Stored, StoreReader
from uploader.receipts.signing import record_hash, signed

READ: TypeAdapter[Tombstone] = TypeAdapter(Tombstone)


@dataclass(frozen=True, slots=True)
class Loss:
    """One tombstone. genuine: whether it is signed as it stands."""

    stone: Tombstone
    genuine: bool


@dataclass(frozen=True, slots=True)
class LossFile:
    """What a file of tombstones holds, and what is wrong with it."""

    losses: tuple[Loss, ...]
    findings: tuple[Finding, ...]


def stored_losses(reader: StoreReader, stored: Stored, where: Place) -> LossFile:
    """Everything in it that can be read. Raises StoreUnavailable or StoreDenied."""
    losses, findings = read_file(reader, stored, where, _loss)
    faults = (fault for loss in losses for fault in _faults(loss, where))
    return LossFile(tuple(losses), (*findings, *faults))


def _loss(key: str, line: bytes) -> Loss:
    fields = fields_of(line, SCHEMA)
    try:
        stone = READ.validate_json(line, strict=True)
        digest = record_hash(fields)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise ValueError(f"is no tombstone ({where}: {first['msg']})") from error
    except ReceiptError as error:
        raise ValueError(f"is no tombstone ({error})") from error
    return Loss(stone, signed(stone.chain.public_key, digest, stone.chain.signature))


def _faults(loss: Loss, where: Place) -> Iterator[Finding]:
    stone = loss.stone
    if not loss.genuine:
        text = "the tombstone was edited or forged: its signature does not fit what it says"
        yield Finding(Kind.EDITED, stone.id, text)
    if f"/site={stone.site}/device={stone.device}/" not in f"{where.folder}/":
        text = f"the tombstone lies in {where.folder}, where those of another device belong"
        yield Finding(Kind.EDITED, stone.id, text)
