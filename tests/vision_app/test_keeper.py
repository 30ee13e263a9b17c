"""What happens to frames that wait to be kept, while the cameras go on."""

import platform
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Event as Flag

import numpy as np
import pytest

from masking.masker import Masker
from masking.second_look import SecondLook
from masking.settings import MaskingSettings
from models.bench.usage import resident_bytes
from models.box import Box
from models.classifier import open_classifier
from models.settings import ModelSettings
from tests.masking.stand_ins import Detector, Image, finds, frame
from tests.parts import need
from tests.uploader.choosing.deciding import chooser_of
from tests.uploader.samples import KEY
from uploader.choosing.alerts import Alerts
from uploader.choosing.policies import Names
from uploader.choosing.score_file import score_files
from uploader.choosing.score_log import ScoreLog
from uploader.choosing.settings import DuplicateSettings, KeepSettings, ScoreLogSettings
from uploader.settings import SpoolSettings
from uploader.spool import Spool
from vision_app.cameras.latest import Latest
from vision_app.events import Origin
from vision_app.keeper import MOST_FRAMES, Keeper, Kept
from vision_app.ledger import Account, Ledger
from vision_app.pipeline import Pipeline
from vision_app.worker import Worker

CAMERAS = ("calm", "busy")
ALIKE = DuplicateSettings(enabled=False)
KEEP_ALL = KeepSettings(below=1.0, gap_s=0, duplicates=ALIKE)


class Slow:
    """A detector that looks at a picture until it is let go."""

    def __init__(self) -> None:
        self.looks, self.free = Flag(), Flag()

    def __call__(self, image: Image) -> list[Box]:
        self.looks.set()
        assert self.free.wait(10)
        return []


class Bench:
    """Two cameras before one pipeline, and a keeper that nobody runs but the test."""

    def __init__(self, folder: Path, spool: Spool, keep: KeepSettings, look: SecondLook) -> None:
        self.ledgers = {camera: Ledger() for camera in CAMERAS}
        self.latest, self.seq, self.spool = Latest(), 0, spool
        settings = MaskingSettings(look_ahead=0)
        self.maskers = {camera: Masker(finds(), settings) for camera in CAMERAS}
        chooser = chooser_of(keep, Names((), (), CAMERAS))
        self.log = ScoreLog(folder / "log", ScoreLogSettings(enabled=True), CAMERAS, (), self._now)
        self.classifier = open_classifier(ModelSettings())
        self.keeper = Keeper(lambda: look, spool, chooser, self.ledgers, self.log)
        self.pipeline = Pipeline(
            self.latest, self.ledgers, self.maskers, self.classifier, lambda event: True,
            self.keeper, chooser, Alerts(()), Origin("s", "d"), self.log,
        )  # fmt: skip

    def see(self, camera: str, shade: int = 90) -> None:
        """One frame of a camera goes through the pipeline."""
        self.seq += 1
        self.ledgers[camera].captured()
        picture = np.full((60, 80, 3), shade, np.uint8)
        self.latest.put(
            replace(frame(picture, self.seq), camera=camera, captured_s=time.monotonic())
        )
        self.pipeline.step()

    def books(self, camera: str) -> Account:
        return self.ledgers[camera].account()

    def close(self) -> None:
        for masker in self.maskers.values():
            masker.close()
        self.classifier.close()
        self.log.close()

    def _now(self) -> float:
        return float(self.seq)


def opened(folder: Path, keep: KeepSettings, closer: Detector) -> Iterator[Bench]:
    bounds, settings = SpoolSettings(min_free_bytes=0), MaskingSettings()
    with (
        Spool(folder / "spool", bounds, "s", "d", 90, KEY) as spool,
        closing(SecondLook(closer, None, finds(), settings)) as look,
        closing(Bench(folder, spool, keep, look)) as bench,
    ):
        yield bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    yield from opened(tmp_path, KEEP_ALL, finds())


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def slow_bench(tmp_path: Path, slow: Slow) -> Iterator[Bench]:
    yield from opened(tmp_path, KEEP_ALL, Detector(slow))


def no_bug(name: str) -> None:
    raise AssertionError(f"{name} has a bug")


def test_while_a_frame_is_looked_at_again_other_cameras_are_published(
    slow_bench: Bench, slow: Slow
) -> None:
    worker = Worker("keeper", slow_bench.keeper, no_bug)
    worker.start()
    slow_bench.see("busy")
    assert slow.looks.wait(5)
    for _ in range(3):
        slow_bench.see("calm")
    assert slow_bench.books("calm").ends == {"published": 3}
    assert slow_bench.books("calm").kept_frames == 0
    slow.free.set()
    worker.stop()
    slow_bench.keeper.finish()
    assert slow_bench.books("calm").kept_frames == 3
    assert slow_bench.spool.waiting.entries == 4


def test_more_than_may_wait_are_published_counted_and_not_kept(bench: Bench) -> None:
    for _ in range(MOST_FRAMES + 2):
        bench.see("busy")
    bench.keeper.finish()
    books = bench.books("busy")
    assert books.ends == {"published": MOST_FRAMES + 2}
    assert (books.kept_frames, books.not_kept) == (MOST_FRAMES, {"keeper_full": 2})


def test_a_budget_is_not_exceeded_by_what_waits(tmp_path: Path) -> None:
    keep = KEEP_ALL.model_copy(update={"max_per_minute": 2})
    for bench in opened(tmp_path, keep, finds()):
        for _ in range(4):
            bench.see("busy")
        bench.keeper.finish()
        books = bench.books("busy")
        assert (books.kept_frames, books.not_kept) == (2, {"over_budget": 2})


def test_of_two_that_wait_and_look_alike_one_is_kept(tmp_path: Path) -> None:
    for bench in opened(tmp_path, KeepSettings(below=1.0, gap_s=0), finds()):
        bench.see("busy")
        bench.see("busy")
        bench.keeper.finish()
        books = bench.books("busy")
        assert (books.kept_frames, books.not_kept) == (1, {"near_duplicate": 1})


def test_rows_of_the_log_keep_their_order_and_know_the_size_of_what_was_kept(
    tmp_path: Path,
) -> None:
    keep = KEEP_ALL.model_copy(update={"max_per_minute": 1})
    for bench in opened(tmp_path, keep, finds()):
        for _ in range(3):
            bench.see("busy")
        assert bench.keeper.step() is Kept.DONE
        bench.see("calm")
        bench.keeper.finish()
        bench.log.close()
        (file,) = score_files(tmp_path / "log")
        assert (np.diff(file.rows["steady_s"]) >= 0).all()
        assert [int(size > 0) for size in file.rows["size"]] == [1, 0, 0, 1]


def test_what_still_waits_when_all_is_over_is_counted(bench: Bench) -> None:
    bench.see("busy")
    bench.keeper.close()
    bench.keeper.close()
    assert bench.books("busy").not_kept == {"dropped_at_stop": 1}
    assert bench.keeper.step(0.0) is Kept.IDLE


def test_an_orderly_end_keeps_all_that_waits(bench: Bench) -> None:
    for _ in range(MOST_FRAMES):
        bench.see("busy")
    bench.ledgers["calm"].captured()
    bench.latest.put(replace(frame(seq=99), camera="calm", captured_s=time.monotonic()))
    bench.pipeline.finish()
    kept = [bench.books(camera).kept_frames for camera in CAMERAS]
    assert kept == [1, MOST_FRAMES]


def test_what_a_look_took_is_given_back_when_the_frame_is_kept(tmp_path: Path) -> None:
    need("glibc", platform.libc_ver()[0] == "glibc")
    beyond: list[bytes] = []

    def greedy(image: Image) -> list[Box]:
        """60 MB, freed at once; what lies beyond keeps the heap from shrinking by itself."""
        taken = [b"x" * 100_000 for _ in range(600)]
        beyond.append(b"x" * len(taken[0]))
        return []

    for bench in opened(tmp_path, KEEP_ALL, Detector(greedy)):
        bench.see("calm")
        before = resident_bytes()
        assert bench.keeper.step() is Kept.DONE
        assert beyond
        assert resident_bytes() - before < 20e6
