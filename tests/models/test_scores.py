import math

import numpy as np
import pytest

from models.backend import TensorSpec
from models.bundles.manifest import Output
from models.errors import BundleError, ModelError
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


def test_a_quantised_zero_is_less_than_half_a_step_however_many_labels_there_are() -> None:
    labels = 1001
    tensor = TensorSpec((1, labels), "uint8", 1 / 256)
    raw = np.zeros((1, labels), np.uint8)
    raw[0, :2] = (236, 20)
    uncalibrated = Scores(Output(kind="probabilities", temperature=1.0), tensor)
    calibrated = Scores(Output(kind="probabilities", temperature=1 + 1e-9), tensor)
    assert calibrated.of(raw)[1] == pytest.approx(uncalibrated.of(raw)[1], abs=0.5 / 256)
    zero, one = uncalibrated.logits(raw)[[2, 1]]
    assert (zero, one) == (pytest.approx(math.log(0.5 / 256 / labels)), math.log(20 / 256))


def test_a_temperature_below_one_makes_surer_and_one_above_less_sure() -> None:
    tensor, raw = TensorSpec((1, 3), "uint8", 1 / 256), np.array([[200, 56, 0]], np.uint8)
    cold, one, hot = (
        Scores(Output(kind="probabilities", temperature=temperature), tensor).of(raw)[1]
        for temperature in (0.5, 1.0, 2.0)
    )
    assert cold > 0.9 > one > 0.75 > hot


def test_of_a_multi_label_network_the_best_label_is_calibrated_for_itself() -> None:
    odds = np.array([[math.log(0.9 / 0.1), math.log(0.8 / 0.2)]])
    probabilities = np.array([[0.9, 0.8]])
    for kind, raw in (("multi-label-logits", odds), ("multi-label-probabilities", probabilities)):
        output = Output.model_validate({"kind": kind, "temperature": 2.0})
        scores = Scores(output, TensorSpec((1, 2), "float32"))
        assert scores.of(raw)[1] == pytest.approx(3 / 4)
        assert scores.logits(raw) == pytest.approx(odds[0])


def test_a_multi_label_certainty_stays_finite() -> None:
    output = Output(kind="multi-label-probabilities", temperature=2.0)
    sure = Scores(output, TensorSpec((1, 2), "uint8", 1 / 255))
    assert sure.logits(np.array([[255, 0]], np.uint8)) == pytest.approx(
        [math.log(510), -math.log(510)], rel=1e-3
    )


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_an_output_that_is_no_number_is_an_error_of_the_model(bad: float) -> None:
    with pytest.raises(ModelError, match="not finite"):
        Scores(Output(kind="logits", temperature=1.0), FLOAT).of(np.array([[0, bad]], np.float32))


def test_an_output_that_is_quantised_in_steps_of_no_number_is_a_fault_of_the_file() -> None:
    with pytest.raises(BundleError, match="steps of nan"):
        Scores(Output(kind="probabilities", temperature=1.0), TensorSpec((1, 3), "int8", math.nan))
