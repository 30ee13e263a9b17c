"""What is asked of a driver about sizes, rates and controls, with a driver that answers here."""

import ctypes
import errno
import os
from collections.abc import Iterator, Sequence
from typing import TypeVar

import pytest

from devices.v4l2 import abi as v4l2
from devices.v4l2 import controls_abi as controls_abi
from devices.v4l2 import sizes_abi as sizes
from devices.v4l2.abi import Fract
from devices.v4l2.choice import Mode, Offer, Rates, Steps
from devices.v4l2.control_calls import apply, controls
from devices.v4l2.node import V4L2Node
from devices.v4l2.offers import MOST, offers

Entry = TypeVar("Entry", sizes.FrameSize, sizes.FrameInterval)
GAIN, FOCUS, LAMP = 0x0098_0913, 0x009A_090A, 0x009A_0909


class Driver(V4L2Node):
    """Answers for a camera: lists what it was given, keeps what is set, and refuses a lamp."""

    def __init__(self) -> None:
        super().__init__(os.devnull)
        self.sizes: list[sizes.FrameSize] = []
        self.intervals: list[sizes.FrameInterval] = []
        self.held: set[int] = set()
        self.calls = 0
        self.values = {GAIN: 3, FOCUS: 4, LAMP: 0}

    def call(self, request: int, argument: ctypes.Structure | ctypes.c_int) -> None:
        self.calls += 1
        if isinstance(argument, sizes.FrameSize):
            self._entry(self.sizes, argument)
        elif isinstance(argument, sizes.FrameInterval):
            self._entry(self.intervals, argument)
        elif isinstance(argument, controls_abi.QueryExtCtrl):
            self._described(argument)
        elif isinstance(argument, controls_abi.ExtControls):
            self._valued(request, argument)
        elif isinstance(argument, v4l2.Format):
            argument.pix.width, argument.pix.height = 320, 240

    def _entry(self, known: Sequence[Entry], asked: Entry) -> None:
        if asked.index >= len(known):
            raise OSError(errno.EINVAL, "no more")
        ctypes.pointer(asked)[0] = known[asked.index]

    def _described(self, query: controls_abi.QueryExtCtrl) -> None:
        last = query.id & ~controls_abi.NEXT_CTRL
        query.id = next((id for id in sorted(self.values) if id > last), 0)
        if not query.id:
            raise OSError(errno.EINVAL, "no more")
        query.type, query.maximum, query.step = controls_abi.TYPE_INTEGER, 10, 1
        query.name = {GAIN: b"Gain", FOCUS: b"Focus, Absolute", LAMP: b"Lamp"}[query.id]
        query.flags = controls_abi.FLAG_INACTIVE * (query.id in self.held)

    def _valued(self, request: int, several: controls_abi.ExtControls) -> None:
        one = controls_abi.ExtControl.from_address(several.controls)
        if request == controls_abi.G_EXT_CTRLS:
            one.value = self.values[one.id]
        elif one.id == LAMP:
            raise OSError(errno.EACCES, "no")
        else:
            self.values[one.id] = one.value


@pytest.fixture
def driver() -> Iterator[Driver]:
    opened = Driver()
    yield opened
    opened.close()


def discrete(width: int, height: int) -> sizes.FrameSize:
    steps = sizes.SizeSteps(min_width=width, max_width=height)
    return sizes.FrameSize(type=sizes.DISCRETE, stepwise=steps)


def interval(numerator: int, denominator: int) -> sizes.FrameInterval:
    steps = sizes.IntervalSteps(min=Fract(numerator, denominator))
    return sizes.FrameInterval(type=sizes.DISCRETE, stepwise=steps)


def one(width: int, height: int, *rates: Rates) -> Offer:
    return Offer("YUYV", Steps(width, width), Steps(height, height), rates)


def test_single_sizes_and_rates_are_listed(driver: Driver) -> None:
    driver.sizes = [discrete(640, 480), discrete(320, 240)]
    driver.intervals = [interval(1, 30), interval(1001, 15000)]
    rates = (Rates(30, 30), Rates(15000 / 1001, 15000 / 1001))
    assert offers(driver, ["YUYV"]) == (one(640, 480, *rates), one(320, 240, *rates))


@pytest.mark.parametrize("kind", [2, 3])
def test_ranges_of_sizes_and_rates_are_listed(kind: int, driver: Driver) -> None:
    steps = sizes.SizeSteps(48, 1920, 16, 32, 1080, 8)
    driver.sizes = [sizes.FrameSize(type=kind, stepwise=steps)]
    times = sizes.IntervalSteps(min=Fract(1, 60), max=Fract(1, 5), step=Fract(1, 60))
    driver.intervals = [sizes.FrameInterval(type=kind, stepwise=times)]
    assert offers(driver, ["YUYV"], Mode(640, 480, 30)) == (
        Offer("YUYV", Steps(48, 1920, 16), Steps(32, 1080, 8), (Rates(5, 60),)),
    )


def test_a_driver_that_lists_no_sizes_is_asked_which_one_it_would_give(driver: Driver) -> None:
    assert offers(driver, ["YUYV"], Mode(1920, 1080, 30)) == (one(320, 240),)


def test_a_driver_that_never_ends_is_not_listened_to_for_ever(driver: Driver) -> None:
    driver.sizes = [discrete(640, 480)] * (2 * MOST)
    assert len(offers(driver, ["YUYV"])) == MOST


def test_an_interval_of_no_time_is_no_rate(driver: Driver) -> None:
    driver.sizes, driver.intervals = [discrete(640, 480)], [interval(0, 1), interval(1, 25)]
    assert offers(driver, ["YUYV"]) == (one(640, 480, Rates(25, 25)),)


def test_controls_are_listed_with_range_and_present_value(driver: Driver) -> None:
    listed = [(one.name, one.low, one.high, one.value) for one in controls(driver)]
    assert listed == [("gain", 0, 10, 3), ("lamp", 0, 10, 0), ("focus_absolute", 0, 10, 4)]


def test_what_is_wished_is_set_and_what_is_refused_is_told(driver: Driver) -> None:
    assert apply(driver, {"gain": 7, "lamp": 1, "focus": 2, "teapot": 1}) == (
        "controls.teapot = 1: this camera has no such control",
        "controls.lamp = 1 was refused: it is read-only, or something automatic holds it: "
        "switch that off",
    )
    assert driver.values == {GAIN: 7, FOCUS: 2, LAMP: 0}


def test_a_value_that_something_automatic_holds_is_told(driver: Driver) -> None:
    driver.held = {FOCUS}
    assert apply(driver, {"focus": 2, "gain": 1}) == (
        "controls.focus = 2 has no effect: something automatic holds it, switch that off",
    )


def test_nothing_is_asked_where_nothing_is_wished(driver: Driver) -> None:
    assert apply(driver, {}) == ()
    assert driver.calls == 0
