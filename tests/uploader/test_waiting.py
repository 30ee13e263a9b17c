from uploader.waiting import Backlog, Waiting


def taken(waiting: Waiting) -> list[str]:
    """All that the window holds, in the order of sending."""
    order = []
    while (id := waiting.oldest()) is not None:
        order.append(id)
        waiting.remove(id, 0)
    return order


def test_what_is_found_comes_oldest_first() -> None:
    waiting = Waiting()
    waiting.refill([("c", 3), ("a", 1), ("b", 2)])
    waiting.add("d", 4)
    assert waiting.backlog == Backlog(4, 10)
    assert taken(waiting) == ["a", "b", "c", "d"]
    assert waiting.backlog == Backlog(0, 0)


def test_beyond_the_window_entries_are_only_counted_until_it_runs_dry() -> None:
    waiting = Waiting(window=2)
    waiting.refill([("c", 1), ("a", 1), ("b", 1)])
    waiting.add("d", 1)
    assert waiting.backlog == Backlog(4, 4)
    assert (taken(waiting), waiting.run_dry) == (["a", "b"], True)
    waiting.refill([("d", 1), ("c", 1)])
    assert (waiting.run_dry, taken(waiting), waiting.run_dry) == (False, ["c", "d"], False)


def test_a_full_window_takes_again_when_nothing_is_beyond_it() -> None:
    waiting = Waiting(window=1)
    waiting.add("a", 1)
    waiting.remove("a", 1)
    waiting.add("b", 1)
    assert taken(waiting) == ["b"]


def test_what_is_first_goes_first_whatever_waits() -> None:
    waiting = Waiting(window=1)
    waiting.refill([("a", 1), ("b", 1)])
    waiting.add("z", 5, first=True)
    assert waiting.backlog == Backlog(3, 7)
    assert taken(waiting) == ["z", "a"]


def test_what_is_postponed_lets_the_others_go_first() -> None:
    waiting = Waiting()
    waiting.refill([("a", 1), ("b", 1), ("c", 1)])
    waiting.postpone("a")
    assert taken(waiting) == ["b", "c", "a"]


def test_removing_one_beyond_the_window_keeps_the_books() -> None:
    waiting = Waiting(window=1)
    waiting.refill([("a", 1), ("b", 7)])
    waiting.remove("b", 7)
    assert waiting.backlog == Backlog(1, 1)
