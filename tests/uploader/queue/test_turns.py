"""Order and failure of work that threads do at once; what it is for is in uploader/receipts."""

import threading
from collections.abc import Callable, Sequence

import pytest

from uploader.errors import SpoolError
from uploader.queue.turns import Turn, Turns


class Line:
    """Turns of letters, and what became of them."""

    def __init__(self, finish: Callable[[Sequence[str]], None] = lambda letters: None) -> None:
        self.lock = threading.Condition()
        self.done: list[Sequence[str]] = []
        self.failed: list[str] = []
        self.outcomes: dict[str, str] = {}
        self.turns = Turns[str](self.lock, finish, self._settle, at_once=3)

    def begin(self, letters: str) -> list[Turn[str]]:
        with self.lock:
            return [self.turns.begin(letter) for letter in letters]

    def start(self, turn: Turn[str], part: Callable[[], None] = lambda: None) -> threading.Thread:
        thread = threading.Thread(target=self._run, args=[turn, part])
        thread.start()
        return thread

    def _run(self, turn: Turn[str], part: Callable[[], None]) -> None:
        try:
            self.turns.run(turn, part)
            self.outcomes[turn.item] = "done"
        except SpoolError as error:
            self.outcomes[turn.item] = str(error)

    def _settle(self, letters: Sequence[str], error: SpoolError | None) -> None:
        if error is None:
            self.done.append(tuple(letters))
        else:
            self.failed += letters


def fail() -> None:
    raise SpoolError("the disk failed")


def test_none_takes_effect_before_one_that_was_begun_earlier() -> None:
    line, may = Line(), threading.Event()
    first, *others = line.begin("abc")
    threads = [line.start(turn) for turn in others]
    threads.append(line.start(first, lambda: None if may.wait(10) else fail()))
    assert line.done == []
    may.set()
    for thread in threads:
        thread.join()
    assert [letter for group in line.done for letter in group] == ["a", "b", "c"]


def test_those_that_are_ready_are_finished_together_but_not_too_many() -> None:
    line, may = Line(), threading.Event()
    turns = line.begin("abcde")
    threads = [line.start(turn, lambda: None if may.wait(10) else fail()) for turn in turns[:1]]
    for turn in turns[1:]:
        threads.append(line.start(turn))
        while not turn.ready:
            threading.Event().wait(0.001)
    may.set()
    for thread in threads:
        thread.join()
    assert line.done == [("a", "b", "c"), ("d", "e")]


def test_where_one_fails_all_that_were_begun_after_it_fail() -> None:
    line = Line()
    turns = line.begin("abcd")
    threads = [line.start(turn, fail if turn.item == "b" else lambda: None) for turn in turns]
    for thread in threads:
        thread.join()
    assert line.done == [("a",)]
    assert line.failed == ["b", "c", "d"]
    assert line.outcomes == {"a": "done"} | dict.fromkeys("bcd", "the disk failed")


def test_where_finishing_fails_nothing_takes_effect_and_the_line_goes_on() -> None:
    refuse = [True]

    def finish(letters: Sequence[str]) -> None:
        if refuse:
            fail()

    line = Line(finish)
    for thread in [line.start(turn) for turn in line.begin("ab")]:
        thread.join()
    assert (line.done, line.failed) == ([], ["a", "b"])
    refuse.clear()
    for thread in [line.start(turn) for turn in line.begin("cd")]:
        thread.join()
    assert [letter for group in line.done for letter in group] == ["c", "d"]


def test_one_that_is_interrupted_lets_the_others_fail_not_wait() -> None:
    line = Line()
    first, second = line.begin("ab")

    def interrupt() -> None:
        raise KeyboardInterrupt

    thread = line.start(second)
    with pytest.raises(KeyboardInterrupt):
        line.turns.run(first, interrupt)
    thread.join(10)
    assert not thread.is_alive()
    assert line.failed == ["a", "b"]
    assert "not written to its end" in line.outcomes["b"]
