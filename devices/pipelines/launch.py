"""GStreamer's own gst-launch-1.0 as a child that cannot outlive us."""

import fcntl
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from fractions import Fraction
from select import POLLIN, poll

from devices.errors import DeviceUnavailable
from devices.pipelines.gdp import FOURCCS
from devices.pipelines.words import shown

PROGRAM = "gst-launch-1.0"
PACKAGES = "gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-bad"
PIPE_BYTES = 1 << 20
SAID_BYTES = 8192
END_S = 1.0
KILLED_S = 5.0
_ERROR = re.compile(r"ERROR: from element \S*?(\w+): (.+)\n(?:Additional debug info:\n.+\n(.+))?")
_WARNING = re.compile(r"WARNING: erroneous pipeline: (.+)")
_MISSING = re.compile(r'no element "(\w+)"')


class Child:
    """The pipeline at work. Whoever reads it must be the thread that made it, and must stay.

    It dies with that thread, by the kernel (where setpriv is installed, as on Debian, Ubuntu and
    Raspberry Pi OS); without, when it next writes a frame to nobody.
    """

    def __init__(self, words: Sequence[str], width: int, height: int, fps: float) -> None:
        """Raises DeviceUnavailable where GStreamer is not installed."""
        program = shutil.which(PROGRAM)
        if program is None:
            raise DeviceUnavailable(f"needs {PROGRAM}: sudo apt install {PACKAGES}")
        self._words, self._said = words, b""
        self._frames, write = os.pipe()
        with suppress(OSError):
            fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        try:
            self._process = subprocess.Popen(
                (*_dies_with_us(), program, "-q", *words, *end(write, width, height, fps)),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=(write,),
                start_new_session=True,
                env=os.environ | {"LC_ALL": "C"},
            )
        except OSError as error:
            os.close(self._frames)
            raise DeviceUnavailable(f"cannot start {program}: {error.strerror}") from None
        finally:
            os.close(write)
        assert self._process.stderr is not None
        self._complaints = self._process.stderr.fileno()
        self._poll = poll()
        self._poll.register(self._frames, POLLIN)
        self._poll.register(self._complaints, POLLIN)

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def fill(self, view: memoryview) -> None:
        """Waits for so many bytes. Raises EOFError when the pipeline ends before."""
        while view:
            for ready, _ in self._poll.poll():
                if ready == self._complaints:
                    self._listen()
                    continue
                count = os.readv(ready, [view])
                if not count:
                    self._let_end()
                    raise EOFError
                view = view[count:]

    def end(self) -> None:
        """Asks it to end, then makes it; it is gone when this returns. From any thread."""
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(END_S)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait(KILLED_S)

    def why(self) -> str:
        """Ends it, and says why it had ended: a clause that begins with a verb."""
        self.end()
        with suppress(KeyError):
            while self._listen():
                pass
        os.close(self._frames)
        assert self._process.stderr is not None
        self._process.stderr.close()
        said = shown(self._said.decode("utf-8", "replace"), self._words)
        return _why(said, -self._process.returncode)

    def _let_end(self) -> None:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(END_S)

    def _listen(self) -> bool:
        heard = os.read(self._complaints, SAID_BYTES)
        self._said = (self._said + heard)[:SAID_BYTES]
        if not heard:
            self._poll.unregister(self._complaints)
        return bool(heard)


def end(fd: int, width: int, height: int, fps: float) -> tuple[str, ...]:
    """What is put behind a pipeline: its newest frame, in a format that we read, into the pipe."""
    return (
        "!", "queue", "leaky=downstream", "max-size-buffers=1", "max-size-bytes=0",
        "max-size-time=0",
        "!", "videoconvert", "!", caps(width, height, fps),
        "!", "gdppay", "!", "fdsink", f"fd={fd}", "sync=false",
    )  # fmt: skip


def caps(width: int, height: int, fps: float) -> str:
    """Frames that we read: best of the size and rate, else of the size, else any.

    OpenCV takes YUV for BT.601, and BGR for the full range; GStreamer would pass on others as they
    are. Lines of 8 pixels, in pairs, are those that it writes one behind the other without a gap.
    """
    luma = ",".join(name for name in FOURCCS if name != "BGR")
    yuv = f"video/x-raw,format=(string){{{luma}}},colorimetry=(string)bt601"
    bgr = "video/x-raw,format=(string)BGR,colorimetry=(string)sRGB"
    size = f",width=(int){width},height=(int){height}"
    asked = [kind + size for kind in ([bgr] if width % 8 or height % 2 else [yuv, bgr])]
    rate = f",framerate=(fraction){Fraction(fps).limit_denominator(1001)}"
    rate += "/1" * ("/" not in rate)
    any_size = [yuv + ",width=(int)[8,16384,8],height=(int)[2,16384,2]", bgr]
    return ";".join([kind + rate for kind in asked] + asked + any_size)


def _dies_with_us() -> tuple[str, ...]:
    setpriv = shutil.which("setpriv")
    return (setpriv, "--pdeathsig", "KILL", "--") if setpriv else ()


def _why(said: str, by_signal: int) -> str:
    """GStreamer's first reason is the cause; those after it follow from it."""
    wrong, failed = _WARNING.search(said), _ERROR.search(said)
    if wrong:
        missing = _MISSING.search(wrong[1])
        package = "gstreamer1.0-plugins-bad" if missing and missing[1] == "gdppay" else "its plugin"
        remedy = f"install {package}, or correct it" if missing else "correct source"
        return f"is no pipeline for GStreamer: {wrong[1]}; {remedy}"
    if failed:
        element, reason, detail = failed.groups()
        told = reason.rstrip(".") + f": {(detail or '').rstrip('.')}" * bool(detail)
        return f"failed: {element} says: {told}"
    if by_signal > 0:
        return f"was ended by signal {by_signal}: one of its plugins crashed, or somebody killed it"
    return "came to its end: its source has no more frames"
