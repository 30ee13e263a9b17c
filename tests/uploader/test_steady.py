import logging
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.uploader.disks import FailingDisk
from uploader import checked_file
from uploader.steady import MAX_GAP_S, SteadyClock, Written, open_clock, since_boot_s

DAY_S, YEAR_S = 86_400.0, 365 * 86_400.0
TODAY_S = 1_790_000_000.0


@dataclass
class Machine:
    """Its clocks, and what really passed."""

    file: Path
    running_s: float = 1000.0
    wall_s: float = TODAY_S
    boot: int = 1

    def clock(self, at_least_s: float = 0.0) -> SteadyClock:
        return SteadyClock(
            self.file,
            at_least_s,
            running=lambda: self.running_s,
            wall=lambda: self.wall_s,
            boot=lambda: f"boot {self.boot}",
        )

    def wait(self, seconds: float) -> None:
        self.running_s += seconds
        self.wall_s += seconds

    def restart(self, off_s: float) -> None:
        self.running_s, self.boot, self.wall_s = 10.0, self.boot + 1, self.wall_s + off_s


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "budgets" / "clock.json")


events = st.lists(
    st.tuples(st.just("wait"), st.floats(0, 2 * DAY_S))
    | st.tuples(st.just("wall"), st.floats(-60 * YEAR_S, 2 * YEAR_S))
    | st.tuples(st.sampled_from(["step", "kill"]), st.just(0.0))
    | st.tuples(st.just("power cut"), st.floats(0, 400 * DAY_S)),
    max_size=25,
)


@settings(deadline=None, max_examples=60)  # every example waits for a disk
@given(events)
def test_it_follows_the_machine_whatever_the_wall_clock_does(
    tmp_path_factory: pytest.TempPathFactory, happened: list[tuple[str, float]]
) -> None:
    machine = Machine(tmp_path_factory.mktemp("clock") / "clock.json")
    clock = machine.clock()
    clock.step()
    said_s, written_s = clock.now_s(), clock.now_s()
    for event, seconds in happened:
        lasted_s = 0.0
        if event == "wait":
            machine.wait(seconds)
            lasted_s = seconds
        elif event == "wall":
            machine.wall_s += seconds
        elif event == "step":
            clock.step()
            written_s = clock.now_s()
        elif event == "kill":
            clock = machine.clock()
            said_s = min(said_s, written_s + MAX_GAP_S)  # a run of a day that could not write
        else:
            machine.restart(seconds)
            clock = machine.clock()
            assert written_s - 1e-3 <= clock.now_s() <= written_s + MAX_GAP_S + 1e-3
            clock.step()
            said_s = written_s = clock.now_s()
        assert clock.now_s() == pytest.approx(said_s + lasted_s, abs=1e-3)
        said_s = clock.now_s()


def test_the_first_start_of_all_is_zero(machine: Machine) -> None:
    assert machine.clock().now_s() == 0.0
    assert not machine.file.exists()


@pytest.mark.parametrize("jump_s", [YEAR_S, -YEAR_S, -60 * YEAR_S])
def test_a_killed_process_loses_nothing_whatever_the_wall_clock_says(
    machine: Machine, jump_s: float
) -> None:
    clock = machine.clock()
    clock.step()
    machine.wait(59.0)
    machine.wall_s += jump_s
    assert machine.clock().now_s() == clock.now_s() == 59.0


@pytest.mark.parametrize(
    ("jump_s", "added_s"), [(0.0, 3600.0), (YEAR_S, MAX_GAP_S), (-YEAR_S, 0.0)]
)
def test_over_a_restart_of_the_machine_it_adds_a_day_at_most(
    machine: Machine, jump_s: float, added_s: float
) -> None:
    machine.clock(at_least_s=1000.0).step()
    machine.wall_s += jump_s
    machine.restart(off_s=3600.0)
    assert machine.clock().now_s() == 1000.0 + added_s


def test_a_wall_clock_that_was_never_set_adds_nothing(machine: Machine) -> None:
    machine.wall_s = -5.0  # just before 1970, and NTP has not answered
    machine.clock().step()
    machine.wall_s = TODAY_S
    machine.restart(off_s=3600.0)
    clock = machine.clock()
    assert clock.now_s() == 0.0
    clock.step()
    machine.wall_s = 30.0
    machine.restart(off_s=3600.0)
    assert machine.clock().now_s() == 0.0


def test_ntp_that_answers_late_moves_nothing(machine: Machine) -> None:
    machine.wall_s = 30.0
    clock = machine.clock()
    machine.wait(10.0)
    machine.wall_s = TODAY_S
    clock.step()
    machine.wait(10.0)
    assert machine.clock().now_s() == clock.now_s() == 20.0


def test_an_unknown_boot_is_another_one(machine: Machine) -> None:
    SteadyClock(machine.file, 0.0, lambda: 10.0, lambda: TODAY_S, lambda: "").step()
    again = SteadyClock(machine.file, 0.0, lambda: 5000.0, lambda: TODAY_S + 7.0, lambda: "")
    assert again.now_s() == 7.0


def test_nothing_else_moves_a_clock_that_is_not_lost(machine: Machine) -> None:
    machine.clock().step()
    machine.wait(5.0)
    assert machine.clock(at_least_s=1e9).now_s() == 5.0


@pytest.mark.parametrize("damage", [b"", b"foreign", b"00000000\n{}", None])
def test_a_damaged_file_begins_anew_and_says_so(
    machine: Machine, damage: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    machine.clock(at_least_s=500.0).step()
    whole = machine.file.read_bytes()
    machine.file.write_bytes(whole.replace(b"500", b"900") if damage is None else damage)
    with caplog.at_level(logging.WARNING):
        clock = machine.clock(at_least_s=400.0)
    assert clock.now_s() == 400.0
    assert caplog.text.count("begins anew") == 1
    assert clock.step() is Written.WRITTEN
    assert machine.clock().now_s() == 400.0


@pytest.mark.parametrize(
    "body",
    [
        b"null",
        b"[]",
        b'{"steady_s": 1}',
        b'{"steady_s": NaN, "running_s": 1.0, "wall_s": 1.0, "boot": ""}',
        b'{"steady_s": 1.0, "running_s": "1", "wall_s": 1.0, "boot": ""}',
    ],
)
def test_what_is_no_clock_is_not_taken_for_one(machine: Machine, body: bytes) -> None:
    checked_file.write(machine.file, body)
    assert machine.clock(at_least_s=5.0).now_s() == 5.0


def test_it_goes_on_without_its_disk_and_says_so(
    machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    disk, clock = FailingDisk(), machine.clock()
    clock.step()
    disk.refuse(("open", "clock.json.tmp"))
    machine.wait(60.0)
    assert [clock.step(), clock.step()] == [Written.FAILED] * 2
    assert "Input/output error" in clock.problem
    assert caplog.text.count("is not kept") == 1
    assert clock.now_s() == 60.0
    disk.refuse()
    clock.close()
    assert clock.problem == ""
    machine.restart(off_s=0.0)
    assert machine.clock().now_s() == 60.0


def test_the_clock_of_this_machine_is_written_when_it_is_opened(tmp_path: Path) -> None:
    file, before_s = tmp_path / "clock.json", since_boot_s()
    clock = open_clock(file, at_least_s=100.0)
    assert file.exists()
    again_s = SteadyClock(file).now_s()
    assert 100.0 <= again_s <= clock.now_s() <= 100.0 + since_boot_s() - before_s
