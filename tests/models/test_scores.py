import math

import numpy as np
import pytest

from models.backend import TensorSpec
from models.errors import ModelError
from models.manifest import Output
from models.scores import Scores

FLOAT = TensorSpec((1, 3), "float32")


def test_quantised_outputs_become_real_numbers() -> None:
    scores = Scores(
        Output(kind="probabilities", temperature=1.0), TensorSpec((1, 2), "int8", 1 / 256, -128)
    )
    values, confidence = scores.of(np.array([[-128, 127]], np.int8))
    assert values.tolist() == [0, 255 / 256]
    assert confidence == 255 / 256


def test_large_logits_do_not_overflow() -> None:
    values, _ = Scores(Output(kind="logits", temperature=1.0), FLOAT).of(
        np.array([[1e30, 0, -1e30]], np.float32)
    )
    assert values.tolist() == [1, 0, 0]


def test_temperature_works_alike_on_logits_and_on_the_probabilities_of_them() -> None:
    logits = np.array([[2.0, 1.0, -1.0]])
    powers = np.exp(logits)
    _, from_logits = Scores(Output(kind="logits", temperature=1.7), FLOAT).of(logits)
    _, from_probabilities = Scores(Output(kind="probabilities", temperature=1.7), FLOAT).of(
        powers / powers.sum()
    )
    hotter = [math.exp(logit / 1.7) for logit in (2.0, 1.0, -1.0)]
    assert from_logits == pytest.approx(hotter[0] / sum(hotter))
    assert from_probabilities == pytest.approx(from_logits)


def test_a_probability_of_zero_does_not_hurt_calibration() -> None:
    scores = Scores(Output(kind="probabilities", temperature=2.0), FLOAT)
    _, confidence = scores.of(np.array([[1.0, 0.0, 0.0]], np.float32))
    assert confidence == pytest.approx(1)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_an_output_that_is_no_number_is_an_error_of_the_model(bad: float) -> None:
    with pytest.raises(ModelError, match="not finite"):
        Scores(Output(kind="logits", temperature=1.0), FLOAT).of(np.array([[0, bad]], np.float32))
