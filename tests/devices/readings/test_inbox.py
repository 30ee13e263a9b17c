import threading
from datetime import datetime, timezone

import pytest

from devices.errors import DeviceLost, NothingYet
from devices.reading import Reading
from devices.readings.inbox import Inbox


def reading(number: float) -> Reading:
    return Reading("box", datetime(2026, 3, 1, tzinfo=timezone.utc), 0.0, {"a": number})


def test_readings_come_out_in_the_order_in_which_they_came_in() -> None:
    inbox = Inbox("box")
    for number in range(3):
        inbox.put(reading(number))
    assert [inbox.take(0.0).values["a"] for _ in range(3)] == [0, 1, 2]
    with pytest.raises(NothingYet, match="no reading within 0 s"):
        inbox.take(0.0)


def test_when_it_is_full_the_oldest_goes_and_is_counted() -> None:
    inbox = Inbox("box", limit=2)
    for number in range(5):
        inbox.put(reading(number))
    assert [inbox.take(0.0).values["a"] for _ in range(2)] == [3, 4]
    assert inbox.losses == {"overrun": 3}


def test_what_waits_is_read_before_the_error_with_which_it_ended() -> None:
    inbox = Inbox("box")
    inbox.put(reading(1))
    inbox.end(DeviceLost("the first reason"))
    inbox.end(DeviceLost("another"))
    assert inbox.take(0.0).values == {"a": 1}
    for _ in range(2):
        with pytest.raises(DeviceLost, match="the first reason"):
            inbox.take(60.0)


def test_closing_ends_a_reader_at_once() -> None:
    inbox = Inbox("box")
    closer = threading.Timer(0.02, inbox.close)
    closer.start()
    with pytest.raises(DeviceLost, match="sensor box is closed"):
        inbox.take(60.0)
    closer.join()
    inbox.put(reading(1))


def test_a_closed_one_gives_nothing_that_waited() -> None:
    inbox = Inbox("box")
    inbox.put(reading(1))
    inbox.close()
    with pytest.raises(DeviceLost):
        inbox.take(0.0)
