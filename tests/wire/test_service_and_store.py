"""The whole service and a store that hangs, denies or is closed for now."""

import time
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.wire.faulty import BLACK_HOLE, DENIED, FaultyS3
from tests.wire.s3 import BUCKET, objects
from uploader.queue.entry_name import ENTRY
from vision_app import config
from vision_app.app import App
from vision_app.events import HealthEvent

pytestmark = [pytest.mark.wire, pytest.mark.usefixtures("credentials")]


def service(folder: Path, endpoint: str, **store: Any) -> App:
    """One that keeps every frame of a made-up camera."""
    told = {
        "device": {"data": str(folder)},
        "camera": [{"name": "demo", "kind": "generated", "exempt": "nobody is in it"}],
        "keep": {"below": 1.0, "gap_s": 0.0, "max_per_minute": 600},
        "store": {
            "url": f"s3://{BUCKET}/site-a",
            "endpoint": endpoint,
            "region": "eu-central-1",
            **store,
        },
    }
    return App(config.complete(config.parse(told, "a test"), folder, {}))


def waiting(folder: Path) -> list[Path]:
    return list((folder / "spool").glob(f"*{ENTRY}"))


def test_an_upload_that_hangs_does_not_hold_up_the_end_and_nothing_is_lost(
    tmp_path: Path, endpoint: str
) -> None:
    asked_s = 0.0

    def ends_once_it_hangs() -> None:
        nonlocal asked_s
        if not asked_s and network.begun and len(waiting(tmp_path)) > 2:
            asked_s = time.monotonic()
            app.stop()

    with FaultyS3(endpoint, always=BLACK_HOLE) as network:
        app = service(tmp_path, network.endpoint, timeout_s=60, drain_s=0.5)
        app.run(30, ends_once_it_hangs)
        assert 0 < time.monotonic() - asked_s < 25
        assert len(network.begun) == 1
    kept = waiting(tmp_path)
    assert len(kept) > 2

    again = service(tmp_path, endpoint)
    again.run(0)
    assert waiting(tmp_path) == []
    arrived = objects(endpoint)
    for address, body in arrived.items():
        assert sha256(body).hexdigest()[:12] in address
    ids = {address.rsplit("/", 1)[1][:36] for address in arrived}
    assert {path.name[:36] for path in kept} <= ids


def test_a_denial_makes_the_health_degraded_and_says_what_to_do(
    tmp_path: Path, endpoint: str
) -> None:
    seen: list[HealthEvent] = []

    def ends_once_it_is_told() -> None:
        health = app.health()
        if health.uploads["denied"]:
            seen.append(health)
            app.stop()

    with FaultyS3(endpoint, always=DENIED) as network:
        app = service(tmp_path, network.endpoint)
        app.run(30, ends_once_it_is_told)
    assert seen[0].state == "degraded"
    assert any("need s3:PutObject on" in problem for problem in seen[0].problems)
    assert waiting(tmp_path)


def test_outside_its_window_health_says_until_when_and_the_end_does_not_wait_for_it(
    tmp_path: Path, endpoint: str
) -> None:
    seen: list[HealthEvent] = []
    later = datetime.now(timezone.utc).astimezone() + timedelta(hours=6)
    window = f"{later:%H:%M}-{later + timedelta(minutes=1):%H:%M}"

    def ends_once_it_is_told() -> None:
        health = app.health()
        if health.uploads["waiting_for"]:
            seen.append(health)
            app.stop()

    app = service(tmp_path, endpoint, windows=[window], drain_s=60)
    began_s = time.monotonic()
    app.run(30, ends_once_it_is_told)
    assert time.monotonic() - began_s < 45
    assert f"until {later:%Y-%m-%d %H:%M}" in seen[0].uploads["waiting_for"]
    assert seen[0].state == "ok"
    assert (objects(endpoint), bool(waiting(tmp_path))) == ({}, True)
