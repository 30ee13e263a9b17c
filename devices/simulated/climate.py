"""The climate of a greenhouse that does not exist, as a CSV file: for the demo, training and tests.

Make a day of it with `python -m devices.simulated.climate --out day.csv --seed 1 --faults`.
"""

import argparse
import csv
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np

from devices.simulated.weather import Weather, weather

SIGNALS = (
    "temperature_c",
    "humidity_pct",
    "co2_ppm",
    "soil_moisture_pct",
    "vent_pct",
    "heater_pct",
)
START = datetime(2026, 4, 1, tzinfo=timezone.utc)
_NOISE = (0.06, 0.35, 4.0, 0.12, 0.25, 0.25)
_WARM_UP_H = 6.0


@dataclass(frozen=True, slots=True)
class Fault:
    """A planted fault: from start_h to end_h hours of each day; signals are those that show it."""

    name: str
    start_h: float
    end_h: float
    signals: tuple[str, ...]


FAULTS = (
    Fault("heater_drift", 1.0, 5.0, ("heater_pct", "temperature_c", "humidity_pct")),
    Fault("vent_stuck", 11.0, 14.0, ("vent_pct", "temperature_c")),
    Fault("door_open", 20.5, 21.5, ("temperature_c", "co2_ppm", "humidity_pct", "heater_pct")),
)


@dataclass(frozen=True, slots=True)
class Planted:
    """Where a fault lies in a file."""

    fault: Fault
    start: datetime
    end: datetime


@dataclass(slots=True)
class _House:
    """The state of the house: degrees C, water in g/m3, CO2 in ppm, percent for the rest."""

    temperature: float = 18.0
    water: float = 10.0
    co2: float = 480.0
    soil: float = 42.0
    vent: float = 0.0
    heater: float = 0.0

    def step(self, sky: Weather, i: int, dt_s: float, active: frozenset[str]) -> None:
        """Lets dt_s seconds pass under sample i of the weather."""
        sun, hour = sky.sun[i], sky.hour[i]
        self._control(_wanted(hour), dt_s, "vent_stuck" in active)
        air = 2.0e-4 + 1.6e-3 * self.vent / 100 + 6.0e-3 * ("door_open" in active)
        heat = self.heater * (_weakened(hour) if "heater_drift" in active else 1.0)
        outside = sky.temperature[i] - self.temperature
        self.temperature += dt_s * (9e-3 * sun + 4.5e-5 * heat + (air + 1e-4) * outside)
        wet = 4e-4 + 3.2e-3 * sun
        self.water += dt_s * (wet * self.soil / 40 + air * (sky.water[i] - self.water))
        self.water = min(self.water, 0.97 * saturation(self.temperature))
        breath = 0.012 - 0.11 * sun * self.co2 / 400
        self.co2 += dt_s * (breath + air * (420.0 - self.co2))
        self.soil += dt_s * (2.0e-3 * (52 - self.soil) * _irrigating(hour) - 1.0e-4 - 5e-4 * sun)

    def _control(self, wanted: float, dt_s: float, stuck: bool) -> None:
        """The valve and the heater follow their controllers within minutes."""
        share = 1 - math.exp(-dt_s / 90)
        self.heater += share * (_percent(22 * (wanted - self.temperature)) - self.heater)
        opening = 0.0 if stuck else _percent(16 * (self.temperature - 22))
        self.vent += share * (opening - self.vent)

    def measured(self) -> tuple[float, ...]:
        """What sensors without noise would say, in the order of SIGNALS."""
        humidity = 100 * self.water / saturation(self.temperature)
        return (self.temperature, humidity, self.co2, self.soil, self.vent, self.heater)


def saturation(temperature_c: float) -> float:
    """Most water that air can hold, g/m3 (Magnus formula)."""
    pressure = 611.2 * math.exp(17.62 * temperature_c / (243.12 + temperature_c))
    return 2.1667 * pressure / (temperature_c + 273.15)


def readings(
    seed: int, faults: bool, hours: float = 24.0, every_s: float = 10.0
) -> Iterator[tuple[datetime, tuple[float, ...]]]:
    """The climate from midnight on: times, and noisy numbers in the order of SIGNALS."""
    random = np.random.default_rng(seed)
    skipped, count = round(_WARM_UP_H * 3600 / every_s), round(hours * 3600 / every_s)
    sky = weather(random, skipped + count, every_s, -_WARM_UP_H)
    noise = random.normal(0.0, _NOISE, (count, len(SIGNALS)))
    house = _House()
    for i in range(-skipped, count):
        active = _active(sky.hour[i + skipped]) if faults and i >= 0 else frozenset[str]()
        house.step(sky, i + skipped, every_s, active)
        if i >= 0:
            yield START + timedelta(seconds=i * every_s), _sensed(house, noise[i].tolist())


def write_day(
    path: Path, seed: int, faults: bool, hours: float = 24.0, every_s: float = 10.0
) -> tuple[Planted, ...]:
    """Writes the CSV file and says which faults lie where in it; the same seed, the same file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(("time", *SIGNALS))
        for at, values in readings(seed, faults, hours, every_s):
            out.writerow((at.strftime("%Y-%m-%dT%H:%M:%SZ"), *(f"{v:.2f}" for v in values)))
    return planted(hours) if faults else ()


def planted(hours: float) -> tuple[Planted, ...]:
    """The faults of that many hours from midnight on, in order of time."""
    end = START + timedelta(hours=hours)
    days = [START + timedelta(days=day) for day in range(math.ceil(hours / 24))]
    spans = [
        Planted(f, day + timedelta(hours=f.start_h), min(end, day + timedelta(hours=f.end_h)))
        for day in days
        for f in FAULTS
    ]
    return tuple(span for span in spans if span.start < end)


def _active(hour: float) -> frozenset[str]:
    return frozenset(f.name for f in FAULTS if f.start_h <= hour < f.end_h)


def _sensed(house: _House, noise: list[float]) -> tuple[float, ...]:
    noisy = (value + error for value, error in zip(house.measured(), noise, strict=True))
    return tuple(
        _percent(value) if name.endswith("_pct") else value
        for name, value in zip(SIGNALS, noisy, strict=True)
    )


def _percent(value: float) -> float:
    return min(100.0, max(0.0, value))


def _wanted(hour: float) -> float:
    """Heating set point: 17 C at night, 20 C by day, with ramps of two hours between them."""
    return 17.0 + 3.0 * min(1.0, max(0.0, min(hour - 5, 21 - hour) / 2))


def _irrigating(hour: float) -> bool:
    """Three pulses of six minutes a day."""
    return any(start <= hour < start + 0.1 for start in (7.0, 12.0, 17.0))


def _weakened(hour: float) -> float:
    """A heater that loses most of its output within an hour and a half."""
    return max(0.1, 1.0 - 0.6 * (hour - FAULTS[0].start_h))


def main() -> None:
    """Writes one file, as the arguments say, and tells where the faults are."""
    parser = argparse.ArgumentParser(description="Make up a greenhouse's climate.")
    parser.add_argument("--out", type=Path, required=True, help="CSV file to write")
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same climate")
    parser.add_argument("--faults", action="store_true", help="plant faults")
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--every-s", type=float, default=10.0, help="seconds between rows")
    asked = parser.parse_args()
    for span in write_day(asked.out, asked.seed, asked.faults, asked.hours, asked.every_s):
        sys.stdout.write(f"{span.fault.name}: {span.start:%H:%M} to {span.end:%H:%M} UTC\n")


if __name__ == "__main__":
    main()
