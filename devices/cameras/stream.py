"""A camera on the network: its RTSP or HTTP stream, decoded by the FFmpeg that is in OpenCV.

Why that FFmpeg, and not the program: a program is told the address on its command line, where every
user of the machine can read the password. Why in a thread of its own: its timeouts for opening and
reading hold to some hundredths of a second, but they begin anew with every call, cannot be changed
once it is open, and do not cover the look-up of a name. We keep time ourselves, and let it hang.
"""

import time
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

from devices.closeable import Closeable
from devices.errors import DeviceLost, DeviceUnavailable, NothingYet
from devices.frame import Frame
from devices.pixels import Damaged, Layout, decode
from devices.settings import CameraSettings
from devices.streams.address import address_of
from devices.streams.inflow import Arrival, Inflow


class StreamCamera(Closeable):
    """settings.source is rtsp://, rtsps://, http:// or https://; RTSP is spoken over TCP.

    Its user and password are settings.username and the first line of settings.password_file; no
    sentence of ours holds them, nor the path of the address.

    Pictures keep the size that the stream has. A stream that is faster than settings.fps is thinned
    out; one that is slower comes as it is. JPEGs are decoded when they are fetched, and only whole
    ones; of other codecs, every picture needs to be decoded, for the next one builds on it. What is
    lost on the way (over UDP, which the environment can choose) FFmpeg patches up unasked.

    Frames are as old as their stamps say, measured from the one that came soonest; over HTTP there
    are no stamps, and a frame is as old as its arrival.

    losses: stale (a newer one came before it was fetched), surplus (faster than settings.fps),
    damaged. Each takes a frame number.
    """

    def __init__(self, settings: CameraSettings, first_seq: int = 0) -> None:
        """Raises DeviceUnavailable after some three seconds at the latest."""
        self._name = settings.name
        self._inflow = Inflow(address_of(settings), settings.fps, first_seq)
        try:
            self._form = self._inflow.opened()
        except DeviceUnavailable as error:
            self._inflow.close()
            raise DeviceUnavailable(f"camera {self._name}: {error}") from None
        form, protocol = self._form, settings.source.partition(":")[0]
        rate = f" at {form.fps:.4g} fps" if form.fps > 0 else ""
        self._mode = f"{protocol} {form.codec} {form.width}x{form.height}{rate}"

    @property
    def losses(self) -> Mapping[str, int]:
        """Frames lost since opening, by reason."""
        return self._inflow.losses

    @property
    def mode(self) -> str:
        """What comes, for people: "rtsp H264 1920x1080 at 25 fps"; over HTTP without a rate."""
        return self._mode

    def read(self, timeout_s: float) -> Frame:
        """The newest frame, or the next one; raises NothingYet, DeviceLost."""
        deadline_s = time.monotonic() + timeout_s
        while True:
            try:
                arrival = self._inflow.newest(max(0.0, deadline_s - time.monotonic()))
                return self._developed(arrival)
            except Damaged:
                self._inflow.lose("damaged")
            except (NothingYet, DeviceLost) as error:
                raise type(error)(f"camera {self._name}: {error}") from None

    def close(self) -> None:
        """Returns at once, whatever the server does."""
        self._inflow.close()

    def _developed(self, arrival: Arrival) -> Frame:
        now_s, now = time.monotonic(), datetime.now(timezone.utc)
        pixels = arrival.data
        if self._form.codec == "MJPG":
            layout = Layout(self._form.width, self._form.height)
            pixels = decode("MJPG", pixels.reshape(-1), layout)
        then = now - timedelta(seconds=now_s - arrival.captured_s)
        return Frame(pixels, self._name, arrival.number, then, arrival.captured_s)
