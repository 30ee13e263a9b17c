"""What is written about a kept frame: everything a reader of the bucket needs, without LIST or HEAD."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from masking.masked_frame import Receipt
from models.prediction import ModelId

SCHEMA = "vision-app/record/1"


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
    model: ModelId
    receipt: Receipt

    def to_json(self, source_ref: str) -> str:
        """One line of JSON, source-ref first; source_ref is the address of the frame in the store."""
        line: dict[str, Any] = {"source-ref": source_ref, "schema": SCHEMA} | asdict(self)
        line["captured_at"] = rfc3339(self.captured_at)
        return json.dumps(line, ensure_ascii=False, separators=(",", ":"))


def rfc3339(at: datetime) -> str:
    """UTC with milliseconds: 2026-01-31T12:00:00.000Z."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
