from threading import Thread

import pytest

from uploader.choosing.alerts import Alerts
from uploader.errors import PolicyError


def test_each_sensor_has_a_bit_that_stands_while_its_alert_is_raised() -> None:
    alerts = Alerts(("climate", "door", "weight"))
    assert alerts.raised == 0
    alerts.set("weight", True)
    alerts.set("climate", True)
    alerts.set("climate", True)
    assert alerts.raised == 0b101
    alerts.set("weight", False)
    alerts.set("door", False)
    assert alerts.raised == 0b001


def test_sensors_do_not_undo_what_others_set_at_the_same_time() -> None:
    alerts = Alerts(tuple(f"s{number}" for number in range(8)))

    def flicker(sensor: str) -> None:
        for turn in range(2_001):
            alerts.set(sensor, turn % 2 == 0)

    threads = [Thread(target=flicker, args=(sensor,)) for sensor in alerts.sensors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert alerts.raised == 0xFF


def test_no_more_sensors_are_taken_than_a_row_of_a_replay_holds() -> None:
    names = tuple(f"s{number}" for number in range(64))
    alerts = Alerts(names)
    alerts.set("s63", True)
    assert alerts.raised == 1 << 63
    with pytest.raises(PolicyError, match="65 sensors have a model; at most 64"):
        Alerts((*names, "one-more"))
