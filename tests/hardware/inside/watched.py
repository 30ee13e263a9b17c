"""The whole service in this process, on the cameras of the test machine: what it says, and when."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Any

from tests.wire.service import check_ledger
from vision_app import config
from vision_app.app import App
from vision_app.events import HealthEvent

DETECTED_S = 2.0
"""What the product promises: so soon is a fault told in health."""

RECOVERED_S = 20.0
"""So soon is it over. The kernel holds a camera that hung for 5 s, we try again within 5 s, and the
machine is slow."""

LOOK_S = 0.02
Act = Callable[[], None]
EXEMPT = "a test camera that films nothing but test pictures"


def nothing() -> None:
    """Does nothing."""


SLOW = "frames a second and has delivered"
"""What is said of a camera of whose frames many are left out, or that takes its time."""


class Watched:
    """Runs from entering to leaving, whatever happens to its cameras. All that it keeps is stored.

    No faces are sought and every frame is kept, so that what leaves it can be compared with what
    the cameras have filmed.
    """

    def __init__(self, folder: Path, *cameras: Mapping[str, Any]) -> None:
        self._folder = folder
        (folder / "store").mkdir(parents=True)
        told = config.parse(
            {
                "camera": [{"exempt": EXEMPT, **camera} for camera in cameras],
                "model": {"backend": "litert", "threads": 1},
                "keep": {
                    "policy": [{"kind": "audit", "share": 1.0}],
                    "gap_s": 0,
                    "max_per_minute": 100_000,
                    "duplicates": {"enabled": False},
                    "jpeg_quality": 95,
                },
                "spool": {"min_free_bytes": 0},
                "store": {"url": (folder / "store").as_uri(), "drain_s": 60},
                "publish": {"jsonl": {"path": str(folder / "events.jsonl")}},
                "health": {"every_s": 0.5},
            },
            "a test",
        )
        self._app = App(config.complete(told, folder, {"XDG_DATA_HOME": str(folder)}))
        self._thread = Thread(target=self._app.run, name="the service")

    def health(self) -> HealthEvent:
        """What it says now."""
        assert self._thread.is_alive(), "it has ended"
        return self._app.health()

    def camera(self, name: str) -> Mapping[str, Any]:
        """What it says of a camera now; its books are right at every moment."""
        told: Mapping[str, Any] = self.health().cameras[name]
        assert 0 <= told["in_flight"] <= 3, told
        return told

    def tells(self, name: str, state: str, words: str, after: Act, late_s: float = 0.0) -> None:
        """What is done to a camera is told in time: its state, and a problem with these words.

        late_s: so much later, where it must last before it is told.
        """

        def told() -> bool:
            event = self.health()
            named = any(words in problem for problem in event.problems)
            return event.cameras[name]["state"] == state and named and event.state != "ok"

        self._until(told, DETECTED_S + late_s, f"{name} {state}: {words}", after)

    def loses(self, name: str, reason: str, after: Act, count: int = 1) -> None:
        """What is done to a camera is counted in time, as so many more frames lost."""
        before = self.lost(name, reason)
        self._until(
            lambda: self.lost(name, reason) >= before + count,
            DETECTED_S,
            f"{name} loses {count} {reason}",
            after,
        )

    def lost(self, name: str, *reasons: str) -> int:
        """How many frames a camera lost so far, for these reasons or any."""
        losses = self.camera(name)["losses"]
        return sum(losses.get(reason, 0) for reason in reasons or losses)

    def recovers(self, name: str, after: Act = nothing, opened: int = 0) -> None:
        """A camera is well again in time, after so many openings, and goes on."""
        before = self.camera(name)["opened"]

        def live() -> bool:
            event = self.health()
            return event.cameras[name]["state"] == "live" and event.state == "ok"

        self._until(live, RECOVERED_S, f"{name} is live", after)
        self.publishes(name)
        assert self.camera(name)["opened"] >= before + opened

    def publishes(self, name: str, frames: int = 5) -> None:
        """So many more frames of a camera are published, in time."""
        aim = self.published(name) + frames
        self._until(lambda: self.published(name) >= aim, RECOVERED_S, f"{name} {frames} frames")

    def stays(self, name: str, seconds: float) -> None:
        """For so long a camera is live without a break, and goes on, though it may be slow."""
        before, end_s = self.published(name), time.monotonic() + seconds
        while time.monotonic() < end_s:
            assert all(SLOW in problem for problem in self.health().problems)
            assert self.camera(name)["state"] == "live"
            Event().wait(LOOK_S)
        assert self.published(name) > before

    def published(self, name: str) -> int:
        """How many frames of a camera were published so far."""
        return int(self.camera(name)["ends"].get("published", 0))

    def stop(self) -> None:
        """Ends the service as a signal would; may be called twice."""
        self._app.stop()
        self._thread.join(90)
        assert not self._thread.is_alive()

    def audit(self) -> dict[str, Mapping[str, Any]]:
        """After its end: the books of every camera, which fit all that it told and stored."""
        told = [json.loads(line) for line in self._lines()]
        cameras: dict[str, Mapping[str, Any]] = told[-1]["cameras"]
        for name, camera in cameras.items():
            check_ledger(camera)
            numbers = [one["seq"] for one in told if one.get("camera") == name]
            assert numbers == sorted(set(numbers))
            assert len(numbers) == camera["ends"]["published"] == camera["kept_frames"]
            assert set(camera["ends"]) <= {"published", "dropped_newer"}
        assert len(list(self.pictures())) == sum(c["kept_frames"] for c in cameras.values())
        return cameras

    def pictures(self) -> Iterator[bytes]:
        """Every JPEG that was stored."""
        return (path.read_bytes() for path in (self._folder / "store").rglob("*.jpg"))

    def _until(
        self, is_so: Callable[[], bool], within_s: float, what: str, after: Act = nothing
    ) -> None:
        """Does something, and waits until that is so; not in time is a failure."""
        begin_s = time.monotonic()
        after()
        while not is_so():
            late_s = time.monotonic() - begin_s
            assert late_s <= within_s, f"not within {within_s:g} s: {what}: {self.health()}"
            Event().wait(LOOK_S)
        print(f"  {time.monotonic() - begin_s:5.2f} s: {what}")

    def _lines(self) -> list[str]:
        return (self._folder / "events.jsonl").read_text().splitlines()

    def __enter__(self) -> "Watched":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
