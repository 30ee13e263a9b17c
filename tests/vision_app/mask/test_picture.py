"""One picture file in, one out: same format, faces gone, and nothing but pixels in it."""

import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from models.durable import TEMP
from tests.masking.stand_ins import finds
from tests.pictures import BARE, ENDINGS, parts
from tests.vision_app.mask import tagged
from tests.vision_app.mask.crews import FACE, SETTINGS, breaks, looks, scene, sees_a_face_only
from vision_app.mask.looks import Looks
from vision_app.mask.picture import mask_picture
from vision_app.mask.report import End, Report, Unmasked

Maker = Callable[..., bytes]
COVER = 230


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A JPEG with everything that a phone writes into it."""
    path = tmp_path / "photo.jpg"
    path.write_bytes(tagged.jpeg(scene()))
    return path


def masked(source: Path, target: Path, by: Looks, quality: int = 95) -> Report:
    with closing(by):
        return mask_picture(source, target, by, quality)


def refused(source: Path, by: Looks) -> tuple[End, str]:
    """How it ended; nothing was left where the output would have been."""
    target = source.parent / "out.jpg"
    with pytest.raises(Unmasked) as error:
        masked(source, target, by)
    assert not target.exists()
    assert not list(source.parent.glob("*" + TEMP))
    return error.value.end, str(error.value)


@pytest.mark.parametrize(("ending", "make"), tagged.MAKERS.items())
def test_every_format_comes_out_as_it_came_in_with_nothing_but_pixels(
    tmp_path: Path, ending: str, make: Maker
) -> None:
    source, target = tmp_path / f"a{ending}", tmp_path / f"b{ending}"
    source.write_bytes(make(scene()))
    assert any(secret in source.read_bytes() for secret in tagged.SECRETS)
    report = masked(source, target, looks(finds(FACE)))
    data = target.read_bytes()
    assert report.format == ENDINGS[ending]
    assert parts(data) <= BARE[ENDINGS[ending]]
    assert not [secret for secret in tagged.SECRETS if secret in data]
    assert tagged.decoded(data).shape == (90, 120, 3)


@pytest.mark.parametrize(("ending", "make"), tagged.MAKERS.items())
def test_what_a_detector_found_is_overwritten_in_the_bytes_that_are_written(
    tmp_path: Path, ending: str, make: Maker
) -> None:
    source, target = tmp_path / f"a{ending}", tmp_path / f"b{ending}"
    source.write_bytes(make(scene()))
    masked(source, target, looks(finds(FACE)))
    pixels = tagged.decoded(target.read_bytes()).astype(int)
    x1, y1, x2, y2 = FACE.grown(SETTINGS.grow).pixels(120, 90)
    assert np.abs(pixels[y1 + 8 : y2 - 8, x1 + 8 : x2 - 8] - COVER).max() <= 6
    assert np.abs(pixels[y1:y2, x1:x2] - COVER).mean() <= 12
    outside = pixels.copy()
    outside[y1:y2, x1:x2] = 0
    assert np.abs(outside - np.where(outside == 0, 0, scene())).mean() < 8


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_turned_photograph_comes_out_upright_and_is_masked_upright(
    tmp_path: Path, orientation: int
) -> None:
    source, target = tmp_path / "a.png", tmp_path / "b.png"
    source.write_bytes(tagged.png(scene(), orientation))
    report = masked(source, target, looks(finds(FACE)))
    pixels = tagged.decoded(target.read_bytes())
    assert (report.height, report.width) == pixels.shape[:2]
    assert pixels.shape[0] == (120 if orientation in (6, 8) else 90)
    assert (pixels[30:46, 40:50] == COVER).all()


def test_a_file_is_what_its_bytes_are_whatever_it_is_called(tmp_path: Path) -> None:
    source, target = tmp_path / "really.jpg", tmp_path / "out.jpg"
    source.write_bytes(tagged.png(scene()))
    assert masked(source, target, looks()).format == "png"
    assert target.read_bytes().startswith(b"\x89PNG")


def test_the_report_is_of_the_very_file_and_names_every_box(source: Path) -> None:
    target = source.parent / "b.jpg"
    report = masked(source, target, looks(finds(FACE)))
    assert report.sha256 == sha256(target.read_bytes()).hexdigest()
    (boxes,) = report.frames
    assert [(b.x1, b.y1, b.x2, b.y2) for b in boxes] == [(30, 20, 60, 56)]
    assert report.faces == 1
    assert [(look.role, look.found) for look in report.looks] == [("live", 1), ("judge", 0)]
    assert report.fps is None


def test_masking_again_gives_the_same_bytes(source: Path) -> None:
    one, other = source.parent / "1.jpg", source.parent / "2.jpg"
    masked(source, one, looks(finds(FACE)))
    masked(source, other, looks(finds(FACE)))
    assert one.read_bytes() == other.read_bytes()


def test_the_input_is_left_as_it_was(source: Path) -> None:
    before = source.read_bytes(), source.stat().st_mtime_ns
    masked(source, source.parent / "b.jpg", looks(finds(FACE)))
    assert (source.read_bytes(), source.stat().st_mtime_ns) == before


def test_quality_is_heeded(source: Path) -> None:
    poor, good = source.parent / "1.jpg", source.parent / "2.jpg"
    masked(source, poor, looks(), quality=10)
    masked(source, good, looks(), quality=95)
    assert poor.stat().st_size < good.stat().st_size


def test_a_face_that_the_judge_sees_is_covered_and_judged_again(source: Path) -> None:
    target = source.parent / "b.jpg"
    report = masked(source, target, looks(judge=sees_a_face_only(1)))
    assert [(look.role, look.found) for look in report.looks[-2:]] == [("judge", 1), ("judge", 0)]
    pixels = tagged.decoded(target.read_bytes()).astype(int)
    assert np.abs(pixels[30:46, 40:50] - COVER).max() <= 6
    assert report.sha256 == sha256(target.read_bytes()).hexdigest()


def test_a_face_that_shows_a_second_time_withholds_the_picture(source: Path) -> None:
    end, why = refused(source, looks(judge=sees_a_face_only(2)))
    assert end is End.WITHHELD
    assert "a face shows" in why


def test_a_detector_that_fails_gives_no_output(source: Path) -> None:
    assert refused(source, looks(first=breaks()))[0] is End.REDACTED
    assert refused(source, looks(judge=breaks()))[0] is End.WITHHELD


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it is empty"),
        (b"this is no picture", "no JPEG, PNG, WebP, BMP or TIFF"),
        (tagged.encoded(".jpg", scene())[:-200], "a damaged JPEG"),
    ],
)
def test_a_broken_input_is_told_and_gives_no_output(source: Path, data: bytes, why: str) -> None:
    source.write_bytes(data)
    end, told = refused(source, looks())
    assert end is End.BROKEN
    assert why in told


def test_what_cannot_be_read_is_told(source: Path) -> None:
    loop = source.parent / "loop.jpg"
    loop.symlink_to(loop)
    assert refused(loop, looks()) == (
        End.BROKEN,
        "it cannot be read: Too many levels of symbolic links",
    )
    assert refused(source.parent / "gone.jpg", looks())[0] is End.BROKEN


def test_a_file_that_is_far_too_large_is_not_read(source: Path) -> None:
    with source.open("r+b") as file:
        file.truncate((1 << 30) + 1)
    assert refused(source, looks()) == (End.BROKEN, "it is larger than 1 GiB")


def test_a_full_disk_is_told_and_leaves_no_part(source: Path) -> None:
    target = source.parent / "b.jpg"
    target.with_name("b.jpg" + TEMP).symlink_to("/dev/full")
    with pytest.raises(Unmasked, match="it cannot be written: No space left") as error:
        masked(source, target, looks())
    assert error.value.end is End.NOT_WRITTEN
    assert sorted(path.name for path in source.parent.iterdir()) == ["photo.jpg"]


def test_a_target_below_a_file_is_told(source: Path) -> None:
    with pytest.raises(Unmasked, match="it cannot be written") as error:
        masked(source, source / "b.jpg", looks())
    assert error.value.end is End.NOT_WRITTEN


TOO_LARGE = """
import resource, sys
from pathlib import Path
from tests.vision_app.mask.crews import looks
from vision_app.mask.picture import mask_picture
from vision_app.mask.report import Unmasked

by = looks()
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (200 << 20), -1))
try:
    mask_picture(Path(sys.argv[1]), Path(sys.argv[2]), by, 95)
except Unmasked as error:
    print(error.end.value, error)
by.close()
"""


def test_a_picture_larger_than_the_memory_is_told_and_the_program_goes_on(tmp_path: Path) -> None:
    source = tmp_path / "large.png"
    source.write_bytes(tagged.encoded(".png", np.zeros((12_000, 12_000, 3), np.uint8)))
    command = [sys.executable, "-c", TOO_LARGE, str(source), str(tmp_path / "out.png")]
    root = str(Path(__file__).parents[3])
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, cwd=root, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("broken ")
    assert "Failed to allocate" in done.stdout
    assert not (tmp_path / "out.png").exists()


KILLED = """
import os, sys
from pathlib import Path
from tests.masking.stand_ins import Detector
from tests.vision_app.mask.crews import looks
from vision_app.mask import picture

def dies(descriptor):
    os.kill(os.getpid(), 9)

os.fsync = dies
picture.mask_picture(Path(sys.argv[1]), Path(sys.argv[2]), looks(), 95)
"""


def test_a_kill_while_writing_leaves_nothing_that_looks_finished(source: Path) -> None:
    target = source.parent / "out" / "b.jpg"
    target.parent.mkdir()
    root = str(Path(__file__).parents[3])
    command = [sys.executable, "-c", KILLED, str(source), str(target)]
    done = subprocess.run(command, cwd=root, timeout=60, check=False)
    assert done.returncode == -9
    assert [path.name for path in target.parent.iterdir()] == ["b.jpg" + TEMP]
    masked(source, target, looks())
    assert [path.name for path in target.parent.iterdir()] == ["b.jpg"]
