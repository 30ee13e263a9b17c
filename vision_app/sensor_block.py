"""One `[[sensor]]` block: the sensor, and what its alerts do otherwise than those of others."""

from typing import Annotated

from pydantic import BaseModel, Discriminator, Tag

from devices.sensor_settings import (
    CsvSettings,
    JsonLinesSettings,
    ModbusSettings,
    MqttSensorSettings,
    OpcUaSettings,
    SerialSettings,
    SysfsSettings,
    kind_of,
)
from vision_app.alerting.rules import OwnAlertSettings


class Alerting(BaseModel):
    """What every block may say beside what its kind does."""

    alert: OwnAlertSettings | None = None


class CsvBlock(CsvSettings, Alerting):
    """A file of rows."""


class JsonLinesBlock(JsonLinesSettings, Alerting):
    """A file with an object in each line."""


class MqttBlock(MqttSensorSettings, Alerting):
    """Topics of a broker."""


class SerialBlock(SerialSettings, Alerting):
    """Lines on a serial port."""


class ModbusBlock(ModbusSettings, Alerting):
    """Registers of Modbus."""


class OpcUaBlock(OpcUaSettings, Alerting):
    """Nodes of OPC UA."""


class SysfsBlock(SysfsSettings, Alerting):
    """What the kernel reads."""


SensorBlock = Annotated[
    Annotated[CsvBlock, Tag("csv")]
    | Annotated[JsonLinesBlock, Tag("jsonl")]
    | Annotated[MqttBlock, Tag("mqtt")]
    | Annotated[SerialBlock, Tag("serial")]
    | Annotated[ModbusBlock, Tag("modbus")]
    | Annotated[OpcUaBlock, Tag("opcua")]
    | Annotated[SysfsBlock, Tag("iio")]
    | Annotated[SysfsBlock, Tag("hwmon")],
    Discriminator(kind_of),
]
