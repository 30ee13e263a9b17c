"""What the configuration says of sensors: one class for each kind, and what all of them share."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from devices.alert_settings import OwnAlertSettings
from devices.broker import BrokerSettings
from devices.readings.modbus_map import place
from devices.settings import Name

FROZEN = ConfigDict(frozen=True, extra="forbid")

Signals = Annotated[tuple["SignalSettings", ...], Field(min_length=1)]
"""Of kinds whose source does not tell by itself which signals it has."""

Seconds = Annotated[float, Field(gt=0, le=86_400)]


class SignalSettings(BaseModel):
    """One `[[sensor.signal]]` block: a number that the sensor tells, and what it can be.

    The value is what the source says × scale + offset, in `unit`; min and max are in that unit too.
    """

    model_config = FROZEN

    name: Annotated[str, Field(min_length=1, max_length=128)]
    at: Annotated[str, Field(min_length=1, max_length=512)] | None = None
    """Where the source has it; each kind says what can stand here. Default: its name."""
    unit: Annotated[str, Field(max_length=32)] = ""
    """As people write it (°C, %, ppm); goes into health, alerts and Parquet."""
    scale: float = 1.0
    offset: float = 0.0
    min: float | None = None
    """A smaller value is no measurement: left out, counted and named."""
    max: float | None = None
    """A larger value is no measurement: left out, counted and named."""
    stuck_s: Annotated[float, Field(gt=0)] | None = None
    """A value that has not changed for so long is named as stuck. Default: it may stand still."""

    @model_validator(mode="after")
    def _range_is_one(self) -> "SignalSettings":
        if self.min is not None and self.max is not None and self.min >= self.max:
            raise ValueError("min must be below max")
        return self

    @property
    def place(self) -> str:
        """Where the source has it."""
        return self.at or self.name


class CommonSettings(BaseModel):
    """What every `[[sensor]]` block may say."""

    model_config = FROZEN

    name: Name
    signal: tuple[SignalSettings, ...] = ()
    silent_s: Seconds = 60.0
    """Without a reading for so long the sensor is named as silent."""
    alert: OwnAlertSettings | None = None
    model: str | None = None
    """Path of a bundle made by `vision-app anomaly fit`, or the name of one that is built in.
    Without it readings are kept but not judged."""

    @model_validator(mode="after")
    def _signals_differ(self) -> "CommonSettings":
        twice = [name for name, n in Counter(s.name for s in self.signal).items() if n > 1]
        if twice:
            raise ValueError(f"two [[sensor.signal]] blocks are named {twice[0]!r}")
        return self

    @property
    def played(self) -> bool:
        """Whether its readings are of some other time, told again."""
        return False

    @property
    def units(self) -> dict[str, str]:
        """Signal → unit, of those that name one."""
        return {signal.name: signal.unit for signal in self.signal if signal.unit}


class FileSettings(CommonSettings):
    """A file that grows, or that is played."""

    source: Path
    speed: Annotated[float, Field(ge=0)] = 1.0
    """1 replays at its own pace, 60 a minute per second, 0 as fast as possible."""
    loop: bool = False
    """Begin again at the end."""
    follow: bool = False
    """Read what is appended to the file from now on, for ever, as `tail -F` does."""

    @property
    def played(self) -> bool:
        """A file that is not followed."""
        return not self.follow

    @model_validator(mode="after")
    def _one_way_to_go_on(self) -> "FileSettings":
        if self.follow and self.loop:
            raise ValueError("follow and loop exclude each other: name one")
        return self


class CsvSettings(FileSettings):
    """A CSV file. `at` of a signal is its column; without signals every column is one."""

    kind: Literal["csv"] = "csv"
    time_column: str = "time"
    """RFC 3339, or seconds since 1970."""
    separator: Annotated[str, Field(min_length=1, max_length=1)] = ","

    @model_validator(mode="after")
    def _time_is_no_signal(self) -> "CsvSettings":
        if any(signal.place == self.time_column for signal in self.signal):
            raise ValueError(f"the time column {self.time_column!r} cannot be a signal")
        return self


class JsonLinesSettings(FileSettings):
    """A file with a JSON object in each line. `at` of a signal is its key; a dot goes deeper."""

    kind: Literal["jsonl"]
    signal: Signals
    time_key: str = "time"
    """RFC 3339, or seconds since 1970; a dot goes deeper."""


class MqttSensorSettings(CommonSettings, BrokerSettings):
    """MQTT messages. `at` of a signal is a topic, or topic#key for a place in its JSON.

    With a client_id the broker keeps messages of QoS 1 for us while we are away, if it can.
    """

    kind: Literal["mqtt"]
    signal: Signals
    time_key: str | None = None
    """Where the JSON has the time: RFC 3339, or seconds since 1970. Default: when it came."""

    @model_validator(mode="after")
    def _topics_are_plain(self) -> "MqttSensorSettings":
        for signal in self.signal:
            topic, mark, key = signal.place.partition("#")
            if not topic or "+" in topic or (mark and not key):
                raise ValueError(
                    f"at of signal {signal.name!r} must be one topic, or topic#key: a key in the "
                    "JSON that comes there"
                )
        return self


class SerialSettings(CommonSettings):
    """Lines on a serial port; what `at` of a signal is depends on their form."""

    kind: Literal["serial"]
    signal: Signals
    source: Annotated[str, Field(min_length=1)]
    """/dev/ttyUSB0, or better the link to it in /dev/serial/by-id."""
    baud: Annotated[int, Field(ge=50, le=4_000_000)] = 9600
    bits: Literal[7, 8] = 8
    parity: Literal["N", "E", "O"] = "N"
    stop_bits: Literal[1, 2] = 1
    form: Literal["fields", "pairs", "json"] = "fields"
    """fields: 21.5,60 (`at` is a number from 1); pairs: t=21.5,h=60; json: an object."""
    separator: Annotated[str, Field(max_length=1)] = ","
    """fields and pairs; empty: spaces and tabs, however many."""

    @model_validator(mode="after")
    def _fields_have_numbers(self) -> "SerialSettings":
        for signal in self.signal if self.form == "fields" else ():
            if not signal.place.isdecimal() or not 1 <= int(signal.place) <= 999:
                raise ValueError(
                    f"at of signal {signal.name!r} must be the number of its field, from 1"
                )
        return self


class AskedSettings(CommonSettings):
    """A sensor that speaks when it is asked."""

    signal: Signals
    every_s: Annotated[float, Field(ge=0.001, le=3600)] = 1.0
    """It is asked so often."""


class ModbusSettings(AskedSettings):
    """Modbus TCP or RTU. `at` of a signal is its table, address and type: holding 100 float32."""

    kind: Literal["modbus"]
    source: Annotated[str, Field(pattern=r"^(/.+|[^/]+:[0-9]{1,5})$")]
    """host:port, or a serial port: /dev/ttyUSB0."""
    unit: Annotated[int, Field(ge=0, le=255)] = 1
    """The number of the device on its bus, or behind its gateway."""
    words: Literal["big", "little"] = "big"
    """Which 16 bits of a longer number come first: the high ones (big), or the low ones."""
    baud: Annotated[int, Field(ge=50, le=4_000_000)] = 9600
    parity: Literal["N", "E", "O"] = "E"
    stop_bits: Literal[1, 2] = 1

    @property
    def serial(self) -> bool:
        """Whether it is reached over a serial port."""
        return self.source.startswith("/")

    @model_validator(mode="after")
    def _places_are_right(self) -> "ModbusSettings":
        for signal in self.signal:
            place(signal.place)
        return self


class OpcUaSettings(AskedSettings):
    """A server of OPC UA. `at` of a signal is its node, such as ns=2;s=Boiler.Flow."""

    kind: Literal["opcua"]
    source: Annotated[str, Field(pattern=r"^opc\.tcp://[^/@\s]+(/[^\s]*)?$")]
    """opc.tcp://host:4840/path, without user and password."""
    username: str | None = None
    password_file: Path | None = None
    cert: Path | None = None
    """Our certificate (.der or .pem), which the server must trust; all is signed and encrypted."""
    key: Path | None = None

    @model_validator(mode="after")
    def _secrets_are_whole(self) -> "OpcUaSettings":
        if (self.cert is None) != (self.key is None):
            raise ValueError("cert and key belong together: name both or neither")
        if (self.username is None) != (self.password_file is None):
            raise ValueError("username and password_file belong together: name both or neither")
        return self


class SysfsSettings(CommonSettings):
    """A sensor that the kernel reads. `at` of a signal is its channel; without signals all are.

    Values are in whole units (°C, V, A, %, W), where the kernel counts thousandths.
    """

    kind: Literal["iio", "hwmon"]
    source: Annotated[str, Field(min_length=1)]
    """The name that its driver gives it (bme280, coretemp), or iio:device0, hwmon0."""
    every_s: Annotated[float, Field(ge=0.001, le=3600)] = 1.0


def _kind(raw: Any) -> str:
    """Which kind of sensor a block is of."""
    kind = raw.get("kind", "csv") if isinstance(raw, dict) else getattr(raw, "kind", "")
    return str(kind)


SensorSettings = Annotated[
    Annotated[CsvSettings, Tag("csv")]
    | Annotated[JsonLinesSettings, Tag("jsonl")]
    | Annotated[MqttSensorSettings, Tag("mqtt")]
    | Annotated[SerialSettings, Tag("serial")]
    | Annotated[ModbusSettings, Tag("modbus")]
    | Annotated[OpcUaSettings, Tag("opcua")]
    | Annotated[SysfsSettings, Tag("iio")]
    | Annotated[SysfsSettings, Tag("hwmon")],
    Discriminator(_kind),
]
"""One `[[sensor]]` block; `kind` says which class it is."""
