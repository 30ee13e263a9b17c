"""A video that cannot be read or written to its end has no output, and says why."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from devices.errors import ProgramMissing
from tests.masking.stand_ins import finds
from tests.videos import VP9, ffmpeg, film
from tests.vision_app.mask.masked_video import FACE, SETTINGS, masked
from vision_app.mask.report import End, Unmasked
from vision_app.mask.video import mask_video

LIMIT_S = 30

CHILD = """
import resource, sys
from pathlib import Path
from tests.vision_app.mask.masked_video import masked
from vision_app.mask.report import Unmasked
if sys.argv[3] == "limit":
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
def slow(image):
    print("looks", flush=True)
    sys.stdin.read(1)
    return []
try:
    masked(Path(sys.argv[1]), Path(sys.argv[2]), slow if sys.argv[3] == "slow" else None)
except Unmasked as error:
    print(error.end.value, error)
"""


def refused(source: Path, target: Path) -> Unmasked:
    """What is said of it; and nothing may have been left behind."""
    before = set(target.parent.iterdir())
    with pytest.raises(Unmasked) as caught:
        masked(source, target)
    assert set(target.parent.iterdir()) == before
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) > 10
    return caught.value


@pytest.fixture(scope="module")
def noisy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video whose every picture is large, so that there is something to damage."""
    words = ("-vf", "noise=alls=80:allf=t", "-g", "5")
    return film(tmp_path_factory.mktemp("noisy") / "in.mkv", *words, size="128x96", frames=30)


def repacked(noisy: Path, target: Path) -> Path:
    if target.suffix == ".webm":
        return film(target, "-vf", "noise=alls=80:allf=t", codec=VP9, frames=30)
    if target.suffix == ".avi":
        return film(target, "-vf", "noise=alls=80:allf=t", codec=("-c:v", "mpeg4"), frames=30)
    ffmpeg("-i", noisy, "-c", "copy", "-movflags", "+faststart", target)
    return target


@pytest.mark.parametrize("ending", [".mp4", ".mov", ".mkv", ".webm", ".avi", ".ts"])
def test_one_that_is_cut_is_broken(noisy: Path, tmp_path: Path, ending: str) -> None:
    source = repacked(noisy, tmp_path / f"in{ending}")
    data = source.read_bytes()
    source.write_bytes(data[: len(data) * 6 // 10])
    assert refused(source, tmp_path / "out.mp4").end is End.BROKEN


def test_one_whose_header_comes_last_and_is_cut_off_is_broken(noisy: Path, tmp_path: Path) -> None:
    source = tmp_path / "in.mp4"
    ffmpeg("-i", noisy, "-c", "copy", source)
    source.write_bytes(source.read_bytes()[:-2000])
    assert refused(source, tmp_path / "out.mp4").end is End.BROKEN


def test_one_that_is_cut_between_two_pictures_is_broken(noisy: Path, tmp_path: Path) -> None:
    source = repacked(noisy, tmp_path / "in.avi")
    data = source.read_bytes()
    source.write_bytes(data[: data.rindex(b"00dc", 0, len(data) * 6 // 10)])
    assert "cut" in str(refused(source, tmp_path / "out.mp4"))


@pytest.mark.parametrize("ending", [".mp4", ".mkv", ".ts"])
def test_one_that_is_damaged_in_its_midst_is_broken(
    noisy: Path, tmp_path: Path, ending: str
) -> None:
    source = repacked(noisy, tmp_path / f"in{ending}")
    data = bytearray(source.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 4000] = bytes(range(1, 251)) * 16
    source.write_bytes(data)
    assert refused(source, tmp_path / "out.mp4").end is End.BROKEN


def contents(tmp_path: Path) -> Iterator[Path]:
    """What has the ending of a video, and is none."""
    for number, content in enumerate((b"", b"a letter\n", b"\x00" * 5000)):
        path = tmp_path / f"{number}.mp4"
        path.write_bytes(content)
        yield path
    sound = tmp_path / "sound.mp4"
    ffmpeg("-f", "lavfi", "-i", "sine=d=0.2", "-c:a", "aac", sound)
    yield sound
    cover, song = tmp_path / "cover.jpg", tmp_path / "song.mp4"
    ffmpeg("-f", "lavfi", "-i", "color=red:s=32x32", "-frames:v", "1", cover)
    both = ("-i", sound, "-i", cover, "-map", "0", "-map", "1", "-c:v", "copy")
    ffmpeg(*both, "-disposition:v", "attached_pic", song)
    yield song
    film(tmp_path / "other.mp4")
    playlist = tmp_path / "list.mp4"
    playlist.write_text("ffconcat version 1.0\nfile other.mp4\n")
    yield playlist


def test_what_is_no_video_is_broken(tmp_path: Path) -> None:
    (out := tmp_path / "out").mkdir()
    for source in contents(tmp_path):
        assert refused(source, out / "out.mp4").end is End.BROKEN


def test_an_ending_that_is_no_video_is_not_written(tmp_path: Path) -> None:
    assert ".mp4" in str(refused(film(tmp_path / "in.mp4"), tmp_path / "out.doc"))


def test_without_ffmpeg_it_is_said_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = film(tmp_path / "in.mp4")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ProgramMissing, match="apt install ffmpeg"):
        masked(source, tmp_path / "out.mp4")


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    source, target = film(tmp_path / "in.mp4"), tmp_path / "out.mp4"
    (tmp_path / "out.mp4.tmp").symlink_to("/dev/full")
    with pytest.raises(Unmasked, match="No space left on device") as caught:
        masked(source, target)
    assert caught.value.end is End.NOT_WRITTEN
    assert list(tmp_path.iterdir()) == [source]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    source = film(tmp_path / "in.mp4")
    with pytest.raises(Unmasked, match="No such file") as caught:
        masked(source, tmp_path / "nowhere" / "out.mp4")
    assert caught.value.end is End.NOT_WRITTEN


def child(source: Path, target: Path, how: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        (sys.executable, "-c", CHILD, str(source), str(target), how),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )


def test_ffmpeg_that_dies_in_the_midst_is_said_and_leaves_nothing(
    noisy: Path, tmp_path: Path
) -> None:
    with child(noisy, tmp_path / "out.mp4", "limit") as process:
        said, _ = process.communicate(timeout=LIMIT_S)
    assert said.startswith("not_written ffmpeg")
    assert list(tmp_path.iterdir()) == []


def test_what_is_killed_leaves_nothing_that_looks_finished(noisy: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.mp4"
    with child(noisy, target, "slow") as process:
        assert process.stdout
        assert process.stdin
        for _ in range(10):
            process.stdout.readline()
            process.stdin.write("x")
            process.stdin.flush()
        process.send_signal(signal.SIGKILL)
        process.wait(LIMIT_S)
    assert [path.suffix for path in tmp_path.iterdir()] in ([], [".tmp"])


def test_who_is_told_of_the_progress_may_stop_it(tmp_path: Path) -> None:
    source, told = film(tmp_path / "in.mp4"), Event()

    def stop(done: int, total: int | None) -> None:
        assert (done, total) == (1, 12)
        told.set()
        raise Unmasked(End.STOPPED, "it was interrupted")

    with pytest.raises(Unmasked, match="interrupted"):
        mask_video(source, tmp_path / "out.mp4", SETTINGS, [finds(FACE)], progress=stop)
    assert told.is_set()
    assert list(tmp_path.iterdir()) == [source]
    assert not Path("/proc/self/task/self/children").exists() or not children()


def children() -> str:
    """Programs that this one started and that still run."""
    return "".join(path.read_text() for path in Path("/proc/self/task").glob("*/children"))
