import math
from dataclasses import replace

import numpy as np
import pytest

from models.prediction import ModelId, Prediction

MODEL = ModelId("m", "1", "0" * 64, "fake")


def prediction(*scores: float) -> Prediction:
    return Prediction(tuple("abcdefgh"[: len(scores)]), scores, max(scores, default=0), MODEL)


def test_the_label_is_that_of_the_best_score() -> None:
    assert prediction(0.2, 0.7, 0.1).label == "b"


def test_of_equal_scores_the_first_label_comes_first() -> None:
    tie = prediction(0.1, 0.4, 0.1, 0.4)
    assert tie.label == "b"
    assert tie.top(4) == (("b", 0.4), ("d", 0.4), ("a", 0.1), ("c", 0.1))


def test_top_gives_no_more_than_there_are() -> None:
    assert prediction(0.6, 0.4).top(5) == (("a", 0.6), ("b", 0.4))


def test_margin_is_best_minus_second() -> None:
    assert prediction(0.2, 0.7, 0.1).margin == pytest.approx(0.5)
    assert prediction(0.9).margin == 0.9


def test_entropy_is_in_nats() -> None:
    assert prediction(0.5, 0.25, 0.25).entropy == pytest.approx(1.03972, abs=1e-5)
    assert prediction(1.0, 0.0).entropy == 0
    assert prediction(*[1 / 8] * 8).entropy == pytest.approx(math.log(8))


def test_an_embedding_is_neither_compared_nor_shown_and_nobody_can_change_it() -> None:
    embedding = np.arange(4, dtype=np.float32)
    with pytest.raises(ValueError, match="read-only"):
        replace(prediction(0.6, 0.4), embedding=embedding)
    embedding.flags.writeable = False
    with_it = replace(prediction(0.6, 0.4), embedding=embedding)
    assert with_it == prediction(0.6, 0.4)
    assert repr(with_it) == repr(prediction(0.6, 0.4))


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_scores_that_are_no_numbers_are_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        prediction(0.5, bad)


def test_labels_and_scores_must_be_as_many() -> None:
    with pytest.raises(ValueError, match="2 labels do not fit 1 scores"):
        Prediction(("a", "b"), (1.0,), 1.0, MODEL)
    with pytest.raises(ValueError, match="0 labels"):
        prediction()
