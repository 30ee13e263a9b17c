"""What is written about a kept frame: all that a reader of the bucket needs, without LIST."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from masking.masked_frame import Receipt
from models.prediction import ModelId
from uploader.choosing.alerts import Alerted
from uploader.receipts.link import Link

SCHEMA = "vision-app/record/1"
PARTS = ("chosen", "model", "receipt", "chain")
"""Fields that are objects in JSON. `asdict` of the whole would copy a thousand scores each time."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """How a frame was chosen, as `uploader.choosing.choice.Choice` says it."""

    by: str
    value: float
    suppressed: int


@dataclass(frozen=True, slots=True)
class Record:
    """One kept frame; `to_json` is one line of a records file (docs/schemas/record.json)."""

    id: str
    site: str
    device: str
    camera: str
    seq: int
    captured_at: datetime
    key: str
    sha256: str
    size_bytes: int
    width: int
    height: int
    label: str
    confidence: float
    labels: tuple[str, ...]
    scores: tuple[float, ...]
    reasons: tuple[str, ...]
    chosen: Chosen
    model: ModelId
    receipt: Receipt
    chain: Link
    alerts: tuple[Alerted, ...] = ()
    """Those that counted for its camera; in JSON only where there are some."""

    def to_json(self, source_ref: str) -> str:
        """One line of JSON, source-ref first; source_ref is the frame's address in the store."""
        return json_line(self.fields(source_ref))

    def fields(self, source_ref: str) -> dict[str, Any]:
        """The same before it is text, as it waits in the spool for the address to be known."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        parts = {name: asdict(plain[name]) for name in PARTS}
        alerts = [asdict(alerted) for alerted in plain.pop("alerts")]
        said = {"source-ref": source_ref, "schema": SCHEMA} | plain | parts
        said |= {"alerts": alerts} if alerts else {}
        return said | {"captured_at": rfc3339(self.captured_at)}


def json_line(fields: Mapping[str, Any]) -> str:
    """Compact JSON without a line break in it."""
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def rfc3339(at: datetime) -> str:
    """UTC with milliseconds: 2026-01-31T12:00:00.000Z."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
