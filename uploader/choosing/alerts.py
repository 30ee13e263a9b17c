"""Which sensors have an alert raised at this moment: what the policy `sensor` asks."""

from threading import Lock

from uploader.errors import PolicyError

MOST = 64
"""Bits of the number that replays keep of each frame."""


class Alerts:
    """A bit for each sensor that may alert; each sensor's thread sets its own."""

    def __init__(self, sensors: tuple[str, ...]) -> None:
        """Raises PolicyError for more than 64."""
        if len(sensors) > MOST:
            raise PolicyError(f"{len(sensors)} sensors have a model; at most {MOST} may alert")
        self.sensors = sensors
        self._lock = Lock()
        self._raised = 0

    @property
    def raised(self) -> int:
        """Bit i is set while an alert of sensors[i] is raised."""
        return self._raised

    def set(self, sensor: str, raised: bool) -> None:
        """The alert of a sensor was raised, or cleared."""
        bit = 1 << self.sensors.index(sensor)
        with self._lock:
            self._raised = self._raised | bit if raised else self._raised & ~bit
