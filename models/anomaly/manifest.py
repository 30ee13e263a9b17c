"""What an anomaly bundle says of itself."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, model_validator

from models.anomaly.standard import FEATURES, Feature
from models.bundles.manifest import (
    FileEntry,
    Name,
    Number,
    Part,
    Positive,
    Sha256,
    Text,
    Version,
)


class TrainedFrom(Part):
    """The file of normal readings that the model knows."""

    file: Text = Field(examples=["normal.csv"])
    sha256: Sha256
    rows: Annotated[int, Field(ge=1, examples=[8640])]


class Manifest(Part):
    """manifest.json of a bundle that judges sensor readings."""

    schema_: Literal[1] = Field(alias="schema", examples=[1])
    name: Name = Field(examples=["greenhouse-climate"])
    version: Version = Field(examples=["1"])
    task: Literal["anomaly"] = Field(examples=["anomaly"])
    kind: Literal["one-class-svm"] = Field(examples=["one-class-svm"])
    created: AwareDatetime = Field(examples=["2026-01-31T12:00:00Z"])
    trained_from: TrainedFrom
    signals: tuple[Text, ...] = Field(
        min_length=1, max_length=4096, examples=[["temperature_c", "humidity_pct"]]
    )
    """In the order of the features; a reading is known by these names."""
    units: Mapping[str, str] = Field(examples=[{"temperature_c": "°C"}])
    """Signal → unit, where it is known."""
    features: tuple[Feature, ...] = Field(examples=[FEATURES])
    window_s: Positive = Field(examples=[600.0])
    gamma: Positive = Field(examples=[0.05])
    nu: Annotated[float, Field(gt=0, le=1, examples=[0.05])]
    threshold: Number = Field(examples=[0.5])
    """A score above it is anomalous."""
    false_alarm_rate: Annotated[float, Field(gt=0, lt=1, examples=[0.005])]
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
