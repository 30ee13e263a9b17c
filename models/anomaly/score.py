"""Judges a file of readings from its beginning to its end."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from models.anomaly.anomaly import Anomaly
from models.anomaly.source import Source
from models.anomaly.stream import AnomalyModel

COLUMNS = ("time", "score", "threshold", "anomalous", "signal", "share")


@dataclass(frozen=True, slots=True)
class Scored:
    """One reading of the file; anomaly is None while the window fills, and between two judgements
    of fast signals."""

    at: datetime
    anomaly: Anomaly | None
    values: Mapping[str, float]

    def cells(self) -> tuple[str, ...]:
        """A row under COLUMNS: anomalous is 1 or 0; signal is the one that differs most."""
        time = self.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        if self.anomaly is None:
            return (time, "", "", "", "", "")
        signal, share = self.anomaly.signals[0]
        numbers = (f"{self.anomaly.score:.6f}", f"{self.anomaly.threshold:.6f}")
        return (time, *numbers, str(int(self.anomaly.anomalous)), signal, f"{share:.3f}")


def score(model: AnomalyModel, source: Source) -> Iterator[Scored]:
    """Every reading of the file with what the model says of it.

    Raises, at the first step, DeviceUnavailable for a file that cannot be read or that lacks a
    column of the model.
    """
    stream = model.new_stream()
    with source.of(model.signals).open() as rows:
        for row in source.rows(rows):
            yield Scored(row.at, stream.update(row.at, row.values), row.values)
