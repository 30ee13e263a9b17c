"""What brokers remember of each sensor: how its newest alert stands, told anew when in doubt."""

from collections.abc import Callable, Iterable, Mapping
from threading import Lock

from vision_app.events import AlertEvent
from vision_app.publish import Broker, Publisher


class States:
    """Of each broker, the sensors whose state it is to be told. For any thread."""

    def __init__(
        self,
        publishers: Mapping[str, Publisher],
        sensors: Iterable[str],
        event: Callable[[str], AlertEvent],
    ) -> None:
        """event: how a sensor's newest alert stands now."""
        self._brokers = {who: p for who, p in publishers.items() if isinstance(p, Broker)}
        self._publishers, self._event, self._sensors = publishers, event, frozenset(sensors)
        self._due = {who: set(self._sensors) for who in self._brokers}
        self._connects = dict.fromkeys(self._brokers, 0)
        self._guard, self._telling = Lock(), Lock()

    def is_new(self, sensor: str) -> None:
        """The state of a sensor has changed."""
        with self._guard:
            for due in self._due.values():
                due.add(sensor)

    def reconnected(self) -> list[str]:
        """Brokers to which there is a new connection; they are to be told every state."""
        found = []
        for who, broker in self._brokers.items():
            connects = broker.connects
            if connects != self._connects[who]:
                self._connects[who] = connects
                with self._guard:
                    self._due[who] |= self._sensors
                found.append(who)
        return found

    def tell(self) -> None:
        """Tells what is due, as far as brokers take it; one thread at a time, so that the newest
        state is the last that is told."""
        with self._telling:
            for who in self._due:
                while self._tell_one(who):
                    pass

    def _tell_one(self, who: str) -> bool:
        with self._guard:
            if not self._due[who]:
                return False
            sensor = self._due[who].pop()
        if self._publishers[who].publish(self._event(sensor)):
            return True
        with self._guard:
            self._due[who].add(sensor)
        return False
