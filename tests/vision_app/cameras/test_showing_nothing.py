"""A camera that delivers frames in which nothing of the world is to be seen, as health tells it."""

import json
import logging
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from itertools import repeat
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from devices.errors import DeviceLost
from devices.frame import Frame
from devices.settings import CameraSettings
from masking.settings import MaskingSettings
from tests.vision_app.rig import Rig, blind
from vision_app.cameras.capture import Capture, State
from vision_app.cameras.latest import Latest
from vision_app.ledger import Ledger

Image = NDArray[np.uint8]
NOON = datetime(2026, 1, 31, 12, 0, tzinfo=timezone.utc)
SCHEMA = Path(__file__).parents[3] / "docs" / "schemas" / "health.json"


class Reel:
    """A camera that gives these pictures, one a second by `now_s`, and is lost at their end."""

    mode = "reel"
    losses: Mapping[str, int] = {}

    def __init__(self, pictures: Iterator[Image]) -> None:
        self._pictures, self.now_s, self._seq = pictures, 0.0, 0

    def read(self, timeout_s: float) -> Frame:
        self.now_s += 1
        self._seq += 1
        pixels = next(self._pictures, None)
        if pixels is None:
            raise DeviceLost("the reel has ended")
        taken = NOON + timedelta(seconds=self.now_s)
        return Frame(pixels.copy(), "bench", self._seq, taken, 0.0)

    def close(self) -> None: ...

    def __enter__(self) -> "Reel":
        return self

    def __exit__(self, *_: object) -> None: ...


def scene(number: int) -> Image:
    """Another one, with its own noise, for each number."""
    return np.random.default_rng(number).integers(0, 200, (96, 128, 3), np.uint8)


def same(count: int) -> Iterator[Image]:
    return repeat(scene(0), count)


def black(count: int) -> Iterator[Image]:
    return repeat(np.zeros((96, 128, 3), np.uint8), count)


def live(count: int) -> Iterator[Image]:
    return (scene(number) for number in range(1, 1 + count))


def filming(
    *parts: Iterator[Image],
    latest: Latest | None = None,
    ledger: Ledger | None = None,
    kind: Literal["v4l2", "file", "generated"] = "v4l2",
) -> Capture:
    """A capture loop whose camera gives these pictures one after the other."""
    reel = Reel(picture for part in parts for picture in part)
    return Capture(
        CameraSettings(name="bench", kind=kind), latest or Latest(), ledger or Ledger(),
        lambda settings, first_seq: reel, lambda: reel.now_s,
    )  # fmt: skip


def states(capture: Capture, frames: int) -> list[State]:
    """After each of so many frames."""
    capture.step()
    return [capture.step() for _ in range(frames)]


@pytest.mark.parametrize(("show", "state"), [(same, State.FROZEN), (black, State.BLANK)])
def test_it_is_told_after_ten_seconds_and_well_with_the_first_other_picture(
    show: Any, state: State
) -> None:
    capture = filming(show(12), live(2))
    assert states(capture, 14) == [*[State.LIVE] * 10, state, state, State.LIVE, State.LIVE]
    assert capture.view.problem == ""


def test_it_says_once_since_when_and_once_that_it_is_over(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "vision_app")
    states(filming(same(30), live(3)), 33)
    assert caplog.messages == [
        "camera bench is open: reel",
        "camera bench is frozen: it has shown the very same picture since 2026-01-31 12:00:01 UTC; "
        "plug it in again, or start again what feeds it",
        "camera bench is live again",
    ]


def test_a_frozen_camera_that_is_then_lost_is_lost() -> None:
    assert states(filming(same(12)), 13)[-2:] == [State.FROZEN, State.LOST]


@pytest.mark.parametrize("kind", ["file", "generated"])
@pytest.mark.parametrize("show", [same, black])
def test_what_is_played_may_repeat_and_be_black(
    show: Any, kind: Literal["file", "generated"]
) -> None:
    assert set(states(filming(show(30), kind=kind), 30)) == {State.LIVE}


@pytest.mark.parametrize(
    ("show", "state", "words"),
    [(same, "frozen", "very same picture"), (black, "blank", "nothing but black")],
)
def test_health_is_degraded_and_says_what_to_do_while_frames_are_published_as_before(
    tmp_path: Path, show: Any, state: str, words: str
) -> None:
    with Rig(
        tmp_path, blind(), (blind(), blind(), blind()), MaskingSettings(look_ahead=0),
        lambda latest, ledger: filming(show(12), live(2), latest=latest, ledger=ledger),
    ) as rig:  # fmt: skip
        well, troubled, over = rig.see(4), rig.see(8), rig.see(1)
        assert [event.state for event in (well, troubled, over)] == ["ok", "degraded", "ok"]
        assert troubled.cameras["bench"]["state"] == state
        assert len(troubled.problems) == 1
        assert words in troubled.problems[0]
        assert troubled.cameras["bench"]["ends"] == {"published": 12}
        assert over.problems == ()
        assert {one["state"] for one in rig.said() if one["schema"] == "vision-app/health/1"} == {
            "ok", "degraded",
        }  # fmt: skip


def test_the_schema_names_every_state() -> None:
    cameras = json.loads(SCHEMA.read_text())["properties"]["cameras"]["additionalProperties"]
    assert cameras["properties"]["state"]["enum"] == [state.value for state in State]
