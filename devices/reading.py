"""One row of numbers from a sensor."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Reading:
    """What a sensor said at one moment.

    sensor: name of the sensor in the configuration.
    at: when the sensor measured it, UTC.
    read_s: monotonic seconds when it was read here, for latency.
    values: signal name → number, in the unit that the configuration names; never NaN or infinite.
    """

    sensor: str
    at: datetime
    read_s: float
    values: Mapping[str, float]

    def __post_init__(self) -> None:
        if self.at.utcoffset() != timedelta(0):
            raise ValueError("at must be in UTC")
