"""The live table as text: what a person reads at 80 columns."""

import io
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from models.prediction import Prediction
from tests.vision_app.test_events import AT, MODEL, ORIGIN
from vision_app.events import HealthEvent, HealthState, LatencyMs, PredictionEvent
from vision_app.screen.live_table import count, duration, live_table

LONG = "warehouse-north-gate-left-of-the-ramp"


def camera(state: str = "live", **more: Any) -> dict[str, Any]:
    told = {"state": state, "age_s": 0.033, "captured": 900, "losses": {}, "ends": {}}
    return told | more


def health(state: HealthState = "ok", **more: Any) -> HealthEvent:
    problems = more.pop("problems", ())
    spool = {"count": 3, "bytes": 1_234_567, "quarantined": 0}
    return HealthEvent(ORIGIN, AT, 3723.4, state, problems, **({"spool": spool} | more))


def saw(name: str, label: str, faces: int = 0) -> PredictionEvent:
    opinion = Prediction((label, "other"), (0.75, 0.25), 0.8, MODEL)
    return PredictionEvent(ORIGIN, name, 7, AT, opinion, faces, (), LatencyMs(1, 1, 1))


def drawn(
    health: HealthEvent,
    fps: Mapping[str, float | None] | None = None,
    seen: Mapping[str, PredictionEvent] | None = None,
    width: int = 80,
) -> list[str]:
    console = Console(file=io.StringIO(), record=True, width=width, highlight=False)
    console.print(live_table(health, fps or {}, seen or {}))
    return [line.rstrip() for line in console.export_text().splitlines()]


def row(lines: list[str], begins: str) -> list[str]:
    [line] = [line for line in lines if line.startswith(begins)]
    return line.split()


def test_a_row_says_state_rate_age_drops_faces_and_the_last_opinion() -> None:
    told = camera(losses={"driver_dropped": 2, "damaged": 1}, ends={"dropped_newer": 4})
    told["ends"]["published"] = 893
    lines = drawn(health(cameras={"door": told}), {"door": 14.96}, {"door": saw("door", "ripe", 2)})
    assert row(lines, "camera") == ["camera", "state", "fps", "age", "drops", "faces", "conf",
                                    "label"]  # fmt: skip
    assert row(lines, "door") == ["door", "live", "15.0", "33", "ms", "7", "2", "0.80", "ripe"]


def test_a_camera_of_which_nothing_is_known_has_dashes() -> None:
    lines = drawn(health(cameras={"door": camera("opening", age_s=None)}))
    assert row(lines, "door") == ["door", "opening", "–", "–", "0", "–", "–", "–"]


def test_the_heading_says_who_it_is_how_it_is_and_for_how_long() -> None:
    assert row(drawn(health("degraded")), "north-wing") == [
        "north-wing/camera-1", "degraded", "up", "1:02:03",
    ]  # fmt: skip


def test_eighty_columns_hold_long_names_labels_and_numbers() -> None:
    worst = camera("stalled", age_s=86_399.0, losses={"damaged": 99_999_999})
    cameras = {LONG: worst, LONG.replace("left", "right"): camera(), "ramp": camera("lost")}
    lines = drawn(health(cameras=cameras), dict.fromkeys(cameras, 119.99),
                  {LONG: saw(LONG, "Egyptian cat, " * 9, faces=120)})  # fmt: skip
    assert max(map(len, lines)) <= 80
    start = lines.index(next(line for line in lines if line.startswith("warehouse")))
    words = lines[start].split()
    assert words[1:8] == ["stalled", "120.0", "24", "h", "99999k", "120", "0.80"]
    assert lines[start].endswith("…")
    assert words[0] + lines[start + 1] == LONG, "names often differ only at their ends"
    assert lines[start + 3] == "-right-of-the-ramp"


def test_nothing_moves_when_numbers_states_or_labels_change() -> None:
    new, busy = camera("lost", age_s=None), camera("stalled", age_s=35.0, losses={"cut": 99_999})
    before = drawn(health(cameras={"door": new}))
    after = drawn(health(cameras={"door": busy}), {"door": 119.9}, {"door": saw("door", "b" * 60)})
    assert [line for line in before if "fps" in line] == [line for line in after if "fps" in line]


def test_below_stand_sensors_what_waits_what_was_sent_problems_and_notes() -> None:
    sensor = {"state": "live", "readings": 888, "score": 0.25, "threshold": 0.7, "alerts": 2}
    uploads = {"sent": {"frame": 4, "records": 1}, "bytes": 2_500_000, "retries": 3,
               "waiting_for": "12 frames wait until 22:00"}  # fmt: skip
    lines = drawn(
        health(
            "failing",
            cameras={"door": camera("lost")},
            sensors={"climate": sensor, "new": sensor | {"score": None}},
            uploads=uploads,
            spool={"count": 3, "bytes": 1_234_567, "quarantined": 1},
            problems=("no camera delivers frames", "the broker " + "is away " * 12 + "now"),
            notes=("the budget of today is spent",),
        )
    )
    assert lines[-7:] == [
        "sensor climate: live, 888 readings, score 0.25 of 0.70, 2 alerts raised",
        "sensor new: live, 888 readings, 2 alerts raised",
        "spool: 3 waiting, 1.2 MB; 1 set aside; uploaded: 5, 2.5 MB; 3 retries; 12 frame…",
        "problem: no camera delivers frames",
        "problem: the broker is away is away is away is away is away is away is away is",
        "away is away is away is away is away now",
        "note: the budget of today is spent",
    ]


def test_without_cameras_and_without_a_store_there_is_no_row_for_them() -> None:
    assert drawn(health())[1:] == [
        "north-wing/camera-1  ok  up 1:02:03", "spool: 3 waiting, 1.2 MB",
    ]  # fmt: skip


def test_what_a_label_or_a_problem_holds_cannot_steer_the_terminal() -> None:
    evil = "\x1b[2Jripe\r\n[red]"
    now = health(cameras={"door": camera()}, problems=(evil,))
    told = io.StringIO()
    Console(file=told, width=80).print(live_table(now, {}, {"door": saw("door", evil)}))
    assert "\x1b" not in told.getvalue()
    assert told.getvalue().count("[red]") == 2
    assert len(told.getvalue().splitlines()) == len(drawn(replace(now, problems=("short",))))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "–"), (0.0, "0 ms"), (0.0334, "33 ms"), (0.9996, "1.0 s"), (9.94, "9.9 s"),
     (9.96, "10 s"), (99.4, "99 s"), (100, "2 min"), (7200, "2 h"), (86_400 * 30, "30 d")],
)  # fmt: skip
def test_an_age_is_short(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text
    assert len(text) <= 6


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (99_999, "99999"), (100_000, "100k"), (123_456_789, "123M"), (10**12, "1000G")],
)
def test_a_count_is_short(number: int, text: str) -> None:
    assert count(number) == text
    assert len(text) <= 6
