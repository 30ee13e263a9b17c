"""Which boxes are one face over time, where it is between, and that nothing grows without end."""

from dataclasses import astuple

from hypothesis import given, settings
from hypothesis import strategies as st

from masking.tracking.track import Moment
from masking.tracking.tracks import MAX_TRACKS, Tracks
from models.box import Box

LEFT, RIGHT = Box(0, 0, 20, 20, 0.9), Box(100, 0, 120, 20, 0.8)


def moment(number: int, x: float = 0.0, lost: int = 0, at_s: float | None = None) -> Moment:
    return Moment(number, number / 10 if at_s is None else at_s, x, 0.0, lost)


def moved(box: Box, dx: float) -> Box:
    return Box(box.x1 + dx, box.y1, box.x2 + dx, box.y2, box.score)


def test_a_face_that_is_seen_again_is_one_face() -> None:
    tracks = Tracks(hold=5, ahead=2)
    for number in range(4):
        tracks.see(moment(number), [moved(LEFT, 3 * number), RIGHT])
    assert sorted(cover.box.x1 for cover in tracks.covers(moment(3))) == [9, 100]
    assert {cover.since for cover in tracks.covers(moment(3))} == {0}


def test_two_faces_that_lie_close_stay_two() -> None:
    tracks = Tracks(hold=5, ahead=2)
    pair = [LEFT, moved(LEFT, 8)]
    tracks.see(moment(0), pair)
    tracks.see(moment(1), pair[::-1])
    assert sorted(cover.box.x1 for cover in tracks.covers(moment(1))) == [0, 8]
    assert len(tracks.covers(moment(2))) == 2


def test_a_face_is_known_for_as_long_as_it_is_held_and_looked_ahead_to() -> None:
    tracks = Tracks(hold=3, ahead=2)
    tracks.see(moment(10), [LEFT])
    known = [n for n in range(20) if tracks.covers(moment(n))]
    assert known == [8, 9, 10, 11, 12, 13]
    assert [tracks.covers(moment(n))[0].since for n in known] == [2, 1, 0, 1, 2, 3]


def test_between_two_sightings_all_is_covered_that_either_says() -> None:
    tracks = Tracks(hold=5, ahead=2)
    tracks.see(moment(0), [LEFT])
    tracks.see(moment(2, at_s=0.2), [moved(LEFT, 4)])
    (cover,) = tracks.covers(moment(1))
    assert cover.box.x1 <= 2
    assert cover.box.x2 >= 22


def test_the_camera_carries_faces_along() -> None:
    tracks = Tracks(hold=5, ahead=2)
    tracks.see(moment(1, x=50), [LEFT])
    assert tracks.covers(moment(2, x=80))[0].box.x1 == 30
    assert tracks.covers(moment(0, x=10))[0].box.x1 == -40


def test_a_face_goes_on_by_its_own_speed_whatever_the_time_between_frames() -> None:
    tracks = Tracks(hold=5, ahead=2)
    tracks.see(moment(0, at_s=0.0), [LEFT])
    tracks.see(moment(1, at_s=0.1), [moved(LEFT, 5)])
    late, soon = (tracks.covers(moment(2, at_s=at_s))[0].box.x1 for at_s in (0.35, 0.2))
    assert round(late, 6) == 17.5
    assert round(soon, 6) == 10


def test_frames_that_come_in_a_burst_do_not_make_a_face_fly() -> None:
    tracks = Tracks(hold=5, ahead=2)
    tracks.see(moment(0, at_s=5.0), [LEFT])
    tracks.see(moment(1, at_s=5.0001), [moved(LEFT, 4)])
    assert tracks.covers(moment(2, at_s=5.07))[0].box.x1 <= 16


def test_what_could_not_be_followed_is_told() -> None:
    tracks = Tracks(hold=5, ahead=2)
    tracks.see(moment(1, lost=0), [LEFT])
    assert [tracks.covers(moment(2, lost=n))[0].lost for n in range(3)] == [0, 1, 2]


def test_of_two_sightings_the_one_that_can_be_followed_says_where_the_face_is() -> None:
    tracks = Tracks(hold=5, ahead=2)
    tracks.see(moment(0), [LEFT])
    tracks.see(moment(1), [LEFT])
    tracks.see(moment(3, lost=1), [moved(LEFT, 6)])
    (cover,) = tracks.covers(moment(2, lost=1))
    assert cover.lost == 0
    assert round(cover.box.x1, 6) == 4


def test_another_scene_has_no_faces() -> None:
    tracks = Tracks(hold=5, ahead=2)
    tracks.see(moment(0), [LEFT])
    tracks.clear()
    assert tracks.covers(moment(1)) == []


def test_faces_without_end_are_not_all_kept() -> None:
    tracks = Tracks(hold=5, ahead=0)
    for number in range(3):
        crowd = [Box(30 * n, 100 * number, 30 * n + 9, 100 * number + 9, 1) for n in range(2500)]
        tracks.see(moment(number), crowd)
    assert len(tracks.covers(moment(2))) == MAX_TRACKS
    assert sum(cover.since == 0 for cover in tracks.covers(moment(2))) == 2500


corners = st.floats(-1e5, 1e5)
sides = st.floats(0.01, 1e5)
faces = st.lists(
    st.builds(lambda x, y, w, h: Box(x, y, x + w, y + h, 0.5), corners, corners, sides, sides),
    max_size=5,
)
steps_s = st.sampled_from([0.0, 5e-324, 1e-9, 0.03, 0.9])


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(faces, steps_s, corners), min_size=1, max_size=12))
def test_what_is_seen_in_a_frame_is_covered_in_it_exactly(
    frames: list[tuple[list[Box], float, float]],
) -> None:
    tracks, at_s = Tracks(hold=5, ahead=2), 0.0
    for number, (boxes, step_s, x) in enumerate(frames):
        at_s += step_s
        now = moment(number, x, at_s=at_s)
        tracks.see(now, boxes)
        found = [cover.box for cover in tracks.covers(now) if cover.since == 0]
        assert sorted(found, key=astuple) == sorted(boxes, key=astuple)
