"""A real Modbus server on loopback, over TCP or over a serial line."""

import asyncio
import os
import select
import threading
import tty
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from tests.wire.broker import free_port

START_S = 10.0


def device() -> Any:
    """Unit 7: holding 100 has float32 21.5, int16 -3, uint32 70000, then nothing; input 5 has 42;
    coils 0 to 7 and discrete inputs: 1 0 1 0 …"""
    from pymodbus.simulator import DataType, SimData, SimDevice

    bits = [True, False] * 8
    holding = [
        SimData(100, values=21.5, datatype=DataType.FLOAT32),
        SimData(102, values=-3, datatype=DataType.INT16),
        SimData(103, values=70000, datatype=DataType.UINT32),
    ]
    return SimDevice(
        7,
        (
            [SimData(0, values=bits, datatype=DataType.BITS)],
            [SimData(0, values=bits, datatype=DataType.BITS)],
            holding,
            [SimData(5, values=42, datatype=DataType.UINT16)],
        ),
    )


@contextmanager
def modbus_tcp(port: int = 0) -> Iterator[int]:
    """The port on which it serves."""
    from pymodbus.server import ModbusTcpServer

    port = port or free_port()
    with _serving(lambda: ModbusTcpServer(device(), address=("127.0.0.1", port))):
        yield port


@contextmanager
def modbus_rtu(baud: int) -> Iterator[str]:
    """The serial port at whose other end it serves."""
    from pymodbus.server import ModbusSerialServer

    with (
        serial_line() as (ours, theirs),
        _serving(lambda: ModbusSerialServer(device(), port=theirs, baudrate=baud)),
    ):
        yield ours


@contextmanager
def _serving(made: Any) -> Iterator[None]:
    loop, ready = asyncio.new_event_loop(), threading.Event()
    server: list[Any] = []

    async def serve() -> None:
        server.append(made())
        await server[0].serve_forever(background=True)
        ready.set()

    def run(work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, loop).result(START_S)

    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        run(serve())
        assert ready.is_set()
        yield
    finally:
        run(server[0].shutdown())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(START_S)
        loop.close()


@contextmanager
def serial_line() -> Iterator[tuple[str, str]]:
    """Two serial ports with a cable between them."""
    ends = [os.openpty() for _ in range(2)]
    for _, port in ends:
        tty.setraw(port)
    (one, _), (other, _) = ends
    stop, wake = os.pipe()

    def carry() -> None:
        while True:
            ready, _, _ = select.select([one, other, stop], [], [])
            if stop in ready:
                return
            for end in ready:
                os.write(other if end == one else one, os.read(end, 4096))

    carrier = threading.Thread(target=carry)
    carrier.start()
    try:
        yield os.ttyname(ends[0][1]), os.ttyname(ends[1][1])
    finally:
        os.close(wake)
        carrier.join()
        for fd in (stop, *(fd for end in ends for fd in end)):
            os.close(fd)
