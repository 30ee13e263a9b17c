from threading import Thread

import pytest

from uploader.choosing.alerts import NOTHING, Alerted, Alerts, Standing
from uploader.errors import PolicyError

SENSORS = ("climate", "door", "weight")
CLIMATE, DOOR, WEIGHT = (Alerted(f"id-of-{name}", name) for name in SENSORS)


def test_each_sensor_has_a_bit_that_stands_while_its_alert_is_raised() -> None:
    alerts = Alerts(SENSORS)
    assert alerts.raised == 0
    alerts.begin(WEIGHT)
    alerts.begin(CLIMATE)
    alerts.begin(CLIMATE)
    assert alerts.raised == 0b101
    alerts.end("weight")
    alerts.end("door")
    assert alerts.raised == 0b001
    assert alerts.at("any") == Standing(0b001, (CLIMATE,), ())


def test_sensors_do_not_undo_what_others_set_at_the_same_time() -> None:
    alerts = Alerts(tuple(f"s{number}" for number in range(8)))

    def flicker(sensor: str) -> None:
        for turn in range(501):
            alerts.begin(Alerted(f"{sensor}-{turn}", sensor))
            if turn < 500:
                alerts.end(sensor)

    threads = [Thread(target=flicker, args=(sensor,)) for sensor in alerts.sensors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert alerts.raised == 0xFF


def test_no_more_sensors_are_taken_than_a_row_of_a_replay_holds() -> None:
    names = tuple(f"s{number}" for number in range(64))
    alerts = Alerts(names)
    alerts.begin(Alerted("x", "s63"))
    assert alerts.raised == 1 << 63
    with pytest.raises(PolicyError, match="65 sensors have a model; at most 64"):
        Alerts((*names, "one-more"))


def test_an_alert_counts_for_its_cameras_only_and_for_a_while_after_its_end() -> None:
    seconds = [100.0]
    cameras = {"climate": {"bed-1", "bed-2"}}
    alerts = Alerts(SENSORS, cameras, {"climate": 30.0}, lambda: seconds[0])
    alerts.begin(CLIMATE)
    alerts.begin(DOOR)
    assert alerts.at("bed-1").bits == 0b011
    assert alerts.at("gate").alerts == (DOOR,), "no camera is named: it is for all"
    alerts.end("climate")
    alerts.end("door")
    seconds[0] = 129.9
    assert alerts.at("bed-1").alerts == (CLIMATE,)
    assert alerts.at("gate") is NOTHING
    seconds[0] = 130.0
    assert alerts.at("bed-1") == NOTHING
    assert alerts.missed == 2, "no frame came of either camera"


def test_each_named_camera_owes_an_alert_one_snapshot_and_tries_until_it_is_kept() -> None:
    told = list[tuple[Alerted, str, str]]()
    alerts = Alerts(SENSORS, {"climate": ["bed-1", "bed-2"]})
    alerts.tied = lambda *news: told.append(news)
    alerts.begin(CLIMATE)
    due = alerts.at("bed-1").due
    assert due == (CLIMATE,)
    alerts.begun("bed-1", due)
    assert alerts.at("bed-1").due == (), "one is on its way"
    alerts.failed("bed-1", due)
    assert alerts.at("bed-1").due == due
    alerts.begun("bed-1", due)
    alerts.begin(CLIMATE)
    alerts.kept("bed-1", due, "frame-7")
    alerts.kept("bed-1", due, "frame-8")
    assert told == [(CLIMATE, "bed-1", "frame-7")]
    assert alerts.at("bed-1").due == ()
    assert alerts.at("bed-2").due == (CLIMATE,)


def test_after_a_restart_only_the_snapshots_that_lack_are_taken() -> None:
    alerts = Alerts(SENSORS, {"climate": ["bed-1", "bed-2"]})
    alerts.begin(CLIMATE, tied=["bed-1"])
    assert [alerts.at(camera).due for camera in ("bed-1", "bed-2")] == [(), (CLIMATE,)]


def test_a_new_alert_of_a_sensor_takes_the_place_of_one_that_still_counted() -> None:
    alerts = Alerts(SENSORS, {"climate": ["bed-1"]}, {"climate": 1e9})
    again = Alerted("another-id", "climate")
    alerts.begin(CLIMATE)
    alerts.end("climate")
    alerts.begin(again)
    assert alerts.at("bed-1") == Standing(1, (again,), (again,))
    assert alerts.missed == 1
