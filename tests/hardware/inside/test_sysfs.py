"""IIO and hwmon devices of a real kernel: its dummy converter, and an lm75 on a stub of a bus."""

import ctypes
import fcntl
import os
import subprocess
from pathlib import Path

import pytest

from devices.errors import DeviceLost
from devices.sensor import open_sensor
from devices.sensor_settings import SysfsSettings
from tests.checks_sensor import check_sensor

DUMMY = Path("/sys/kernel/config/iio/devices/dummy")
SLAVE, SMBUS, WORD = 0x0703, 0x0720, 3


class SmbusCall(ctypes.Structure):
    """struct i2c_smbus_ioctl_data of linux/i2c-dev.h"""

    _fields_ = (
        ("write", ctypes.c_uint8),
        ("command", ctypes.c_uint8),
        ("size", ctypes.c_uint32),
        ("data", ctypes.c_void_p),
    )


def settings(kind: str, source: str) -> SysfsSettings:
    return SysfsSettings.model_validate(
        {"name": "board", "kind": kind, "source": source, "every_s": 0.01}
    )


def modprobe(*words: str) -> None:
    subprocess.run(["modprobe", *words], check=True)


def write_register(bus: str, chip: int, register: int, word: int) -> None:
    data = (ctypes.c_uint16 * 17)(word)
    fd = os.open(f"/dev/{bus}", os.O_RDWR)
    try:
        fcntl.ioctl(fd, SLAVE, chip)
        fcntl.ioctl(fd, SMBUS, SmbusCall(0, register, WORD, ctypes.addressof(data)))
    finally:
        os.close(fd)


def test_a_converter_is_read_and_is_lost_when_its_driver_goes() -> None:
    (DUMMY / "bench").mkdir()
    asked = settings("iio", "bench")
    check_sensor(lambda: open_sensor(asked))
    with open_sensor(asked) as sensor:
        values = sensor.read(5.0).values
        (device,) = Path("/sys/bus/iio/devices").glob("iio:device*")
        said = {name: float((device / name).read_text()) for name in (
            "in_voltage0_raw", "in_voltage0_offset", "in_voltage0_scale", "in_accel_x_raw",
        )}  # fmt: skip
        volts = (said["in_voltage0_raw"] + said["in_voltage0_offset"]) * said["in_voltage0_scale"]
        assert values["voltage0"] == pytest.approx(volts / 1000)
        assert "accel_x" in values
        (DUMMY / "bench").rmdir()
        with pytest.raises(DeviceLost, match="bench is gone"):
            sensor.read(5.0)


def test_a_thermometer_on_a_bus_tells_degrees() -> None:
    modprobe("i2c-dev")
    modprobe("i2c-stub", "chip_addr=0x48")
    (name,) = (p for p in Path("/sys/class/i2c-adapter").glob("*/name") if "stub" in p.read_text())
    write_register(name.parent.name, 0x48, 0, 0x8019)  # the chip sends its high byte first: 25.5 °C
    modprobe("lm75")
    (name.parent / "new_device").write_text("lm75 0x48\n")
    with open_sensor(settings("hwmon", "lm75")) as sensor:
        assert sensor.read(5.0).values == {"temp1": 25.5}
        write_register(name.parent.name, 0x48, 0, 0x00F6)  # −10 °C
        assert any(sensor.read(5.0).values == {"temp1": -10.0} for _ in range(500))
