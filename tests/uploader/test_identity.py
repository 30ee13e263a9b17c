from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.uploader.samples import NOON
from uploader.identity import is_id, new_id, object_key, uuid7


def test_uuid7_is_the_one_in_the_rfc() -> None:
    # RFC 9562, appendix A.6: unix_ts_ms 017F22E279B0, rand_a CC3, rand_b 18C4DC0C0C07398F.
    entropy = (0xCC3 << 68 | 0x18C4DC0C0C07398F).to_bytes(10, "big")
    assert str(uuid7(0x017F22E279B0, entropy)) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


@given(st.integers(0, (1 << 48) - 1), st.binary(min_size=10, max_size=10))
def test_uuid7_says_its_version_and_time(at_ms: int, entropy: bytes) -> None:
    made = uuid7(at_ms, entropy)
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == at_ms


def test_uuid7_refuses_what_it_cannot_hold() -> None:
    with pytest.raises(ValueError, match="1970"):
        uuid7(-1, bytes(10))
    with pytest.raises(ValueError, match="10 random bytes"):
        uuid7(0, bytes(9))


def test_ids_sort_by_time() -> None:
    made = [new_id(NOON + timedelta(milliseconds=number)) for number in range(50)]
    assert made == sorted(made)
    assert len(set(made)) == 50


@pytest.mark.parametrize("text", ["", "open.jsonl", "017F22E2-79B0-7CC3-98C4-DC0C0C07398F", "../x"])
def test_only_ids_as_we_write_them_are_ids(text: str) -> None:
    assert not is_id(text)


def test_a_key_holds_site_device_date_id_and_hash() -> None:
    id = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
    keys = [
        object_key("frame", "farm", "cam1", NOON, id, "ab" * 32),
        object_key("records", "farm", "cam1", NOON, id, "ab" * 32),
        object_key("sensors", "farm", "cam1", NOON, id, "ab" * 32),
    ]
    assert keys == [
        f"frames/site=farm/device=cam1/date=2026-01-31/{id}-abababababab.jpg",
        f"records/site=farm/device=cam1/date=2026-01-31/{id}-abababababab.jsonl.gz",
        f"sensors/site=farm/device=cam1/date=2026-01-31/{id}-abababababab.parquet",
    ]


def test_the_date_of_a_key_is_in_utc() -> None:
    evening = datetime(2026, 1, 31, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
    assert "/date=2026-02-01/" in object_key("frame", "a", "b", evening, "id", "ab" * 32)
