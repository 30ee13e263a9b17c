"""A sensor behind Modbus TCP or RTU: a PLC, a meter, a climate controller."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from threading import Event
from types import TracebackType
from typing import Any

from devices.errors import DeviceLost, DeviceUnavailable
from devices.reading import Reading
from devices.sensor_settings import ModbusSettings
from devices.sensors.beat import Beat
from devices.sensors.gate import Gate
from devices.sensors.modbus_map import Block, blocks
from devices.sensors.order import Order, utc_now

ANSWER_S = 2.0


class ModbusSensor:
    """Asks for all signals every `every_s` seconds; the answers together are one reading.

    losses: refused (a request that the device answered with an exception), and those of `Gate`.
    """

    def __init__(self, settings: ModbusSettings, now: Callable[[], datetime] = utc_now) -> None:
        """Connects, and asks once. Raises DeviceUnavailable."""
        try:
            from pymodbus import ModbusException
        except ImportError as error:
            raise DeviceUnavailable(
                f"sensor {settings.name} needs pymodbus: pip install 'vision-app[modbus]'"
            ) from error
        logging.getLogger("pymodbus").setLevel(logging.CRITICAL)  # what it says, we say
        self._settings, self._now, self._broken = settings, now, ModbusException
        self._blocks = blocks((signal.name, signal.place) for signal in settings.signal)
        self._gate = Gate(settings.signal, Order("ours", now))
        self._lost: Counter[str] = Counter()
        self._closed = Event()
        self._beat = Beat(settings.every_s, self._closed)
        self._client = _client(settings)
        try:
            self._first()
        except DeviceUnavailable:
            self.close()
            raise

    @property
    def signals(self) -> tuple[str, ...]:
        """Names of the signals."""
        return self._gate.signals

    @property
    def losses(self) -> Mapping[str, int]:
        """What was left out since opening, by reason."""
        return self._lost + Counter(self._gate.losses)

    @property
    def problems(self) -> Mapping[str, str]:
        """What is wrong with signals now; see `Gate`."""
        return self._gate.problems

    def read(self, timeout_s: float) -> Reading:
        """The next reading. Raises NothingYet (not due yet), DeviceLost (no answer)."""
        while True:
            self._beat.wait(self._settings.name, timeout_s)
            at, raw = self._now(), dict[str, object]()
            for block in self._blocks:
                raw |= self._asked(block)
            values = self._gate.admit(at, raw)
            if values:
                return Reading(self._settings.name, at, time.monotonic(), values)

    def close(self) -> None:
        """Hangs up; a read that waits ends at once."""
        self._closed.set()
        self._client.close()

    def __enter__(self) -> "ModbusSensor":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def _about(self) -> str:
        return f"sensor {self._settings.name}: the Modbus device at {self._settings.source}"

    def _first(self) -> None:
        try:
            there = self._client.connect()
        except (OSError, self._broken) as error:
            raise DeviceUnavailable(f"{self._about} cannot be reached: {error}") from error
        if not there:
            raise DeviceUnavailable(
                f"{self._about} cannot be reached: switch it on, or correct source"
            )
        for block in self._blocks:
            try:
                answer = self._request(block)
            except DeviceLost as error:
                raise DeviceUnavailable(str(error)) from error
            if answer.isError():
                raise DeviceUnavailable(f"{self._about} refuses {block}: {_reason(answer)}")

    def _asked(self, block: Block) -> dict[str, object]:
        answer = self._request(block)
        if answer.isError():
            self._lost["refused"] += 1
            return dict.fromkeys((name for name, _ in block.signals), None)
        bits = block.table in ("coil", "discrete")
        words = answer.bits if bits else answer.registers
        return {
            name: words[where.address - block.address] if bits
            else self._number(words[where.address - block.address :][: where.size], where.type)
            for name, where in block.signals
        }  # fmt: skip

    def _request(self, block: Block) -> Any:
        ask = {
            "holding": self._client.read_holding_registers,
            "input": self._client.read_input_registers,
            "coil": self._client.read_coils,
            "discrete": self._client.read_discrete_inputs,
        }[block.table]
        try:
            return ask(block.address, count=block.count, device_id=self._settings.unit)
        except (OSError, self._broken, AttributeError) as error:
            if self._closed.is_set():
                raise DeviceLost(f"sensor {self._settings.name} is closed") from error
            raise DeviceLost(
                f"{self._about} does not answer as unit {self._settings.unit}: look at its cable, "
                "its power and unit"
            ) from error

    def _number(self, words: list[int], type: str) -> object:
        kind = self._client.DATATYPE[type.upper()]
        return self._client.convert_from_registers(words, kind, self._settings.words)


def _client(settings: ModbusSettings) -> Any:
    from pymodbus.client import ModbusSerialClient, ModbusTcpClient

    if settings.serial:
        return ModbusSerialClient(
            settings.source, baudrate=settings.baud, parity=settings.parity,
            stopbits=settings.stop_bits, timeout=ANSWER_S, retries=1,
        )  # fmt: skip
    host, _, port = settings.source.rpartition(":")
    return ModbusTcpClient(host, port=int(port), timeout=ANSWER_S, retries=1)


def _reason(answer: Any) -> str:
    """What a code says (Modbus Application Protocol V1.1b3, section 7)."""
    return {
        1: "it does not know this kind of request",
        2: "it has no such address; look into its manual, where addresses may count from 1",
        3: "it does not take so many at once",
        4: "it failed",
        6: "it is busy",
        11: "the gateway's device does not answer",
    }.get(getattr(answer, "exception_code", 0), str(answer))
