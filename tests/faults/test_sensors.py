"""What befalls sensors while the service runs: it is named, and no accepted reading is lost."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from devices.simulated import climate
from tests.faults.mounts import small
from tests.faults.sensor_site import Health, Site, iso, losses, readings
from tests.faults.world import World
from tests.parts import need
from tests.wire.broker import broker, free_port
from tests.wire.test_mqtt_sensor import Say, speaker

pytestmark = pytest.mark.wire

SENSORS = ("bench", "air", "stamped", "log")
YEAR = timedelta(days=365)
CLIMATE = """
[[sensor]]
name = "climate"
kind = "csv"
source = "{path}"
follow = true
model = "greenhouse-climate"
"""


@pytest.fixture(autouse=True)
def _pyserial() -> None:
    need("pyserial (pip install 'vision-app[serial]')", __import__("serial"))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, faulty=tmp_path / "nothing")


class Broker:
    """A mosquitto, and somebody who speaks there; both can go away and come back."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder, self._there = folder, ExitStack()
        self.say: Say
        self.begin()

    def begin(self) -> None:
        self._there.enter_context(broker(self._folder, self.port))
        self.say = self._there.enter_context(speaker(self.port))

    def end(self) -> None:
        self._there.close()


@pytest.fixture
def air(tmp_path: Path) -> Iterator[Broker]:
    made = Broker(tmp_path)
    yield made
    made.end()


@contextmanager
def running(
    folder: Path, air: Broker, world: World | None = None, data: Path | None = None, more: str = ""
) -> Iterator[Site]:
    environment = world.environment if world else None
    with Site(folder, air.port, data or folder / "data", environment, more) as site:
        for sensor in SENSORS:
            site.opened(sensor)
        yield site


def now() -> datetime:
    return datetime.now(timezone.utc)


def feed(site: Site, say: Say, numbers: range, at: Callable[[], datetime] = now) -> None:
    """The same numbers to all. at: the time that those say which say one."""
    for number in numbers:
        site.port.say(f"{number}\n".encode())
        say("air", str(number))
        say("stamped", f'{{"at": {at().timestamp()}, "n": {number}}}')
        site.write(f"{iso(at())},{number}\n")


def names(health: Health, *sentences: str) -> bool:
    """Whether each of these is a part of a problem."""
    return all(any(part in problem for problem in health["problems"]) for part in sentences)


def well(health: Health) -> bool:
    return not health["problems"]


def test_sensors_that_go_for_an_hour_are_named_and_go_on_when_they_are_back(
    tmp_path: Path, air: Broker, world: World
) -> None:
    with running(tmp_path, air, world) as site:
        feed(site, air.say, range(20))
        site.read(bench=19, air=20, stamped=20, log=20)
        site.port.unplug()
        air.end()
        site.told(lambda health: names(health, "port is not there: plug it in"))
        cannot = f"the broker 127.0.0.1:{air.port} cannot be reached"
        site.told(lambda health: names(health, f"air: {cannot}", f"stamped: {cannot}"))
        world.set_clock(3600)
        for number in range(20, 40):
            site.write(f"{iso()},{number}\n")
        site.read(log=40)
        site.port.plug()
        air.begin()
        for sensor in ("bench", "air", "stamped"):
            site.opened(sensor, times=2)
        feed(site, air.say, range(40, 60))
        site.read(bench=38, air=40, stamped=40, log=60)
        site.told(well)
    before, after = list(range(20)), list(range(40, 60))
    assert site.stored() == {
        "bench": before[1:] + after[1:],  # the first line may have begun before we listened
        "air": before + after,
        "stamped": before + after,
        "log": list(range(60)),
    }


def test_garbage_is_counted_and_named_and_never_taken_for_a_reading(
    tmp_path: Path, air: Broker
) -> None:
    with running(tmp_path, air) as site:
        site.port.say(b"half of a line\n")
        for number in range(20):
            feed(site, air.say, range(number, number + 1))
            site.port.say(b"\xff\xfe\x00junk\n\n12 000\n")
            for payload in (b"\xff\xfe", b"", b"{", b'{"n": 7}', b"NaN"):
                air.say("air", payload)
                air.say("stamped", payload)
            site.write(f"no row, at all, of this file\n,7\n{iso()},seven\n{iso()},inf\n")
        site.told(
            lambda health: names(
                health, "bench: signal n is no number", "air: signal n is no number: 'nan'",
                "log: signal n is no number: 'inf'",
            )
        )  # fmt: skip
        feed(site, air.say, range(20, 21))
        site.port.say(b"9999999\n")
        site.told(lambda health: names(health, "bench: signal n is out of range: 1e+07"))
        feed(site, air.say, range(21, 22))
        site.read(bench=22, air=22, stamped=22, log=22)
        health = site.told(well)
    assert site.stored() == {sensor: list(range(22)) for sensor in SENSORS}
    assert losses(health, "bench") == {
        "cut": 1, "damaged": 20, "not_a_number": 20, "out_of_range": 1,
    }  # fmt: skip
    assert losses(health, "air") == {"damaged": 40, "not_a_number": 60}
    assert sum(losses(health, "stamped").values()) == 100
    assert sum(losses(health, "log").values()) == 80


def test_our_clock_that_jumps_by_years_loses_nothing_and_raises_nothing(
    tmp_path: Path, air: Broker, world: World
) -> None:
    rows = climate_rows(tmp_path / "day.csv")
    played = tmp_path / "climate.csv"
    played.write_text(rows[0])
    more = CLIMATE.format(path=played)
    with running(tmp_path, air, world, more=more) as site:
        site.opened("climate")
        for part, off in enumerate((timedelta(), YEAR, -YEAR, timedelta())):
            world.set_clock(int(off.total_seconds()))
            feed(site, air.say, range(20 * part, 20 * part + 20))
            with played.open("a") as file:
                file.writelines(rows[1 + 200 * part : 201 + 200 * part])
            site.read(bench=20 * part + 19, air=20 * part + 20, climate=200 * part + 200)
        health = site.told(lambda health: well(health) and taken(health, "log", 80))
        assert taken(health, "stamped", 80)
        assert health["sensors"]["climate"]["score"] is not None
    stored = site.stored()
    assert sorted(stored["bench"]) == list(range(1, 80))
    assert sorted(stored["air"]) == list(range(80))
    for sensor in ("stamped", "log"):
        assert sorted(stored[sensor]) == sorted(set(stored[sensor]))
        assert len(stored[sensor]) == readings(health, sensor)
    assert not site.alerts()


def taken(health: Health, sensor: str, count: int) -> bool:
    """Or left out, and counted: of times that are ahead by our clock, it cannot know better."""
    lost = losses(health, sensor)
    assert set(lost) <= {"ahead"}
    return readings(health, sensor) + sum(lost.values()) == count


def climate_rows(path: Path) -> list[str]:
    """A header, and a day as it ought to be."""
    climate.write_day(path, seed=3, faults=False)
    return path.read_text().splitlines(keepends=True)


def test_a_clock_of_theirs_that_jumps_by_a_year_is_named_and_does_not_end_them(
    tmp_path: Path, air: Broker
) -> None:
    with running(tmp_path, air) as site:
        feed(site, air.say, range(20))
        feed(site, air.say, range(20, 40), lambda: now() + YEAR)
        site.told(
            lambda health: names(
                health, "stamped: its clock is ahead of ours", "log: its clock is ahead of ours"
            )
        )
        feed(site, air.say, range(40, 46), lambda: now() - YEAR)
        site.told(
            lambda health: names(
                health, "stamped: it sends readings late", "log: it sends readings late"
            )
        )
        feed(site, air.say, range(46, 60), lambda: now() - YEAR)
        feed(site, air.say, range(60, 80))
        site.read(bench=79, air=80, stamped=50, log=50)
        health = site.told(well)
    stored = site.stored()
    assert sorted(stored["air"]) == list(range(80))
    for sensor in ("stamped", "log"):
        assert losses(health, sensor) == {"ahead": 20, "late": 10}
        assert sorted(stored[sensor]) == [*range(20), *range(50, 80)]


def test_on_a_full_disk_losses_are_counted_and_named_and_all_else_arrives(
    tmp_path: Path, air: Broker, quick: Path
) -> None:
    with (
        small(quick / "disk", "size=8m") as disk,
        running(tmp_path, air, data=disk.folder / "data") as site,
    ):
        feed(site, air.say, range(20))
        site.read(bench=19, air=20, stamped=20, log=20)
        fill(disk.folder / "full")
        feed(site, air.say, range(20, 400))
        site.told(lambda health: names(health, "sensor readings cannot be written"))
        site.read(bench=399, air=400, stamped=400, log=400)
        (disk.folder / "full").unlink()
        feed(site, air.say, range(400, 420))
        site.read(bench=419, air=420, stamped=420, log=420)
        health = site.told(well)
    lost = health["bulk"]["losses"]
    assert set(lost) == {"disk"}
    stored = site.stored()
    assert sum(map(len, stored.values())) == 419 + 3 * 420 - lost["disk"]
    for sensor in SENSORS:
        kept = set(stored[sensor])
        assert len(kept) == len(stored[sensor])
        assert kept >= {*range(1, 20), *range(400, 420)}


def fill(path: Path) -> None:
    """As another program would, to the last page."""
    with suppress(OSError), path.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
