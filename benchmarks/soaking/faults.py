"""All that goes wrong in the soak: with the cameras, and with what lies behind the service."""

from functools import partial

from benchmarks.soaking.fault import Act, Fault, Health, Sign
from benchmarks.soaking.scenery import black
from benchmarks.soaking.servers import hold, let_go
from benchmarks.soaking.world import GATE, SHELF, YARD, World
from tests.wire.faulty import DENIED, SLOW, SLOW_DOWN
from tests.wire.faulty import Fault as Answer

LOST_S = 5.0
"""2 s are promised; health comes each second, and the machine has other work."""
SHOWS_NOTHING_S = 14.0
"""Frozen and blank are told after 10 s."""
KEEPALIVE_S = 66.0
"""A broker that hangs is asked after 30 s, and given up after 30 more."""


def of_cameras(world: World) -> list[Fault]:
    """One at a time."""
    http, shelf, aside = world.http, world.photographs, world.folder / "aside"
    whole = list(http.shown)
    cut = [picture[: len(picture) // 2] for picture in whole]
    yard = partial(_of_camera, YARD)
    faults = [
        yard("yard: killed", 10, http.kill, http.start),
        yard("yard: falls silent", 15, http.fall_silent, http.speak),
        yard("yard: every JPEG cut", 8, partial(http.show, cut), http.show, _damaged(YARD)),
        yard(
            "yard: repeats its picture", 16, partial(http.show, whole[:1] * len(whole)), http.show,
            notice_s=SHOWS_NOTHING_S,
        ),
        yard(
            "yard: black", 16, partial(http.show, [black()] * len(whole)), http.show,
            notice_s=SHOWS_NOTHING_S,
        ),
        _of_camera(
            SHELF, "shelf: its folder vanishes", 10, lambda: shelf.rename(aside),
            lambda: aside.rename(shelf),
        ),
    ]  # fmt: skip
    if rtsp := world.rtsp:
        gate = partial(_of_camera, GATE)
        faults += [
            gate("gate: killed", 10, rtsp.kill, rtsp.start),
            gate(
                "gate: falls silent", 15, lambda: hold(rtsp.process), lambda: let_go(rtsp.process)
            ),
        ]
    return faults


def of_network(world: World) -> list[Fault]:
    """One at a time, beside those of the cameras. The first fills the longest queue in memory,
    so that it has its size before growth is looked for.
    """
    broker, store = world.broker, world.store
    well = partial(store.answer, Answer())
    return [
        _of_broker(
            "broker: hangs", lambda: hold(broker.process), lambda: let_go(broker.process),
            KEEPALIVE_S,
        ),
        _of_broker("broker: killed", broker.kill, broker.start, LOST_S),
        _of_store("store: killed", store.kill, store.start),
        _of_store("store: 503 SlowDown", partial(store.answer, SLOW_DOWN), well),
        _of_store("store: 403 AccessDenied", partial(store.answer, DENIED), well),
        _of_store("store: 1 kB/s", partial(store.answer, SLOW), well),
        _of_store(
            "store: hangs", lambda: hold(store.server.process), lambda: let_go(store.server.process)
        ),
    ]  # fmt: skip


def _of_camera(
    camera: str, name: str, lasts_s: float, begin: Act, end: Act,
    shown: Sign | None = None, notice_s: float = LOST_S,
) -> Fault:  # fmt: skip
    def troubled(before: Health, now: Health) -> bool:
        return bool(now["cameras"][camera]["state"] != "live")

    def delivers(at_end: Health, now: Health) -> bool:
        then, is_now = at_end["cameras"][camera], now["cameras"][camera]
        return bool(is_now["state"] == "live" and is_now["captured"] > then["captured"])

    return Fault(name, lasts_s, begin, end, shown or troubled, delivers, notice_s, 20.0)


def _damaged(camera: str) -> Sign:
    def shown(before: Health, now: Health) -> bool:
        then, is_now = before["cameras"][camera]["losses"], now["cameras"][camera]["losses"]
        return bool(is_now.get("damaged", 0) > then.get("damaged", 0))

    return shown


def _of_broker(name: str, begin: Act, end: Act, notice_s: float) -> Fault:
    return Fault(name, notice_s + 10.0, begin, end, _no_broker, _has_broker, notice_s, 45.0)


def _no_broker(before: Health, now: Health) -> bool:
    return any("the broker" in problem for problem in now["problems"])


def _has_broker(at_end: Health, now: Health) -> bool:
    return not _no_broker(at_end, now)


def _of_store(name: str, begin: Act, end: Act) -> Fault:
    """What is retried waits the longer, the longer it failed; timeouts are of 5 s."""
    return Fault(name, 30.0, begin, end, _not_sent, _sends, 20.0, 90.0)


def _not_sent(before: Health, now: Health) -> bool:
    then, is_now = before["uploads"], now["uploads"]
    failed = is_now["retries"] + is_now["denied"] > then["retries"] + then["denied"]
    return bool(failed and now["problems"])


def _sends(at_end: Health, now: Health) -> bool:
    then, is_now = at_end["uploads"]["sent"], now["uploads"]["sent"]
    return sum(map(int, is_now.values())) > sum(map(int, then.values()))
