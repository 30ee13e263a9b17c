"""A picamera2 whose cameras are threads, with the rules of the real one (0.3.38).

The real package cannot run here: besides libcamera it needs two packages that are compiled against
system libraries, ten more that we do not use, and the DMA heaps of a Raspberry Pi's kernel. So this
is the surface that devices/cameras/picamera2.py uses, no more, and it is as strict as the original:
it must be configured before it starts, and stopped before it is configured; controls that are not
advertised, or of a wrong type, are refused; a request is released as often as it was acquired, and
until then its buffer is not filled again; RGB888 is blue first; lines are padded; stamps are of
CLOCK_BOOTTIME.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

PADDING = 64
LIMITS: dict[str, tuple[Any, Any, Any]] = {
    "FrameDurationLimits": (8_333, 1_000_000, 33_333),
    "AeEnable": (False, True, True),
    "ExposureTime": (100, 66_666, 20_000),
    "AnalogueGain": (1.0, 16.0, 1.0),
    "AwbEnable": (False, True, True),
    "ColourTemperature": (100, 100_000, 4_000),
    "AeFlickerMode": (0, 1, 0),
    "AeFlickerPeriod": (100, 1_000_000, 10_000),
    "Brightness": (-1.0, 1.0, 0.0),
}


@dataclass
class Sensor:
    """A camera that is plugged in. held: requests that the application has not given back.

    missed: frames for which it had no buffer, or that it did not send because it was silent.
    """

    id: str
    model: str
    largest: tuple[int, int] = (4608, 2592)
    format: str = ""
    busy: bool = False
    silent: Event = field(default_factory=Event)
    held: int = 0
    missed: int = 0
    controls: dict[str, Any] = field(default_factory=dict)


SENSORS: list[Sensor] = []


class CompletedRequest:
    def __init__(self, camera: "Picamera2", buffer: NDArray[np.uint8], sequence: int) -> None:
        stamp = time.clock_gettime_ns(time.CLOCK_BOOTTIME) - 5_000_000
        metadata = SimpleNamespace(sequence=sequence)
        self.request: Any = SimpleNamespace(buffers={0: SimpleNamespace(metadata=metadata)})
        self._camera, self._buffer, self._stamp = camera, buffer, stamp
        self._count, self._lock = 1, Lock()
        camera.sensor.held += 1

    def acquire(self) -> None:
        with self._lock:
            if self._count == 0:
                raise RuntimeError("CompletedRequest: acquiring lock with ref_count 0")
            self._count += 1

    def release(self) -> None:
        with self._lock:
            self._count -= 1
            if self._count < 0:
                raise RuntimeError("CompletedRequest: lock now has negative ref_count")
            if self._count == 0:
                self.request = None
                self._camera.sensor.held -= 1
                self._camera.free.append(self._buffer)

    def make_array(self, name: str) -> NDArray[np.uint8]:
        if self._camera.sensor.busy is False:
            raise RuntimeError("failed to find buffer")
        width, height = self._camera.configured[name]["size"]
        return np.ascontiguousarray(self._buffer[:, : width * 3]).reshape(height, width, 3)

    def get_metadata(self) -> dict[str, Any]:
        assert self.request is not None
        return {"SensorTimestamp": self._stamp}


class Picamera2:
    def __init__(self, camera_num: int = 0) -> None:
        self.sensor = SENSORS[camera_num]
        if self.sensor.busy:
            cause = RuntimeError("Failed to acquire camera: Device or resource busy")
            raise RuntimeError("Camera __init__ sequence did not complete.") from cause
        self.sensor.busy = True
        self.camera_properties = {"Model": self.sensor.model}
        self.camera_controls = dict(LIMITS)
        self.post_callback: Callable[[CompletedRequest], None] | None = None
        self.configured: dict[str, Any] = {}
        self.free: list[NDArray[np.uint8]] = []
        self._wishes: dict[str, Any] = {}
        self._thread: Thread | None = None
        self._over = Event()

    @staticmethod
    def global_camera_info() -> list[dict[str, Any]]:
        return [{"Id": one.id, "Model": one.model, "Num": n} for n, one in enumerate(SENSORS)]

    def create_video_configuration(self, **told: Any) -> dict[str, Any]:
        return told

    def configure(self, told: dict[str, Any]) -> None:
        if self._thread:
            raise RuntimeError("Camera must be stopped before configuring")
        main = dict(told["main"])
        width, height = (
            min(side, most) // 2 * 2
            for side, most in zip(main["size"], self.sensor.largest, strict=True)
        )
        main |= {"size": (width, height), "format": self.sensor.format or main["format"]}
        main["stride"] = -(-width * 3 // PADDING) * PADDING + PADDING
        self.configured = told | {"main": main}

    def camera_configuration(self) -> dict[str, Any]:
        return self.configured

    def set_controls(self, controls: dict[str, Any]) -> None:
        for name, value in controls.items():
            if name not in LIMITS:
                raise RuntimeError(f"Control {name} is not advertised by libcamera")
            if name != "FrameDurationLimits" and type(value) is not type(LIMITS[name][0]):
                raise TypeError(f"{name}: {value!r}")
        self._wishes |= controls

    def start(self) -> None:
        if not self.configured:
            raise RuntimeError("Camera has not been configured")
        main = self.configured["main"]
        shape = main["size"][1], main["stride"]
        count = self.configured["buffer_count"]
        self.free = [np.full(shape, 0xEE, np.uint8) for _ in range(count)]
        self.sensor.controls = dict(self._wishes)
        self._thread = Thread(target=self._film, name="picamera2", daemon=True)
        self._thread.start()

    def close(self) -> None:
        if self._thread:
            self._over.set()
            self._thread.join()
            self._thread = None
        self.sensor.busy = False

    def _film(self) -> None:
        period_s = self._wishes["FrameDurationLimits"][0] / 1e6
        for sequence in self._ticks(period_s):
            if self.sensor.silent.is_set() or not self.free:
                self.sensor.missed += 1
                continue
            buffer = self.free.pop(0)
            width = self.configured["main"]["size"][0]
            order = 1 if self.configured["main"]["format"] == "RGB888" else -1
            pixel = (10, 20, sequence % 200)[::order]
            buffer[:, : width * 3].reshape(-1, width, 3)[:] = pixel
            request = CompletedRequest(self, buffer, sequence)
            if self.post_callback:
                self.post_callback(request)
            request.release()

    def _ticks(self, period_s: float) -> Iterator[int]:
        sequence = 0
        while not self._over.wait(period_s):
            sequence += 1
            yield sequence
