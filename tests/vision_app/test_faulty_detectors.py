"""Whatever a detector does, no pixel of a face that it should have seen leaves the process.

The face has a colour that nothing else has; it is looked for in all that was kept, told and logged.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from typing import Any, NoReturn

import pytest

from masking.settings import MaskingSettings
from models.box import Box
from models.errors import ModelError
from tests.masking.stand_ins import Detector, Image
from tests.vision_app.rig import Rig, blind, faces_in, marked, sees
from vision_app.health import FAILURES_ARE_SERIOUS

pytestmark = pytest.mark.filterwarnings("ignore:Exception in thread face-detector")

Answer = Callable[[Image], Any]
MANY = FAILURES_ARE_SERIOUS + 5
LIMIT_S, PATIENT_S = 0.2, 10.0
"""How long a look may take: one that never ends, and any other, however slow the machine."""


def breaks(image: Image) -> NoReturn:
    raise RuntimeError(f"cannot make a tensor of {image.tolist()}")


def quotes(image: Image) -> NoReturn:
    raise ValueError(image)


def says_so(image: Image) -> NoReturn:
    raise ModelError("the network is gone")


def hangs(image: Image) -> list[Box]:
    threading.Event().wait(4 * LIMIT_S)
    return faces_in(image)


def ends_its_thread(image: Image) -> NoReturn:
    raise SystemExit  # which pytest, unlike Python, warns of


NONSENSE: Iterator[Answer] = cycle(
    [
        lambda image: [Box(float("nan"), 0, 1, 1, 0.5)],
        lambda image: [Box(1e9, 1e9, 2e9, 2e9, 0.5)],
        lambda image: [Box(0, 0, 1, 1, 0.5)] * 6000,
        lambda image: None,
        lambda image: "no faces",
        lambda image: [None],
        lambda image: [image],
        lambda image: image,
        lambda image: 0,
    ]
)


def talks_nonsense(image: Image) -> Any:
    return next(NONSENSE)(image)


FAILS: list[Answer] = [breaks, quotes, says_so, hangs, ends_its_thread, talks_nonsense]
NEVER_ENDS: list[Answer] = [hangs, ends_its_thread]


def overlooks(image: Image) -> list[Box]:
    return []


def sees_elsewhere(image: Image) -> list[Box]:
    return [Box(-400, -400, -300, -300, 0.9), Box(900, 2, 950, 9, 0.9), Box(0, 0, 0.5, 0.5, 0.1)]


class Switch:
    """A detector that is well until it is switched to something else, and may be well again."""

    def __init__(self, answer: Answer = faces_in) -> None:
        self.answer = answer
        self.looks = 0
        self.detector = Detector(self._detect)

    def _detect(self, image: Image) -> list[Box]:
        self.looks += 1
        answer: list[Box] = self.answer(image)
        return answer


def all_see_but(place: int, other: Switch) -> tuple[Detector, Detector, Detector]:
    """Again, second and judge see every face, but the one at this place."""
    again, second, judge = (other.detector if n == place else sees() for n in range(3))
    return again, second, judge


@pytest.fixture(params=[(0, 1), (2, 1), (2, 3)], ids=["at once", "ahead", "every 3rd"])
def masking(request: pytest.FixtureRequest) -> MaskingSettings:
    ahead, every = request.param
    return MaskingSettings(look_ahead=ahead, detect_every=every, timeout_s=PATIENT_S)


def limited(masking: MaskingSettings, fault: Answer) -> MaskingSettings:
    return masking.model_copy(update={"timeout_s": LIMIT_S}) if fault in NEVER_ENDS else masking


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


def check_nothing_shows(rig: Rig, log: pytest.LogCaptureFixture) -> dict[str, int]:
    """How frames ended: each exactly once. No picture, event or line of the log shows the face."""
    account = rig.end()
    assert account.captured == sum(account.ends.values()) > 0
    pictures = list(rig.pictures())
    assert len(pictures) == account.kept_frames
    assert not [one for one in pictures if marked(one).any()]
    assert sum(event["schema"] == "vision-app/prediction/1" for event in rig.said()) == (
        account.ends.get("published", 0)
    )
    said = [str(event) for event in rig.said()] + [log.text]
    assert not [text for text in said if "255, 0, 255" in text or "255   0 255" in text]
    return dict(account.ends)


@pytest.mark.parametrize("fault", FAILS)
def test_a_live_detector_that_fails_shows_nothing_and_health_says_so_until_it_is_well(
    fault: Answer, masking: MaskingSettings, tmp_path: Path, log: pytest.LogCaptureFixture
) -> None:
    """Nobody after it sees a face: what it does not cover would be kept."""
    live, settings = Switch(fault), limited(masking, fault)
    with Rig(tmp_path, live.detector, (blind(), blind(), blind()), settings) as rig:
        health = rig.see(MANY)
        assert health.state == "failing"
        assert "frames are redacted: " in health.problems[0]
        assert check_nothing_shows(rig, log) == {"redacted": MANY}
        assert not list(rig.pictures())

        rig.masker.detector = sees()
        assert rig.see(MANY).state == "ok"
        assert check_nothing_shows(rig, log) == {"redacted": MANY, "published": MANY}
        assert len(list(rig.pictures())) == MANY


@pytest.mark.parametrize("fault", FAILS)
def test_a_live_detector_that_fails_now_and_then_shows_nothing(
    fault: Answer, masking: MaskingSettings, tmp_path: Path, log: pytest.LogCaptureFixture
) -> None:
    live = Switch()
    live.answer = lambda image: (fault if live.looks % 3 == 2 else faces_in)(image)
    settings = limited(masking, fault)
    with Rig(tmp_path, live.detector, (blind(), blind(), blind()), settings) as rig:
        for captured_each in (1, 2, 1, 3):
            rig.see(6, captured_each)
        ends = check_nothing_shows(rig, log)
    assert ends["redacted"] > 0
    assert ends["published"] > 0
    assert ends["dropped_newer"] == 6 + 12


@pytest.mark.parametrize("fault", [overlooks, sees_elsewhere])
def test_what_a_live_detector_overlooks_is_covered_before_a_frame_is_kept(
    fault: Answer, masking: MaskingSettings, tmp_path: Path, log: pytest.LogCaptureFixture
) -> None:
    for number, others in enumerate(
        ((sees(), blind(), blind()), (blind(), sees(), blind()), (blind(), blind(), sees()))
    ):
        with Rig(tmp_path / str(number), Detector(fault), others, masking) as rig:
            rig.see(4)
            assert check_nothing_shows(rig, log) == {"published": 4}
            assert len(list(rig.pictures())) == 4


def test_a_live_detector_that_changes_its_mind_is_held_to_what_it_saw(
    masking: MaskingSettings, tmp_path: Path, log: pytest.LogCaptureFixture
) -> None:
    live = Switch()
    live.answer = lambda image: faces_in(image) if live.looks % 2 else []
    with Rig(tmp_path, live.detector, (blind(), blind(), blind()), masking) as rig:
        rig.see(20)
        assert check_nothing_shows(rig, log) == {"published": 20}
        assert len(list(rig.pictures())) == 20


@pytest.mark.parametrize("place", [0, 1, 2], ids=["again", "second", "judge"])
@pytest.mark.parametrize("fault", FAILS)
def test_who_looks_before_a_frame_is_kept_and_fails_has_it_withheld_and_counted(
    fault: Answer, place: int, tmp_path: Path, log: pytest.LogCaptureFixture
) -> None:
    switch = Switch(fault)
    masking = limited(MaskingSettings(timeout_s=PATIENT_S), fault)
    with Rig(tmp_path, blind(), all_see_but(place, switch), masking) as rig:
        health = rig.see(6)
        check_nothing_shows(rig, log)
        assert rig.ledger.account().not_kept == {"withheld": 6}
        assert health.state == "degraded"
        assert "no frame is kept: " in health.problems[0]


@pytest.mark.parametrize("place", [0, 1, 2], ids=["again", "second", "judge"])
def test_when_it_is_well_again_frames_are_kept_and_health_is_well(
    place: int, tmp_path: Path, log: pytest.LogCaptureFixture
) -> None:
    switch = Switch(breaks)
    with Rig(tmp_path, blind(), all_see_but(place, switch), MaskingSettings(look_ahead=0)) as rig:
        assert rig.see(1).state == "degraded"
        switch.answer = faces_in
        assert rig.see(1).state == "ok"
        assert check_nothing_shows(rig, log) == {"published": 2}
        assert rig.ledger.account().kept_frames == 1
