import subprocess
import sys
import time
from pathlib import Path
from threading import Event

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from devices.camera import Camera, open_camera
from devices.errors import DeviceLost, DeviceUnavailable, EndOfSource, NothingYet
from devices.settings import CameraSettings
from tests.checks_camera import check_camera

WIDTH, HEIGHT = 64, 48
OPEN = """
import sys
from devices.camera import open_camera
from devices.errors import DeviceUnavailable
from devices.settings import CameraSettings
try:
    open_camera(CameraSettings(name="bench", kind="file", source=sys.argv[1]))
except DeviceUnavailable:
    print("refused")
"""


def flat_colour(shade: int) -> NDArray[np.uint8]:
    return np.full((HEIGHT, WIDTH, 3), shade, np.uint8)


def video(path: Path, count: int = 10, fps: float = 50.0) -> Path:
    """Pictures that grow lighter from one to the next."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), fps, (WIDTH, HEIGHT))
    for index in range(count):
        writer.write(flat_colour(index * 20))
    writer.release()
    return path


def image(path: Path, shade: int) -> Path:
    assert cv2.imwrite(str(path), flat_colour(shade))
    return path


def opened(source: Path, first_seq: int = 0, **changes: object) -> Camera:
    given = {"name": "bench", "kind": "file", "source": str(source), "paced": False}
    return open_camera(CameraSettings.model_validate(given | changes), first_seq)


def shades(camera: Camera, count: int = 1000) -> list[int]:
    """How light the next pictures are, to the nearest ten; until the end when there are fewer."""
    seen: list[int] = []
    try:
        while len(seen) < count:
            seen.append(10 * round(float(camera.read(2.0).pixels.mean()) / 10))
    except EndOfSource:
        pass
    return seen


@pytest.mark.parametrize("paced", [True, False])
def test_it_does_what_every_camera_does(paced: bool, tmp_path: Path) -> None:
    source = video(tmp_path / "v.avi")
    check_camera(lambda first_seq: opened(source, first_seq, paced=paced))


def test_a_video_is_played_once_and_then_has_ended(tmp_path: Path) -> None:
    with opened(video(tmp_path / "v.avi", count=4)) as camera:
        assert shades(camera) == [0, 20, 40, 60]
        with pytest.raises(EndOfSource, match="played to its end"):
            camera.read(0.1)


def test_a_video_that_loops_begins_again_and_its_numbers_go_on(tmp_path: Path) -> None:
    with opened(video(tmp_path / "v.avi", count=2), loop=True) as camera:
        assert shades(camera, 5) == [0, 20, 0, 20, 0]
        assert camera.read(1.0).seq == 5


def test_a_folder_is_played_in_order_of_names_and_other_files_are_ignored(tmp_path: Path) -> None:
    image(tmp_path / "c.png", 200)
    image(tmp_path / "a.png", 100)
    video(tmp_path / "b.avi", count=2)
    (tmp_path / "b.txt").write_text("a note")
    with opened(tmp_path) as camera:
        assert shades(camera) == [100, 0, 20, 200]
        assert camera.losses == {}


def test_a_single_image_that_loops_is_a_still_camera(tmp_path: Path) -> None:
    with opened(image(tmp_path / "a.jpg", 50), loop=True) as camera:
        assert shades(camera, 3) == [50, 50, 50]


def test_damaged_files_of_a_folder_are_counted_and_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("I am no video")
    image(tmp_path / "b.png", 100)
    whole = image(tmp_path / "c.jpg", 150).read_bytes()
    (tmp_path / "c.jpg").write_bytes(whole[: len(whole) // 2])
    image(tmp_path / "d.png", 200)
    with opened(tmp_path, 10) as camera:
        first = camera.read(1.0)
        assert shades(camera) == [200]
        assert camera.losses == {"damaged": 2}
        assert first.seq == 11


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("text.mp4", "text.mp4 holds no picture that can be read; give an image, a video"),
        ("text.jpg", "text.jpg holds no picture that can be read"),
        ("empty.avi", "empty.avi holds no picture that can be read"),
        ("notes", "the folder .*notes holds no image or video"),
        ("broken", "broken holds no picture that can be read"),
        ("absent.mp4", "there is no file or folder .*absent.mp4"),
    ],
)
def test_a_source_without_a_picture_is_refused_in_one_sentence(
    name: str, sentence: str, tmp_path: Path
) -> None:
    for text in ("text.mp4", "text.jpg", "notes/readme.txt", "broken/a.jpg", "broken/b.mp4"):
        (tmp_path / text).parent.mkdir(exist_ok=True)
        (tmp_path / text).write_text("I am text")
    (tmp_path / "empty.avi").touch()
    with pytest.raises(DeviceUnavailable, match=sentence):
        opened(tmp_path / name, loop=True)


def test_damaged_files_leave_the_terminal_to_us(tmp_path: Path) -> None:
    for name in ("a.mp4", "b.jpg", "c.avi"):
        (tmp_path / name).write_text("I am text")
    shown = subprocess.run(
        [sys.executable, "-c", OPEN, str(tmp_path)],
        env={},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (shown.stdout, shown.stderr) == ("refused\n", "")


def test_a_paced_video_keeps_its_own_rate(tmp_path: Path) -> None:
    with opened(video(tmp_path / "v.avi", count=6, fps=50), paced=True, fps=1) as camera:
        assert camera.mode == "file 64x48 at 50 fps"
        times = [camera.read(1.0).captured_s for _ in range(6)]
    assert 0.095 <= times[-1] - times[0] < 0.5


def test_paced_images_follow_at_the_rate_of_the_settings(tmp_path: Path) -> None:
    with opened(image(tmp_path / "a.png", 9), paced=True, loop=True, fps=40) as camera:
        assert camera.mode == "file 64x48 at 40 fps"
        times = [camera.read(1.0).captured_s for _ in range(5)]
    assert 0.095 <= times[-1] - times[0] < 0.5


def test_nothing_comes_before_its_time(tmp_path: Path) -> None:
    with opened(image(tmp_path / "a.png", 9), paced=True, loop=True, fps=0.1) as camera:
        camera.read(0.0)
        begin_s = time.monotonic()
        with pytest.raises(NothingYet, match=r"no frame within 0\.05 s"):
            camera.read(0.05)
        assert 0.04 < time.monotonic() - begin_s < 1.0


def test_a_late_reader_misses_no_picture(tmp_path: Path) -> None:
    with opened(video(tmp_path / "v.avi", count=4, fps=200), paced=True) as camera:
        first = shades(camera, 1)
        Event().wait(0.03)
        assert first + shades(camera) == [0, 20, 40, 60]


def test_a_closed_camera_is_lost(tmp_path: Path) -> None:
    camera = opened(video(tmp_path / "v.avi"))
    camera.read(1.0)
    camera.close()
    with pytest.raises(DeviceLost, match="is closed"):
        camera.read(1.0)


def test_files_that_vanish_while_they_loop_lose_the_camera(tmp_path: Path) -> None:
    source = image(tmp_path / "a.png", 9)
    with opened(source, loop=True) as camera:
        camera.read(1.0)
        source.unlink()
        with pytest.raises(DeviceLost, match="no pictures any more"):
            [camera.read(1.0) for _ in range(3)]
