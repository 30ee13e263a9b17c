"""Who has been told of which change of one alert, and what is on its way to whom."""

from collections.abc import Collection, Iterable, Mapping

from vision_app.alerting.alert import Alert
from vision_app.alerting.shelf import Kept
from vision_app.publish import Told


def not_yet() -> bool:
    """Of a change that is being handed over."""
    return False


class Telling:
    """One alert on its way to all publishers. For one thread at a time.

    saved: whether the disk has it as it is now. fresh: changes that this process has not sent yet;
    all others may have been told before.
    """

    def __init__(self, kept: Kept, publishers: Iterable[str]) -> None:
        """publishers: that are there now. One that is new is told of an open alert only."""
        self.alert, self.saved = kept.alert, True
        told = {who: dict(numbers) for who, numbers in kept.told.items()}
        known = [who for who in publishers if who in told or kept.alert.open]
        self._told: dict[str, dict[int, float]] = {who: told.get(who, {}) for who in known}
        self._on_the_way: dict[tuple[str, int], Told] = {}
        self._fresh = set[tuple[str, int]]()

    @property
    def kept(self) -> Kept:
        """As it lies on the disk."""
        return Kept(alert=self.alert, told={who: dict(n) for who, n in self._told.items()})

    @property
    def all_told(self) -> bool:
        """Whether every publisher has confirmed every change."""
        return all(len(told) >= len(self.alert.changes) for told in self._told.values())

    @property
    def done(self) -> bool:
        """Whether it is history: nothing of it will change."""
        return self.saved and self.all_told and not self.alert.open

    def became(self, alert: Alert) -> None:
        """The alert has changed, or a frame was tied to it."""
        numbers = range(len(self.alert.changes) + 1, len(alert.changes) + 1)
        self._fresh |= {(who, number) for who in self._told for number in numbers}
        self.alert, self.saved = alert, False

    def begun(self) -> None:
        """It was raised just now."""
        self._fresh |= {(who, 1) for who in self._told}
        self.saved = False

    def next(self, who: str) -> int | None:
        """The change that is to be sent to a publisher now: its own until `sent` or `refused`.

        None: there is none, or another thread sends the one before it.
        """
        told = self._told.get(who)
        if told is None:
            return None
        for change in self.alert.changes:
            way = self._on_the_way.get((who, change.number))
            if way is not_yet:
                return None
            if way is None and change.number not in told:
                self._on_the_way[who, change.number] = not_yet
                return change.number
        return None

    def again(self, who: str, number: int) -> bool:
        """Whether a publisher may have been told a change before."""
        return (who, number) not in self._fresh

    def sent(self, who: str, number: int, told: Told) -> None:
        """A publisher took a change."""
        self._fresh.discard((who, number))
        self._on_the_way[who, number] = told

    def refused(self, who: str, number: int) -> None:
        """A publisher did not take it; it is to be sent later."""
        del self._on_the_way[who, number]

    def settle(self, at_s: float) -> None:
        """Notes what was confirmed by now. at_s: seconds since 1970."""
        for (who, number), told in list(self._on_the_way.items()):
            if told():
                del self._on_the_way[who, number]
                self._told[who][number] = at_s
                self.saved = False

    def doubt(self, who: str, since_s: float) -> None:
        """A publisher may have forgotten what it confirmed since then, and all of an open alert."""
        told = self._told.get(who, {})
        for number in [n for n, at_s in told.items() if self.alert.open or at_s >= since_s]:
            del told[number]


def new_telling(alert: Alert, publishers: Mapping[str, object]) -> Telling:
    """Of an alert that was just raised."""
    telling = Telling(Kept(alert=alert, told={}), publishers)
    telling.begun()
    return telling


def surplus(tellings: Collection[Telling], most: int) -> list[Telling]:
    """Of more than so many the oldest cleared ones, those that all were told of first."""
    if len(tellings) <= most:
        return []
    cleared = [one for one in tellings if not one.alert.open]
    old = sorted(cleared, key=lambda one: (not one.all_told, one.alert.id))
    return old[: len(tellings) - most]
