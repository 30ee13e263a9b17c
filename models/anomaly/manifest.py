"""What an anomaly bundle says of itself."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, model_validator

from models.anomaly.features import USUAL, Feature
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

Share = Annotated[float, Field(ge=0, le=1)]


class TrainedFrom(Part):
    """The file of normal readings that the model knows."""

    file: Text = Field(examples=["normal.csv"])
    sha256: Sha256
    rows: Annotated[int, Field(ge=1, examples=[8640])]
    until: AwareDatetime | None = Field(default=None, examples=["2026-01-31T00:00:00Z"])
    """The time of the last reading that was learnt; what is later the model does not know."""


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
    features: tuple[Feature, ...] = Field(min_length=2, examples=[USUAL])
    """What is looked at of each signal; `models/anomaly/features.py` says what they are."""
    wandering: tuple[Text, ...] = Field(examples=[["soil_moisture_pct"]])
    """Signals whose level took too few values in training to be known: only how much they move is
    judged. Empty for none."""
    window_s: Positive = Field(examples=[600.0])
    gamma: Positive = Field(examples=[0.05])
    nu: Annotated[float, Field(gt=0, le=1, examples=[0.05])]
    threshold: Number = Field(examples=[0.5])
    """A score above it is anomalous."""
    clear: Number = Field(examples=[0.38])
    """An alarm may end at this score and below; at most the threshold."""
    false_alarm_rate: Annotated[float, Field(gt=0, lt=1, examples=[0.01])]
    """The share of normal readings that the threshold was chosen to call anomalous."""
    false_alarm_interval: tuple[Share, Share] = Field(examples=[[0.002, 0.031]])
    """Between what limits that share lies, with a probability of 95%."""
    weights: FileEntry

    @model_validator(mode="after")
    def _consistent(self) -> "Manifest":
        if self.created.utcoffset() != timedelta(0):
            raise ValueError("created must be in UTC and end in Z")
        if self.features[: len(USUAL)] != USUAL or len(set(self.features)) < len(self.features):
            raise ValueError(f"features must be {', '.join(USUAL)} and others after them")
        if not set(self.wandering) <= set(self.signals):
            raise ValueError("wandering may name signals of this model only")
        if self.clear > self.threshold:
            raise ValueError("clear must be at most the threshold")
        if len(set(self.signals)) != len(self.signals):
            raise ValueError("signals must have different names")
        return self
