"""Several threads in one pipeline: cameras go side by side, frames of one camera in order."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from threading import Barrier, Semaphore, Thread
from threading import Event as Flag
from threading import enumerate as enumerate_threads
from typing import NoReturn

import numpy as np
import pytest

from devices.boards.limits import usable_cores
from devices.errors import DeviceUnavailable
from devices.settings import CameraSettings
from masking.masker import Masker
from masking.second_look import SecondLook
from masking.settings import MaskingSettings
from models.box import Box
from models.classifier import open_classifier
from models.settings import ModelSettings
from tests.masking.stand_ins import Detector, Image, finds, frame
from tests.uploader.choosing.deciding import chooser_of
from tests.uploader.samples import KEY
from uploader.choosing.alerts import Alerts
from uploader.choosing.policies import Names
from uploader.choosing.settings import KeepSettings
from uploader.settings import SpoolSettings
from uploader.spool import Spool
from vision_app import config
from vision_app.app import App
from vision_app.cameras.latest import Latest
from vision_app.events import Event, Origin, PredictionEvent
from vision_app.keeper import Keeper
from vision_app.ledger import Ledger
from vision_app.pipeline import Pipeline

PATIENCE_S = 10.0
KEEP_NONE = KeepSettings(below=0.0, masked=False)


class Lanes:
    """A pipeline with a thread for each camera, and a detector of its own for each."""

    def __init__(self, stack: ExitStack, folder: Path, detectors: dict[str, Detector]) -> None:
        keep_open, settings = stack.enter_context, MaskingSettings(look_ahead=0, timeout_s=0.5)
        self.latest, self.events = Latest(), list[PredictionEvent]()
        self.ledgers = {camera: Ledger() for camera in detectors}
        spool = keep_open(Spool(folder, SpoolSettings(min_free_bytes=0), "s", "d", 90, KEY))
        look = keep_open(closing(SecondLook(finds(), None, finds(), settings)))
        chooser = chooser_of(KEEP_NONE, Names((), (), tuple(detectors)))
        self.pipeline = Pipeline(
            self.latest,
            self.ledgers,
            {
                camera: keep_open(closing(Masker(detector, settings)))
                for camera, detector in detectors.items()
            },
            keep_open(open_classifier(ModelSettings())),
            self._publish,
            Keeper(lambda: look, spool, chooser, self.ledgers),
            chooser,
            Alerts(()),
            Origin("s", "d"),
        )
        self._stop = Flag()
        threads = [Thread(target=self._run) for _ in detectors]
        for thread in threads:
            stack.callback(thread.join)
            thread.start()
        stack.callback(self._stop.set)

    def film(self, camera: str, seq: int) -> None:
        """One more frame of a camera, which shows its number."""
        self.ledgers[camera].captured()
        picture = np.full((60, 80, 3), seq, np.uint8)
        captured = replace(frame(picture, seq), camera=camera, captured_s=time.monotonic())
        if self.latest.put(captured) is not None:
            raise AssertionError("a frame was lost")

    def wait_for(self, camera: str, frames: int) -> bool:
        """Whether so many of its frames ended, before patience does."""
        until_s = time.monotonic() + PATIENCE_S
        while sum(self.ledgers[camera].account().ends.values()) < frames:
            if time.monotonic() > until_s:
                return False
            Flag().wait(0.002)
        return True

    def _publish(self, event: Event) -> bool:
        assert isinstance(event, PredictionEvent)
        self.events.append(event)
        return True

    def _run(self) -> None:
        while not self._stop.is_set():
            self.pipeline.step(0.01)


@pytest.fixture
def lanes(tmp_path: Path) -> Iterator[Callable[..., Lanes]]:
    with ExitStack() as stack:
        yield lambda **detectors: Lanes(stack, tmp_path / "spool", detectors)


def test_frames_of_two_cameras_are_looked_at_at_the_same_time(
    lanes: Callable[..., Lanes],
) -> None:
    both = Barrier(2, timeout=0.4)

    def meets(image: Image) -> list[Box]:
        both.wait()
        return []

    running = lanes(a=Detector(meets), b=Detector(meets))
    for camera in ("a", "b"):
        running.film(camera, 1)
    assert running.wait_for("a", 1)
    assert running.wait_for("b", 1)
    assert [dict(one.account().ends) for one in running.ledgers.values()] == [
        {"published": 1}, {"published": 1},
    ]  # fmt: skip


def test_a_camera_whose_detector_hangs_is_redacted_and_holds_up_no_other(
    lanes: Callable[..., Lanes],
) -> None:
    free = Flag()

    def hangs(image: Image) -> list[Box]:
        free.wait(PATIENCE_S)
        return []

    running = lanes(stuck=Detector(hangs), well=finds())
    running.film("stuck", 1)
    began_s = time.monotonic()
    for seq in range(1, 6):
        running.film("well", seq)
        assert running.wait_for("well", seq)
    others_s = time.monotonic() - began_s
    assert running.wait_for("stuck", 1)
    free.set()
    assert others_s < 0.5, "five frames had to wait for the other camera's detector"
    assert running.ledgers["stuck"].account().ends == {"redacted": 1}
    assert [event.seq for event in running.events] == [1, 2, 3, 4, 5]


def test_frames_of_one_camera_are_published_in_order_however_long_each_takes(
    lanes: Callable[..., Lanes],
) -> None:
    looked = Semaphore(0)

    def every_second_takes_longer(image: Image) -> list[Box]:
        looked.release()
        Flag().wait(0.05 if int(image[0, 0, 0]) % 2 else 0.0)
        return []

    running = lanes(a=Detector(every_second_takes_longer), b=finds())
    for seq in range(1, 9):
        running.film("a", seq)
        assert looked.acquire(timeout=PATIENCE_S)
    assert running.wait_for("a", 8)
    assert [event.seq for event in running.events] == list(range(1, 9))


@pytest.mark.parametrize(("cameras", "lanes"), [(1, 1), (2, 2), (9, usable_cores() + 1)])
def test_a_service_has_a_thread_for_each_camera_but_not_many_more_than_cores(
    cameras: int, lanes: int, tmp_path: Path
) -> None:
    camera = {"kind": "generated", "exempt": "nobody is in it"}
    named = [{"name": f"camera-{number}", **camera} for number in range(cameras)]
    told = config.complete(
        config.parse({"camera": named}, "a test"), tmp_path, {"XDG_DATA_HOME": str(tmp_path)}
    )
    seen = set[str]()

    def away(settings: CameraSettings, first_seq: int) -> NoReturn:
        raise DeviceUnavailable(f"no camera {settings.name}")

    def look() -> None:
        seen.update(thread.name for thread in enumerate_threads())
        app.stop()

    app = App(told, opener=away)
    app.run(30, look)
    assert len([name for name in seen if name.startswith("pipeline")]) == lanes
