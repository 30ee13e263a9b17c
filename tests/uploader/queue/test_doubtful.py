from tests.uploader.samples import named
from uploader.queue.doubtful import Doubtful

A, B, C, D = (named(letter)._replace(chain="0" * 8, number=1) for letter in "abcd")
READINGS, RECORDS = named("e"), named("f", None)


def test_no_more_are_begun_than_can_be_remembered_until_one_is_settled() -> None:
    doubtful = Doubtful(most=2)
    doubtful.add(A)
    assert doubtful.instead_of(C) == C
    doubtful.add(B)
    assert doubtful.instead_of(C) == A
    assert doubtful.instead_of(B) == B
    doubtful.add(A)
    assert doubtful.instead_of(C) == B, "each has its turn"
    doubtful.discard(B)
    assert doubtful.instead_of(C) == C
    assert (A in doubtful, B in doubtful) == (True, False)


def test_frames_in_doubt_hold_up_neither_readings_nor_records() -> None:
    doubtful = Doubtful(most=1)
    doubtful.add(A)
    assert doubtful.instead_of(READINGS) == READINGS
    assert doubtful.instead_of(RECORDS) == RECORDS
    doubtful.add(READINGS)
    assert doubtful.instead_of(D) == A


def test_what_is_never_let_go_is_not_remembered() -> None:
    doubtful = Doubtful()
    doubtful.add(RECORDS)
    assert RECORDS not in doubtful
    doubtful.discard(RECORDS)
