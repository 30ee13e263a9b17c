from dataclasses import replace

import pytest

from tests.uploader.samples import entry, of_kind_frame
from uploader.errors import Damaged
from uploader.queue.entry import Entry, name_of, pack, unpack
from uploader.queue.entry_name import EntryName


def named(made: Entry) -> EntryName:
    return name_of(made.id, made.kind, made.record, day=3, size=len(b"".join(pack(made))))


def test_an_entry_comes_back_as_it_was() -> None:
    for made in (entry(b"PAR1\n\n\x00 rows"), of_kind_frame(b""), entry(b"\n" * 10)):
        assert unpack(named(made), b"".join(pack(made))) == made


def test_one_changed_bit_anywhere_is_noticed() -> None:
    made = of_kind_frame(b"a picture")
    good = b"".join(pack(made))
    for at in range(len(good)):
        bad = good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :]
        with pytest.raises(Damaged):
            unpack(named(made), bad)


def test_a_torn_file_is_noticed_wherever_it_was_torn() -> None:
    made = of_kind_frame(b"a picture")
    good = b"".join(pack(made))
    for length in range(len(good)):
        with pytest.raises(Damaged):
            unpack(named(made), good[:length])
        with pytest.raises(Damaged):
            unpack(named(made), good[:length] + bytes(len(good) - length))


def test_something_appended_is_noticed() -> None:
    made = entry()
    with pytest.raises(Damaged, match="body"):
        unpack(named(made), b"".join(pack(made)) + b"\x00")


def test_a_copy_under_another_name_is_noticed() -> None:
    made, other = entry(), entry()
    with pytest.raises(Damaged, match="copy"):
        unpack(named(other), b"".join(pack(made)))


def test_an_entry_under_the_number_of_another_is_noticed() -> None:
    """So that nothing is sent which the newest link may not have been found by."""
    made = of_kind_frame()
    record = dict(made.record or {}) | {"chain": {"chain": "ab" * 16, "number": 7}}
    numbered = replace(made, record=record)
    data = b"".join(pack(numbered))
    assert unpack(named(numbered), data) == numbered
    for wrong in (named(numbered)._replace(number=6), named(made)):
        with pytest.raises(Damaged, match="copy"):
            unpack(wrong, data)
