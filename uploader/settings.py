"""What the configuration says of choosing, spooling and uploading."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

Probability = Annotated[float, Field(ge=0, le=1)]


class KeepSettings(BaseModel):
    """The `[keep]` block: which frames are worth a label. Nothing else is ever uploaded."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    below: Probability = 0.7
    """Keep a frame when its calibrated confidence is below this (reason "low_confidence")."""
    above: Probability = 1.0
    """Keep a frame when its confidence is above this (reason "high_confidence"); 1 never does."""
    masked: bool = True
    """Keep a frame that holds masked faces (reason "masked")."""
    max_per_minute: Annotated[int, Field(ge=0)] = 30
    """Kept frames per camera and minute; those beyond it are counted, not kept."""
    gap_s: Annotated[float, Field(ge=0, le=3600)] = 1.0
    """Least time between two frames of a camera that are kept for the same reasons."""
    jpeg_quality: Annotated[int, Field(ge=50, le=100)] = 90

    @model_validator(mode="after")
    def _range(self) -> "KeepSettings":
        if self.below > self.above:
            raise ValueError(f"below ({self.below}) must not exceed above ({self.above})")
        return self


class SpoolSettings(BaseModel):
    """The `[spool]` block: the disk between the camera and the store."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: Path | None = None
    """Default: "spool" below the data folder."""
    max_bytes: Annotated[int, Field(ge=1 << 20)] = 2 << 30
    max_count: Annotated[int, Field(ge=10)] = 100_000
    min_free_bytes: Annotated[int, Field(ge=0)] = 200 << 20
    """The spool takes nothing more when the disk would have less than this free."""


class StoreSettings(BaseModel):
    """The `[store]` block: where uploads go; credentials come from the usual AWS chain only."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: Annotated[
        str, Field(pattern=r"^(file:///.+|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?)$")
    ]
    """file:///folder or s3://bucket/prefix."""
    endpoint: Annotated[str, Field(pattern=r"^https?://")] | None = None
    """s3: another S3 API than that of AWS, for example http://minio.local:9000."""
    region: str | None = None
    timeout_s: Annotated[float, Field(gt=0, le=600)] = 20.0
    records_every_s: Annotated[float, Field(gt=0)] = 60.0
    """Records of uploaded frames are sent in batches at least this often."""
    records_max: Annotated[int, Field(ge=1, le=10_000)] = 500


class BulkSettings(BaseModel):
    """The `[bulk]` block: raw sensor readings, collected into Parquet files."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = True
    max_rows: Annotated[int, Field(ge=1)] = 100_000
    every_s: Annotated[float, Field(gt=0)] = 900.0
    """A file is closed and spooled at this age or at max_rows."""
