"""Files of JSON lines, and files that grow while they are read."""

import json
import os
import threading
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from devices.errors import DeviceLost, DeviceUnavailable, EndOfSource, NothingYet
from devices.reading import Reading
from devices.sensor import Sensor, open_sensor
from devices.sensor_settings import CsvSettings, JsonLinesSettings
from tests.checks_sensor import check_sensor

NOW = datetime.now(timezone.utc)


def json_lines(path: Path, *told: object, **more: Any) -> JsonLinesSettings:
    path.write_text("".join(json.dumps(one) + "\n" for one in told))
    asked = {"signal": [{"name": "t", "at": "air.t"}, {"name": "h", "at": "soil.1"}]}
    return JsonLinesSettings.model_validate(
        {"name": "box", "kind": "jsonl", "source": path, "speed": 0} | asked | more
    )


def followed(path: Path, **more: Any) -> Sensor:
    return open_sensor(
        CsvSettings.model_validate({"name": "box", "source": path, "follow": True} | more)
    )


def row(second: float, value: float) -> str:
    return f"{(NOW + timedelta(seconds=second)).isoformat()},{value}\n"


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def all_of(sensor: Sensor) -> list[Reading]:
    readings = []
    try:
        while True:
            readings.append(sensor.read(0.0))
    except (EndOfSource, NothingYet):
        return readings


def test_json_lines_do_what_every_sensor_does(tmp_path: Path) -> None:
    told = [{"time": i, "air": {"t": i}} for i in range(100)]
    asked = json_lines(tmp_path / "a.jsonl", *told, loop=True)
    check_sensor(lambda: open_sensor(asked))


def test_values_are_found_by_their_keys_and_what_is_not_there_is_missing(tmp_path: Path) -> None:
    told = (
        {"time": 1, "air": {"t": 21.5}, "soil": [7, "8"]},
        {"time": "1970-01-01T00:00:02Z", "air.t": 22},
        {"time": True, "air": {"t": 1}},
        {"air": {"t": 1}},
        [1, 2],
        {"time": 4, "air": {"t": {"x": 1}}, "soil": []},
        {"time": 5, "air": 3, "soil": [0, 9]},
    )
    with open_sensor(json_lines(tmp_path / "a.jsonl", *told)) as sensor:
        readings = all_of(sensor)
    assert [(r.at.timestamp(), dict(r.values)) for r in readings] == [
        (1.0, {"t": 21.5, "h": 8.0}),
        (2.0, {"t": 22.0}),
        (5.0, {"h": 9.0}),
    ]
    assert sensor.losses == {"no_time": 2, "damaged": 1, "missing": 3, "not_a_number": 1}


def test_units_ranges_and_places_are_those_of_the_configuration(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("time,temp 1\n1,250\n2,9999\n")
    signal = {"name": "t", "at": "temp 1", "unit": "°C", "scale": 0.1, "max": 60}
    asked = CsvSettings.model_validate(
        {"name": "box", "source": path, "speed": 0, "signal": [signal]}
    )
    with open_sensor(asked) as sensor:
        assert [r.values for r in all_of(sensor)] == [{"t": 25.0}]
        assert list(sensor.problems.values()) == ["signal t is out of range: 999.9 °C"]


def test_a_file_that_grows_gives_what_is_appended_in_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("time,a\n" + row(0, 1) + row(1, 2))
    with followed(path) as sensor:
        assert all_of(sensor) == []
        append(path, row(2, 3)[:20])
        assert all_of(sensor) == []
        append(path, row(2, 3)[20:] + row(3, 4))
        assert [r.values["a"] for r in all_of(sensor)] == [3, 4]


def test_a_reader_that_waits_is_given_what_comes(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("time,a\n")
    with followed(path) as sensor:
        writer = threading.Timer(0.05, append, (path, row(0, 1)))
        writer.start()
        assert sensor.read(30.0).values == {"a": 1.0}
        writer.join()
    with pytest.raises(DeviceLost, match="sensor box is closed"):
        sensor.read(0.0)


def test_closing_ends_a_reader_of_a_file_that_does_not_grow(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("time,a\n")
    sensor = followed(path)
    closer = threading.Timer(0.05, sensor.close)
    begin_s = time.monotonic()
    closer.start()
    with pytest.raises(DeviceLost, match="is closed"):
        sensor.read(60.0)
    assert time.monotonic() - begin_s < 10
    closer.join()


def test_a_log_that_is_rotated_is_followed_into_the_next_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("time,a\n")
    with followed(path) as sensor:
        append(path, row(0, 1))
        os.rename(path, tmp_path / "a.csv.1")
        assert [r.values["a"] for r in all_of(sensor)] == [1]
        path.write_text("b,time,a\n" + f"9,{row(1, 2)}")
        assert [r.values["a"] for r in all_of(sensor)] == [2]
        path.write_text("time,a\n" + row(2, 3))
        assert [r.values["a"] for r in all_of(sensor)] == [3]


def test_a_next_file_without_our_columns_is_a_lost_device(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("time,a\n" + row(0, 1))
    with followed(path) as sensor:
        path.write_text("c\n1\n")
        with pytest.raises(DeviceLost, match="no column 'time'"):
            sensor.read(0.0)


def test_a_followed_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeviceUnavailable, match="cannot be read: No such file"):
        followed(tmp_path / "a.csv")
