"""Which sensors have an alert at this moment, and what each camera is to do about them."""

import math
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from threading import Lock

from uploader.errors import PolicyError

MOST = 64
"""Bits of the number that replays keep of each frame."""

ALERT = "alert"
"""The reason that records give of a frame that is the snapshot of an alert."""


@dataclass(frozen=True, slots=True)
class Alerted:
    """An alert: its id, and the sensor that raised it. Records name it so."""

    id: str
    sensor: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What concerns one camera now.

    bits: bit i is set while an alert of the i-th sensor counts for it. alerts: those alerts.
    due: of them, those that still want a snapshot of this camera.
    """

    bits: int = 0
    alerts: tuple[Alerted, ...] = ()
    due: tuple[Alerted, ...] = ()


NOTHING = Standing()

Tied = Callable[[Alerted, str, str], None]
"""Is told (alert, camera, id of the frame) of each snapshot that was kept."""


def nobody(alerted: Alerted, camera: str, frame: str) -> None:
    """Is not told."""


class Alerts:
    """A bit for each sensor that may alert. For any thread: sensors raise, cameras ask.

    missed: snapshots that were wanted and never kept. tied: whom to tell of those that were.
    """

    def __init__(
        self,
        sensors: tuple[str, ...],
        cameras: Mapping[str, Collection[str]] | None = None,
        hold_s: Mapping[str, float] | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """cameras: of each sensor those that its alerts are for; without an entry they are for all,
        and take no snapshots. hold_s: so long after its end an alert of a sensor still counts.

        Raises PolicyError for more than 64 sensors.
        """
        if len(sensors) > MOST:
            raise PolicyError(f"{len(sensors)} sensors have a model; at most {MOST} may alert")
        self.sensors, self.missed = sensors, 0
        self.tied: Tied = nobody
        self._cameras, self._hold_s, self._now = cameras or {}, hold_s or {}, now
        self._lock = Lock()
        self._until_s: dict[Alerted, float] = {}
        self._due: set[tuple[Alerted, str]] = set()
        self._on_the_way: set[tuple[Alerted, str]] = set()

    @property
    def raised(self) -> int:
        """Bit i is set while an alert of sensors[i] counts for any camera."""
        with self._lock:
            return self._bits(self._counting())

    def begin(self, alerted: Alerted, tied: Iterable[str] = ()) -> None:
        """An alert was raised; its sensor's last one counts no more.

        tied: cameras of which it has a snapshot already, from before a restart.
        """
        if alerted.sensor not in self.sensors:
            raise ValueError(f"no alert of {alerted.sensor} is expected")
        cameras = set(self._cameras.get(alerted.sensor, ())) - set(tied)
        with self._lock:
            for other in [one for one in self._until_s if one.sensor == alerted.sensor]:
                if other != alerted:
                    self._forget(other)
            if alerted not in self._until_s:
                self._due |= {(alerted, camera) for camera in cameras}
            self._until_s[alerted] = math.inf

    def end(self, sensor: str) -> None:
        """The alert of a sensor was cleared: it counts for `hold_s` yet."""
        until_s = self._now() + self._hold_s.get(sensor, 0.0)
        with self._lock:
            for alerted, standing_s in self._until_s.items():
                if alerted.sensor == sensor and standing_s == math.inf:
                    self._until_s[alerted] = until_s

    def at(self, camera: str) -> Standing:
        """What concerns that camera now; costs next to nothing while there is no alert."""
        if not self._until_s:
            return NOTHING
        with self._lock:
            alerts = tuple(one for one in self._counting() if self._is_for(one, camera))
            due = tuple(one for one in alerts if (one, camera) in self._due)
            return Standing(self._bits(alerts), alerts, due) if alerts else NOTHING

    def begun(self, camera: str, alerts: Iterable[Alerted]) -> None:
        """A frame that will be their snapshot is on its way to the disk; no other is wanted."""
        with self._lock:
            pairs = {(alerted, camera) for alerted in alerts} & self._due
            self._due -= pairs
            self._on_the_way |= pairs

    def failed(self, camera: str, alerts: Iterable[Alerted]) -> None:
        """It was not kept: the next frame will do, while the alert counts."""
        with self._lock:
            pairs = {(alerted, camera) for alerted in alerts} & self._on_the_way
            self._on_the_way -= pairs
            again = {pair for pair in pairs if pair[0] in self._until_s}
            self._due |= again
            self.missed += len(pairs - again)

    def kept(self, camera: str, alerts: Iterable[Alerted], frame: str) -> None:
        """It was kept, as the frame of that id: the alerts are tied to it."""
        with self._lock:
            pairs = {(alerted, camera) for alerted in alerts} & self._on_the_way
            self._on_the_way -= pairs
        for alerted, _ in sorted(pairs, key=lambda pair: pair[0].id):
            self.tied(alerted, camera, frame)

    def _is_for(self, alerted: Alerted, camera: str) -> bool:
        cameras = self._cameras.get(alerted.sensor)
        return not cameras or camera in cameras

    def _counting(self) -> tuple[Alerted, ...]:
        """Those that count, in the order of the sensors; others are forgotten."""
        now_s = self._now()
        for alerted in [one for one, until_s in self._until_s.items() if now_s >= until_s]:
            self._forget(alerted)
        return tuple(sorted(self._until_s, key=lambda one: self.sensors.index(one.sensor)))

    def _forget(self, alerted: Alerted) -> None:
        del self._until_s[alerted]
        over = {pair for pair in self._due if pair[0] == alerted}
        self._due -= over
        self.missed += len(over)

    def _bits(self, alerts: Iterable[Alerted]) -> int:
        return sum(1 << self.sensors.index(alerted.sensor) for alerted in alerts)
