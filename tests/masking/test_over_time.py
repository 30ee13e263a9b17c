"""Masks over time: a face is covered before it is seen, held after, and carried between looks."""

import gc
import weakref
from contextlib import closing

import numpy as np
import pytest

from devices.frame import Frame
from masking.masker import ASTRAY, REGION, WAIT_S, Masker
from masking.settings import MaskingSettings
from models.box import Box
from tests.masking.footage import AT, FPS, OTHER_SCENE, SCENE, at, covered, says, through, where
from tests.masking.stand_ins import FACE, Image, finds


def test_a_face_is_covered_before_it_is_seen_and_held_after() -> None:
    nothing: list[Box] = []
    done = through(says(*[nothing] * 4, [FACE]), map(at, range(14)), look_ahead=2, hold=5)
    assert [one.seq for one in done] == list(range(14))
    assert where(done) == [2, 3, 4, 5, 6, 7, 8, 9]
    assert [one.receipt.carried for one in done][1:11] == [0, 1, 1, 0, 1, 1, 1, 1, 1, 0]


def test_a_frame_comes_out_when_as_many_more_came_as_are_looked_ahead_to() -> None:
    with closing(Masker(finds(), MaskingSettings(look_ahead=3))) as masker:
        counts = [[one.seq for one in masker.mask(at(n))] for n in range(5)]
        assert counts == [[], [], [], [0], [1]]
        assert [one.seq for one in masker.flush()] == [2, 3, 4]
        assert masker.flush() == []


def test_without_a_look_ahead_a_frame_comes_out_at_once() -> None:
    with closing(Masker(finds(FACE), MaskingSettings(look_ahead=0))) as masker:
        assert [one.seq for n in range(3) for one in masker.mask(at(n))] == [0, 1, 2]


def test_a_frame_does_not_wait_for_long_for_others() -> None:
    with closing(Masker(finds(), MaskingSettings(look_ahead=2))) as masker:
        masker.mask(at(0, captured_s=10.0))
        masker.mask(at(1, captured_s=10.3))
        assert masker.due(10.0 + WAIT_S - 0.01) == []
        assert [one.seq for one in masker.due(10.0 + WAIT_S)] == [0]
        assert [one.seq for one in masker.due(11.0)] == [1]


def test_what_is_due_was_looked_at_even_between_looks() -> None:
    settings = MaskingSettings(look_ahead=2, detect_every=3)
    with closing(Masker(says([], [FACE]), settings)) as masker:
        masker.mask(at(0, captured_s=0.0))
        masker.mask(at(1, captured_s=0.1))
        due = masker.due(5.0)
    assert where(due) == [0, 1]
    assert [len(one.receipt.looks) for one in due] == [1, 1]


def test_between_looks_masks_are_carried() -> None:
    done = through(finds(FACE), map(at, range(10)), look_ahead=2, detect_every=3)
    assert where(done) == list(range(10))
    assert [len(one.receipt.looks) for one in done] == [1, 0, 0, 1, 0, 0, 1, 0, 0, 1]
    assert [one.receipt.carried for one in done] == [0, 1, 1, 0, 1, 1, 0, 1, 1, 0]


def test_a_face_between_looks_is_found_by_the_next() -> None:
    done = through(says([], [FACE]), map(at, range(4)), look_ahead=2, detect_every=3)
    assert where(done) == [1, 2, 3]


def test_another_scene_has_its_own_faces() -> None:
    frames = [*map(at, range(4)), *(at(n, OTHER_SCENE) for n in range(4, 8))]
    none: list[Box] = []
    done = through(says(none, none, none, [FACE], none, none), frames)
    assert where(done) == [1, 2, 3]


def test_the_last_frame_of_a_scene_is_looked_at_before_it_is_shown() -> None:
    frames = [at(0), at(1), at(2, OTHER_SCENE), at(3, OTHER_SCENE)]
    done = through(says([], [FACE]), frames, look_ahead=2, detect_every=3)
    assert where(done) == [0, 1]


@pytest.mark.parametrize("gap_s", [1.5, -3.0])
def test_a_gap_too_long_to_follow_ends_all_masks(gap_s: float) -> None:
    frames = [at(0), at(1), at(2, captured_s=1 / FPS + gap_s)]
    done = through(says([], [FACE], []), frames)
    assert where(done) == [0, 1]


def test_a_face_that_moves_stays_covered_where_it_must_be_meanwhile() -> None:
    seen = [[Box(4 * n + 2, 20, 4 * n + 12, 30, 0.9)] for n in range(4)]
    done = through(says(*seen), map(at, range(8)), grow=1.0)
    for n in (4, 5, 6):
        assert covered(done[n], Box(4 * n + 3, 21, 4 * n + 11, 29, 0.9))
        assert not covered(done[n], FACE)


def test_a_mask_moves_with_the_picture() -> None:
    coarse = np.random.default_rng(3).integers(0, 200, (24, 60, 3), np.uint8)
    world = np.kron(coarse, np.ones((30, 30, 1), np.uint8))
    frames = [at(n, world[:720, 20 * n : 20 * n + 1280]) for n in range(5)]
    done = through(says([Box(600, 300, 660, 360, 0.9)]), frames, look_ahead=0)
    for n in range(5):
        assert covered(done[n], Box(600 - 20 * n, 300, 660 - 20 * n, 360, 0.9))
    assert not covered(done[4], Box(640, 300, 660, 360, 0.9))


def test_raw_frames_are_let_go_as_soon_as_they_are_masked() -> None:
    class Watched(np.ndarray):
        """An array that can be watched."""

    with closing(Masker(finds(FACE), MaskingSettings(look_ahead=2))) as masker:
        watched = []
        for n in range(6):
            pixels = np.array(SCENE).view(Watched)
            watched.append(weakref.ref(pixels))
            masker.mask(Frame(pixels, "bench", n, AT, n / FPS))
            del pixels
        gc.collect()
        assert sum(one() is not None for one in watched) <= 2
        masker.flush()
        gc.collect()
        assert not any(one() is not None for one in watched)


def test_raw_frames_that_wait_are_let_go_when_the_masker_is_closed() -> None:
    masker = Masker(finds(FACE), MaskingSettings(look_ahead=2))
    raw = [at(n) for n in range(2)]
    watched = [weakref.ref(one.pixels) for one in raw]
    assert [masker.mask(one) for one in raw] == [[], []]
    masker.close()
    del raw
    gc.collect()
    assert not any(one() is not None for one in watched)
    assert masker.flush() == []


def test_an_exempt_camera_waits_for_nothing() -> None:
    masker = Masker(None, MaskingSettings(), "a bench camera over seedlings")
    assert [len(masker.mask(at(n))) for n in range(3)] == [1, 1, 1]
    assert masker.flush() == masker.due(99.0) == []


def haze(seed: int) -> Image:
    """A place in fog: what differs from another is seen too little for a cut."""
    coarse = np.random.default_rng(seed).integers(90, 110, (45, 80, 3), np.uint8)
    return np.kron(coarse, np.ones((16, 16, 1), np.uint8))


def test_a_face_that_cannot_be_followed_has_its_region_covered_then_the_whole_frame() -> None:
    face = Box(600, 300, 660, 360, 0.9)
    frames = [at(n, haze(n)) for n in range(5)]
    done = through(says([face]), frames, look_ahead=0, hold=3)
    assert where(done, face.grown(1.6 * REGION - 0.1)) == [1]
    assert where(done, face) == [0, 1]
    assert [one.seq for one in done if one.redacted] == [2, 3]
    assert done[2].receipt.reason == ASTRAY
    assert done[4].receipt.faces == ()
