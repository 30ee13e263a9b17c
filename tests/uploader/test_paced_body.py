import threading

import pytest

from uploader.errors import UploadCut
from uploader.stores.paced_body import PIECE, PacedBody, Throttle


class Clock:
    """Waiting moves it on."""

    def __init__(self) -> None:
        self.now_s, self.closing = 0.0, threading.Event()

    def wait(self, seconds: float) -> bool:
        self.now_s += max(0.0, seconds)
        return self.closing.is_set()

    def throttle(self, bytes_per_s: float | None) -> Throttle:
        return Throttle(bytes_per_s, self.closing, lambda: self.now_s, self.wait)


def sent(body: PacedBody, size: int = 1 << 14) -> bytes:
    body.sending = True
    return b"".join(iter(lambda: body.read(size), b""))


def test_a_body_leaves_no_faster_than_its_rate_and_not_much_slower() -> None:
    clock, content = Clock(), bytes(range(256)) * 400
    assert sent(PacedBody(content, clock.throttle(10_000))) == content
    assert 10.0 <= clock.now_s <= 10.24


def test_the_rate_is_over_all_bodies_and_idle_time_is_not_saved_up() -> None:
    clock = Clock()
    throttle = clock.throttle(1000)
    for _ in range(10):
        sent(PacedBody(bytes(1000), throttle))
    assert 9.5 <= clock.now_s <= 10
    clock.now_s = 100.0
    sent(PacedBody(bytes(5000), throttle))
    assert clock.now_s >= 104.5


def test_hashing_is_not_throttled_and_going_back_begins_anew() -> None:
    clock = Clock()
    body = PacedBody(bytes(5000), clock.throttle(1000))
    assert len(body.read()) == 5000
    body.seek(0)
    assert clock.now_s == 0
    sent(body)
    taken_s = clock.now_s
    body.seek(0)
    assert len(body.read(5000)) == 5000
    assert clock.now_s == taken_s


def test_pieces_are_small_at_any_rate() -> None:
    for rate, most in ((None, PIECE), (1e9, PIECE), (1000, 100)):
        body = PacedBody(bytes(1 << 20), Clock().throttle(rate))
        body.sending = True
        assert len(body.read(1 << 20)) == most
        assert len(body.read(-1)) == most
        assert len(body.read(7)) == 7


@pytest.mark.parametrize("rate", [None, 1000])
def test_closing_cuts_a_body_between_two_pieces(rate: float | None) -> None:
    clock = Clock()
    body = PacedBody(bytes(1 << 20), clock.throttle(rate))
    body.sending = True
    body.read(100)
    clock.closing.set()
    with pytest.raises(UploadCut):
        body.read(100)
