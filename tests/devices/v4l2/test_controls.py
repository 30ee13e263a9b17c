import pytest

from devices.settings import ControlValue
from devices.v4l2 import controls_abi as v4l2
from devices.v4l2.controls import Control, plan, slug

GAIN = Control(v4l2.GAIN, "gain", v4l2.TYPE_INTEGER, 0, 255)
WEBCAM = (
    Control(v4l2.BRIGHTNESS, "brightness", v4l2.TYPE_INTEGER, -64, 64),
    Control(v4l2.AUTO_WHITE_BALANCE, "white_balance_automatic", v4l2.TYPE_BOOLEAN),
    GAIN,
    Control(
        v4l2.POWER_LINE_FREQUENCY,
        "power_line_frequency",
        v4l2.TYPE_MENU,
        0,
        2,
        menu={0: "Disabled", 1: "50 Hz", 2: "60 Hz"},
    ),
    Control(
        v4l2.WHITE_BALANCE_TEMPERATURE,
        "white_balance_temperature",
        v4l2.TYPE_INTEGER,
        2800,
        6500,
        100,
    ),
    Control(
        v4l2.EXPOSURE_AUTO,
        "auto_exposure",
        v4l2.TYPE_MENU,
        0,
        3,
        menu={1: "Manual Mode", 3: "Aperture Priority Mode"},
    ),
    Control(v4l2.EXPOSURE_ABSOLUTE, "exposure_time_absolute", v4l2.TYPE_INTEGER, 3, 2047),
    Control(0x9A0903, "exposure_dynamic_framerate", v4l2.TYPE_BOOLEAN),
    Control(0x9A091C, "auto_focus_start", v4l2.TYPE_BUTTON, 0, 0, 0),
    Control(
        0x9F0901, "link_frequency", v4l2.TYPE_INTEGER_MENU, 0, 1, menu={0: "96000", 1: "48000"}
    ),
    Control(0x9A091E, "auto_focus_status", v4l2.TYPE_BITMASK, 0, 7, read_only=True),
)
"""As a UVC camera of today describes itself."""
SENSOR = (
    Control(v4l2.EXPOSURE, "exposure", v4l2.TYPE_INTEGER, 4, 1684),
    Control(v4l2.ANALOGUE_GAIN, "analogue_gain", v4l2.TYPE_INTEGER, 16, 248),
)
"""As a bare image sensor on CSI does."""


def values(
    wishes: dict[str, ControlValue], controls: tuple[Control, ...] = WEBCAM
) -> list[tuple[str, int]]:
    """What is set, in order; nothing may be refused."""
    settings, faults = plan(controls, wishes)
    assert faults == ()
    return [(setting.control.name, setting.value) for setting in settings]


def fault(name: str, wish: ControlValue, controls: tuple[Control, ...] = WEBCAM) -> str:
    """Why one is refused."""
    settings, (told,) = plan(controls, {name: wish})
    assert settings == ()
    return told


@pytest.mark.parametrize(
    ("name", "wish", "expected"),
    [
        ("exposure", "auto", [("auto_exposure", 3)]),
        ("exposure", 156, [("auto_exposure", 1), ("exposure_time_absolute", 156)]),
        ("gain", 20, [("gain", 20)]),
        ("white_balance", "auto", [("white_balance_automatic", 1)]),
        (
            "white_balance",
            4600,
            [("white_balance_automatic", 0), ("white_balance_temperature", 4600)],
        ),
        ("power_line_frequency", 50, [("power_line_frequency", 1)]),
        ("power_line_frequency", 60, [("power_line_frequency", 2)]),
        ("power_line_frequency", "off", [("power_line_frequency", 0)]),
        ("brightness", -64, [("brightness", -64)]),
    ],
)
def test_a_common_name_becomes_what_this_camera_has_for_it(
    name: str, wish: ControlValue, expected: list[tuple[str, int]]
) -> None:
    assert values({name: wish}) == expected


@pytest.mark.parametrize(
    ("name", "wish", "expected"),
    [
        ("auto_exposure", "Manual Mode", 1),
        ("auto_exposure", "aperture priority mode", 3),
        ("auto_exposure", 3, 3),
        ("exposure_time_absolute", 2047, 2047),
        ("exposure_dynamic_framerate", False, 0),
        ("exposure_dynamic_framerate", 1, 1),
        ("link_frequency", 48000, 1),
        ("link_frequency", "96000", 0),
        ("auto_focus_start", True, 1),
    ],
)
def test_any_control_can_be_set_by_the_name_that_its_driver_gives_it(
    name: str, wish: ControlValue, expected: int
) -> None:
    assert values({name: wish}) == [(name, expected)]


def test_a_bare_sensor_has_other_controls_for_the_same_and_nothing_to_switch() -> None:
    wishes: dict[str, ControlValue] = {"exposure": 1000, "gain": 32}
    assert values(wishes, SENSOR) == [("exposure", 1000), ("analogue_gain", 32)]


def test_what_is_automatic_is_switched_before_values_are_set_and_buttons_are_pressed_last() -> None:
    wishes: dict[str, ControlValue] = {
        "auto_focus_start": True,
        "exposure_time_absolute": 100,
        "white_balance": 4600,
        "auto_exposure": "Manual Mode",
    }
    assert [name for name, _ in values(wishes)] == [
        "white_balance_automatic",
        "auto_exposure",
        "exposure_time_absolute",
        "white_balance_temperature",
        "auto_focus_start",
    ]


@pytest.mark.parametrize(
    ("name", "wish", "sentence"),
    [
        ("exposure", 2048, "controls.exposure = 2048: it takes 3 to 2047"),
        ("exposure", 2, "controls.exposure = 2: it takes 3 to 2047"),
        ("exposure", "bright", 'controls.exposure = "bright": it takes 3 to 2047'),
        ("gain", True, "controls.gain = true: it takes 0 to 255"),
        (
            "white_balance",
            4650,
            "controls.white_balance = 4650: it takes 2800 to 6500 in steps of 100",
        ),
        ("gain", "auto", 'controls.gain = "auto": this camera has no automatic gain'),
        ("zoom", 3, "controls.zoom = 3: this camera has no control of its zoom"),
        (
            "power_line_frequency",
            "auto",
            'controls.power_line_frequency = "auto": it takes "off", 50, 60',
        ),
        (
            "power_line_frequency",
            True,
            'controls.power_line_frequency = true: it takes "off", 50, 60',
        ),
        (
            "auto_exposure",
            "Automatic",
            '… = "Automatic": it takes "Manual Mode", "Aperture Priority Mode"',
        ),
        (
            "auto_exposure",
            2,
            'controls.auto_exposure = 2: it takes "Manual Mode", "Aperture Priority Mode"',
        ),
        ("link_frequency", 1, 'controls.link_frequency = 1: it takes "96000", "48000"'),
        (
            "exposure_dynamic_framerate",
            "yes",
            'controls.exposure_dynamic_framerate = "yes": it takes true or false',
        ),
        ("exposure_dynamic_framerate", 2, "… = 2: it takes true or false"),
        (
            "auto_exposur",
            1,
            '… = 1: this camera has no such control: did you mean "auto_exposure"?',
        ),
        ("teapot", 1, "controls.teapot = 1: this camera has no such control"),
        ("auto_focus_status", 1, "controls.auto_focus_status = 1: it can only be read"),
    ],
)
def test_what_it_cannot_do_is_told_with_what_it_can(
    name: str, wish: ControlValue, sentence: str
) -> None:
    told = fault(name, wish)
    assert told == sentence.replace("…", f"controls.{name}")


def test_one_wish_that_cannot_be_fulfilled_does_not_hinder_the_others() -> None:
    settings, faults = plan(WEBCAM, {"zoom": 2, "gain": 3, "teapot": True})
    assert [(s.control.name, s.value) for s in settings] == [("gain", 3)]
    assert len(faults) == 2


def test_a_camera_that_cannot_be_switched_to_manual_says_so() -> None:
    only_auto = Control(
        v4l2.EXPOSURE_AUTO, "auto_exposure", v4l2.TYPE_MENU, 0, 3, menu={3: "Aperture Priority"}
    )
    told = fault("exposure", 100, (only_auto, WEBCAM[6]))
    assert told == 'controls.exposure = 100: its auto_exposure takes only "Aperture Priority"'


@pytest.mark.parametrize(("wish", "expected"), [("auto", 3), (100, 1)])
def test_of_four_kinds_of_exposure_those_that_hold_the_aperture_are_taken(
    wish: ControlValue, expected: int
) -> None:
    menu = {0: "Auto Mode", 1: "Manual Mode", 2: "Shutter Priority", 3: "Aperture Priority"}
    whole = Control(v4l2.EXPOSURE_AUTO, "auto_exposure", v4l2.TYPE_MENU, 0, 3, menu=menu)
    assert values({"exposure": wish}, (whole, WEBCAM[6]))[0] == ("auto_exposure", expected)


@pytest.mark.parametrize(
    ("driver", "shown"),
    [
        ("White Balance, Automatic", "white_balance_automatic"),
        ("Exposure Time, Absolute", "exposure_time_absolute"),
        ("Gain", "gain"),
        ("LED1 Mode (0-3)", "led1_mode_0_3"),
    ],
)
def test_names_are_those_that_v4l2_ctl_shows(driver: str, shown: str) -> None:
    assert slug(driver) == shown
