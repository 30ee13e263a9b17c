import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.uploader.samples import of_kind_frame
from uploader.queue.entry import name_of
from uploader.queue.entry_name import EntryName, entry_name

ID = "019c1482-8000-7abc-8def-0123456789ab"
COUNT = st.integers(0, 10**15 - 1)
LINKS = st.tuples(st.text("0123456789abcdef", min_size=8, max_size=8), st.integers(1, 10**15 - 1))


@given(st.uuids(), LINKS | st.just(("", 0)), st.none() | st.integers(0, 99), COUNT, COUNT)
def test_a_name_comes_back_as_it_was(
    id: object, link: tuple[str, int], value: int | None, day: int, size: int
) -> None:
    name = EntryName(str(id), *link, value, day, size)
    assert entry_name(str(name)) == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"{ID}.entry",
        f"{ID}.-.50.3.100.entry.tmp",
        f"{ID}.-.50.3.100.entry\n",
        f"{ID.upper()}.-.50.3.100.entry",
        f"{ID}.-.050.3.100.entry",
        f"{ID}.-.100.3.100.entry",
        f"{ID}.-.50.03.100.entry",
        f"{ID}.-.50.-3.100.entry",
        f"{ID}.-.50.3.entry",
        f"{ID}.-.50.3.{10**15}.entry",
        f"{ID}.abcdefab-0.50.3.100.entry",
        f"{ID}.abcdefab-01.50.3.100.entry",
        f"{ID}.abcdefg1-1.50.3.100.entry",
        f"{ID}.abcdefab1-1.50.3.100.entry",
        f"{ID}.-.٥.3.100.entry",
        f"../{ID}.-.50.3.100.entry",
    ],
)
def test_only_a_name_exactly_as_we_write_it_is_one(text: str) -> None:
    assert entry_name(text) is None


def test_a_frame_is_named_by_its_link_and_its_value() -> None:
    record = {"chain": {"chain": "1f2e3d4c" * 4, "number": 42}, "chosen": {"value": 0.571}}
    name = name_of(ID, "frame", record, day=133, size=104882)
    assert str(name) == f"{ID}.1f2e3d4c-42.57.133.104882.entry"
    assert name_of(ID, "frame", record | {"chosen": {"value": 1.0}}, 0, 1).value == 99


def test_a_frame_of_a_version_that_knew_no_values_is_in_the_middle() -> None:
    assert name_of(ID, "frame", of_kind_frame().record, 0, 1).value == 50


def test_readings_are_worth_the_most_and_records_never_go() -> None:
    assert name_of(ID, "sensors", None, 0, 1).value == 99
    assert name_of(ID, "records", None, 0, 1).value is None
