"""Faces over time: where each that was seen in one frame must be in the frames around it."""

from collections.abc import Iterator, Sequence

import numpy as np

from masking.guard import MAX_FACES
from masking.tracking.track import Cover, Moment, Sighting, Track
from models.box import Box
from models.nms import corners_of, ious

SAME_IOU = 0.2
"""A box is the face of a track when it overlaps the place where that must be by as much
(intersection over union)."""
MAX_TRACKS = MAX_FACES
"""Those that were seen last stay; all that one frame may show are among them."""


class Tracks:
    """The faces of one camera.

    hold: for so many frames a face is covered after it was seen. ahead: and before.
    """

    def __init__(self, hold: int, ahead: int) -> None:
        self._hold, self._ahead = hold, ahead
        self._tracks: list[Track] = []

    def see(self, moment: Moment, boxes: Sequence[Box]) -> None:
        """Faces that were seen in the frame of a moment, which is later than all before it."""
        self._tracks = [track for track in self._tracks if not self._is_over(track, moment)]
        tracks = [track for track in self._tracks if track.last.moment.number < moment.number]
        left = set(range(len(boxes)))
        for track, number in _matches(tracks, moment, boxes):
            track.add(Sighting(moment, boxes[number]))
            left.discard(number)
        self._tracks += [Track(Sighting(moment, boxes[number])) for number in sorted(left)]
        self._tracks.sort(key=lambda track: track.last.moment.number)
        del self._tracks[:-MAX_TRACKS]

    def covers(self, moment: Moment) -> list[Cover]:
        """Where faces are, or may be, in the frame of a moment; one for each that is followed."""
        covers = (track.cover(moment, self._hold, self._ahead) for track in self._tracks)
        return [cover for cover in covers if cover is not None]

    def clear(self) -> None:
        """Another scene begins."""
        self._tracks = []

    def _is_over(self, track: Track, moment: Moment) -> bool:
        """Whether no frame that still waits can need it."""
        return track.last.moment.number + self._hold + self._ahead < moment.number


def _matches(
    tracks: Sequence[Track], moment: Moment, boxes: Sequence[Box]
) -> Iterator[tuple[Track, int]]:
    """Each track with the number of its box, those that fit best first, every one at most once."""
    corners = corners_of(boxes)
    places = corners_of([track.place(moment) for track in tracks])
    fits = [
        (float(row[column]), number, int(column))
        for number, row in enumerate(ious(places, corners))
        for column in np.flatnonzero(row >= SAME_IOU)
    ]
    followed, taken = set[int](), set[int]()
    for _, number, column in sorted(fits, key=lambda fit: -fit[0]):
        if number not in followed and column not in taken:
            followed.add(number)
            taken.add(column)
            yield tracks[number], column
