"""A record as one flat row: the columns that CSV and Parquet share."""

from collections.abc import Callable, Mapping
from typing import Any

from vision_app.export.kept import Kept

COLUMNS: Mapping[str, Callable[[Kept], Any]] = {
    "source_ref": lambda kept: kept.source_ref,
    "id": lambda kept: kept.record.id,
    "site": lambda kept: kept.record.site,
    "device": lambda kept: kept.record.device,
    "camera": lambda kept: kept.record.camera,
    "captured_at": lambda kept: kept.record.captured_at,
    "seq": lambda kept: kept.record.seq,
    "width": lambda kept: kept.record.width,
    "height": lambda kept: kept.record.height,
    "size_bytes": lambda kept: kept.record.size_bytes,
    "sha256": lambda kept: kept.record.sha256,
    "label": lambda kept: kept.record.label,
    "confidence": lambda kept: kept.record.confidence,
    "margin": lambda kept: round(kept.opinion.margin, 6),
    "entropy": lambda kept: round(kept.opinion.entropy, 6),
    "reasons": lambda kept: kept.record.reasons,
    "chosen_by": lambda kept: kept.record.chosen.by,
    "value": lambda kept: kept.record.chosen.value,
    "suppressed": lambda kept: kept.record.chosen.suppressed,
    "treatment": lambda kept: kept.record.receipt.treatment,
    "exempt_because": lambda kept: kept.record.receipt.reason,
    "faces": lambda kept: len(kept.record.receipt.faces),
    "model_name": lambda kept: kept.record.model.name,
    "model_version": lambda kept: kept.record.model.version,
    "model_sha256": lambda kept: kept.record.model.sha256,
}
"""Name → what stands there. margin and entropy (nats) are of the raw scores."""
