from datetime import datetime, timedelta, timezone
from typing import Any

from tests.uploader.samples import NOON
from uploader.sending.gate import LINE_EVERY_S, Gate, Held
from uploader.sending.metered import Line
from uploader.settings import BulkSettings, StoreSettings


class World:
    """What a gate looks at, as it is set."""

    def __init__(self) -> None:
        self.now, self.now_s = NOON, 0.0
        self.line = Line(False, "eth0 is not metered")
        self.asked: list[tuple[str, ...]] = []

    def gate(self, bulk: BulkSettings | None = None, **store: Any) -> Gate:
        return Gate(
            StoreSettings(url="file:///unused", **store),
            bulk or BulkSettings(),
            now=lambda: self.now,
            zone=timezone(timedelta(hours=1)),
            clock=lambda: self.now_s,
            look=self.look,
        )

    def look(self, unmetered: Any) -> Line:
        self.asked.append(tuple(unmetered))
        return self.line


def test_without_rules_all_may_go_and_nobody_is_asked() -> None:
    world = World()
    assert world.gate().held() == Held()
    assert world.gate().held().may_go == ("frames", "readings")
    assert world.asked == []


def test_outside_its_window_everything_waits_and_it_is_said_until_when() -> None:
    world = World()
    gate = world.gate(windows=["22:00-05:00"])
    held = gate.held()
    assert held.may_go == ()
    assert held.told == "uploads wait until 2026-01-31 22:00, when their window opens"
    world.now = datetime(2026, 1, 31, 21, 0, tzinfo=timezone.utc)
    assert gate.held() == Held()


def test_readings_can_wait_for_their_own_window_while_frames_go() -> None:
    held = World().gate(BulkSettings(windows=("01:00-04:00",))).held()
    assert held.may_go == ("frames",)
    assert held.told.startswith("files of readings wait until 2026-02-01 01:00")


def test_readings_can_go_while_frames_wait_for_theirs() -> None:
    held = World().gate(BulkSettings(windows=()), windows=["22:00-05:00"]).held()
    assert held.may_go == ("readings",)
    assert held.told.startswith("frames wait until")


def test_windows_that_differ_are_told_apart() -> None:
    held = World().gate(BulkSettings(windows=("01:00-04:00",)), windows=["22:00-05:00"]).held()
    assert held.told.count("wait until") == 2


def test_a_metered_line_is_waited_out() -> None:
    world = World()
    gate = world.gate(only_unmetered=True, unmetered_interfaces=["eth*"])
    assert gate.held() == Held()
    assert world.asked == [("eth*",)]
    world.line = Line(True, "wwan0 is metered, says NetworkManager")
    world.now_s = LINE_EVERY_S
    held = gate.held()
    assert held.told == (
        "uploads wait for an unmetered line: wwan0 is metered, says NetworkManager"
    )


def test_the_line_is_looked_at_now_and_then_only() -> None:
    world = World()
    gate = world.gate(only_unmetered=True)
    for world.now_s in (0.0, 1.0, LINE_EVERY_S - 0.1, LINE_EVERY_S):
        gate.held()
    assert len(world.asked) == 2


def test_readings_alone_can_be_kept_from_a_metered_line() -> None:
    world = World()
    world.line = Line(True, "wwan0 is metered")
    held = world.gate(BulkSettings(only_unmetered=True)).held()
    assert held.may_go == ("frames",)
