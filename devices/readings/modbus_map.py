"""Which registers of a Modbus device hold the signals, and in how few requests they are read."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

Table = Literal["holding", "input", "coil", "discrete"]
TABLES: tuple[Table, ...] = get_args(Table)
WORDS = {
    "int16": 1, "uint16": 1, "int32": 2, "uint32": 2, "float32": 2,
    "int64": 4, "uint64": 4, "float64": 4,
}  # fmt: skip
"""Registers of 16 bits that a number takes."""
MOST = {"holding": 125, "input": 125, "coil": 2000, "discrete": 2000}
"""Of one request (Modbus Application Protocol V1.1b3, 6.1 to 6.4)."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a number lies. address: as on the wire, from 0. type: of WORDS; bit for single bits."""

    table: Table
    address: int
    type: str

    @property
    def size(self) -> int:
        """Registers, or bits, that it takes."""
        return WORDS.get(self.type, 1)

    @property
    def end(self) -> int:
        """The address after it."""
        return self.address + self.size


@dataclass(frozen=True, slots=True)
class Block:
    """What one request asks for, and the signals that lie in it."""

    table: Table
    address: int
    count: int
    signals: tuple[tuple[str, Place], ...]

    def __str__(self) -> str:
        last = f" to {self.address + self.count - 1}" if self.count > 1 else ""
        names = ", ".join(name for name, _ in self.signals)
        return f"{self.table} {self.address}{last} ({names})"


def place(text: str) -> Place:
    """Reads "holding 100 float32", "input 3" (uint16), "coil 7". Raises ValueError."""
    table, *rest = text.split() or [""]
    kind = rest[1] if len(rest) > 1 else "uint16" if table in ("holding", "input") else "bit"
    bits = table in ("coil", "discrete")
    good = (
        table in TABLES
        and 1 <= len(rest) <= 2
        and rest[0].isdecimal()
        and (kind == "bit" if bits else kind in WORDS)
        and int(rest[0]) + WORDS.get(kind, 1) <= 1 << 16
    )
    if not good:
        raise ValueError(
            f"{text!r} is no place in a Modbus device: write table, address from 0 and type, such "
            f'as "holding 100 float32" (tables: {", ".join(TABLES)}; types: {", ".join(WORDS)})'
        )
    return Place(table, int(rest[0]), kind)  # type: ignore[arg-type]


def blocks(signals: Iterable[tuple[str, str]]) -> tuple[Block, ...]:
    """The requests that read all signals: neighbours together, and nothing in between them.

    signals: (name, place as text).
    A device may refuse a request that touches a register which it does not have.
    """
    places = sorted(
        ((place(text), name) for name, text in signals),
        key=lambda found: (found[0].table, found[0].address, found[0].end),
    )
    found: list[Block] = []
    for where, name in places:
        last = found[-1] if found else None
        if (
            last is not None
            and last.table == where.table
            and where.address <= (last.address + last.count)
        ):
            count = max(last.count, where.end - last.address)
            if count <= MOST[where.table]:
                found[-1] = Block(last.table, last.address, count, (*last.signals, (name, where)))
                continue
        found.append(Block(where.table, where.address, where.size, ((name, where),)))
    return tuple(found)
