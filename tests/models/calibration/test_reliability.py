import numpy as np
import pytest

from models.calibration.reliability import expected_calibration_error, reliability


def test_the_error_is_the_mean_gap_of_the_bins_by_their_frames() -> None:
    confidence = np.array([0.95, 0.95, 0.95, 0.95, 0.55])
    correct = np.array([True, True, True, False, True])
    by_hand = 4 / 5 * (0.95 - 0.75) + 1 / 5 * (1 - 0.55)
    assert expected_calibration_error(confidence, correct) == pytest.approx(by_hand)


def test_being_sure_and_right_has_no_error() -> None:
    assert expected_calibration_error(np.ones(3), np.ones(3, bool)) == 0
    assert expected_calibration_error(np.zeros(3), np.zeros(3, bool)) == 0


def test_gaps_of_one_bin_cancel_and_those_of_two_do_not() -> None:
    confidence, correct = np.array([0.4, 0.6]), np.array([True, False])
    assert expected_calibration_error(confidence, correct, bins=1) == pytest.approx(0)
    assert expected_calibration_error(confidence, correct, bins=2) == pytest.approx(0.6)


def test_a_bin_holds_its_upper_edge_and_the_first_one_zero() -> None:
    rows = reliability(np.array([0.0, 0.5, 0.50001, 1.0]), np.ones(4, bool), bins=2)
    assert [row.count for row in rows] == [2, 2]
    assert (rows[0].low, rows[0].high, rows[1].high) == (0, 0.5, 1)
    assert rows[1].confidence == pytest.approx(0.750005)


def test_without_frames_there_is_no_error() -> None:
    assert expected_calibration_error(np.empty(0), np.empty(0, bool)) == 0
    assert all(row.count == 0 for row in reliability(np.empty(0), np.empty(0, bool)))
