"""A frame's journey with real masking, a real classifier and a real spool."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from masking.fill import LEVEL
from masking.masker import Masker
from masking.second_look import SecondLook
from masking.settings import MaskingSettings
from models.box import Box
from models.classifier import open_classifier
from models.faces import FaceDetector
from models.settings import ModelSettings
from tests.masking.stand_ins import FACE, Detector, finds, frame
from tests.uploader.choosing.deciding import chooser_of
from tests.uploader.samples import KEY
from uploader.choosing.alerts import Alerted, Alerts
from uploader.choosing.policies import Names
from uploader.choosing.settings import DuplicateSettings, KeepSettings
from uploader.encode import decoded
from uploader.queue.entries import entries
from uploader.settings import SpoolSettings
from uploader.spool import Spool
from vision_app.cameras.latest import Latest
from vision_app.events import Event, Origin, PredictionEvent
from vision_app.keeper import Keeper
from vision_app.ledger import Account, Ledger
from vision_app.pipeline import Pipeline, Step

ALIKE = DuplicateSettings(enabled=False)
KEEP_ALL = KeepSettings(below=1.0, gap_s=0, duplicates=ALIKE)
KEEP_NONE = KeepSettings(below=0.0, masked=False)
KEEP_MASKED = KeepSettings(below=0.0)
NAMES = Names((), ("climate",), ("bench",))
ROOMY = SpoolSettings(min_free_bytes=0)


class Bench:
    """A pipeline over one camera, whose events are collected."""

    def __init__(
        self,
        stack: ExitStack,
        folder: Path,
        keep: KeepSettings,
        detector: FaceDetector | None,
        closer: FaceDetector | None,
        spool: SpoolSettings,
        exempt: str | None = None,
        judge: FaceDetector | None = None,
        look_ahead: int = 0,
    ) -> None:
        keep_open = stack.enter_context
        settings = MaskingSettings(look_ahead=look_ahead)
        self.latest, self.ledger = Latest(), Ledger()
        self.alerts = Alerts(NAMES.sensors, {"climate": ["bench"]})
        self.events: list[PredictionEvent] = []
        self.take_events = True
        self.spool = keep_open(Spool(folder, spool, "s", "d", keep.jpeg_quality, KEY))
        last = judge or finds()
        look = keep_open(closing(SecondLook(closer, None, last, settings))) if closer else None
        chooser, ledgers = chooser_of(keep, NAMES), {"bench": self.ledger}
        self.keeper = Keeper(lambda: look, self.spool, chooser, ledgers, alerts=self.alerts)
        self.pipeline = Pipeline(
            latest=self.latest,
            ledgers=ledgers,
            maskers={"bench": keep_open(closing(Masker(detector, settings, exempt)))},
            classifier=keep_open(open_classifier(ModelSettings())),
            publish=self._publish,
            keeper=self.keeper,
            chooser=chooser,
            alerts=self.alerts,
            origin=Origin("s", "d"),
        )

    def see(self, seq: int = 7) -> Account:
        """Sends one frame through; what the books then say."""
        self.ledger.captured()
        self.latest.put(frame(seq=seq))
        assert self.pipeline.step() is Step.FRAME
        self.keeper.finish()
        assert self.ledger.account().in_flight == 0
        return self.ledger.account()

    def _publish(self, event: Event) -> bool:
        assert isinstance(event, PredictionEvent)
        if self.take_events:
            self.events.append(event)
        return self.take_events


MakeBench = Callable[..., Bench]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[MakeBench]:
    with ExitStack() as stack:

        def make(
            keep: KeepSettings = KEEP_ALL,
            detector: FaceDetector | None = None,
            closer: FaceDetector | None = None,
            spool: SpoolSettings = ROOMY,
            exempt: str | None = None,
            judge: FaceDetector | None = None,
            look_ahead: int = 0,
        ) -> Bench:
            folder = tmp_path / "spool"
            return Bench(stack, folder, keep, detector, closer, spool, exempt, judge, look_ahead)

        yield make


def test_a_frame_without_a_reason_is_published_and_not_kept(bench: MakeBench) -> None:
    b = bench(KEEP_NONE, finds())
    assert b.see().ends == {"published": 1}
    assert b.events[0].kept == ()
    assert b.spool.waiting.entries == 0


def test_a_frame_with_a_face_is_kept_for_that(bench: MakeBench) -> None:
    b = bench(KEEP_MASKED, finds(FACE), finds())
    account = b.see()
    assert (account.kept_frames, account.kept, account.faces) == (1, {"masked": 1}, 1)
    assert b.events[0].kept == ("masked",)
    assert b.events[0].faces == 1
    assert b.spool.waiting.entries == 1


def test_without_a_detector_nothing_is_classified_published_or_kept(bench: MakeBench) -> None:
    b = bench(KEEP_ALL, None)
    account = b.see()
    assert account.ends == {"redacted": 1}
    assert account.masked == 0
    assert not b.events
    assert b.spool.waiting.entries == 0


def test_a_detector_that_breaks_redacts_its_frame_and_the_next_may_pass(bench: MakeBench) -> None:
    answers: list[Exception | None] = [RuntimeError("a planted fault"), None]

    def answer(image: np.ndarray) -> list[object]:
        error = answers.pop(0)
        if error:
            raise error
        return []

    b = bench(KEEP_NONE, Detector(answer))  # type: ignore[arg-type]
    b.see(1)
    assert b.see(2).ends == {"redacted": 1, "published": 1}


def test_a_face_that_only_the_second_look_sees_is_covered_in_what_is_kept(
    bench: MakeBench,
) -> None:
    b = bench(KEEP_ALL, finds(), finds(FACE))
    account = b.see()
    assert (account.kept_frames, account.not_kept) == (1, {})
    assert covered(b)
    assert b.events[0].faces == 0, "what was published was known before"


def test_a_face_that_only_the_judge_sees_is_covered_in_what_is_kept(bench: MakeBench) -> None:
    answers = [[FACE], []]
    b = bench(KEEP_ALL, finds(), finds(), judge=Detector(lambda image: answers.pop(0)))
    assert b.see().kept_frames == 1
    assert covered(b)


def test_without_a_face_nothing_is_covered(bench: MakeBench) -> None:
    b = bench(KEEP_ALL, finds(), finds())
    b.see()
    assert not covered(b)


def test_a_frame_that_the_judge_does_not_vouch_for_is_withheld(bench: MakeBench) -> None:
    b = bench(KEEP_ALL, finds(), finds(), judge=finds(FACE))
    account = b.see()
    assert account.ends == {"published": 1}
    assert account.not_kept == {"withheld": 1}
    assert b.spool.waiting.entries == 0


@pytest.mark.parametrize("who", ["closer", "judge"])
def test_a_second_look_that_breaks_withholds_its_frame_and_the_next_may_pass(
    bench: MakeBench, who: str
) -> None:
    broken = [True]

    def answer(image: np.ndarray) -> list[Box]:
        if broken:
            broken.clear()
            raise RuntimeError
        return []

    others: dict[str, FaceDetector] = {"closer": finds(), "judge": finds()}
    b = bench(KEEP_ALL, finds(), **others | {who: Detector(answer)})
    assert b.see(1).not_kept == {"withheld": 1}
    assert b.see(2).kept_frames == 1


def covered(bench: Bench) -> bool:
    """Whether the block of the JPEG that lies wholly in the cover of FACE is grey."""
    name = bench.spool.queue.oldest()
    assert name is not None
    picture = decoded(bench.spool.queue.read(name).body)
    assert picture is not None
    return bool(abs(picture[18:30, 18:30].astype(int) - LEVEL).max() <= 3)


def test_without_a_second_look_nothing_is_kept(bench: MakeBench) -> None:
    b = bench(KEEP_ALL, finds(), None)
    assert b.see().not_kept == {"withheld": 1}
    assert b.spool.waiting.entries == 0


def test_an_exempt_camera_needs_neither(bench: MakeBench) -> None:
    b = bench(KEEP_ALL, None, exempt="a bench camera over seedlings")
    assert b.see().kept_frames == 1


def test_a_refused_event_is_counted_and_the_frame_still_kept(bench: MakeBench) -> None:
    b = bench(KEEP_ALL, finds(), finds())
    b.take_events = False
    account = b.see()
    assert account.ends == {"publish_refused": 1}
    assert account.kept_frames == 1


def test_more_than_the_budget_is_published_but_not_kept(bench: MakeBench) -> None:
    b = bench(KEEP_ALL.model_copy(update={"max_per_minute": 2}), finds(), finds())
    for seq in range(4):
        account = b.see(seq)
    assert account.kept_frames == 2
    assert account.not_kept == {"over_budget": 2}
    assert [event.kept for event in b.events[2:]] == [(), ()]


def test_a_raised_alert_of_a_sensor_is_a_reason(bench: MakeBench) -> None:
    asked = {"policy": [{"kind": "sensor", "sensors": ["climate"]}]}
    b = bench(KeepSettings.model_validate(asked), finds(), finds())
    assert b.see(1).kept_frames == 0
    b.alerts.begin(Alerted("an-id", "climate"), tied=["bench"])
    assert b.see(2).kept == {"sensor": 1}


def test_an_alert_is_tied_to_one_masked_frame_whose_record_names_it(bench: MakeBench) -> None:
    b = bench(KEEP_NONE, finds(FACE), finds())
    alerted, tied = Alerted("an-id", "climate"), list[tuple[Alerted, str, str]]()
    b.alerts.tied = lambda *news: tied.append(news)
    b.alerts.begin(alerted)
    capture(b, 1, 2)
    assert b.ledger.account().kept == {"alert": 1}
    [name] = entries(b.spool.queue.folder)
    entry = b.spool.queue.read(name)
    assert entry.record is not None
    assert entry.record["alerts"] == [{"id": "an-id", "sensor": "climate"}]
    assert entry.record["reasons"] == ["alert"]
    assert len(entry.record["receipt"]["faces"]) == 1
    assert tied == [(alerted, "bench", entry.id)]


def test_a_snapshot_that_the_judge_withholds_is_taken_of_the_next_frame(bench: MakeBench) -> None:
    answers = [[FACE], [FACE], [], []]
    b = bench(KEEP_NONE, finds(), finds(), judge=Detector(lambda image: answers.pop(0)))
    b.alerts.begin(Alerted("an-id", "climate"))
    account = b.see(1)
    assert (account.kept_frames, account.not_kept) == (0, {"withheld": 1})
    assert b.see(2).kept == {"alert": 1}


def test_what_shows_nearly_the_same_is_published_but_not_kept_again(bench: MakeBench) -> None:
    b = bench(KeepSettings(below=1.0, gap_s=0), finds(), finds())
    capture(b, 1, 2)
    account = b.ledger.account()
    assert (account.kept_frames, account.not_kept) == (1, {"near_duplicate": 1})
    assert [event.kept for event in b.events] == [("low_confidence",), ()]


def test_what_is_withheld_is_charged_to_no_budget(bench: MakeBench) -> None:
    one = KEEP_ALL.model_copy(update={"max_per_minute": 1})
    answers = [[FACE], [FACE], [], []]
    b = bench(one, finds(), finds(), judge=Detector(lambda image: answers.pop(0)))
    assert b.see(1).not_kept == {"withheld": 1}
    assert b.see(2).kept_frames == 1
    assert b.see(3).not_kept == {"withheld": 1, "over_budget": 1}


def test_a_full_spool_is_counted_told_and_survived(bench: MakeBench) -> None:
    b = bench(KEEP_ALL, finds(), finds(), SpoolSettings(max_count=10, min_free_bytes=0))
    for seq in range(11):
        account = b.see(seq)
    assert account.kept_frames == 10
    assert account.not_kept == {"spool_full": 1}
    assert "takes nothing more" in b.pipeline.problem


def test_nothing_waiting_is_idle(bench: MakeBench) -> None:
    assert bench().pipeline.step() is Step.IDLE


def capture(bench: Bench, *seqs: int) -> None:
    """Frames of one scene, one after the other, each taken from the room at once."""
    for seq in seqs:
        bench.ledger.captured()
        same = frame(np.full((60, 80, 3), 90, np.uint8), seq)
        bench.latest.put(replace(same, captured_s=time.monotonic()))
        bench.pipeline.step()
        bench.keeper.finish()


def test_with_a_look_ahead_a_frame_is_published_when_two_more_have_come(bench: MakeBench) -> None:
    b = bench(KEEP_NONE, finds(), look_ahead=2)
    capture(b, 1, 2)
    assert (b.events, b.ledger.account().in_flight) == ([], 2)
    capture(b, 3, 4)
    assert [event.seq for event in b.events] == [1, 2]


def test_a_frame_that_nothing_follows_is_published_all_the_same(bench: MakeBench) -> None:
    b = bench(KEEP_NONE, finds(), look_ahead=2)
    capture(b, 1)
    until_s = time.monotonic() + 5
    while not b.events and time.monotonic() < until_s:
        b.pipeline.step()
    assert [event.seq for event in b.events] == [1]
    assert b.events[0].latency_ms.capture_to_publish >= 500


def test_the_end_leaves_no_frame_in_the_books(bench: MakeBench) -> None:
    b = bench(KEEP_NONE, finds(FACE), look_ahead=2)
    capture(b, 1, 2, 3)
    b.pipeline.finish()
    account = b.ledger.account()
    assert (account.ends, account.in_flight) == ({"published": 3}, 0)
