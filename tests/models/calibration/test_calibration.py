import numpy as np
import pytest

from models.backend import TensorSpec
from models.bundles.manifest import Output
from models.calibration.calibration import fit
from models.calibration.temperature import fit_temperature
from models.errors import CalibrationError
from models.scores import Scores, softmax
from tests.models.calibration.test_temperature import TRUE, drawn, drawn_sets

LABELS = ("a", "b", "c", "d")


def test_a_classifier_that_is_too_sure_is_told_its_temperature_and_what_it_gains() -> None:
    found = fit(*drawn(2000), LABELS, present=1.0)
    assert found.temperature == pytest.approx(TRUE, rel=0.1)
    assert found.samples == 2000
    assert found.ece_before > 0.15
    assert found.ece_after < 0.04
    assert found.better
    assert sum(row.count for row in found.after) == 2000


def test_several_labels_a_frame_are_calibrated_too() -> None:
    found = fit(*drawn_sets(2000), LABELS, present=1.0)
    assert found.better
    assert found.ece_after < found.ece_before / 3


def test_an_integer_output_is_calibrated_like_the_numbers_behind_it() -> None:
    """A sixth of its probabilities are 0, those of more than a hundred true labels among them."""
    logits, truth = drawn(4000, spread=3)
    steps = np.stack([np.rint(softmax(row) * 256).clip(0, 255) for row in logits]).astype(np.uint8)
    assert (steps[np.arange(4000), truth] == 0).sum() > 100
    tensor = TensorSpec((1, 4), "uint8", 1 / 256)
    scores = Scores(Output(kind="probabilities", temperature=1.0), tensor)
    found = fit(np.stack([scores.logits(row) for row in steps]), truth, LABELS, present=1.0)
    assert found.temperature == pytest.approx(fit_temperature(logits, truth), rel=0.05)
    assert found.ece_after < 0.04


def test_a_classifier_that_is_calibrated_gains_nothing_on_held_out_frames() -> None:
    logits, truth = drawn(2000)
    found = fit(logits, truth, LABELS, present=fit_temperature(logits, truth))
    assert not found.better
    assert found.ece_before < 0.04


def test_what_is_measured_was_not_fitted_to() -> None:
    """Labels that are noise: a fit may flatter itself on its own frames, never on others."""
    rng = np.random.default_rng(3)
    logits, truth = rng.normal(0, 1, (100, 4)), np.arange(100) % 4
    own = fit_temperature(logits, truth)
    found = fit(logits, truth, LABELS, present=own)
    assert found.nll_after >= found.nll_before


def test_frames_that_are_too_few_are_refused_with_their_number() -> None:
    with pytest.raises(CalibrationError, match=r"99 labelled frames are too few.*at least 100"):
        fit(*drawn(99), LABELS, present=1.0)


def test_labels_with_too_few_frames_are_named_with_their_counts() -> None:
    logits, _ = drawn(300)
    truth = np.where(np.arange(300) < 9, 3, np.arange(300) % 2)
    with pytest.raises(CalibrationError, match=r"too few of: c 0, d 9$"):
        fit(logits, truth, LABELS, present=1.0)


def test_a_thousand_labels_without_frames_are_not_all_named() -> None:
    labels = tuple(f"label {n}" for n in range(1000))
    with pytest.raises(CalibrationError, match=r"label 11 0 and 988 more$"):
        fit(np.zeros((200, 1000)), np.arange(200) % 2, labels, present=1.0)


def test_frames_that_are_all_right_or_all_wrong_cannot_tell() -> None:
    logits, _ = drawn(400)
    with pytest.raises(CalibrationError, match=r"runs to 0\.05, .* all frames are named rightly"):
        fit(logits, logits.argmax(axis=1), LABELS, present=1.0)
    with pytest.raises(CalibrationError, match=r"runs to 20, .* are these the model's labels"):
        fit(logits, logits.argmin(axis=1), LABELS, present=1.0)


def test_scores_that_say_nothing_are_refused() -> None:
    logits, _ = drawn(400)
    noise = np.random.default_rng(2).permutation(np.arange(400) % 4)
    with pytest.raises(CalibrationError, match="say next to nothing of these frames"):
        fit(logits * np.array([1, -1, 1, -1]) * 9, noise, LABELS, present=1.0)


def test_the_same_frames_give_the_same_answer() -> None:
    assert fit(*drawn(300), LABELS, present=1.0) == fit(*drawn(300), LABELS, present=1.0)
