"""The desk of alerts with real files: what is told when, and what a restart finds."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from tests.vision_app.alerting.alerts import BrokerEar, Ear, at, desk_of, see
from uploader.choosing.alerts import Alerted, Alerts
from vision_app.alerting import acks
from vision_app.alerting.desk import FORGETS_S, Desk
from vision_app.alerting.shelf import FOLDER, read
from vision_app.events import AlertEvent, AnomalyEvent, Event
from vision_app.publish import Told


def told(ear: Ear) -> list[tuple[str, bool]]:
    """The changes that it heard, and whether they were said to be told again."""
    events = [event for event in ear.heard if isinstance(event, AnomalyEvent)]
    return [(event.change.state, event.again) for event in events]


def states(ear: Ear) -> list[str]:
    """What is retained, one after the other."""
    return [e.payload()["state"] for e in ear.heard if isinstance(e, AlertEvent)]


def ids(ear: Ear) -> set[str]:
    return {event.alert.id for event in ear.heard if isinstance(event, AnomalyEvent)}


@contextmanager
def at_work(busy: Desk) -> Iterator[None]:
    """The desk's own thread."""
    ends: list[bool] = []

    def work() -> None:
        while not ends:
            busy.step()

    thread = Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        ends.append(True)
        thread.join()


def test_an_alert_is_told_once_kept_until_confirmed_and_then_history(tmp_path: Path) -> None:
    slow, quick = Ear(confirms=False), Ear()
    busy = desk_of(tmp_path, {"slow": slow, "quick": quick})
    see(busy, "!!...")
    for _ in range(3):
        busy.step()
    assert told(slow) == told(quick) == [("raised", False), ("cleared", False)]
    assert busy.counts()["waiting"] == 1
    slow.confirms = True
    assert busy.step() == 1, "what was confirmed is still to be written"
    assert busy.step() == 0
    [kept] = read(tmp_path / FOLDER)
    assert {who: sorted(numbers) for who, numbers in kept.told.items()} == {
        "slow": [1, 2],
        "quick": [1, 2],
    }
    assert busy.counts() | {"open": 0, "waiting": 0} == busy.counts()


def test_an_alert_is_on_the_disk_before_anybody_hears_of_it(tmp_path: Path) -> None:
    class Looking(Ear):
        def deliver(self, event: object) -> None:
            found.append([kept.alert.id for kept in read(tmp_path / FOLDER)])

    found: list[list[str]] = []
    busy = desk_of(tmp_path, {"looking": Looking()}, head_start_s=30.0)
    with at_work(busy):
        [alert] = see(busy, "!!")
    assert found[0] == [alert.id]


def test_the_desks_own_thread_tells_nothing_that_is_being_written_either(tmp_path: Path) -> None:
    class Late(BrokerEar):
        """Is asked for its connections after the desk has written, and before it tells."""

        @property
        def connects(self) -> int:
            if raising and not raising[0].ident:
                raising[0].start()
                while not busy.counts()["open"]:
                    pass
            return 0

        def deliver(self, event: Event) -> Told | None:
            written.append(len(read(tmp_path / FOLDER)))
            return super().deliver(event)

    raising, written = list[Thread](), list[int]()
    busy = desk_of(tmp_path, {"late": Late()}, head_start_s=10)
    raising.append(Thread(target=see, args=(busy, "!!")))
    busy.step()
    busy.step()
    raising[0].join()
    assert written == [1]


def test_what_was_not_confirmed_before_a_restart_is_told_again_and_marked(tmp_path: Path) -> None:
    ear = Ear(confirms=False)
    before = desk_of(tmp_path, {"ear": ear})
    [alert] = see(before, "!!")
    before.step()
    alerts, ear = Alerts(("climate",), {"climate": ["bed-1"]}), Ear()
    after = desk_of(tmp_path, {"ear": ear}, alerts=alerts)
    assert alerts.at("bed-1").due == (Alerted(alert.id, "climate"),)
    after.step()
    assert told(ear) == [("raised", True)]
    see(after, "...", begin=10)
    assert told(ear) == [("raised", True), ("cleared", False)]
    assert ids(ear) == {alert.id}
    after.step()
    after.close()
    ear = Ear()
    assert desk_of(tmp_path, {"ear": ear}).step() == 0
    assert told(ear) == []


def test_who_refuses_is_asked_again_in_order_and_holds_up_nobody(tmp_path: Path) -> None:
    full, other = Ear(takes=False), Ear()
    busy = desk_of(tmp_path, {"full": full, "other": other})
    see(busy, "!!##...")
    assert told(other) == [("raised", False), ("updated", False), ("cleared", False)]
    full.takes = True
    busy.step()
    assert told(full) == told(other)


def test_a_broker_that_comes_back_hears_what_it_may_have_forgotten(tmp_path: Path) -> None:
    clock, ear = [at(0).timestamp()], BrokerEar()
    busy = desk_of(tmp_path, {"ear": ear}, ("climate", "door"), now_s=clock)
    busy.step()
    assert states(ear) == ["none", "none"], "whatever the broker remembers of earlier"
    see(busy, "!!...")
    [door] = see(busy, "!!", "door", begin=20)
    for _ in range(2):
        busy.step()
    clock[0] += FORGETS_S + 1
    see(busy, "!!...", begin=60)
    for _ in range(2):
        busy.step()
    ear.heard.clear()
    ear.connections += 1
    busy.step()
    assert sorted(states(ear)) == ["cleared", "raised"]
    assert told(ear) == [("raised", True), ("raised", True), ("cleared", True)]
    assert door.id in ids(ear)
    assert len(ids(ear)) == 2, "what cleared long ago is known"


def test_a_full_disk_holds_no_alert_back_and_is_named_until_there_is_room(tmp_path: Path) -> None:
    folder, ear = tmp_path / "device", Ear()
    folder.write_text("no folder")
    busy = desk_of(folder, {"ear": ear})
    see(busy, "!!")
    assert told(ear) == [("raised", False)]
    busy.step()
    assert "would be forgotten at a restart" in busy.problem
    folder.unlink()
    busy.step()
    assert busy.problem == ""
    assert len(read(folder / FOLDER)) == 1


def test_a_disk_that_hangs_delays_an_alert_by_a_moment_only(tmp_path: Path) -> None:
    ear = Ear()
    busy = desk_of(tmp_path, {"ear": ear})
    see(busy, "!!")
    assert told(ear) == [("raised", False)], "nobody writes, for its thread does not run"


def test_an_alert_is_acknowledged_by_a_file_or_a_message_and_nothing_else(tmp_path: Path) -> None:
    ear = Ear()
    busy = desk_of(tmp_path, {"ear": ear}, ("climate", "door"))
    [climate] = see(busy, "!!")
    [door] = see(busy, "!!", "door")
    inbox = busy.acks
    garbage = [
        b"",
        b"ack",
        b"\xff" * 36,
        b"{}" * 500,
        climate.id.upper().encode(),
        door.id.encode() + b"\n",
    ]
    for message in garbage:
        inbox.hear(message)
    file = acks.leave(tmp_path / FOLDER, climate.id)
    busy.step()
    assert not file.exists()
    assert busy.counts()["acknowledged"] == 1
    assert busy.counts()["refused_acks"] == len(garbage)
    inbox.hear(door.id.encode())
    inbox.hear(door.id.encode())
    busy.step()
    assert [state for state, _ in told(ear)] == ["raised", "raised", "acknowledged", "acknowledged"]
    for _ in range(100):
        inbox.hear(door.id.encode())
    assert busy.counts()["refused_acks"] == len(garbage) + 36


def test_a_frame_that_is_tied_is_kept_and_told_with_what_comes_next(tmp_path: Path) -> None:
    alerts, ear = Alerts(("climate",), {"climate": ["bed-1"]}), BrokerEar()
    busy = desk_of(tmp_path, {"ear": ear}, alerts=alerts)
    [alert] = see(busy, "!!")
    due = alerts.at("bed-1").due
    alerts.begun("bed-1", due)
    alerts.kept("bed-1", due, alert.id)
    busy.step()
    assert ear.heard[-1].payload()["frames"] == [{"camera": "bed-1", "id": alert.id}]
    [kept] = read(tmp_path / FOLDER)
    assert kept.alert.frames[0].camera == "bed-1"
    see(busy, "...", begin=5)
    cleared = [e for e in ear.heard if isinstance(e, AnomalyEvent)][-1]
    assert cleared.payload()["frames"] == [{"camera": "bed-1", "id": alert.id}]
    again = Alerts(("climate",), {"climate": ["bed-1"]})
    desk_of(tmp_path, {"ear": ear}, alerts=again)
    assert again.at("bed-1").due == ()


def test_an_open_alert_of_a_sensor_that_is_judged_no_more_is_cleared(tmp_path: Path) -> None:
    before = desk_of(tmp_path, {"ear": Ear()})
    see(before, "!!")
    before.step()
    ear = BrokerEar()
    desk_of(tmp_path, {"ear": ear}, sensors=()).step()
    assert [state for state, _ in told(ear)] == ["raised", "cleared"]
    assert ear.heard[-1].payload()["state"] in ("cleared", "none")


def test_history_is_bounded_and_what_goes_unheard_is_counted(tmp_path: Path) -> None:
    ear = Ear()
    busy = desk_of(tmp_path, {"ear": ear}, most=4)
    for turn in range(8):
        ear.confirms = turn < 3
        see(busy, "!!...", begin=100 * turn)
        for _ in range(2):
            busy.step()
    left = read(tmp_path / FOLDER)
    assert [kept.alert.raised_at for kept in left] == [at(100 * turn + 1) for turn in range(4, 8)]
    assert busy.counts()["lost"] == 1


def test_torn_and_foreign_files_hide_no_alert(tmp_path: Path) -> None:
    before = desk_of(tmp_path, {"ear": Ear(confirms=False)})
    [alert] = see(before, "!!")
    before.step()
    folder = tmp_path / FOLDER
    [file] = folder.glob("*.json")
    (folder / f"{alert.id}.900.json").write_bytes(file.read_bytes()[:-20])
    (folder / "0198c2d4-7b5e-7c1a-9f00-3d2b1a4c5e6f.1.json").write_bytes(b"")
    (folder / "notes.json").write_text("{}")
    after = desk_of(tmp_path, {"ear": Ear()})
    assert [kept.alert.id for kept in read(folder)] == [alert.id]
    assert after.counts()["damaged"] == 1
    assert sorted(os.listdir(folder)) == sorted([file.name, "notes.json"])


def test_a_frame_that_is_tied_in_the_moment_of_the_clearing_is_not_forgotten(
    tmp_path: Path,
) -> None:
    class Keeping(Alerts):
        """Its keeper is done with a frame just when the alert is cleared."""

        def end(self, sensor: str) -> None:
            super().end(sensor)
            self.kept("bed-1", due, due[0].id)

    alerts, ear = Keeping(("climate",), {"climate": ["bed-1"]}, {"climate": 30.0}), Ear()
    busy = desk_of(tmp_path, {"ear": ear}, alerts=alerts)
    see(busy, "!!")
    due = alerts.at("bed-1").due
    alerts.begun("bed-1", due)
    see(busy, "...", begin=5)
    busy.step()
    [kept] = read(tmp_path / FOLDER)
    assert [frame.camera for frame in kept.alert.frames] == ["bed-1"]
    assert [change.state for change in kept.alert.changes] == ["raised", "cleared"]
    assert told(ear) == [("raised", False), ("cleared", False)]
