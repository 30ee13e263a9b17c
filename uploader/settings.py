"""What the configuration says of spooling and uploading."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


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
