"""Hands publishers what they are owed of an alert, in order, as far as they take it."""

from collections.abc import Mapping
from contextlib import AbstractContextManager

from vision_app.alerting.telling import Telling
from vision_app.events import AnomalyEvent, Origin
from vision_app.publish import Publisher


class Delivery:
    """For any thread: of two that send the same alert, each publisher is told a change by one."""

    def __init__(
        self,
        publishers: Mapping[str, Publisher],
        origin: Origin,
        guard: AbstractContextManager[bool],
    ) -> None:
        """guard: what makes threads take turns at the tellings; nobody holds it while sending."""
        self._publishers, self._origin, self._guard = publishers, origin, guard

    def send(self, telling: Telling) -> None:
        """All that nobody has been told yet, or is being told."""
        for who, publisher in self._publishers.items():
            while self._send_one(telling, who, publisher):
                pass

    def _send_one(self, telling: Telling, who: str, publisher: Publisher) -> bool:
        """Whether there was one, and it was taken."""
        with self._guard:
            number = telling.next(who)
            if number is None:
                return False
            again, alert = telling.again(who, number), telling.alert
        told = publisher.deliver(AnomalyEvent(self._origin, alert, number, again))
        with self._guard:
            if told is None:
                telling.refused(who, number)
            else:
                telling.sent(who, number, told)
        return told is not None
