"""The controls of a libcamera camera, and how the wishes of the configuration become values.

A wish goes by a common name, which means the same on every camera of ours, or by libcamera's own
("AnalogueGain", "AeMeteringMode"). libcamera tells of each control (lowest, highest, default).
"""

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches

from devices.settings import ControlValue

AUTO = "auto"
Limits = Mapping[str, tuple[object, object, object]]
Value = bool | int | float | tuple[float, ...]

EXPOSURE_UNIT_US = 100
FLICKER_US = {50: 10_000, 60: 8_333}
"""Lamps flicker twice in a period of their current."""
CONTINUOUS, MANUAL, OFF, FLICKER_AUTO = 2, 0, 0, 2


class Unfit(ValueError):
    """A wish that this camera cannot fulfil; the message says what it can."""


def plan(limits: Limits, wishes: Mapping[str, ControlValue]) -> tuple[dict[str, Value], list[str]]:
    """What to set, and a clause for each wish that cannot be fulfilled."""
    values: dict[str, Value] = {}
    faults: list[str] = []
    for name, wish in wishes.items():
        try:
            values |= {own: _fitting(limits, own, value) for own, value in _meant(name, wish)}
        except Unfit as unfit:
            written = f'"{wish}"' if isinstance(wish, str) else str(wish).lower()
            faults.append(f"controls.{name} = {written}: {unfit}")
    return values, faults


def _exposure(wish: ControlValue) -> Iterator[tuple[str, ControlValue]]:
    yield "AeEnable", wish == AUTO
    if wish != AUTO:
        yield "ExposureTime", round(_number(wish) * EXPOSURE_UNIT_US)


def _gain(wish: ControlValue) -> Iterator[tuple[str, ControlValue]]:
    """Gain of 0 hands it back to the automatic."""
    yield "AnalogueGain", 0 if wish == AUTO else wish


def _white_balance(wish: ControlValue) -> Iterator[tuple[str, ControlValue]]:
    yield "AwbEnable", wish == AUTO
    if wish != AUTO:
        yield "ColourTemperature", wish


def _focus(wish: ControlValue) -> Iterator[tuple[str, ControlValue]]:
    yield "AfMode", CONTINUOUS if wish == AUTO else MANUAL
    if wish != AUTO:
        yield "LensPosition", wish


def _lamps(wish: ControlValue) -> Iterator[tuple[str, ControlValue]]:
    modes: Mapping[object, int] = {"off": OFF, AUTO: FLICKER_AUTO, 50: 1, 60: 1}
    if isinstance(wish, bool) or wish not in modes:
        raise Unfit('it takes 50, 60, "auto" or "off"')
    yield "AeFlickerMode", modes[wish]
    if wish in FLICKER_US:
        yield "AeFlickerPeriod", FLICKER_US[int(wish)]


COMMON: Mapping[str, Callable[[ControlValue], Iterator[tuple[str, ControlValue]]]] = {
    "exposure": _exposure,
    "gain": _gain,
    "white_balance": _white_balance,
    "focus": _focus,
    "power_line_frequency": _lamps,
}
SAME = {name.lower(): name for name in ("Brightness", "Contrast", "Saturation", "Sharpness")}


def _meant(name: str, wish: ControlValue) -> tuple[tuple[str, ControlValue], ...]:
    common = COMMON.get(name)
    return tuple(common(wish)) if common else ((SAME.get(name, name), wish),)


def _fitting(limits: Limits, name: str, wish: ControlValue) -> Value:
    """The value as libcamera takes it, within what the camera can do."""
    if name not in limits:
        near = get_close_matches(name, [*limits, *COMMON, *SAME], 1)
        hint = f': did you mean "{near[0]}"?' if near and near[0] != name else ""
        raise Unfit(f"this camera has no control {name}{hint}")
    low, high, _ = limits[name]
    if isinstance(low, bool):
        if not isinstance(wish, bool):
            raise Unfit("it takes true or false")
        return wish
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        return _several(wish)
    value = _number(wish)
    whole = isinstance(low, int)
    switched = name == "AnalogueGain" and value == 0
    if not (low <= value <= high or switched) or (whole and value != int(value)):
        raise Unfit(f"it takes {'whole ' * whole}{'numbers ' * whole}{low:g} to {high:g}")
    return int(value) if whole else value


def _number(wish: ControlValue) -> float:
    try:
        if not isinstance(wish, bool):
            return float(wish)
    except ValueError:
        pass
    raise Unfit('it takes a number; write one with a fraction as a text, "2.5"')


def _several(wish: ControlValue) -> tuple[float, ...]:
    """Numbers with commas between them, of a control that takes several."""
    return tuple(_number(part.strip()) for part in str(wish).split(","))
