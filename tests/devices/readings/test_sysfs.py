"""Files as the kernel has them below /sys; the real ones are read in tests/hardware."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from devices.errors import DeviceLost, DeviceUnavailable
from devices.sensor import Sensor
from devices.sensor_settings import SysfsSettings
from devices.sensors.hwmon import open_hwmon
from devices.sensors.iio import open_iio
from devices.sensors.present import PresentSensor, sensors
from tests.checks_sensor import check_sensor


def device(root: Path, where: str, **files: object) -> Path:
    folder = root / where
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_text(f"{content}\n")
    return folder


def chip(root: Path, where: str = "hwmon0", name: str = "lm75", **files: object) -> Path:
    return device(root, f"class/hwmon/{where}", name=name, **files)


def settings(kind: str, source: str, **more: Any) -> SysfsSettings:
    asked = {"name": "board", "kind": kind, "source": source, "every_s": 0.001}
    return SysfsSettings.model_validate(asked | more)


def hwmon(root: Path, source: str = "lm75", **more: Any) -> Sensor:
    return open_hwmon(settings("hwmon", source, **more), root)


def iio(root: Path, source: str = "bme280", **more: Any) -> Sensor:
    return open_iio(settings("iio", source, **more), root)


def test_it_does_what_every_sensor_does(tmp_path: Path) -> None:
    chip(tmp_path, temp1_input=21500)
    check_sensor(lambda: hwmon(tmp_path))


def test_a_chip_tells_all_its_channels_in_whole_units(tmp_path: Path) -> None:
    chip(
        tmp_path, temp1_input=-21500, in0_input=3300, curr1_input=250, fan2_input=1200,
        power1_input=5_000_000, humidity1_input=55_500, temp1_max=80000, energy1_input=7_000_000,
    )  # fmt: skip
    with hwmon(tmp_path) as sensor:
        assert sensor.read(1.0).values == {
            "temp1": -21.5, "in0": 3.3, "curr1": 0.25, "fan2": 1200.0, "power1": 5.0,
            "humidity1": 55.5, "energy1": 7.0,
        }  # fmt: skip


def test_a_channel_goes_by_its_label_and_the_second_of_a_label_by_its_number(
    tmp_path: Path,
) -> None:
    chip(
        tmp_path, temp1_input=1000, temp1_label="Core", temp2_input=2000, temp2_label="Core",
        temp10_input=3000,
    )  # fmt: skip
    with hwmon(tmp_path) as sensor:
        assert sensor.signals == ("Core", "temp2", "temp10")


def test_signals_choose_channels_and_give_them_names(tmp_path: Path) -> None:
    chip(tmp_path, temp1_input=21500, temp2_input=85000)
    signal = [{"name": "cpu", "at": "temp2", "max": 80}, {"name": "air", "at": "temp1"}]
    with hwmon(tmp_path, signal=signal) as sensor:
        assert sensor.read(1.0).values == {"air": 21.5}
        assert sensor.losses == {"out_of_range": 1}


def test_a_channel_that_cannot_be_read_now_is_missing(tmp_path: Path) -> None:
    folder = chip(tmp_path, temp1_input=21500, temp2_input=1000)
    with hwmon(tmp_path) as sensor:
        (folder / "temp1_input").unlink()
        assert sensor.read(1.0).values == {"temp2": 1.0}
        assert sensor.problems == {"temp1 missing": "signal temp1 is missing"}


def test_a_device_that_is_gone_is_a_lost_device(tmp_path: Path) -> None:
    folder = chip(tmp_path, temp1_input=21500)
    with hwmon(tmp_path) as sensor:
        shutil.rmtree(folder)
        with pytest.raises(DeviceLost, match="lm75 is gone"):
            sensor.read(1.0)


def test_two_of_one_name_are_told_apart_by_their_numbers(tmp_path: Path) -> None:
    chip(tmp_path, "hwmon0", temp1_input=1000)
    chip(tmp_path, "hwmon1", temp1_input=2000)
    with pytest.raises(DeviceUnavailable, match="set source to one of hwmon0, hwmon1"):
        hwmon(tmp_path)
    with hwmon(tmp_path, "hwmon1") as sensor:
        assert sensor.read(1.0).values == {"temp1": 2.0}


@pytest.mark.parametrize(
    ("source", "more", "sentence"),
    [
        ("lm76", {}, r"lm76 is not there; .* \(there is: lm75\)"),
        ("lm75", {"signal": [{"name": "a", "at": "temp7"}]}, "no channel 'temp7'.*it has temp1"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(
    tmp_path: Path, source: str, more: dict[str, Any], sentence: str
) -> None:
    chip(tmp_path, temp1_input=1000)
    with pytest.raises(DeviceUnavailable, match=sentence):
        hwmon(tmp_path, source, **more)


def test_a_machine_and_a_chip_without_sensors_say_so(tmp_path: Path) -> None:
    with pytest.raises(DeviceUnavailable, match="there is: none"):
        hwmon(tmp_path)
    chip(tmp_path, temp1_max=1000)
    with pytest.raises(DeviceUnavailable, match="has no channel that can be read"):
        hwmon(tmp_path)


def test_iio_channels_are_worked_out_by_the_driver_or_by_us(tmp_path: Path) -> None:
    files = {
        "name": "bme280", "in_temp_input": 21500, "in_temp_raw": 7, "in_pressure_input": 101.3,
        "in_voltage0_raw": 100, "in_voltage0_scale": 0.5, "in_voltage0_offset": -20,
        "in_voltage1_raw": 1000, "in_voltage_scale": 2, "in_accel_x_raw": 10,
        "in_accel_scale": 0.01, "in_illuminance_raw": 300, "in_humidityrelative_input": 55500,
        "in_voltage0-voltage1_raw": 50, "in_accel_x_calibbias": 3,
    }  # fmt: skip
    device(tmp_path, "bus/iio/devices/iio:device0", **files)
    with iio(tmp_path) as sensor:
        assert sensor.read(1.0).values == pytest.approx(
            {
                "temp": 21.5, "pressure": 101.3, "voltage0": 0.04, "voltage1": 2.0,
                "accel_x": 0.1, "illuminance": 300.0, "humidityrelative": 55.5,
                "voltage0-voltage1": 0.1,
            }
        )  # fmt: skip


def test_what_this_machine_has_is_listed_as_a_configuration_names_it(tmp_path: Path) -> None:
    sys, dev = tmp_path / "sys", tmp_path / "dev"
    assert sensors(sys, dev) == ()
    chip(sys, "hwmon0", "nvme", temp1_input=1000, temp1_label="Composite")
    chip(sys, "hwmon1", "nvme", temp1_input=1000)
    chip(sys, "hwmon2", "coretemp", temp1_input=1000, temp2_input=1000)
    chip(sys, "hwmon3", "ups")
    device(sys, "bus/iio/devices/iio:device0", name="bme280", in_temp_input=1)
    (dev / "serial" / "by-id").mkdir(parents=True)
    (dev / "serial" / "by-id" / "usb-Arduino-if00").symlink_to("../../ttyACM0")
    assert sensors(sys, dev) == (
        PresentSensor("hwmon", "hwmon0", ("Composite",)),
        PresentSensor("hwmon", "hwmon1", ("temp1",)),
        PresentSensor("hwmon", "coretemp", ("temp1", "temp2")),
        PresentSensor("iio", "bme280", ("temp",)),
        PresentSensor("serial", str(dev / "serial/by-id/usb-Arduino-if00"), ()),
    )
