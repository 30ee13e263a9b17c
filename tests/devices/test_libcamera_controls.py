import pytest

from devices.libcamera_controls import plan
from devices.settings import ControlValue

LIMITS: dict[str, tuple[object, object, object]] = {
    "AeEnable": (False, True, True),
    "ExposureTime": (100, 66_666, 20_000),
    "AnalogueGain": (1.0, 16.0, 1.0),
    "AwbEnable": (False, True, True),
    "ColourTemperature": (100, 100_000, 4_000),
    "ColourGains": ((0.0, 0.0), (32.0, 32.0), (1.0, 1.0)),
    "AfMode": (0, 2, 0),
    "LensPosition": (0.0, 32.0, 1.0),
    "AeFlickerMode": (0, 1, 0),
    "AeFlickerPeriod": (100, 1_000_000, 10_000),
    "Brightness": (-1.0, 1.0, 0.0),
}


@pytest.mark.parametrize(
    ("name", "wish", "values"),
    [
        ("exposure", 156, {"AeEnable": False, "ExposureTime": 15_600}),
        ("exposure", "auto", {"AeEnable": True}),
        ("gain", 4, {"AnalogueGain": 4.0}),
        ("gain", "auto", {"AnalogueGain": 0.0}),
        ("white_balance", 4600, {"AwbEnable": False, "ColourTemperature": 4600}),
        ("white_balance", "auto", {"AwbEnable": True}),
        ("focus", "1.5", {"AfMode": 0, "LensPosition": 1.5}),
        ("focus", "auto", {"AfMode": 2}),
        ("power_line_frequency", 50, {"AeFlickerMode": 1, "AeFlickerPeriod": 10_000}),
        ("power_line_frequency", "off", {"AeFlickerMode": 0}),
        ("brightness", "-0.2", {"Brightness": -0.2}),
        ("ColourGains", "1.5, 1.2", {"ColourGains": (1.5, 1.2)}),
        ("ExposureTime", 900, {"ExposureTime": 900}),
    ],
)
def test_a_wish_becomes_what_libcamera_calls_it(
    name: str, wish: ControlValue, values: dict[str, object]
) -> None:
    told, faults = plan(LIMITS, {name: wish})
    assert (told, faults) == (values, [])
    for own, value in told.items():
        if own != "ColourGains":
            assert type(value) is type(LIMITS[own][0])


@pytest.mark.parametrize(
    ("name", "wish", "fault"),
    [
        ("gain", 40, "controls.gain = 40: it takes 1 to 16"),
        ("exposure", 10_000, "controls.exposure = 10000: it takes whole numbers 100 to 66666"),
        ("exposure", "long", 'controls.exposure = "long": it takes a number; write one'),
        ("AeEnable", 1, "controls.AeEnable = 1: it takes true or false"),
        ("brightness", True, "controls.brightness = true: it takes a number"),
        ("power_line_frequency", 55, 'it takes 50, 60, "auto" or "off"'),
        ("power_line_frequency", "auto", "it takes whole numbers 0 to 1"),
        ("saturation", 1, "this camera has no control Saturation"),
        ("AnalogGain", 1, 'this camera has no control AnalogGain: did you mean "AnalogueGain"?'),
    ],
)
def test_a_wish_that_cannot_be_fulfilled_is_told_and_sets_nothing(
    name: str, wish: ControlValue, fault: str
) -> None:
    values, (told,) = plan(LIMITS, {name: wish})
    assert fault in told
    assert not values
