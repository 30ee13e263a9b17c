"""A sensor behind Modbus TCP or RTU: a PLC, a meter, a climate controller."""

import logging
from collections import Counter
from typing import Any

from devices.errors import DeviceLost, DeviceUnavailable
from devices.readings.asked import Asked
from devices.readings.modbus_map import Block, blocks
from devices.sensor_settings import ModbusSettings

ANSWER_S = 2.0


def open_modbus(settings: ModbusSettings) -> Asked:
    """Connects, and asks once. Raises DeviceUnavailable."""
    return Asked(settings.name, settings.every_s, settings.signal, ModbusDevice(settings))


class ModbusDevice:
    """A connected device. losses: refused (a request that it answered with an exception)."""

    def __init__(self, settings: ModbusSettings) -> None:
        """Connects, and asks once. Raises DeviceUnavailable."""
        try:
            from pymodbus import ModbusException
        except ImportError as error:
            raise DeviceUnavailable(
                f"sensor {settings.name} needs pymodbus: pip install 'vision-app[modbus]'"
            ) from error
        logging.getLogger("pymodbus").setLevel(logging.CRITICAL)  # what it says, we say
        self._settings, self._broken = settings, ModbusException
        self._blocks = blocks((signal.name, signal.place) for signal in settings.signal)
        self.losses: Counter[str] = Counter()
        self._client = _client(settings)
        try:
            self._first()
        except DeviceUnavailable:
            self.close()
            raise

    def ask(self) -> dict[str, object]:
        """What the registers of all signals hold; None for those of a refused request."""
        raw: dict[str, object] = {}
        for block in self._blocks:
            raw |= self._asked(block)
        return raw

    def close(self) -> None:
        """Hangs up."""
        self._client.close()

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
            self.losses["refused"] += 1
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
