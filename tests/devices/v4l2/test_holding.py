"""A camera that holds its newest frame undecoded: who has which buffer, and what is counted."""

import errno
import fcntl
import mmap
import os
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.camera import Patient
from devices.cameras.v4l2 import BUFFERS, V4L2Camera
from devices.errors import DeviceLost, NothingYet
from devices.settings import CameraSettings
from devices.v4l2 import abi as v4l2

WIDTH, HEIGHT = 4, 2
Map = mmap.mmap


class Kernel:
    """The streaming calls of a driver of one grey camera. Its node is a named pipe: who polls it
    is told of a frame by a byte in it, as by the kernel."""

    def __init__(self, node: Path) -> None:
        os.mkfifo(node)
        self._pipe = os.open(node, os.O_RDWR | os.O_NONBLOCK)
        self._memory: list[Map] = []
        self._empty: deque[int] = deque()
        self._filled: deque[v4l2.Buffer] = deque()
        self._sequence = 0
        self.refuses = 0

    @property
    def theirs(self) -> int:
        """Buffers that the application has not given back."""
        return BUFFERS - len(self._empty) - len(self._filled)

    def film(self, shade: int, used: int = WIDTH * HEIGHT) -> None:
        """One frame of this shade; the driver drops it where it has no buffer."""
        self._sequence += 1
        if self._empty:
            index = self._empty.popleft()
            self._memory[index][:] = bytes([shade]) * (WIDTH * HEIGHT)
            self._filled.append(v4l2.Buffer(index=index, bytesused=used, sequence=self._sequence))
            os.write(self._pipe, b"!")

    def ioctl(self, fd: int, request: int, argument: object) -> None:
        """Answers as linux/videodev2.h says."""
        if self.refuses and request in (v4l2.DQBUF, v4l2.QBUF):
            raise OSError(self.refuses, "refused")
        if isinstance(argument, v4l2.Capability):
            argument.capabilities = v4l2.CAP_VIDEO_CAPTURE | v4l2.CAP_STREAMING
        elif isinstance(argument, v4l2.Format):
            argument.pix.width, argument.pix.height = WIDTH, HEIGHT
            argument.pix.bytesperline = WIDTH
        elif isinstance(argument, v4l2.FmtDesc) and not argument.index:
            argument.pixelformat = v4l2.fourcc("GREY")
        elif isinstance(argument, v4l2.Buffer):
            self._buffer(request, argument)
        elif not isinstance(argument, v4l2.RequestBuffers) and request != v4l2.STREAMON:
            raise OSError(errno.EINVAL, "no more of these")

    def map(self, fd: int, length: int, **_: int) -> Map:
        """The memory of the next buffer."""
        self._memory.append(Map(-1, length))
        return self._memory[-1]

    def close(self) -> None:
        os.close(self._pipe)

    def _buffer(self, request: int, asked: v4l2.Buffer) -> None:
        if request == v4l2.QUERYBUF:
            asked.length = WIDTH * HEIGHT
        elif request == v4l2.QBUF:
            self._empty.append(asked.index)
        elif not self._filled:
            raise BlockingIOError(errno.EAGAIN, "none is filled")
        else:
            os.read(self._pipe, 1)
            filled = self._filled.popleft()
            asked.index, asked.bytesused = filled.index, filled.bytesused
            asked.sequence = filled.sequence


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kernel]:
    kernel = Kernel(tmp_path / "video0")
    monkeypatch.setattr(fcntl, "ioctl", kernel.ioctl)
    monkeypatch.setattr(mmap, "mmap", kernel.map)
    yield kernel
    kernel.close()


@pytest.fixture
def camera(kernel: Kernel, tmp_path: Path) -> Iterator[V4L2Camera]:
    settings = CameraSettings(name="door", source=str(tmp_path / "video0"))
    with V4L2Camera(settings, first_seq=10) as opened:
        assert isinstance(opened, Patient)
        yield opened


def test_what_is_held_is_read_without_waiting_and_its_buffer_goes_back(
    camera: V4L2Camera, kernel: Kernel
) -> None:
    kernel.film(7)
    camera.hold(0)
    assert kernel.theirs == 1
    frame = camera.read(0)
    assert (frame.seq, int(frame.pixels[0, 0, 0])) == (10, 7)
    assert kernel.theirs == 0
    with pytest.raises(NothingYet):
        camera.read(0)
    assert camera.losses.get("stale", 0) == 0


def test_a_newer_one_takes_the_place_of_the_one_that_is_held_which_is_stale(
    camera: V4L2Camera, kernel: Kernel
) -> None:
    for shade in range(6):
        kernel.film(shade)
        camera.hold(0)
        assert kernel.theirs == 1
    frame = camera.read(0)
    assert (frame.seq, int(frame.pixels[0, 0, 0])) == (15, 5)
    assert camera.losses == {"driver_dropped": 0, "stale": 5}


def test_of_many_that_came_the_newest_good_one_is_held_and_all_numbers_are_accounted_for(
    camera: V4L2Camera, kernel: Kernel
) -> None:
    kernel.film(1)
    camera.hold(0)
    for shade in (2, 3, 4, 5):
        kernel.film(shade, used=0 if shade == 4 else WIDTH * HEIGHT)
    camera.hold(0)
    kernel.film(6)
    camera.hold(0)
    frame = camera.read(0)
    assert (frame.seq, int(frame.pixels[0, 0, 0])) == (15, 6)
    assert camera.losses == {"driver_dropped": 1, "stale": 3, "damaged": 1}
    assert frame.seq - 10 + 1 == 1 + sum(camera.losses.values())


@pytest.mark.parametrize("damaged", [False, True])
def test_where_no_good_one_comes_the_one_that_is_held_stays(
    camera: V4L2Camera, kernel: Kernel, damaged: bool
) -> None:
    kernel.film(1)
    camera.hold(0)
    if damaged:
        kernel.film(2, used=0)
    with pytest.raises(NothingYet):
        camera.hold(0)
    assert camera.read(0).seq == 10
    assert kernel.theirs == 0


def test_one_that_turns_out_to_be_damaged_gives_way_to_the_next(
    camera: V4L2Camera, kernel: Kernel
) -> None:
    kernel.film(1, used=3)
    camera.hold(0)
    kernel.film(2)
    assert camera.read(0).seq == 11
    assert camera.losses["damaged"] == 1


def test_a_camera_that_goes_while_it_holds_a_frame_is_lost_and_closes(
    camera: V4L2Camera, kernel: Kernel
) -> None:
    kernel.film(1)
    camera.hold(0)
    kernel.film(2)
    kernel.refuses = errno.ENODEV
    with pytest.raises(DeviceLost, match="was unplugged"):
        camera.hold(0)
    camera.close()
    with pytest.raises(DeviceLost):
        camera.read(0)
