import pytest

from devices.readings.modbus_map import Block, Place, blocks, place


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("holding 100 float32", Place("holding", 100, "float32")),
        ("input 0", Place("input", 0, "uint16")),
        ("coil 65535", Place("coil", 65535, "bit")),
        ("discrete 7 bit", Place("discrete", 7, "bit")),
    ],
)
def test_a_place_is_table_address_and_type(text: str, where: Place) -> None:
    assert place(text) == where


@pytest.mark.parametrize(
    "text",
    [
        "", "holding", "100", "holding x", "holding -1", "holding 1 real", "coil 1 int16",
        "input 1 bit", "holding 65535 int32", "coil 65536", "holding 1 int16 2", "output 1",
    ],
)  # fmt: skip
def test_what_is_no_place_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="holding 100 float32"):
        place(text)


def asked(*texts: str) -> list[tuple[str, int, int]]:
    found = blocks((text, text) for text in texts)
    assert sorted(name for block in found for name, _ in block.signals) == sorted(texts)
    return [(block.table, block.address, block.count) for block in found]


def test_neighbours_are_asked_for_together() -> None:
    assert asked("holding 12", "holding 10 int32", "holding 13 float64") == [("holding", 10, 7)]


def test_nothing_is_asked_for_that_lies_between_signals() -> None:
    assert asked("holding 10", "holding 12") == [("holding", 10, 1), ("holding", 12, 1)]


def test_tables_are_asked_for_apart() -> None:
    assert asked("holding 10", "input 11", "coil 10", "coil 11") == [
        ("coil", 10, 2), ("holding", 10, 1), ("input", 11, 1),
    ]  # fmt: skip


def test_a_number_may_be_read_twice_and_in_two_ways() -> None:
    assert asked("holding 10 int32", "holding 10 float32", "holding 11") == [("holding", 10, 2)]


def test_no_request_asks_for_more_than_the_protocol_allows() -> None:
    found = asked(*(f"holding {i}" for i in range(300)))
    assert found == [("holding", 0, 125), ("holding", 125, 125), ("holding", 250, 50)]


def test_a_block_knows_where_its_signals_lie() -> None:
    (block,) = blocks([("a", "holding 5"), ("b", "holding 6 int32")])
    assert block == Block(
        "holding", 5, 3, (("a", Place("holding", 5, "uint16")), ("b", Place("holding", 6, "int32")))
    )
