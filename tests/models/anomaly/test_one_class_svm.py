import numpy as np
import pytest
from numpy.typing import NDArray

from models.anomaly.learn import LANDMARKS, learn, learn_all
from models.anomaly.one_class_svm import OneClassSvm
from models.anomaly.standard import Standard
from tests.parts import need

try:
    from sklearn.svm import OneClassSVM
except ImportError:
    OneClassSVM = None


def cloud(rows: int, features: int, seed: int = 0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(size=(rows, features))


@pytest.mark.parametrize(
    ("features", "nu", "gamma"), [(2, 0.5, 0.5), (16, 0.05, 1 / 16), (64, 0.01, 0.001)]
)
def test_scores_equal_those_of_scikit_learn(features: int, nu: float, gamma: float) -> None:
    reference = need("scikit-learn (pip install scikit-learn)", OneClassSVM)(nu=nu, gamma=gamma)
    known, asked = cloud(1500, features), 3 * cloud(500, features, seed=1)
    reference.fit(known)
    ours = learn(known, nu, gamma)

    scores = np.array([ours.score(x) for x in asked])
    assert np.abs(-scores * reference.offset_ - reference.decision_function(asked)).max() < 1e-6
    assert ours.support.shape == reference.support_vectors_.shape


@pytest.mark.parametrize(("features", "nu"), [(16, 0.05), (32, 0.1)])
def test_in_float32_decision_values_equal_those_of_scikit_learn(features: int, nu: float) -> None:
    gamma = 1 / features
    reference = need("scikit-learn (pip install scikit-learn)", OneClassSVM)(nu=nu, gamma=gamma)
    known, asked = cloud(1500, features), 3 * cloud(500, features, seed=1)
    rho = reference.fit(known).offset_[0]
    weights = reference.dual_coef_[0] / rho
    ours = OneClassSvm(reference.support_vectors_.astype(np.float32), weights, gamma)
    scores = np.array([ours.score(x) for x in asked])
    assert np.abs(-scores * rho - reference.decision_function(asked)).max() < 1e-4


def test_rows_are_scored_as_one_after_the_other() -> None:
    svm, asked = learn(cloud(1500, 4), 0.05, 0.25), 3 * cloud(5000, 4, seed=1)
    assert svm.scores(asked) == pytest.approx([svm.score(x) for x in asked], abs=1e-9)


def test_the_approximation_to_all_rows_ranks_as_the_exact_one_does() -> None:
    known = cloud(20_000, 4)
    exact, approximate = learn(known[:5000], 0.05, 0.25), learn_all(known, 0.05, 0.25)
    asked = 2 * cloud(2000, 4, seed=1)
    one, other = (svm.scores(asked).argsort().argsort() for svm in (exact, approximate))
    assert np.corrcoef(one, other)[0, 1] > 0.97
    assert 0.02 < (approximate.scores(known) > 0).mean() < 0.1
    assert len(approximate.weights) <= LANDMARKS


def test_the_score_rises_from_the_known_to_the_strange() -> None:
    svm = learn(cloud(1000, 4), 0.05, 0.25)
    scores = [svm.score(np.full(4, far)) for far in (0.0, 1.5, 3.0, 6.0, 1e3)]
    assert scores == sorted(scores)
    assert scores[0] < 0 < scores[2]
    assert scores[-1] == 1.0


@pytest.mark.parametrize("far", [1e6, 1e9])
def test_rounding_makes_nothing_better_known_than_the_known(far: float) -> None:
    """A glitch was learnt: squares of such numbers leave hundreds of an exponent to chance."""
    known = far * (1 + 0.1 * cloud(50, 4))
    svm = OneClassSvm(known, np.ones(50), 0.25)
    assert all(-50 <= svm.score(x) <= 1 for x in known)


@pytest.mark.parametrize("far", [4.0, 40.0, 4e6])
def test_the_feature_that_is_off_is_told_even_where_the_kernel_is_flat(far: float) -> None:
    svm = learn(cloud(1000, 4), 0.05, 0.25)
    parts = svm.parts(np.array([0.1, -0.2, far, 0.0]))
    assert parts.argmax() == 2
    assert parts[2] / parts.sum() > 0.8
    assert (parts >= 0).all()


def test_a_moment_is_compared_with_the_known_moments_that_are_like_it() -> None:
    """Nights are cold and closed, noons warm and open; warm and closed is wrong in the valve."""
    night, noon = cloud(500, 3) * 0.1 + [-1, -1, -2], cloud(500, 3, seed=1) * 0.1 + [1, 1, 2]
    svm = learn(np.concatenate((night, noon)), 0.05, 1 / 3)
    parts = svm.parts(np.array([1.0, -1.0, 2.0]))
    assert parts.argmax() == 1


@pytest.mark.parametrize(
    ("support", "weights", "gamma", "sentence"),
    [
        (np.zeros((0, 2)), np.zeros(0), 1.0, "support vectors, each with one weight"),
        (np.zeros((2, 2)), np.ones(3), 1.0, "support vectors, each with one weight"),
        (np.full((1, 2), np.nan), np.ones(1), 1.0, "finite"),
        (np.zeros((1, 2)), np.zeros(1), 1.0, "weights above 0"),
        (np.zeros((1, 2)), np.ones(1), 0.0, "gamma is above 0"),
    ],
)
def test_numbers_that_make_no_model_are_refused(
    support: NDArray[np.float64],
    weights: NDArray[np.float64],
    gamma: float,
    sentence: str,
) -> None:
    with pytest.raises(ValueError, match=sentence):
        OneClassSvm(support, weights, gamma)


def test_standardised_training_rows_are_usual_and_unknown_is_neutral() -> None:
    noise = np.exp(cloud(500, 2, seed=2)) * [1, 0.001]
    rows = np.hstack((cloud(500, 2) * [5, 0.01] + [100, 1], noise))
    rows[::7, 1] = np.nan
    z = Standard.of(rows).apply(rows)
    assert np.abs(z.mean(axis=0)).max() < 0.1
    assert z.std(axis=0) == pytest.approx([1, 1, 1, 1], abs=0.1)
    assert (z[::7, 1] == 0).all()


def test_a_stuck_signal_is_as_far_off_as_one_that_shakes() -> None:
    rows = np.hstack((cloud(500, 1), np.exp(0.1 * cloud(500, 1, seed=2))))
    standard = Standard.of(rows)
    stuck, shaking = standard.apply(np.array([0.0, 0.0])), standard.apply(np.array([0.0, 20.0]))
    assert stuck[1] < -10
    assert shaking[1] > 10


def test_any_change_of_a_signal_that_never_changed_shows() -> None:
    rows = np.hstack((np.full((100, 1), 230.0), np.zeros((100, 1))))
    z = Standard.of(rows).apply(np.array([230.1, 0.05]))
    assert (np.abs(z) > 10).all()
    assert np.abs(Standard.of(rows).apply(rows)).max() < 1e-9


@pytest.mark.parametrize(
    ("mean", "scale", "floor", "sentence"),
    [
        (np.zeros(2), np.ones(2), np.ones(2), "a number for every feature"),
        (np.zeros(2), np.ones(4), np.ones(1), "same length"),
        (np.full(2, np.nan), np.ones(2), np.ones(1), "finite"),
        (np.zeros(2), np.zeros(2), np.ones(1), "above 0"),
        (np.zeros(0), np.zeros(0), np.zeros(0), "a number for every feature"),
    ],
)
def test_a_standard_that_divides_by_nothing_is_refused(
    mean: NDArray[np.float64],
    scale: NDArray[np.float64],
    floor: NDArray[np.float64],
    sentence: str,
) -> None:
    with pytest.raises(ValueError, match=sentence):
        Standard(mean, scale, floor)
