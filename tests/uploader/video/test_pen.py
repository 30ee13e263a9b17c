"""The pen of videos: it writes masked frames, and says when it cannot."""

import shutil
from fractions import Fraction
from pathlib import Path

import pytest

from masking.masked_frame import MaskedFrame
from tests.parts import need
from tests.uploader.samples import frame, masked, redacted
from tests.videos import times_s
from uploader.errors import NotMasked, VideoNotWritten
from uploader.video.containers import CONTAINERS, Container
from uploader.video.form import VideoForm
from uploader.video.pen import VideoPen

FORM = VideoForm(CONTAINERS[".mkv"], 64, 48, Fraction(25))


@pytest.fixture(autouse=True)
def _ffmpeg() -> None:
    need("ffmpeg (apt install ffmpeg)", shutil.which("ffmpeg"))


def write(out: Path, form: VideoForm) -> None:
    with VideoPen(out, form) as pen:
        for number in range(3):
            pen.write(masked(number), number / 25)
        pen.write(redacted(), 3 / 25)
        pen.finish()


def test_masked_and_redacted_frames_become_a_video(tmp_path: Path) -> None:
    write(tmp_path / "out", FORM)
    assert (tmp_path / "out").read_bytes().startswith(b"\x1a\x45\xdf\xa3")


@pytest.mark.parametrize("offered", [frame(), frame().pixels, None, b"\x00" * 9216])
def test_only_a_masked_frame_is_written(tmp_path: Path, offered: object) -> None:
    with VideoPen(tmp_path / "out", FORM) as pen, pytest.raises(NotMasked, match="only a Masked"):
        pen.write(offered, 0.0)  # type: ignore[arg-type]


def test_a_likeness_of_a_masked_frame_is_refused(tmp_path: Path) -> None:
    class Likeness(MaskedFrame):
        pass

    with VideoPen(tmp_path / "out", FORM) as pen, pytest.raises(NotMasked, match="Likeness"):
        pen.write(object.__new__(Likeness), 0.0)


def test_a_frame_of_another_size_is_refused(tmp_path: Path) -> None:
    with VideoPen(tmp_path / "out", FORM) as pen, pytest.raises(VideoNotWritten, match="size"):
        pen.write(masked(size=(96, 64)), 0.0)


def test_a_codec_that_ffmpeg_lacks_is_said(tmp_path: Path) -> None:
    form = VideoForm(Container("matroska", ("-c:v", "libnone")), 64, 48, Fraction(25))
    with pytest.raises(VideoNotWritten, match="libnone"):
        write(tmp_path / "out", form)


OFF_BEAT = (0.0, 0.005, 0.011, 0.2)


def shown_at(folder: Path, container: Container) -> list[float]:
    """When frames that are written for OFF_BEAT are shown, at a rate of 25."""
    with VideoPen(folder / "out", VideoForm(container, 64, 48, Fraction(25))) as pen:
        for number, at_s in enumerate(OFF_BEAT):
            pen.write(masked(number), at_s)
        pen.finish()
    return times_s(folder / "out")


@pytest.mark.parametrize("ending", [".mp4", ".mkv", ".webm", ".ts"])
def test_frames_off_the_beat_keep_their_times(tmp_path: Path, ending: str) -> None:
    shown = shown_at(tmp_path, CONTAINERS[ending])
    assert [at - shown[0] for at in shown] == pytest.approx(OFF_BEAT, abs=0.001)


def test_frames_go_to_the_nearest_free_beat_where_a_file_has_one(tmp_path: Path) -> None:
    shown = shown_at(tmp_path, CONTAINERS[".avi"])
    assert [at - shown[0] for at in shown] == pytest.approx([0.0, 0.04, 0.08, 0.2])


def test_it_may_be_closed_twice_and_without_a_frame(tmp_path: Path) -> None:
    pen = VideoPen(tmp_path / "out", FORM)
    pen.close()
    pen.close()
