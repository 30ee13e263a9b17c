from collections.abc import Callable
from typing import Any

import pytest

from models.convert.attributes import Attributes
from models.errors import BundleError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(3, 3)", (3, 3)),
        ("[3,3]", (3, 3)),
        ("(3L, 3L)", (3, 3)),
        ("(3,)", (3,)),
        ("3", (3,)),
        (" ( -1 , +2 ) ", (-1, 2)),
        ("()", (9,)),
        ("None", (9,)),
    ],
)
def test_integers_are_read_as_every_version_wrote_them(
    text: str, expected: tuple[int, ...]
) -> None:
    assert Attributes({"k": text}).integers("k", (9,)) == expected


def test_integers_may_be_none_where_that_means_something() -> None:
    assert Attributes({"k": "(None, 2, None)"}).optional_integers("k") == (None, 2, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("True", True), ("true", True), ("1", True), ("False", False), ("0", False), ("None", True)],
)
def test_flags_are_read_as_every_version_wrote_them(text: str, expected: bool) -> None:
    assert Attributes({"k": text}).flag("k", True) is expected


def test_numbers_are_read() -> None:
    assert Attributes({"k": "2e-05"}).number("k") == 2e-05
    assert Attributes({}).number("k", 0.1) == 0.1
    assert Attributes({"k": "64L"}).integer("k") == 64
    assert Attributes({"k": "None"}).optional_integer("k") is None


READERS: dict[str, Callable[[Attributes], Any]] = {
    "integer": lambda options: options.integer("k"),
    "integers": lambda options: options.integers("k"),
    "number": lambda options: options.number("k"),
    "flag": lambda options: options.flag("k", True),
    "word": lambda options: options.word("k"),
}


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        ("integer", "3.5"), ("integer", "x"), ("integer", "9" * 5000), ("integer", "٣"),
        ("integers", "(3, x)"), ("integers", "((3, 3))"), ("integers", "(3, None)"),
        ("integers", "(3,,3)"), ("integers", "()"),
        ("number", "x"), ("number", "nan"), ("number", "inf"), ("number", "1e39"),
        ("flag", "yes"),
    ],
)  # fmt: skip
def test_what_is_not_of_its_kind_is_refused_by_name(reader: str, text: str) -> None:
    with pytest.raises(BundleError, match="'k'"):
        READERS[reader](Attributes({"k": text}))


@pytest.mark.parametrize("reader", ["integer", "integers", "number", "word"])
def test_what_must_be_there_is_named_when_it_is_missing(reader: str) -> None:
    with pytest.raises(BundleError, match="its 'k' is missing"):
        READERS[reader](Attributes({}))


def test_an_option_that_nobody_read_is_named() -> None:
    options = Attributes({"read": "1", "trained": "2", "cudnn_tune": "off", "odd": "3"})
    options.integer("read")
    options.ignore("trained", "absent")
    with pytest.raises(BundleError, match="its option 'odd' is unknown"):
        options.require_all_read()
    options.word("odd")
    options.require_all_read()
