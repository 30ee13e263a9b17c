"""A camera that GStreamer knows, such as those of a Jetson: whatever pipeline is in its source.

The OpenCV of PyPI is built without GStreamer, so GStreamer's own gst-launch-1.0 runs the pipeline
and writes raw frames into a pipe. What crashes in a plugin then ends a child, not the service.
"""

import time
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

from devices.closeable import Closeable
from devices.errors import DeviceLost, DeviceUnavailable, NothingYet
from devices.frame import Frame
from devices.pipelines.gdp import FOURCCS
from devices.pipelines.intake import Arrival, Asked, Intake
from devices.pipelines.words import words_of
from devices.pixels import Damaged, Pixels, decode
from devices.settings import CameraSettings


class GStreamerCamera(Closeable):
    """settings.source is a pipeline without a sink, as one would write it for gst-launch-1.0.

    Size and rate of the settings are what it is asked for where it leaves them open; `mode` says
    what it gives. What comes faster than settings.fps is thinned out. Frames are as old as their
    stamps say, measured from the one that came soonest.

    losses: stale (a newer one came before it was fetched), surplus (faster than settings.fps),
    damaged, driver_dropped (gaps in the numbers of sources that number frames). Each takes a frame
    number.
    """

    def __init__(self, settings: CameraSettings, first_seq: int = 0) -> None:
        """Raises DeviceUnavailable after five seconds at the latest."""
        self._name = settings.name
        asked = Asked(words_of(settings.source), settings.width, settings.height, settings.fps)
        self._intake = Intake(asked, first_seq)
        try:
            form = self._intake.opened()
        except DeviceUnavailable as error:
            self._intake.close()
            raise DeviceUnavailable(self._sentence(error)) from None
        rate = f" at {form.fps:.4g} fps" * (form.fps > 0)
        self._mode = f"gstreamer {form.format} {form.width}x{form.height}{rate}"

    @property
    def losses(self) -> Mapping[str, int]:
        """Frames lost since opening, by reason."""
        return self._intake.losses

    @property
    def mode(self) -> str:
        """What comes, for people: "gstreamer NV12 1920x1080 at 30 fps"."""
        return self._mode

    def read(self, timeout_s: float) -> Frame:
        """The newest frame, or the next one; raises NothingYet, DeviceLost."""
        deadline_s = time.monotonic() + timeout_s
        while True:
            try:
                arrival = self._intake.newest(max(0.0, deadline_s - time.monotonic()))
                return self._developed(arrival)
            except Damaged:
                self._intake.lose("damaged")
            except (NothingYet, DeviceLost) as error:
                raise type(error)(self._sentence(error)) from None

    def close(self) -> None:
        """Ends the pipeline, within a second or two whatever it does."""
        self._intake.close()

    def _sentence(self, error: Exception) -> str:
        return f"camera {self._name}: its pipeline {error}"

    def _developed(self, arrival: Arrival) -> Frame:
        now_s, now = time.monotonic(), datetime.now(timezone.utc)
        pixels = self._pixels(arrival)
        then = now - timedelta(seconds=now_s - arrival.captured_s)
        return Frame(pixels, self._name, arrival.number, then, arrival.captured_s)

    def _pixels(self, arrival: Arrival) -> Pixels:
        """BGR without gaps is the frame as it came; all else is converted, and its memory kept."""
        form, layout = arrival.form, arrival.form.layout
        if form.format == "BGR" and layout.line_bytes == form.width * 3:
            return arrival.data.reshape(form.height, form.width, 3)
        pixels = decode(FOURCCS[form.format], arrival.data, layout)
        self._intake.take_back(arrival.data)
        return pixels
