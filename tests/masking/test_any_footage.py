"""Whatever is said and however frames come: each comes out once, and what was seen is covered."""

from contextlib import closing

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.frame import Frame
from masking.fill import LEVEL
from masking.masked_frame import MaskedFrame
from masking.masker import Masker
from masking.settings import MaskingSettings
from models.box import Box
from models.errors import ModelError
from tests.masking.footage import AT, Answer, at, covered, says, through
from tests.masking.stand_ins import Detector, Image

boxes = st.lists(
    st.builds(
        lambda x, y, w, h, score: Box(x, y, x + w, y + h, score),
        st.floats(-300, 300), st.floats(-300, 300), st.floats(0.01, 400), st.floats(0.01, 400),
        st.floats(0, 1),
    ),
    max_size=4,
)  # fmt: skip
broken = st.sampled_from([ModelError("gone"), RuntimeError("bug"), MemoryError()])
looks = st.lists(st.one_of(boxes, boxes, boxes, broken), min_size=1, max_size=14)
sizes = st.tuples(st.integers(1, 61), st.integers(1, 97))
gaps_s = st.lists(st.sampled_from([0.0, 0.01, 1 / 15, 0.4, 0.9, 2.0, -1.0]), min_size=14)
late_s = st.lists(st.sampled_from([0.0, 0.3, 0.6]), min_size=14)
waits = st.tuples(st.integers(0, 4), st.integers(0, 6), st.integers(1, 5))
"""Frames of look-ahead and of hold, and the detector looks at every n-th."""


@settings(max_examples=60, deadline=None)
@given(looks, sizes, gaps_s, st.lists(st.integers(0, 2), min_size=14), waits, late_s)
def test_every_frame_comes_out_once_in_order_and_covers_all_that_was_seen_in_it(
    looks: list[Answer],
    size: tuple[int, int],
    gaps_s: list[float],
    scenes: list[int],
    waits: tuple[int, int, int],
    late_s: list[float],
) -> None:
    look_ahead, hold, every = waits
    config = MaskingSettings(
        look_ahead=look_ahead, hold=hold, detect_every=min(every, look_ahead + 1)
    )
    places = np.random.default_rng(0).integers(0, 200, (3, *size, 3), np.uint8)
    answered: list[list[Box]] = []
    detector = says(*looks)

    def answer(image: Image) -> list[Box]:
        answered.append(detector.detect(image))
        return answered[-1]

    done: list[MaskedFrame] = []
    with closing(Masker(Detector(answer), config)) as masker:
        for n, now_s in enumerate(np.cumsum(gaps_s[:14]).tolist()):
            done += masker.mask(Frame(places[scenes[n]].copy(), "bench", 2 * n, AT, now_s))
            assert n + 1 - len(done) <= look_ahead
            done += masker.due(now_s + late_s[n])
        done += masker.flush()

    assert [one.seq for one in done] == list(range(0, 28, 2))
    for one in done:
        assert not one.redacted or (one.pixels == LEVEL).all()
        assert all(covered(one, face.grown(config.grow)) for face in one.receipt.faces)
    looked_at = [one for one in done if one.receipt.looks]
    unseen = [one for one in done if one.redacted and not one.receipt.looks]
    assert len(looked_at) + len(unseen) >= len(answered) >= len(looked_at)
    found = [faces for faces in answered if len(looked_at) == len(answered)]
    for one, faces in zip(looked_at, found, strict=False):
        assert all(covered(one, face.grown(config.grow)) for face in faces)


@settings(max_examples=60, deadline=None)
@given(looks, waits, st.integers(1, 20))
def test_what_was_seen_once_is_covered_in_the_frames_around_while_nothing_moves(
    faces: list[Answer], waits: tuple[int, int, int], count: int
) -> None:
    look_ahead, hold, every = waits
    every = min(every, look_ahead + 1)
    config = {"look_ahead": look_ahead, "hold": hold, "detect_every": every}
    answers = iter(faces)
    seen_at: dict[int, list[Box]] = {}
    number = iter(range(0, 10_000, every))

    def answer(image: Image) -> list[Box]:
        one = next(answers, [])
        if isinstance(one, Exception):
            next(number)
            raise one
        once = [Box(10, 10, 30, 30, 0.9)] if one else []
        seen_at[next(number)] = once
        return once

    done = through(Detector(answer), map(at, range(count)), **config)
    assert [one.seq for one in done] == list(range(count))
    for one in done:
        near = [
            n for n, found in seen_at.items()
            if found and n - look_ahead <= one.seq <= n + hold and n < count
        ]  # fmt: skip
        assert one.redacted or not near or covered(one, Box(10, 10, 30, 30, 0.9))
