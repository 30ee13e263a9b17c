import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.v4l2.choice import (
    CODINGS,
    Choice,
    Mode,
    Offer,
    Rates,
    Steps,
    choose,
    difference,
)


def offer(code: str, width: int, height: int, *fps: float) -> Offer:
    rates = tuple(Rates(one, one) for one in fps)
    return Offer(code, Steps(width, width), Steps(height, height), rates)


def chosen(offers: tuple[Offer, ...], width: int, height: int, fps: float) -> str:
    choice = choose(offers, Mode(width, height, fps))
    return "" if choice is None else f"{choice.code} {choice.mode}"


WEBCAM = (
    offer("MJPG", 1920, 1080, 30, 15),
    offer("MJPG", 1280, 720, 60, 30, 15),
    offer("MJPG", 640, 480, 30),
    offer("YUYV", 1920, 1080, 5),
    offer("YUYV", 1280, 720, 10, 5),
    offer("YUYV", 640, 480, 30, 15),
    offer("H264", 1920, 1080, 60),
)
"""As most webcams of USB 2: uncompressed is slow where it is large."""


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ((1920, 1080, 30), "MJPG 1920x1080 at 30 fps"),
        ((1920, 1080, 15), "MJPG 1920x1080 at 15 fps"),
        ((1920, 1080, 5), "YUYV 1920x1080 at 5 fps"),
        ((1280, 720, 10), "YUYV 1280x720 at 10 fps"),
        ((1280, 720, 11), "MJPG 1280x720 at 15 fps"),
        ((1280, 720, 60), "MJPG 1280x720 at 60 fps"),
        ((1280, 720, 120), "MJPG 1280x720 at 60 fps"),
        ((640, 480, 29.97), "YUYV 640x480 at 30 fps"),
        ((640, 480, 1), "YUYV 640x480 at 15 fps"),
        ((3840, 2160, 60), "MJPG 1920x1080 at 30 fps"),
        ((16, 16, 30), "YUYV 640x480 at 30 fps"),
    ],
)
def test_size_comes_first_then_the_rate_then_what_is_cheap_to_decode(
    asked: tuple[int, int, float], expected: str
) -> None:
    assert chosen(WEBCAM, *asked) == expected
    assert chosen(WEBCAM[::-1], *asked) == expected


def test_colour_comes_before_size() -> None:
    offers = (offer("GREY", 1920, 1080, 60), offer("RGGB", 1920, 1080, 60))
    assert chosen(offers, 1920, 1080, 30) == "RGGB 1920x1080 at 60 fps"
    assert chosen((*offers, offer("MJPG", 640, 480, 5)), 1920, 1080, 30) == "MJPG 640x480 at 5 fps"


def test_what_cannot_be_decoded_is_not_chosen() -> None:
    assert chosen((offer("H264", 1920, 1080, 30),), 1920, 1080, 30) == ""
    assert chosen((), 1920, 1080, 30) == ""


def test_a_camera_that_tells_no_rates_is_asked_for_the_size_alone() -> None:
    assert chosen((offer("YUYV", 640, 480),), 640, 480, 30) == "YUYV 640x480"


def test_of_ranges_the_nearest_size_and_rate_are_taken() -> None:
    ranges = (Offer("YUYV", Steps(48, 1600, 16), Steps(32, 1200, 8), (Rates(1, 25),)),)
    assert chosen(ranges, 650, 481, 30) == "YUYV 656x480 at 25 fps"
    assert chosen(ranges, 1920, 1080, 12.5) == "YUYV 1600x1080 at 12.5 fps"
    assert chosen(ranges, 16, 16, 0.5) == "YUYV 48x32 at 1 fps"


def test_a_slower_mode_is_cheaper_than_a_faster_one_of_a_cheaper_format() -> None:
    offers = (offer("BGR3", 640, 480, 120), offer("NV12", 640, 480, 15))
    assert chosen(offers, 640, 480, 15) == "NV12 640x480 at 15 fps"


def told(got: str, fps: float | None, asked: Mode, offers: tuple[Offer, ...] = WEBCAM) -> str:
    code, size = got.split()
    width, height = map(int, size.split("x"))
    return difference(asked, Choice(code, Mode(width, height, fps)), offers)


@pytest.mark.parametrize("fps", [30.0, 29.97, 30.2, None])
def test_what_was_asked_for_is_not_worth_a_word(fps: float | None) -> None:
    assert told("MJPG 1920x1080", fps, Mode(1920, 1080, 30)) == ""


def test_a_size_that_it_does_not_have_is_told_with_the_one_to_set() -> None:
    assert told("MJPG 1920x1080", 30, Mode(3840, 2160, 30)) == (
        "asked 3840x2160 at 30 fps, the camera gives MJPG 1920x1080 at 30 fps: "
        "set width = 1920, height = 1080"
    )


def test_a_rate_that_it_does_not_have_is_told_with_the_largest_size_that_has_it() -> None:
    assert told("MJPG 1920x1080", 30, Mode(1920, 1080, 60)) == (
        "asked 1920x1080 at 60 fps, the camera gives MJPG 1920x1080 at 30 fps: "
        "set fps = 30, or width = 1280, height = 720 for 60 fps"
    )


def test_of_the_sizes_that_have_the_rate_the_largest_is_named() -> None:
    fast = (*WEBCAM, offer("MJPG", 640, 360, 60), offer("MJPG", 320, 240, 60))
    for offers in (fast, fast[::-1]):
        said = told("MJPG 1920x1080", 30, Mode(1920, 1080, 60), offers)
        assert said.endswith(", or width = 1280, height = 720 for 60 fps")


def test_a_rate_that_no_size_has_is_told_alone() -> None:
    assert told("MJPG 1280x720", 60, Mode(1280, 720, 90)).endswith(": set fps = 60")


def test_a_faster_rate_is_told_too() -> None:
    assert told("YUYV 640x480", 15, Mode(640, 480, 5)).endswith(
        "gives YUYV 640x480 at 15 fps: set fps = 15"
    )


def test_a_format_that_was_forced_is_told_with_the_better_one() -> None:
    assert told("YUYV 1920x1080", 5, Mode(1920, 1080, 30)) == (
        "asked 1920x1080 at 30 fps, the camera gives YUYV 1920x1080 at 5 fps: "
        'set fps = 5, or format = "MJPG", which gives 1920x1080 at 30 fps'
    )


sides = st.integers(1, 5000)
rates = st.floats(0.5, 240, allow_nan=False)


@st.composite
def steps(draw: st.DrawFn) -> Steps:
    low, step = draw(sides), draw(st.integers(1, 64))
    return Steps(low, low + draw(st.integers(0, 3000)), step)


@st.composite
def ranges(draw: st.DrawFn) -> Rates:
    low = draw(rates)
    return Rates(low, low + draw(st.sampled_from((0.0, 5.0, 100.0))))


offers = st.lists(
    st.builds(
        Offer,
        st.sampled_from((*CODINGS, "H264", "HEVC")),
        steps(),
        steps(),
        st.lists(ranges(), max_size=4).map(tuple),
    ),
    max_size=6,
).map(tuple)
modes = st.builds(Mode, sides, sides, rates)


@given(steps(), sides)
def test_the_nearest_step_is_one_of_the_steps_and_none_is_nearer(steps: Steps, wish: int) -> None:
    allowed = range(steps.low, steps.high + 1, steps.step)
    found = steps.nearest(wish)
    assert found in allowed
    assert abs(found - wish) == min(abs(one - wish) for one in allowed)


@given(offers, modes)
def test_what_is_chosen_is_offered(offers: tuple[Offer, ...], asked: Mode) -> None:
    choice = choose(offers, asked)
    usable = [one for one in offers if one.code in CODINGS]
    assert (choice is None) == (not usable)
    if choice is not None:
        mode = choice.mode
        assert any(
            one.code == choice.code
            and mode.width in range(one.width.low, one.width.high + 1, one.width.step)
            and mode.height in range(one.height.low, one.height.high + 1, one.height.step)
            and (any(r.low <= mode.fps <= r.high for r in one.rates) if mode.fps else not one.rates)
            for one in usable
        )


@given(offers, modes)
def test_the_order_of_the_offers_changes_neither_size_nor_colour(
    offers: tuple[Offer, ...], asked: Mode
) -> None:
    forth, back = choose(offers, asked), choose(offers[::-1], asked)
    if forth is not None and back is not None:
        assert CODINGS[forth.code].loss == CODINGS[back.code].loss
        assert abs(forth.mode.width - asked.width) + abs(forth.mode.height - asked.height) == abs(
            back.mode.width - asked.width
        ) + abs(back.mode.height - asked.height)


@given(st.sampled_from(tuple(CODINGS)), sides, sides, rates, offers)
def test_an_offer_of_full_colour_that_fits_exactly_is_reached(
    code: str, width: int, height: int, fps: float, others: tuple[Offer, ...]
) -> None:
    exact, asked = offer(code, width, height, fps), Mode(width, height, fps)
    choice = choose((*others, exact), asked)
    assert choice is not None
    if not CODINGS[code].loss:
        assert (choice.mode.width, choice.mode.height) == (width, height)
        assert choice.mode.fps is None or choice.mode.fps >= fps * 0.99


@given(offers, modes)
def test_a_difference_is_told_if_and_only_if_there_is_one(
    offers: tuple[Offer, ...], asked: Mode
) -> None:
    choice = choose(offers, asked)
    if choice is not None:
        mode = choice.mode
        resized = (mode.width, mode.height) != (asked.width, asked.height)
        assert asked.fps is not None
        other = mode.fps is not None and abs(mode.fps - asked.fps) > 0.01 * max(mode.fps, asked.fps)
        assert bool(difference(asked, choice, offers)) == (resized or other)
