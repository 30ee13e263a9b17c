"""A camera's controls, and how the wishes of the configuration become values for them.

A wish goes by a common name ("exposure", "white_balance"), which means the same on every camera, or
by the name that `v4l2-ctl --list-ctrls` shows for a control of this one.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from devices.settings import ControlValue
from devices.v4l2 import controls_abi as v4l2

AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Control:
    """A control of a camera, as its driver describes it.

    name: as `v4l2-ctl` shows it. menu: its entries by number; empty where it has none.
    value: the present one; None where it cannot be read. inactive: something automatic holds it.
    """

    id: int
    name: str
    type: int
    low: int = 0
    high: int = 1
    step: int = 1
    default: int = 0
    value: int | None = None
    menu: Mapping[int, str] = field(default_factory=dict)
    read_only: bool = False
    inactive: bool = False

    @property
    def takes(self) -> str:
        """What it can be set to, for people."""
        if self.menu:
            return ", ".join(f'"{entry}"' for entry in self.menu.values())
        if self.type == v4l2.TYPE_BUTTON:
            return "true, which presses it"
        if self.type == v4l2.TYPE_BOOLEAN:
            return "true or false"
        return f"{self.low} to {self.high}" + f" in steps of {self.step}" * (self.step > 1)


@dataclass(frozen=True, slots=True)
class Common:
    """What a common name means: the control of its value, the first that there is of several.

    switch: the control that holds the value automatically. on, off: what it is set to, the first
    that there is of several.
    """

    values: tuple[int, ...]
    switch: int | None = None
    on: tuple[int, ...] = (1,)
    off: tuple[int, ...] = (0,)


COMMON: Mapping[str, Common] = {
    "exposure": Common((v4l2.EXPOSURE_ABSOLUTE, v4l2.EXPOSURE), v4l2.EXPOSURE_AUTO, (3, 0), (1, 2)),
    "gain": Common((v4l2.GAIN, v4l2.ANALOGUE_GAIN), v4l2.AUTOGAIN),
    "white_balance": Common((v4l2.WHITE_BALANCE_TEMPERATURE,), v4l2.AUTO_WHITE_BALANCE),
    "focus": Common((v4l2.FOCUS_ABSOLUTE,), v4l2.FOCUS_AUTO),
    "hue": Common((v4l2.HUE,), v4l2.HUE_AUTO),
    "power_line_frequency": Common((v4l2.POWER_LINE_FREQUENCY,)),
    "brightness": Common((v4l2.BRIGHTNESS,)),
    "contrast": Common((v4l2.CONTRAST,)),
    "saturation": Common((v4l2.SATURATION,)),
    "sharpness": Common((v4l2.SHARPNESS,)),
    "gamma": Common((v4l2.GAMMA,)),
    "backlight_compensation": Common((v4l2.BACKLIGHT_COMPENSATION,)),
    "zoom": Common((v4l2.ZOOM_ABSOLUTE,)),
    "pan": Common((v4l2.PAN_ABSOLUTE,)),
    "tilt": Common((v4l2.TILT_ABSOLUTE,)),
    "iris": Common((v4l2.IRIS_ABSOLUTE,)),
}
"""The names that mean the same on every camera."""

POWER_LINE: Mapping[ControlValue, int] = {"off": 0, 50: 1, 60: 2, AUTO: 3}

SWITCHED = (v4l2.TYPE_BOOLEAN, v4l2.TYPE_BUTTON)
"""The types that true and false fit."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A value for one control; wish: what was written, for sentences."""

    control: Control
    value: int
    wish: str


class Unfit(ValueError):
    """A wish that this camera cannot fulfil; the message says what it can."""


def plan(
    controls: Sequence[Control], wishes: Mapping[str, ControlValue]
) -> tuple[tuple[Setting, ...], tuple[str, ...]]:
    """What to set, in this order, and a sentence for each wish that cannot be fulfilled.

    What switches something automatic goes first, or the camera would not take the value; buttons
    are pressed last.
    """
    settings: list[Setting] = []
    faults: list[str] = []
    for name, wish in wishes.items():
        try:
            settings += _settings(controls, name, wish)
        except Unfit as unfit:
            faults.append(f"controls.{name} = {_written(wish)}: {unfit}")
    return tuple(sorted(settings, key=_turn)), tuple(faults)


def slug(name: str) -> str:
    """What a driver calls something, as `v4l2-ctl` shows it: "Auto Exposure" is auto_exposure."""
    return "_".join(re.findall(r"[a-z0-9]+", name.lower()))


def _turn(setting: Setting) -> int:
    kind = setting.control.type
    if kind == v4l2.TYPE_BUTTON:
        return 2
    return 0 if kind == v4l2.TYPE_BOOLEAN or setting.control.menu else 1


def _settings(controls: Sequence[Control], name: str, wish: ControlValue) -> Iterator[Setting]:
    written = f"controls.{name} = {_written(wish)}"
    common = COMMON.get(name)
    if common is None:
        named = _named(controls, name)
        yield Setting(named, _value(named, wish), written)
        return
    by_id = {control.id: control for control in controls}
    switch = by_id.get(common.switch or 0)
    if common.switch is not None and wish == AUTO:
        if switch is None:
            raise Unfit(f"this camera has no automatic {_spoken(name)}")
        yield Setting(switch, _switched(switch, common.on), written)
        return
    control = next((by_id[id] for id in common.values if id in by_id), None)
    if control is None:
        raise Unfit(f"this camera has no control of its {_spoken(name)}")
    value = _power_line(control, wish) if name == "power_line_frequency" else _value(control, wish)
    if switch is not None:
        yield Setting(switch, _switched(switch, common.off), written)
    yield Setting(control, value, written)


def _named(controls: Sequence[Control], name: str) -> Control:
    known = {control.name: control for control in controls}
    if name in known:
        return known[name]
    near = get_close_matches(name, [*known, *COMMON], 1)
    hint = f': did you mean "{near[0]}"?' if near else ""
    raise Unfit(f"this camera has no such control{hint}")


def _switched(switch: Control, values: tuple[int, ...]) -> int:
    """The first of these values that the switch has: a menu may lack some."""
    for value in values:
        if (value in switch.menu) if switch.menu else switch.low <= value <= switch.high:
            return value
    raise Unfit(f"its {switch.name} takes only {switch.takes}")


def _power_line(control: Control, wish: ControlValue) -> int:
    value = POWER_LINE.get(wish) if not isinstance(wish, bool) else None
    if value is None or (control.menu and value not in control.menu):
        known = [w for w, number in POWER_LINE.items() if number in (control.menu or (0, 1, 2, 3))]
        raise Unfit(f"it takes {', '.join(map(_written, known))}")
    return value


def _value(control: Control, wish: ControlValue) -> int:
    if control.read_only:
        raise Unfit("it can only be read")
    if control.menu:
        return _entry(control, wish)
    if isinstance(wish, str) or (isinstance(wish, bool) and control.type not in SWITCHED):
        raise Unfit(f"it takes {control.takes}")
    number = int(wish)
    if control.type == v4l2.TYPE_BUTTON:
        return number
    if not control.low <= number <= control.high or (number - control.low) % control.step:
        raise Unfit(f"it takes {control.takes}")
    return number


def _entry(control: Control, wish: ControlValue) -> int:
    """A menu's entry by its text, or by its number."""
    if isinstance(wish, int) and not isinstance(wish, bool):
        numbers = {int(entry): n for n, entry in control.menu.items() if entry.isdecimal()}
        found = numbers.get(wish) if control.type == v4l2.TYPE_INTEGER_MENU else wish
    else:
        texts = {slug(entry): number for number, entry in control.menu.items()}
        found = texts.get(slug(str(wish)))
    if found not in control.menu or found is None:
        raise Unfit(f"it takes {control.takes}")
    return found


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _written(wish: ControlValue) -> str:
    """As it stands in TOML."""
    if isinstance(wish, bool):
        return str(wish).lower()
    return f'"{wish}"' if isinstance(wish, str) else str(wish)
