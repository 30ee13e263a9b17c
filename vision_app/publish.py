"""What a publisher is, the table of the kinds that we have, and telling several at once."""

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Protocol, runtime_checkable

from vision_app.events import Event, Origin
from vision_app.settings import PublishSettings

PUBLISHERS: Mapping[str, str] = {
    "mqtt": "vision_app.publishers.mqtt:MqttPublisher",
    "jsonl": "vision_app.publishers.jsonl:JsonLinesPublisher",
    "terminal": "vision_app.publishers.terminal:TerminalPublisher",
}
"""Each class is called with (its settings, origin)."""


Listener = Callable[[Event], None]
Told = Callable[[], bool]
"""Whether an event was surely told by now; for any thread."""


class Publisher(Protocol):
    """Tells somebody about events. `close` may be called twice."""

    @property
    def counts(self) -> Mapping[str, int]:
        """Events "sent" and "refused" so far, and whatever else this kind counts."""

    @property
    def problem(self) -> str:
        """What is wrong now, as one sentence; empty when nothing is."""

    def publish(self, event: Event) -> bool:
        """Sends or queues an event without waiting; False when it was refused."""

    def deliver(self, event: Event) -> Told | None:
        """As `publish`, for whoever has to know that it was told; None when it was refused."""

    def close(self) -> None:
        """Sends what is queued, within seconds, and goes."""


@runtime_checkable
class Broker(Protocol):
    """A publisher that others also speak to, and that remembers the newest of what is retained."""

    @property
    def connects(self) -> int:
        """How often a connection was made; after each it may have forgotten everything."""

    def listen(self, topic: str, hear: Callable[[bytes], None]) -> None:
        """Hands on each short message on that topic, over every connection."""


def open_publishers(settings: PublishSettings, origin: Origin) -> dict[str, Publisher]:
    """Every publisher that the settings ask for, by kind."""
    chosen: dict[str, Publisher] = {}
    for kind, where in PUBLISHERS.items():
        asked = getattr(settings, kind)
        if asked:
            module, _, name = where.partition(":")
            chosen[kind] = getattr(import_module(module), name)(asked, origin)
    return chosen


def told_already() -> bool:
    """Of a publisher that tells at once."""
    return True


def nobody(event: Event) -> None:
    """Does not listen."""


def tell(publishers: Iterable[Publisher], event: Event, hear: Listener = nobody) -> bool:
    """Tells all of them; True when at least one took the event.

    hear: is told first, by the thread that has the event; that does not count as taken.
    """
    hear(event)
    return sum(publisher.publish(event) for publisher in publishers) > 0
