import pytest

from tests.uploader.samples import entry, of_kind_frame
from uploader.entry import pack, unpack
from uploader.errors import Damaged


def test_an_entry_comes_back_as_it_was() -> None:
    for made in (entry(b"PAR1\n\n\x00 rows"), of_kind_frame(b""), entry(b"\n" * 10)):
        assert unpack(made.id, b"".join(pack(made))) == made


def test_one_changed_bit_anywhere_is_noticed() -> None:
    made = of_kind_frame(b"a picture")
    good = b"".join(pack(made))
    for at in range(len(good)):
        bad = good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :]
        with pytest.raises(Damaged):
            unpack(made.id, bad)


def test_a_torn_file_is_noticed_wherever_it_was_torn() -> None:
    made = of_kind_frame(b"a picture")
    good = b"".join(pack(made))
    for length in range(len(good)):
        with pytest.raises(Damaged):
            unpack(made.id, good[:length])
        with pytest.raises(Damaged):
            unpack(made.id, good[:length] + bytes(len(good) - length))


def test_something_appended_is_noticed() -> None:
    made = entry()
    with pytest.raises(Damaged, match="body"):
        unpack(made.id, b"".join(pack(made)) + b"\x00")


def test_a_copy_under_another_name_is_noticed() -> None:
    made, other = entry(), entry()
    with pytest.raises(Damaged, match="copy"):
        unpack(other.id, b"".join(pack(made)))
