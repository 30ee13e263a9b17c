"""Drawn frames whose best temperature is known: labels come from the softmax of logits / 3."""

import numpy as np
import pytest
from numpy.typing import NDArray

from models.calibration.temperature import (
    HIGHEST,
    LOWEST,
    Truth,
    confidence,
    fit_temperature,
    nll,
    right,
)

TRUE = 3.0


def drawn(frames: int, spread: float = 6) -> tuple[NDArray[np.float64], Truth]:
    """Logits (frames, 4), three times as sure as they may be, and truth that was drawn so."""
    rng = np.random.default_rng(1)
    logits = rng.normal(0, spread, (frames, 4))
    gumbel = rng.gumbel(size=logits.shape)
    return logits, (logits / TRUE + gumbel).argmax(axis=1)


def drawn_sets(frames: int) -> tuple[NDArray[np.float64], Truth]:
    """The same of a multi-label network: each label is there or not, for itself."""
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 6, (frames, 4))
    return logits, rng.random(logits.shape) < 1 / (1 + np.exp(-logits / TRUE))


def test_the_temperature_that_the_labels_were_drawn_with_is_found() -> None:
    assert fit_temperature(*drawn(20_000)) == pytest.approx(TRUE, rel=0.03)


def test_it_is_found_for_several_labels_a_frame() -> None:
    assert fit_temperature(*drawn_sets(20_000)) == pytest.approx(TRUE, rel=0.03)


@pytest.mark.parametrize("make", [drawn, drawn_sets])
def test_no_temperature_beside_it_makes_the_truth_likelier(make: type) -> None:
    logits, truth = make(400)
    best = fit_temperature(logits, truth)
    least = nll(logits / best, truth).mean()
    for factor in (0.5, 0.9, 0.999, 1.001, 1.1, 2):
        assert nll(logits / (best * factor), truth).mean() > least


def test_scaling_logits_scales_the_temperature() -> None:
    logits, truth = drawn(500)
    once, twice = fit_temperature(logits, truth), fit_temperature(2 * logits, truth)
    assert twice == pytest.approx(2 * once, rel=1e-6)


def test_what_is_always_right_or_always_wrong_ends_at_the_bounds() -> None:
    logits, _ = drawn(50)
    assert fit_temperature(logits, logits.argmax(axis=1)) == pytest.approx(LOWEST, rel=1e-6)
    assert fit_temperature(logits, logits.argmin(axis=1)) == pytest.approx(HIGHEST, rel=1e-6)


def test_the_likelihood_is_that_of_the_softmax_without_overflow() -> None:
    logits = np.log([[0.7, 0.2, 0.1]]) + 5000
    assert nll(logits, np.array([1])) == pytest.approx(-np.log(0.2))


def test_the_likelihood_of_a_set_is_that_of_every_label_of_it() -> None:
    odds = np.log([[0.9 / 0.1, 0.3 / 0.7]])
    there = np.array([[True, False]])
    assert nll(odds, there) == pytest.approx(-np.log(0.9 * 0.7))


def test_confidence_is_the_best_probability_at_that_temperature() -> None:
    logits = np.log([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]])
    found = confidence(logits, np.array([1.0, 2.0]), multi=False)
    roots = np.sqrt([0.1, 0.1, 0.8])
    assert found == pytest.approx([0.7, roots[2] / roots.sum()])


def test_confidence_in_several_labels_is_that_of_the_best_one_alone() -> None:
    odds = np.log([[0.9 / 0.1, 0.8 / 0.2]])
    assert confidence(odds, np.array([2.0]), multi=True) == pytest.approx([3 / 4])


def test_right_is_a_frame_whose_best_label_is_true_of_it() -> None:
    logits = np.array([[3.0, 1, 2], [0, 1, 2]])
    assert right(logits, np.array([0, 1])).tolist() == [True, False]
    sets = np.array([[True, True, False], [True, True, False]])
    assert right(logits, sets).tolist() == [True, False]
