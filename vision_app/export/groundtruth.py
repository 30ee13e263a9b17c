"""Augmented manifests: what SageMaker Ground Truth, and training jobs of SageMaker, read.

One line of JSON for each frame, as in "Input manifest files" and "Labeling job output data" of the
SageMaker developer guide. The model's opinion stands under an attribute of its own, said to be no
person's, so that a labelling job adds its answer under another. Scores are left out: those of a
thousand classes come near the longest attribute that is allowed.
"""

import json
import re
from typing import Any, BinaryIO

from uploader.record import rfc3339
from vision_app.errors import Refused
from vision_app.export.kept import Kept
from vision_app.export.writer import Unfit

ATTRIBUTE = "model-prediction"
OWN = "vision-app"
MAX_LENGTH = 20_000
"""Characters of one attribute; a whole line, which may have 100,000, stays below it too."""


class GroundTruth:
    """One line for each frame.

    A class is numbered by its place among the labels of the first frame; a label that only a later
    model has gets the next number, so that a number means the same class in all lines.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._labels: tuple[str, ...] = ()
        self._numbers: dict[str, int] = {}

    def add(self, kept: Kept) -> None:
        """See `Writer.add`; refuses frames that are not in S3."""
        if not kept.source_ref.startswith("s3://"):
            raise Refused(
                f"{kept.source_ref} is not in S3, and Ground Truth reads from nowhere else: say "
                "with --frames s3://bucket/prefix where the frames are, or take another --format"
            )
        line = json.dumps(self._fields(kept), separators=(",", ":"))
        if len(line) > MAX_LENGTH:
            raise Unfit(f"its line has {len(line)} characters, more than Ground Truth takes")
        self._file.write(line.encode() + b"\n")

    def finish(self) -> None:
        """Each line stands for itself."""

    def close(self) -> None:
        """Nothing is held."""

    def _fields(self, kept: Kept) -> dict[str, Any]:
        record = kept.record
        return {
            "source-ref": kept.source_ref,
            ATTRIBUTE: self._number(kept),
            f"{ATTRIBUTE}-metadata": {
                "class-name": record.label,
                "confidence": record.confidence,
                "type": "groundtruth/image-classification",
                "job-name": _job(record.model.name, record.model.version),
                "human-annotated": "no",
                "creation-date": rfc3339(record.captured_at).removesuffix("Z"),
            },
            OWN: {
                "id": record.id,
                "site": record.site,
                "device": record.device,
                "camera": record.camera,
                "captured-at": rfc3339(record.captured_at),
                "reasons": record.reasons,
                "treatment": record.receipt.treatment,
                "model-sha256": record.model.sha256,
            },
        }

    def _number(self, kept: Kept) -> int:
        if kept.record.labels != self._labels:
            self._labels = kept.record.labels
            for label in self._labels:
                self._numbers.setdefault(label, len(self._numbers))
        return self._numbers[kept.record.label]


def _job(name: str, version: str) -> str:
    """The model in the letters that the name of a job may have."""
    return re.sub("[^a-zA-Z0-9]+", "-", f"{name}-{version}").strip("-")[:63] or "model"
