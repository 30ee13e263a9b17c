from hypothesis import given
from hypothesis import strategies as st

from uploader.sending.backoff import DENIED, UNAVAILABLE


def test_the_ceiling_doubles_up_to_the_cap() -> None:
    assert [UNAVAILABLE.wait_s(n, 1.0) for n in (1, 2, 3, 7, 8, 9, 10_000)] == [
        0.5, 1, 2, 32, 60, 60, 60,
    ]  # fmt: skip
    assert [DENIED.wait_s(n, 1.0) for n in (1, 2, 6, 1_000)] == [10, 20, 300, 300]


@given(st.integers(1, 1_000_000), st.floats(0, 1))
def test_waits_stay_between_floor_and_ceiling(failures: int, draw: float) -> None:
    for backoff in (UNAVAILABLE, DENIED):
        ceiling = backoff.wait_s(failures, 1.0)
        assert backoff.floor * ceiling <= backoff.wait_s(failures, draw) <= ceiling


def test_jitter_is_full_for_a_store_that_is_away() -> None:
    assert UNAVAILABLE.wait_s(5, 0.0) == 0.0
