import threading
from collections.abc import Iterator

import pytest

from uploader.errors import StoreDenied, UploadCut
from uploader.sending.in_flight import InFlight


@pytest.fixture(autouse=True)
def uploads_end_well(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What ends badly in a thread of a test is a failure of this test, and not of a later one."""
    failed: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", failed.append)
    yield
    for thread in threading.enumerate():
        if thread.name == "upload":
            thread.join(10)
            assert not thread.is_alive()
    assert failed == []


def test_what_a_call_does_is_done_and_what_it_raises_is_raised() -> None:
    flight, done = InFlight(), list[int]()
    flight.run(lambda: done.append(1))
    assert done == [1]

    def fails() -> None:
        raise StoreDenied("no permission")

    with pytest.raises(StoreDenied, match="no permission"):
        flight.run(fails)


def test_a_bug_in_a_call_is_one_of_the_step_and_shows_where_it_is() -> None:
    def bug() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as found:
        InFlight().run(bug)
    assert found.traceback[-1].name == "bug"


def test_a_call_that_hangs_is_left_behind_at_once() -> None:
    flight, begun, release = InFlight(), threading.Event(), threading.Event()

    def hangs() -> None:
        begun.set()
        release.wait(10)

    def cuts() -> None:
        begun.wait(10)
        flight.cut()

    cutter = threading.Thread(target=cuts)
    cutter.start()
    try:
        with pytest.raises(UploadCut, match="waits in the spool"):
            flight.run(hangs)
    finally:
        release.set()
        cutter.join()


def test_after_a_cut_nothing_is_begun() -> None:
    flight, done = InFlight(), list[int]()
    flight.cut()
    for _ in range(2):
        with pytest.raises(UploadCut):
            flight.run(lambda: done.append(1))
    assert done == []
