"""IIO and hwmon devices of a real kernel: two thermometers, whose chips a stub of a bus plays."""

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

LM75, TMP006 = 0x48, 0x40
SLAVE_FORCE, SMBUS, WORD = 0x0706, 0x0720, 3


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


@pytest.fixture(scope="module")
def bus() -> Path:
    """A bus on which both chips answer; a word's high byte comes first."""
    modprobe("i2c-dev")
    modprobe("i2c-stub", f"chip_addr={LM75},{TMP006}")
    (name,) = (p for p in Path("/sys/class/i2c-adapter").glob("*/name") if "stub" in p.read_text())
    return name.parent


def write(bus: Path, chip: int, register: int, word: int) -> None:
    swapped = int.from_bytes(word.to_bytes(2, "big"), "little")
    data = (ctypes.c_uint16 * 17)(swapped)
    fd = os.open(f"/dev/{bus.name}", os.O_RDWR)
    try:
        fcntl.ioctl(fd, SLAVE_FORCE, chip)
        fcntl.ioctl(fd, SMBUS, SmbusCall(0, register, WORD, ctypes.addressof(data)))
    finally:
        os.close(fd)


def test_a_thermometer_that_hwmon_watches_tells_degrees(bus: Path) -> None:
    write(bus, LM75, 0, 0x1980)  # 25.5 °C
    modprobe("lm75")
    (bus / "new_device").write_text(f"lm75 {LM75:#x}\n")
    with open_sensor(settings("hwmon", "lm75")) as sensor:
        assert sensor.read(5.0).values == {"temp1": 25.5}
        write(bus, LM75, 0, 0xF600)  # −10 °C
        assert any(sensor.read(5.0).values == {"temp1": -10.0} for _ in range(500))


def test_a_thermometer_of_industrial_io_is_read_and_is_lost_when_its_driver_goes(
    bus: Path,
) -> None:
    for register, word in ((0xFE, 0x5449), (0xFF, 0x0067), (0x02, 0x7480), (0x01, 0x0CC0)):
        write(bus, TMP006, register, word)  # who it is; awake, and ready; 25.5 °C
    modprobe("tmp006")
    (bus / "new_device").write_text(f"tmp006 {TMP006:#x}\n")
    asked = settings(
        "iio", f"{bus.name.removeprefix('i2c-')}-{TMP006:04x}"
    )  # as its driver names it
    check_sensor(lambda: open_sensor(asked))
    with open_sensor(asked) as sensor:
        assert sensor.read(5.0).values["temp"] == pytest.approx(25.5)
        (bus / "delete_device").write_text(f"{TMP006:#x}\n")
        with pytest.raises(DeviceLost, match="is gone"):
            sensor.read(5.0)
