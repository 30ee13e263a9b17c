"""What is known of drift, over restarts too: one small file for each sensor."""

import json
import logging
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from models.anomaly.drift import DAYS, Drift
from models.anomaly.drift_day import BINS, Day
from models.anomaly.stream import AnomalyModel
from uploader import checked_file

log = logging.getLogger("vision_app")

WRITE_EVERY_S = 300.0
DAY_S = 86_400.0
UNWRITTEN = "drift of sensors is counted but not remembered ({}): look at the disk"

Count = Annotated[int, Field(ge=0)]


class Wrote(Enum):
    """What a step came to."""

    WRITTEN = "written"
    FAILED = "failed"


class _Day(BaseModel):
    """A day as it is written."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    number: Count
    judged: Count
    above: Count
    covered_s: Annotated[float, Field(ge=0)]
    bins: Annotated[list[Count], Field(min_length=BINS, max_length=BINS)]
    sums: list[float]
    counts: list[Count]

    @staticmethod
    def of(day: Day) -> "_Day":
        return _Day(
            number=day.number,
            judged=day.judged,
            above=day.above,
            covered_s=day.covered_s,
            bins=day.bins.tolist(),
            sums=day.sums.tolist(),
            counts=day.counts.tolist(),
        )

    def day(self) -> Day:
        if len(self.sums) != len(self.counts):
            raise ValueError("sums and counts are of different features")
        return Day(
            self.number,
            len(self.sums),
            self.judged,
            self.above,
            self.covered_s,
            np.array(self.bins, np.int64),
            np.array(self.sums),
            np.array(self.counts, np.int64),
        )


class _File(BaseModel):
    """What stands in a file. model: the hash of the numbers of the model that judged."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_: Literal[1] = Field(alias="schema", default=1)
    model: str
    days: Annotated[list[_Day], Field(max_length=DAYS)]


class DriftBook:
    """The drift of every sensor that is judged; days are those of the steady clock.

    problem: why it cannot be written, as a sentence; empty while it can.
    """

    wait_s = WRITE_EVERY_S

    def __init__(self, folder: Path, now_s: Callable[[], float]) -> None:
        """now_s: a clock that never goes back, also over restarts."""
        self._folder, self._now_s = folder, now_s
        self._writer = checked_file.Writer(UNWRITTEN)
        self._drifts: dict[str, Drift] = {}

    @property
    def problem(self) -> str:
        """See above."""
        return self._writer.problem

    @property
    def today(self) -> int:
        """The number of the day."""
        return int(self._now_s() // DAY_S)

    def open(self, sensor: str, model: AnomalyModel) -> Drift:
        """The drift of this model on that sensor: what is remembered of it, else afresh."""
        self._drifts[sensor] = model.new_drift(self._remembered(sensor, model.id.sha256))
        return self._drifts[sensor]

    def of(self, sensor: str) -> Drift | None:
        """The drift of the model that judges the sensor now; None where none does."""
        return self._drifts.get(sensor)

    def step(self) -> Wrote:
        """Writes down what is known; two fsyncs for each sensor."""
        known = [(sensor, drift) for sensor, drift in list(self._drifts.items()) if drift.days]
        written = [self._write(sensor, drift) for sensor, drift in known]
        return Wrote.WRITTEN if all(written) else Wrote.FAILED

    def close(self) -> None:
        """Writes it for the last time."""
        self.step()

    def _write(self, sensor: str, drift: Drift) -> bool:
        days = [_Day.of(day) for day in drift.days]
        body = _File(model=drift.model, days=days).model_dump_json(by_alias=True)
        return self._writer.write(self._path(sensor), body.encode())

    def _remembered(self, sensor: str, model: str) -> list[Day]:
        path = self._path(sensor)
        try:
            written = checked_file.read(path)
            found = _File.model_validate(json.loads(written)) if written else None
            days = [day.day() for day in found.days] if found and found.model == model else []
        except (OSError, ValueError) as error:
            reason = str(error).partition("\n")[0]
            log.warning("drift of sensor %s is counted anew: %s: %s", sensor, path, reason)
            return []
        return [day for day in days if day.number <= self.today]

    def _path(self, sensor: str) -> Path:
        return self._folder / f"{sensor}.json"
