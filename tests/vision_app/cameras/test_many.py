"""Several cameras in one service: what one does is no other one's trouble."""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from threading import Event as Flag
from typing import Any

import pytest

from devices.camera import Camera, open_camera
from devices.errors import DeviceUnavailable
from devices.settings import CameraSettings
from tests.wire.service import check_schema
from vision_app import config
from vision_app.app import SOURCES_END_S, App
from vision_app.events import Event, HealthEvent, PredictionEvent

PLAYED = {"kind": "generated", "exempt": "nobody is in it", "width": 160, "height": 120}


class Bus:
    """Opens cameras as they are, but for one that blocks and one that is never there."""

    def __init__(self) -> None:
        self.free, self.inside = Flag(), Flag()

    def __call__(self, camera: CameraSettings, first_seq: int) -> Camera:
        if camera.name == "blocks":
            self.inside.set()
            self.free.wait(60)
        if camera.name in ("away", "blocks"):
            raise DeviceUnavailable(f"no camera {camera.name}")
        return open_camera(camera, first_seq)


@pytest.fixture
def bus() -> Iterator[Bus]:
    bus = Bus()
    yield bus
    bus.free.set()


def ran(folder: Path, bus: Bus, frames: int, cameras: list[dict[str, Any]]) -> HealthEvent:
    """Health after a service ended that saw so many frames of each camera that is there."""
    told = config.complete(
        config.parse({"camera": cameras}, "a test"), folder, {"XDG_DATA_HOME": str(folder)}
    )
    seen = Counter[str]()

    def hear(event: Event) -> None:
        if isinstance(event, PredictionEvent):
            seen[event.camera] += 1

    def look() -> None:
        there = [one["name"] for one in cameras if one["name"] not in ("away", "blocks")]
        if all(seen[name] >= frames for name in there):
            app.stop()

    told = told.model_copy(update={"device": told.device.model_copy(update={"data": folder})})
    told = told.model_copy(
        update={"spool": told.spool.model_copy(update={"folder": folder / "spool"})}
    )
    app = App(told, hear=hear, opener=bus)
    app.run(30, look)
    return app.health()


def test_one_that_blocks_and_one_that_is_away_hold_up_neither_others_nor_the_end(
    tmp_path: Path, bus: Bus
) -> None:
    cameras = [
        {"name": "blocks", **PLAYED},
        {"name": "away", **PLAYED},
        {"name": "well", **PLAYED, "fps": 30.0},
    ]
    began_s = time.monotonic()
    health = ran(tmp_path, bus, 15, cameras)
    assert time.monotonic() - began_s < SOURCES_END_S + 5
    assert bus.inside.is_set()
    assert {name: camera["state"] for name, camera in health.cameras.items()} == {
        "blocks": "opening", "away": "opening", "well": "live",
    }  # fmt: skip
    assert "no camera away" in health.problems
    books = health.cameras["well"]
    assert books["in_flight"] == 0
    assert "dropped_at_stop" not in books["ends"], "what was captured was seen through"
    check_schema("health", health.payload())


def test_each_is_held_to_its_own_rate_and_has_books_of_its_own(tmp_path: Path, bus: Bus) -> None:
    cameras = [
        {"name": "quick", **PLAYED, "fps": 60.0},
        {"name": "held", **PLAYED, "fps": 60.0, "max_fps": 10.0},
    ]
    health = ran(tmp_path, bus, 10, cameras)
    held, quick = health.cameras["held"], health.cameras["quick"]
    assert held["ends"]["over_rate"] > 3 * held["ends"]["publish_refused"]
    assert "over_rate" not in quick["ends"]
    for books in (held, quick):
        assert books["captured"] == sum(books["ends"].values())
