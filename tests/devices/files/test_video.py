"""The pictures of a video file, and when they are shown."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from devices.errors import VideoBroken
from devices.files.matroska import pictures
from devices.files.video import frames
from devices.files.video_facts import video_facts
from tests.videos import FRAMES, HEIGHT, WIDTH, film


@pytest.fixture(scope="module")
def steady(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(tmp_path_factory.mktemp("steady") / "in.mkv", rate="30000/1001")


def shown_at(path: Path, rate: Fraction) -> Iterator[float]:
    """As if the file had said that its pictures lie on this grid."""
    for frame in frames(path, replace(video_facts(path), rate=rate)):
        yield frame.captured_s


def test_frames_are_numbered_and_have_the_size_of_the_video(steady: Path) -> None:
    seen = [(frame.seq, frame.width, frame.height) for frame in frames(steady, video_facts(steady))]
    assert seen == [(number, WIDTH, HEIGHT) for number in range(FRAMES)]


def test_times_on_the_grid_are_exact_though_the_file_tells_milliseconds(steady: Path) -> None:
    ntsc = Fraction(30000, 1001)
    assert list(shown_at(steady, ntsc)) == [float(n / ntsc) for n in range(FRAMES)]


def test_times_off_the_grid_are_left_as_they_are(steady: Path) -> None:
    told = [round(n * 1001 / 30000, 3) for n in range(FRAMES)]
    assert list(shown_at(steady, Fraction(7))) == pytest.approx(told, abs=1e-9)


def test_facts_of_a_plain_video(tmp_path: Path) -> None:
    facts = video_facts(film(tmp_path / "in.mp4", rate="25"))
    assert (facts.rate, facts.average, facts.frames) == (Fraction(25), Fraction(25), FRAMES)
    assert (facts.pixel_shape, facts.matrix, facts.audio) == (Fraction(1), "", False)


def test_a_decoder_ends_when_nobody_wants_more_of_it(steady: Path) -> None:
    facts, before = video_facts(steady), children()
    playing = frames(steady, facts)
    next(playing)
    assert children() != before
    playing.close()
    assert children() == before


def children() -> set[str]:
    """Processes that we have started, and that are not gone."""
    told = [path.read_text() for path in Path("/proc/self/task").glob("*/children")]
    return set(" ".join(told).split())


def test_a_picture_of_another_size_is_refused(tmp_path: Path) -> None:
    stream = tmp_path / "stream"
    stream.write_bytes(b"\xb0\x81\x04\xba\x81\x03\xa3\x88\x81\x00\x00\x80abcd")
    with stream.open("rb") as file, pytest.raises(VideoBroken, match="size"):
        next(pictures(file))


def test_a_stream_that_ends_within_a_picture_ends(tmp_path: Path) -> None:
    stream = tmp_path / "stream"
    stream.write_bytes(b"\xb0\x81\x04\xba\x81\x03\xa3\xa8\x81\x00\x00\x80" + bytes(20))
    with stream.open("rb") as file:
        assert list(pictures(file)) == []
