"""Tasks with predictions for Label Studio: one JSON array, written piece by piece.

They fit a project whose labelling interface has an image called `image`, with the value `$image`,
and choices called `label`. Frames in S3 stay addresses (s3://…): a project with a source storage
for that bucket shows them through links that it signs when they are looked at.
"""

import json
from typing import Any, BinaryIO

from uploader.record import rfc3339
from vision_app.export.kept import Kept

CONTROL, PICTURE = "label", "image"
"""Names of the choices and of the image in the labelling interface."""


class LabelStudio:
    """One task for each frame."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._between = b"[\n"

    def add(self, kept: Kept) -> None:
        """See `Writer.add`."""
        task = json.dumps(_task(kept), separators=(",", ":")).encode()
        self._file.write(self._between + task)
        self._between = b",\n"

    def finish(self) -> None:
        """Ends the array."""
        self._file.write(b"[]\n" if self._between == b"[\n" else b"\n]\n")

    def close(self) -> None:
        """Nothing is held."""


def _task(kept: Kept) -> dict[str, Any]:
    record = kept.record
    return {
        "data": {PICTURE: kept.source_ref},
        "meta": {
            "id": record.id,
            "site": record.site,
            "device": record.device,
            "camera": record.camera,
            "captured_at": rfc3339(record.captured_at),
            "reasons": record.reasons,
            "chosen_by": record.chosen.by,
            "value": record.chosen.value,
            "treatment": record.receipt.treatment,
        },
        "predictions": [
            {
                "model_version": f"{record.model.name} {record.model.version}",
                "score": record.confidence,
                "result": [
                    {
                        "from_name": CONTROL,
                        "to_name": PICTURE,
                        "type": "choices",
                        "value": {"choices": [record.label]},
                    }
                ],
            }
        ],
    }
