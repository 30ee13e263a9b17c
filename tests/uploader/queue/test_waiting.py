from tests.uploader.samples import named
from uploader.queue.waiting import Backlog, Waiting

A, B, C, D = (named(letter)._replace(chain="1f2e3d4c", number=1) for letter in "abcd")
RECORDS = named("e", value=None)
X, Y, Z = (named(digit) for digit in "123")
"""Readings, older than all of those."""


def taken(waiting: Waiting) -> list[str]:
    """All that the window holds, in the order of sending, by the letters of their ids."""
    order = []
    while (name := waiting.oldest()) is not None:
        order.append(name.id[0])
        waiting.remove(name, there=True)
    return order


def test_what_is_found_comes_oldest_first() -> None:
    waiting = Waiting()
    waiting.refill([C, A, B])
    waiting.add(D)
    assert waiting.backlog == Backlog(4, 4)
    assert taken(waiting) == ["a", "b", "c", "d"]
    assert waiting.backlog == Backlog(0, 0)


def test_beyond_the_window_entries_are_only_counted_until_it_runs_dry() -> None:
    waiting = Waiting(window=2)
    waiting.refill([C, A, B])
    waiting.add(D)
    assert waiting.backlog == Backlog(4, 4)
    assert (taken(waiting), waiting.run_dry()) == (["a", "b"], True)
    waiting.refill([D, C])
    assert (waiting.run_dry(), taken(waiting), waiting.run_dry()) == (False, ["c", "d"], False)


def test_a_full_window_takes_again_when_nothing_is_beyond_it() -> None:
    waiting = Waiting(window=1)
    waiting.add(A)
    waiting.remove(A, there=True)
    waiting.add(B)
    assert taken(waiting) == ["b"]


def test_records_go_first_whatever_waits() -> None:
    waiting = Waiting(window=1)
    waiting.refill([A, B])
    waiting.add(RECORDS)
    assert waiting.backlog == Backlog(3, 3)
    assert taken(waiting) == ["e", "a"]
    waiting.refill([A, RECORDS, B])
    assert taken(waiting) == ["e"]


def test_what_is_postponed_lets_the_others_go_first() -> None:
    waiting = Waiting()
    waiting.refill([A, B, C])
    waiting.postpone(A)
    assert taken(waiting) == ["b", "c", "a"]


def test_removing_one_beyond_the_window_keeps_the_books() -> None:
    waiting = Waiting(window=1)
    waiting.refill([A, B._replace(size=7)])
    waiting.remove(B._replace(size=7), there=True)
    assert waiting.backlog == Backlog(1, 1)
    waiting.remove(C, there=False)
    assert waiting.backlog == Backlog(1, 1)


def test_one_that_somebody_removed_from_the_disk_waits_no_more() -> None:
    waiting = Waiting()
    waiting.refill([A])
    waiting.remove(A, there=False)
    assert (waiting.oldest(), waiting.backlog) == (None, Backlog(0, 0))


def test_frames_and_readings_go_in_one_order_or_each_alone() -> None:
    waiting = Waiting()
    waiting.refill([B, X, A])
    assert waiting.oldest() == X
    assert waiting.oldest(["frames"]) == A
    assert waiting.oldest(["readings"]) == X
    assert waiting.oldest([]) is None
    waiting.postpone(X)
    assert taken(waiting) == ["a", "b", "1"]


def test_what_is_put_off_in_one_lane_does_not_hold_up_the_other() -> None:
    waiting = Waiting()
    waiting.refill([X, A])
    waiting.postpone(X)
    waiting.add(B)
    assert taken(waiting) == ["a", "1", "b"]


def test_readings_that_have_to_wait_hide_no_frame_however_many_they_are() -> None:
    waiting = Waiting(window=2)
    waiting.refill([X, Y, Z, B])
    waiting.add(C)
    assert waiting.oldest(["frames"]) == B
    waiting.remove(B, there=True)
    assert waiting.oldest(["frames"]) == C
    waiting.remove(C, there=True)
    assert (waiting.oldest(["frames"]), waiting.run_dry(["frames"])) == (None, False)
    waiting.remove(X, there=True)
    waiting.remove(Y, there=True)
    assert (waiting.run_dry(["frames"]), waiting.run_dry(["readings"])) == (False, True)
