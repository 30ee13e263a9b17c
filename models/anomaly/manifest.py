"""What an anomaly bundle says of itself."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, ValidationError, model_validator

from models.anomaly.standard import FEATURES, Feature
from models.bundles.manifest import FileEntry, Number, Part, Positive, Sha256, Text
from models.errors import BundleError

MAX_BYTES = 1 << 20


class TrainedFrom(Part):
    """The file of normal readings that the model knows."""

    file: Text
    sha256: Sha256
    rows: Annotated[int, Field(ge=1)]


class Manifest(Part):
    """manifest.json of a bundle that judges sensor readings."""

    schema_: Literal[1] = Field(alias="schema")
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")]
    version: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.+_-]{0,62}$")]
    task: Literal["anomaly"]
    kind: Literal["one-class-svm"]
    created: AwareDatetime
    trained_from: TrainedFrom
    signals: Annotated[tuple[Text, ...], Field(min_length=1, max_length=4096)]
    """In the order of the features; a reading is known by these names."""
    units: Mapping[str, str]
    """Signal → unit, where it is known."""
    features: tuple[Feature, ...]
    window_s: Positive
    gamma: Positive
    nu: Annotated[float, Field(gt=0, le=1)]
    threshold: Number
    """A score above it is anomalous."""
    false_alarm_rate: Annotated[float, Field(gt=0, lt=1)]
    """The share of normal readings that the threshold was chosen to call anomalous."""
    weights: FileEntry

    @model_validator(mode="after")
    def _consistent(self) -> "Manifest":
        if self.created.utcoffset() != timedelta(0):
            raise ValueError("created must be in UTC and end in Z")
        if self.features != FEATURES:
            raise ValueError(f"features must be {', '.join(FEATURES)}")
        if len(set(self.signals)) != len(self.signals):
            raise ValueError("signals must have different names")
        return self


def read_manifest(path: Path) -> Manifest:
    """The manifest in a file. Raises BundleError with all its faults."""
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise BundleError(
            f"{path} cannot be read ({error.strerror}); an anomaly bundle is a folder made by "
            "`vision-app anomaly fit`"
        ) from None
    if len(text) > MAX_BYTES:
        raise BundleError(f"{path}: a manifest is text of less than {MAX_BYTES} bytes")
    try:
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc'])) or 'it'}: {fault['msg']}"
            for fault in error.errors(include_url=False)
        )
        raise BundleError(f"{path} is not the manifest of an anomaly bundle: {faults}") from None
