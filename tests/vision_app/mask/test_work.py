"""One task: a picture goes to whoever looks at photographs, a video to those who watch videos."""

from contextlib import closing
from pathlib import Path
from threading import Event, Thread

import pytest

from devices.errors import ProgramMissing
from masking.settings import MaskingSettings
from models.errors import ModelError
from models.settings import CatalogueSettings
from tests.masking.stand_ins import finds
from tests.videos import FRAMES, film
from tests.vision_app.mask import tagged
from tests.vision_app.mask.crews import FACE, looks, scene
from tests.vision_app.shelves import Shelf, unheard
from vision_app.mask.crew import Crew
from vision_app.mask.kinds import Kind
from vision_app.mask.report import End, Report, Unmasked
from vision_app.mask.videos import Videos
from vision_app.mask.walk import Task
from vision_app.mask.work import MaskVideo, Work
from vision_app.weights import Weights

WATCHED = Report("mp4", 64, 48, "ab" * 32, (), "solid", 1.6, (), 0, 25.0)


def task(folder: Path, name: str, kind: Kind) -> Task:
    source = folder / name
    source.write_bytes(tagged.jpeg(scene()))
    return Task(Path(name), source, folder / "out" / "deep" / name, kind)


def worked(task: Task, mask_video: MaskVideo) -> Report:
    with closing(Crew(lambda: looks(finds(FACE)))) as crew:
        return Work(crew, 95, mask_video)(task)


def no_video(task: Task) -> Report:
    raise AssertionError("it was taken for a video")


def test_a_picture_is_masked_into_folders_that_were_not_there(tmp_path: Path) -> None:
    report = worked(task(tmp_path, "a.jpg", Kind.PICTURE), no_video)
    assert report.faces == 1
    assert (tmp_path / "out" / "deep" / "a.jpg").exists()


def test_a_video_is_given_to_those_who_watch_videos_and_has_its_folder(tmp_path: Path) -> None:
    def watch(task: Task) -> Report:
        assert task.target.parent.is_dir()
        return WATCHED

    assert worked(task(tmp_path, "a.mp4", Kind.VIDEO), watch) is WATCHED


def test_a_picture_that_cannot_be_masked_leaves_no_empty_folder(tmp_path: Path) -> None:
    broken = task(tmp_path, "a.jpg", Kind.PICTURE)
    broken.source.write_bytes(b"no picture")
    with pytest.raises(Unmasked):
        worked(broken, no_video)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("error", [ProgramMissing("videos need ffmpeg"), ModelError("no weights")])
def test_where_videos_cannot_be_masked_at_all_the_pictures_are(
    tmp_path: Path, error: Exception
) -> None:
    def nobody(task: Task) -> Report:
        raise error

    with pytest.raises(Unmasked, match=str(error)) as unmasked:
        worked(task(tmp_path, "a.mp4", Kind.VIDEO), nobody)
    assert unmasked.value.end is End.NOT_WRITTEN
    assert worked(task(tmp_path, "a.jpg", Kind.PICTURE), nobody).faces == 1


@pytest.mark.parametrize(("name", "kind"), [("a.jpg", Kind.PICTURE), ("a.mp4", Kind.VIDEO)])
def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, name: str, kind: Kind) -> None:
    (tmp_path / "out").write_bytes(b"a file where a folder should be")
    with pytest.raises(Unmasked, match="it cannot be written") as unmasked:
        worked(task(tmp_path, name, kind), lambda task: WATCHED)
    assert unmasked.value.end is End.NOT_WRITTEN


@pytest.fixture
def weights(cache: Shelf, settings: CatalogueSettings) -> Weights:
    cache.put("centerface")
    return Weights(settings, unheard)


NAMED = MaskingSettings(detector="centerface", max_side=128)


def test_every_frame_of_a_video_is_looked_at_and_followed(tmp_path: Path, weights: Weights) -> None:
    source = film(tmp_path / "a.mp4")
    followed: list[tuple[str, int]] = []
    videos = Videos(
        NAMED, weights, 2, False, Event(), lambda t, n, _: followed.append((str(t.name), n))
    )
    report = videos(Task(Path("a.mp4"), source, tmp_path / "b.mp4", Kind.VIDEO))
    videos.close()
    assert followed == [("a.mp4", number) for number in range(1, FRAMES + 1)]
    assert len(list(report.frames)) == FRAMES
    assert report.looks[0].detector.name == "centerface"


def test_a_stop_ends_a_video_in_its_middle_and_leaves_no_part(
    tmp_path: Path, weights: Weights
) -> None:
    source, stop = film(tmp_path / "a.mp4", frames=60), Event()
    videos = Videos(NAMED, weights, 1, False, stop, lambda t, n, _: stop.set() if n == 3 else None)
    with pytest.raises(Unmasked) as unmasked:
        videos(Task(Path("a.mp4"), source, tmp_path / "b.mp4", Kind.VIDEO))
    videos.close()
    assert unmasked.value.end is End.STOPPED
    assert [path.name for path in tmp_path.glob("*.mp4*")] == ["a.mp4"]


def test_videos_take_turns_and_none_waits_once_the_job_is_stopped(
    tmp_path: Path, weights: Weights
) -> None:
    stop, watching, ends = Event(), Event(), list[End]()
    source = film(tmp_path / "a.mp4")

    def follow(task: Task, done: int, total: int | None) -> None:
        watching.set()
        stop.wait(10)

    videos = Videos(NAMED, weights, 1, False, stop, follow)

    def watch(name: str) -> None:
        try:
            videos(Task(Path(name), source, tmp_path / name, Kind.VIDEO))
        except Unmasked as error:
            ends.append(error.end)

    first, second = (Thread(target=watch, args=(name,)) for name in ("1.mp4", "2.mp4"))
    first.start()
    assert watching.wait(10)
    second.start()
    stop.set()
    first.join(10)
    second.join(10)
    videos.close()
    assert ends == [End.STOPPED, End.STOPPED]
