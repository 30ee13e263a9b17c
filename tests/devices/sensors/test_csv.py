import threading
import time
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path

import pytest

from devices.errors import DeviceLost, DeviceUnavailable, EndOfSource, NothingYet
from devices.reading import Reading
from devices.readings.player import Player
from devices.sensor import open_sensor
from devices.sensor_settings import CsvSettings
from devices.sensors.csv import open_csv
from tests.checks_sensor import check_sensor

NOON = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)


def settings(path: Path, text: str | bytes | None = None, **more: object) -> CsvSettings:
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return CsvSettings.model_validate({"name": "box", "source": path, "speed": 0} | more)


def all_of(sensor: Player) -> list[Reading]:
    readings = []
    while True:
        try:
            readings.append(sensor.read(1.0))
        except EndOfSource:
            return readings


def lines(count: int, every_s: float = 1.0) -> str:
    rows = (f"{(NOON + timedelta(seconds=i * every_s)).isoformat()},{i}\n" for i in range(count))
    return "time,a\n" + "".join(rows)


@pytest.mark.parametrize("speed", [0.0, 100.0])
def test_it_does_what_every_sensor_does(tmp_path: Path, speed: float) -> None:
    asked = settings(tmp_path / "a.csv", lines(100), speed=speed, loop=True)
    check_sensor(lambda: open_sensor(asked))


def test_a_reading_carries_the_time_and_the_numbers_of_its_row(tmp_path: Path) -> None:
    text = "time,a,b\n2026-01-31T13:00:00.25+01:00, 1.5 ,2e3\n"
    with open_csv(settings(tmp_path / "a.csv", text)) as sensor:
        (reading,) = all_of(sensor)
    assert sensor.signals == ("a", "b")
    assert reading.sensor == "box"
    assert reading.at == NOON + timedelta(milliseconds=250)
    assert reading.values == {"a": 1.5, "b": 2000.0}
    assert sensor.losses == {}


@pytest.mark.parametrize(
    "time_text",
    [
        "2026-01-31T12:00:00Z",
        "2026-01-31t12:00:00z",
        "2026-01-31 12:00:00",
        "2026-01-31 12:00",
        "2026-01-31T12:00:00.000000000Z",
        "2026-01-31T14:30:00+02:30",
        "2026-01-31T07:00:00-0500",
        "1769860800",
        "1769860800.0",
    ],
)
def test_times_are_read_as_rfc_3339_or_seconds(tmp_path: Path, time_text: str) -> None:
    with open_csv(settings(tmp_path / "a.csv", f"time,a\n{time_text},1\n")) as sensor:
        assert sensor.read(0.0).at == NOON


@pytest.mark.parametrize(
    "time_text", ["", "noon", "nan", "inf", "1e30", "2026-02-30T12:00:00Z", "2026-01-31T12:00:61Z"]
)
def test_a_row_without_a_time_is_counted(tmp_path: Path, time_text: str) -> None:
    text = f"time,a\n{time_text},1\n2026-01-31T12:00:00Z,2\n"
    with open_csv(settings(tmp_path / "a.csv", text)) as sensor:
        assert sensor.read(0.0).values == {"a": 2.0}
    assert sensor.losses == {"no_time": 1}


def test_only_the_signals_that_are_asked_for_are_read(tmp_path: Path) -> None:
    text = "a;when;b;note\n1;100;2;hello\n"
    asked = settings(
        tmp_path / "a.csv", text, separator=";", time_column="when", signal=[{"name": "b"}]
    )
    with open_csv(asked) as sensor:
        assert sensor.signals == ("b",)
        assert sensor.read(0.0).values == {"b": 2.0}
    assert sensor.losses == {}


def test_what_is_no_number_is_left_out_and_counted(tmp_path: Path) -> None:
    text = "time,a,b,c\n100,1,,x\n101,NaN,inf,2\n102,1_0,3\n103,,,\n104,4,5,6\n"
    with open_csv(settings(tmp_path / "a.csv", text)) as sensor:
        readings = all_of(sensor)
    assert [dict(r.values) for r in readings] == [
        {"a": 1.0},
        {"c": 2.0},
        {"b": 3.0},
        {"a": 4.0, "b": 5.0, "c": 6.0},
    ]
    assert sensor.losses == {"missing": 5, "not_a_number": 4}


def test_rows_that_go_back_in_time_are_dropped_and_counted(tmp_path: Path) -> None:
    text = "time,a\n5,1\n6,2\n4,3\n6,4\n7,5\n"
    with open_csv(settings(tmp_path / "a.csv", text)) as sensor:
        assert [r.values["a"] for r in all_of(sensor)] == [1, 2, 4, 5]
    assert sensor.losses == {"late": 1}


@pytest.mark.parametrize("text", ["4,1\n900,0\n5,2\n6,3\n", "900,0\n4,1\n5,2\n6,3\n"])
def test_one_row_far_in_the_future_does_not_make_the_others_late(tmp_path: Path, text: str) -> None:
    with open_csv(settings(tmp_path / "a.csv", f"time,a\n{text}")) as sensor:
        assert [r.values["a"] for r in all_of(sensor)] == [1, 2, 3]
    assert sensor.losses == {"ahead": 1}


def test_damage_spoils_one_row_and_not_the_rest(tmp_path: Path) -> None:
    text = b'time,a\n1,1\n2,"2\n3,\xff\xfe\n4,4,4\n\n5,' + b"9" * 70_000 + b"\n6,6\n"
    with open_csv(settings(tmp_path / "a.csv", text)) as sensor:
        readings = all_of(sensor)
    assert {r.at.timestamp() for r in readings} >= {1.0, 6.0}
    assert readings[-1].values == {"a": 6.0}
    assert sensor.losses["damaged"] == 2
    assert sensor.losses["not_a_number"] == 1


def test_windows_line_ends_and_a_byte_order_mark_are_no_damage(tmp_path: Path) -> None:
    text = b"\xef\xbb\xbftime,a,\r\n1,1,\r\n2,2,\r\n"
    with open_csv(settings(tmp_path / "a.csv", text)) as sensor:
        assert sensor.signals == ("a",)
        assert len(all_of(sensor)) == 2
    assert sensor.losses == {}


def test_it_ends_where_the_file_ends(tmp_path: Path) -> None:
    with open_csv(settings(tmp_path / "a.csv", lines(3))) as sensor:
        assert len(all_of(sensor)) == 3
        with pytest.raises(EndOfSource, match="to its end"):
            sensor.read(0.0)


def test_it_begins_again_with_times_that_go_on_rising(tmp_path: Path) -> None:
    with open_csv(settings(tmp_path / "a.csv", lines(4, every_s=10), loop=True)) as sensor:
        readings = [sensor.read(0.0) for _ in range(12)]
    assert [r.values["a"] for r in readings] == [0, 1, 2, 3] * 3
    steps = {later.at - earlier.at for earlier, later in pairwise(readings)}
    assert steps == {timedelta(seconds=10)}


def test_a_single_row_can_be_repeated(tmp_path: Path) -> None:
    with open_csv(settings(tmp_path / "a.csv", lines(1), loop=True)) as sensor:
        readings = [sensor.read(0.0) for _ in range(3)]
    assert [(r.at - NOON).total_seconds() for r in readings] == [0, 1, 2]


def test_a_row_waits_until_it_is_due(tmp_path: Path) -> None:
    with open_csv(settings(tmp_path / "a.csv", lines(2, every_s=10), speed=100)) as sensor:
        sensor.read(0.0)
        begin_s = time.monotonic()
        with pytest.raises(NothingYet, match="not due"):
            sensor.read(0.0)
        second = sensor.read(5.0)
        assert 0.03 < time.monotonic() - begin_s < 2.0
    assert second.values == {"a": 1.0}


def test_closing_ends_a_read_that_waits(tmp_path: Path) -> None:
    sensor = open_csv(settings(tmp_path / "a.csv", lines(2, every_s=3600), speed=1))
    sensor.read(0.0)
    closer = threading.Timer(0.05, sensor.close)
    begin_s = time.monotonic()
    closer.start()
    with pytest.raises(DeviceLost, match="sensor box is closed"):
        sensor.read(60.0)
    assert time.monotonic() - begin_s < 2.0
    closer.join()


def test_a_file_that_is_emptied_while_it_is_replayed_is_a_lost_device(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with open_csv(settings(path, lines(1), loop=True)) as sensor:
        sensor.read(0.0)
        path.write_text("time,a\n")
        with pytest.raises(DeviceLost, match="no readable row any more"):
            sensor.read(0.0)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be read: No such file"),
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"time,a\n", "nothing below it"),
        (b"time,a\nx,1\n5,\n", "left out: 1 missing, 1 no_time"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not a text file"),
        (bytes(range(128, 256)) * 40, "not a text file"),
        ("time,a\n1,2\n".encode("utf-16"), "not a text file"),
        (b"when,a\n1,2\n", r"no column 'time'; its columns are 'when', 'a'"),
        (b"time;a\n1;2\n", r"no column 'time'; its columns are 'time;a' \(separated by ','\)"),
        (b"time\n1\n", "no column beside its time"),
        (b"time,a,a\n1,2,3\n", "two columns named 'a'"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_one_sentence(
    tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    with pytest.raises(DeviceUnavailable, match=sentence) as refused:
        open_csv(settings(tmp_path / "a.csv", content))
    assert "\n" not in str(refused.value)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeviceUnavailable, match="cannot be read: Is a directory"):
        open_csv(settings(tmp_path))
