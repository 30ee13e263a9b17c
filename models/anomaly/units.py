"""Reads the unit off the name of a signal: temperature_c is in °C."""

from collections.abc import Mapping

UNITS: Mapping[str, str] = {
    "bar": "bar",
    "c": "°C",
    "hpa": "hPa",
    "hz": "Hz",
    "kpa": "kPa",
    "kw": "kW",
    "lux": "lx",
    "mbar": "mbar",
    "mm": "mm",
    "mv": "mV",
    "pa": "Pa",
    "pct": "%",
    "ppm": "ppm",
    "rpm": "1/min",
}


def units(signals: tuple[str, ...]) -> dict[str, str]:
    """Signal → unit, for the signals whose name ends in `_` and a unit that is known."""
    endings = {name: name.rpartition("_")[2] for name in signals if "_" in name}
    return {name: UNITS[ending] for name, ending in endings.items() if ending in UNITS}
