"""What the configuration says of spooling and uploading."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Tag = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[\w .:/=+@-]*$")]
TagValue = Annotated[str, Field(max_length=256, pattern=r"^[\w .:/=+@-]*$")]


def _not_empty(window: str) -> str:
    begin, _, end = window.partition("-")
    if begin == end:
        raise ValueError("a window has to end at another time than it begins; none is: always")
    return window


Window = Annotated[
    str,
    Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$"),
    AfterValidator(_not_empty),
]
"""Times of the day, by this machine's clock: "22:00-05:00" goes over midnight."""


class SpoolSettings(BaseModel):
    """The `[spool]` block: the disk between the camera and the store."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: Path | None = None
    """Default: "spool" below the data folder."""
    max_bytes: Annotated[int, Field(ge=1 << 20)] = 2 << 30
    max_count: Annotated[int, Field(ge=10)] = 100_000
    max_age_days: Annotated[int, Field(ge=1)] | None = None
    """Frames and readings that waited longer are let go; by default only for want of room."""
    min_free_bytes: Annotated[int, Field(ge=0)] = 200 << 20
    """The spool takes nothing more when the disk would have less than this free."""


class S3Settings(BaseModel):
    """The `[store.s3]` block: how objects are kept in the bucket, and sent when they are large."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    encryption: Literal["bucket", "s3", "kms"] = "bucket"
    """bucket: as the bucket has it. s3: SSE-S3. kms: SSE-KMS."""
    kms_key: Annotated[str, Field(min_length=1)] | None = None
    """Id, ARN or alias; none: the account's own key for S3."""
    bucket_key: bool = False
    """kms: fewer calls to KMS, by a key of the bucket."""
    storage_class: Annotated[str, Field(pattern=r"^[A-Z][A-Z_]*$")] | None = None
    """STANDARD_IA, INTELLIGENT_TIERING and others; default: the bucket's."""
    tags: Annotated[dict[Tag, TagValue], Field(max_length=10)] = {}
    """On every object; needs s3:PutObjectTagging."""
    multipart_bytes: Annotated[int, Field(ge=5 << 20, le=5 << 30)] = 16 << 20
    """Objects larger than this are sent in parts."""
    part_bytes: Annotated[int, Field(ge=5 << 20, le=5 << 30)] = 8 << 20

    @model_validator(mode="after")
    def _fits(self) -> "S3Settings":
        if self.encryption != "kms" and (self.kms_key is not None or self.bucket_key):
            raise ValueError('kms_key and bucket_key belong to encryption = "kms": set it')
        if any(name.startswith("aws:") for name in self.tags):
            raise ValueError("names of tags that begin with aws: are kept for AWS: choose others")
        return self


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
    verify: bool = False
    """Nothing is overwritten, and an object counts as sent only when the store holds its content.

    It costs a request where the store confirmed no checksum, and needs s3:GetObject.
    """
    max_kilobytes_per_s: Annotated[float, Field(ge=1)] | None = None
    """s3: no more than so many 1000 bytes a second leave, within an object too."""
    windows: tuple[Window, ...] = ()
    """Nothing is uploaded outside these; none: always. Alerts and predictions are no uploads."""
    only_unmetered: bool = False
    """Nothing is uploaded while the line is metered, or may be."""
    unmetered_interfaces: tuple[str, ...] = ()
    """Patterns such as "eth*" of network interfaces that are known not to be metered."""
    drain_s: Annotated[float, Field(ge=0, le=3600)] = 10.0
    """So long a stop goes on sending; then what is being sent is cut, and waits in the spool."""
    s3: S3Settings = S3Settings()


class BulkSettings(BaseModel):
    """The `[bulk]` block: raw sensor readings, collected into Parquet files."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = True
    max_rows: Annotated[int, Field(ge=1)] = 100_000
    max_bytes: Annotated[int, Field(ge=1 << 10, le=256 << 20)] = 16 << 20
    """Of readings as they are written down here; their file is smaller."""
    every_s: Annotated[float, Field(gt=0)] = 900.0
    """A file is closed and spooled at this age, at max_rows, or at max_bytes."""
    max_waiting_bytes: Annotated[int, Field(ge=1 << 20)] = 256 << 20
    """When the spool takes nothing, so much waits before it; then new readings are lost."""
    windows: tuple[Window, ...] | None = None
    """When these files are uploaded; not said: as [store] windows says."""
    only_unmetered: bool | None = None
    """Whether these files wait for an unmetered line; not said: as [store] only_unmetered says."""
