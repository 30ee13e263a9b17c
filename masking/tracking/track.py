"""One face over time: when and where it was seen, and where it must be between and beyond."""

from dataclasses import dataclass

from models.box import Box

REMEMBERED = 16
"""Sightings; more than can be in the frames that wait."""
WAY_OVER = 3
"""A face's own way is measured over so many sightings."""
FAR = 3.0
"""It is believed to go on for so many times as long as it was measured: in frames that come in a
burst, as from a network, faces seem to fly."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A frame, as tracks know it.

    number: counts the frames that came. at_s: monotonic seconds. x, y: how far the scene has moved
    in the picture since the first frame, pixels. lost: how often until then nobody could say so.
    """

    number: int
    at_s: float
    x: float = 0.0
    y: float = 0.0
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Sighting:
    """A face was seen there and then."""

    moment: Moment
    box: Box


@dataclass(frozen=True, slots=True)
class Cover:
    """Where a face is in a frame.

    since: frames to the nearest one in which it was seen; 0 if that is this one. lost: how often
    between the two nobody could say how the scene moved.
    """

    box: Box
    since: int
    lost: int


class Track:
    """What is known of one face."""

    def __init__(self, first: Sighting) -> None:
        self._sightings = [first]

    @property
    def last(self) -> Sighting:
        """The latest sighting."""
        return self._sightings[-1]

    def add(self, sighting: Sighting) -> None:
        """One that is later than all before."""
        self._sightings.append(sighting)
        del self._sightings[:-REMEMBERED]

    def place(self, moment: Moment) -> Box:
        """Where the face must be at a moment after the last sighting."""
        return self._moved(len(self._sightings) - 1, moment)

    def cover(self, moment: Moment, hold: int, ahead: int) -> Cover | None:
        """Where to cover it in the frame of a moment; None when it is not known to be there.

        hold, ahead: how many frames before and after that one it may have been seen. Where it was
        seen on both sides, all is covered that either says, if both are equally sure.
        """
        near = self._near(moment.number, hold, ahead)
        if not near:
            return None
        lost = {n: abs(self._sightings[n].moment.lost - moment.lost) for n in near}
        least = min(lost.values())
        box = _around([self._moved(n, moment) for n in near if lost[n] == least])
        since = min(abs(self._sightings[n].moment.number - moment.number) for n in near)
        return Cover(box, since, least)

    def _near(self, number: int, hold: int, ahead: int) -> list[int]:
        """The last sighting up to a frame and the first after it; only that in it, if there is."""
        near: list[int] = []
        for n in range(len(self._sightings) - 1, -1, -1):
            later = self._sightings[n].moment.number - number
            if later == 0:
                return [n]
            if later < 0:
                return near + [n] * (later >= -hold)
            near = [n] * (later <= ahead)
        return near

    def _moved(self, n: int, moment: Moment) -> Box:
        """The n-th sighting's box at another moment: the scene moves, and the face in it."""
        sighting = self._sightings[n]
        across, down = self._own_way(n, moment.at_s - sighting.moment.at_s)
        dx = moment.x - sighting.moment.x + across
        dy = moment.y - sighting.moment.y + down
        box = sighting.box
        return Box(box.x1 + dx, box.y1 + dy, box.x2 + dx, box.y2 + dy, box.score)

    def _own_way(self, n: int, late_s: float) -> tuple[float, float]:
        """How far the face goes through the scene by itself until so long after a sighting."""
        some = self._sightings[max(0, n + 1 - WAY_OVER) :][:WAY_OVER]
        (a, at), (b, bt) = ((s.box, s.moment) for s in (some[0], some[-1]))
        passed_s = bt.at_s - at.at_s
        if passed_s <= 0:
            return 0.0, 0.0
        part = max(-FAR, min(late_s / passed_s, FAR))
        across = (b.x1 + b.x2 - a.x1 - a.x2) / 2 - (bt.x - at.x)
        down = (b.y1 + b.y2 - a.y1 - a.y2) / 2 - (bt.y - at.y)
        return across * part, down * part


def _around(boxes: list[Box]) -> Box:
    """The smallest box that holds them all, with the best score."""
    if len(boxes) == 1:
        return boxes[0]
    return Box(
        min(box.x1 for box in boxes),
        min(box.y1 for box in boxes),
        max(box.x2 for box in boxes),
        max(box.y2 for box in boxes),
        max(box.score for box in boxes),
    )
