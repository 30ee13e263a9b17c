"""What a camera is, and the table of the kinds that we have."""

from collections.abc import Mapping
from importlib import import_module
from typing import Protocol, runtime_checkable

from devices.closeable import Closeable
from devices.frame import Frame
from devices.settings import CameraSettings

KINDS: Mapping[str, str] = {
    "v4l2": "devices.cameras.v4l2:V4L2Camera",
    "file": "devices.cameras.file:FileCamera",
    "stream": "devices.cameras.stream:StreamCamera",
    "picamera2": "devices.cameras.picamera2:Picamera2Camera",
    "gstreamer": "devices.cameras.gstreamer:GStreamerCamera",
    "generated": "devices.cameras.generated:GeneratedCamera",
}
PLAYED = frozenset({"file", "generated"})
"""Kinds without a lens: what they play may repeat, and be black, for as long as it likes."""


class Camera(Closeable, Protocol):
    """An open camera. A camera is a context manager; `close` may be called twice."""

    @property
    def losses(self) -> Mapping[str, int]:
        """Frames lost since opening, before anybody saw them, by reason.

        driver_dropped: gaps in the driver's numbers. stale: a newer one was ready. damaged.
        surplus: it came faster than the settings' fps.
        """

    @property
    def mode(self) -> str:
        """What was negotiated, for people: "MJPG 1280x720 at 30 fps"."""

    def read(self, timeout_s: float) -> Frame:
        """Waits for the next frame and returns it.

        Raises NothingYet (none within timeout_s), DeviceLost (reopen it) or EndOfSource.
        """

    def close(self) -> None:
        """Gives the device back."""


@runtime_checkable
class Outspoken(Protocol):
    """A camera that has something to say of what it was asked for; most kinds have not.

    notes: what it gives otherwise than it was asked. faults: what the configuration wants of it and
    it cannot do. A clause each, with what to set.
    """

    @property
    def notes(self) -> tuple[str, ...]: ...

    @property
    def faults(self) -> tuple[str, ...]: ...


@runtime_checkable
class Patient(Camera, Protocol):
    """A camera that can wait for its newest frame and leave it as it came, until that is wanted.

    What takes time (decoding, copying) is then done in `read` alone, for frames that are read.
    """

    def hold(self, timeout_s: float) -> None:
        """Waits for the next frame and holds it for `read`, which will not wait then.

        The one that was held gives way to it, and is lost as stale. Raises as `read` does; after
        NothingYet that one is still held.
        """


def open_camera(settings: CameraSettings, first_seq: int = 0) -> Camera:
    """Opens the camera of these settings; its frames are numbered from first_seq.

    Raises DeviceUnavailable with a sentence that says what to do.
    """
    module, _, name = KINDS[settings.kind].partition(":")
    camera: Camera = getattr(import_module(module), name)(settings, first_seq)
    return camera
