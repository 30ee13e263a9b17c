"""Events as calm lines on standard output: one when something changes, not one per frame."""

import sys
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timezone
from threading import Lock

import click

from vision_app.events import AnomalyEvent, Event, Origin, PredictionEvent, StatusEvent
from vision_app.publish import Told, told_already


class TerminalPublisher:
    """Prints a prediction when its label, face count or reasons differ from the camera's last."""

    problem = ""

    def __init__(self, asked: bool, origin: Origin) -> None:
        self._last: dict[str, tuple[object, ...]] = {}
        self._counts: Counter[str] = Counter(sent=0, refused=0)
        self._turn = Lock()

    @property
    def counts(self) -> Mapping[str, int]:
        """Events taken; "refused" stays 0."""
        return dict(self._counts)

    def publish(self, event: Event) -> bool:
        """Prints the event if it says something new."""
        with self._turn:
            self._counts["sent"] += 1
            if isinstance(event, PredictionEvent):
                self._prediction(event)
            elif isinstance(event, AnomalyEvent):
                _print(datetime.now(timezone.utc), event.alert.sensor, _alert(event))
            elif isinstance(event, StatusEvent):
                _print(event.at, event.origin.device, event.state)
        return True

    def deliver(self, event: Event) -> Told | None:
        """Prints the event."""
        self.publish(event)
        return told_already

    def close(self) -> None:
        """Nothing is held open."""

    def _prediction(self, event: PredictionEvent) -> None:
        now = (event.prediction.label, event.faces, event.kept)
        if self._last.get(event.camera) == now:
            return
        self._last[event.camera] = now
        faces = f"{event.faces} face{'s' * (event.faces != 1)} masked" if event.faces else ""
        kept = f"kept: {', '.join(event.kept)}" if event.kept else ""
        text = (
            f"{event.prediction.label:<10} {event.prediction.confidence:5.2f}  {faces:<15} {kept}"
        )
        _print(event.captured_at, event.camera, text.rstrip())


def _alert(event: AnomalyEvent) -> str:
    change = event.change
    cause = f" by {change.signals[0].signal}" if change.signals else ""
    state = "ALERT" if change.severity == "warning" else "CRITICAL ALERT"
    return f"{state} {change.state} for {change.at:%H:%M}{cause}, score {change.score:.2f}"


def _print(at: datetime, who: str, text: str) -> None:
    """Named, because by itself click writes to the terminal below a live table."""
    click.echo(f"{at.astimezone():%H:%M:%S}  {who:<12} {text}", file=sys.stdout)
