"""Probabilities that keep their promise pass every test; those that promise too much are caught."""

import numpy as np
import pytest
from scipy import stats
from statistics_truth import by_chance

from learning.errors import TooFew
from learning.statistics import (
    brier_score,
    expected_calibration_error,
    hosmer_lemeshow,
    in_the_large,
    reliability,
    spiegelhalter,
)

RUNS, CASES = 1_000, 400


def _predictor(generator: np.random.Generator, boldness: float) -> tuple[np.ndarray, np.ndarray]:
    """Promises and outcomes; a boldness of 1 is calibrated, more stretches the promises towards 0 and 1."""
    logits = generator.normal(1.5, 2, CASES)
    right = generator.random(CASES) < 1 / (1 + np.exp(-logits))
    return 1 / (1 + np.exp(-boldness * logits)), right


def _alarms(boldness: float) -> dict[str, float]:
    """The share of predictors that each test turns down at 5 %."""
    generator = np.random.default_rng(7)
    seen = {"large": 0, "one-sided": 0, "spiegelhalter": 0, "hosmer": 0}
    for _ in range(RUNS):
        promised, right = _predictor(generator, boldness)
        seen["large"] += in_the_large(promised, right).p_value < 0.05
        seen["one-sided"] += in_the_large(promised, right, overconfident_only=True).p_value < 0.05
        seen["spiegelhalter"] += spiegelhalter(promised, right).p_value < 0.05
        seen["hosmer"] += hosmer_lemeshow(promised, right).p_value < 0.05
    return {name: count / RUNS for name, count in seen.items()}


def test_a_calibrated_predictor_passes() -> None:
    for name, share in _alarms(1.0).items():
        assert share == pytest.approx(0.05, abs=by_chance(0.05, RUNS)), name


def test_an_overconfident_predictor_is_caught() -> None:
    # Stretched by 1.6: promises .92 where .82 is kept. The mean promise alone moves less, so its tests see it less.
    caught = _alarms(1.6)
    assert caught["spiegelhalter"] > 0.98 and caught["hosmer"] > 0.9
    assert caught["one-sided"] > caught["large"] > 0.4


def test_promises_that_were_fitted_on_these_cases_have_two_degrees_fewer() -> None:
    # A logistic fit by Newton's steps; with all ten degrees of freedom the test would alarm too seldom.
    generator, runs, alarms, lenient = np.random.default_rng(3), 500, 0, 0
    for _ in range(runs):
        x = generator.normal(0, 1.5, CASES)
        right = generator.random(CASES) < 1 / (1 + np.exp(-0.3 - x))
        design, weights = np.column_stack([np.ones(CASES), x]), np.zeros(2)
        for _ in range(8):
            fitted = 1 / (1 + np.exp(-design @ weights))
            curvature = design.T @ (design * (fitted * (1 - fitted))[:, None])
            weights += np.linalg.solve(curvature, design.T @ (right - fitted))
        alarms += hosmer_lemeshow(fitted, right, fitted_here=True).p_value < 0.05
        lenient += hosmer_lemeshow(fitted, right).p_value < 0.05
    assert alarms / runs == pytest.approx(0.05, abs=by_chance(0.05, runs))
    assert lenient / runs < 0.04


def test_the_numbers_of_the_tests_are_those_of_their_formulas() -> None:
    promised, right = np.array([0.9, 0.8, 0.6, 0.3]), np.array([1, 0, 1, 1])
    # By hand: the sum of (y-p)(1-2p) is 0.6, and of (1-2p)^2 p(1-p) is 0.1584.
    found = spiegelhalter(promised, right)
    assert found.statistic == pytest.approx(0.6 / np.sqrt(0.1584))
    assert found.p_value == pytest.approx(2 * stats.norm.sf(found.statistic))
    large = in_the_large(promised, right, overconfident_only=True)
    assert large.statistic == pytest.approx(0.4 / np.sqrt(0.09 + 0.16 + 0.24 + 0.21))
    assert large.p_value == pytest.approx(stats.norm.cdf(large.statistic))
    assert brier_score(promised, right) == pytest.approx((0.01 + 0.64 + 0.16 + 0.49) / 4)


def test_bins_that_expect_too_little_are_joined() -> None:
    promised = np.repeat([0.02, 0.5, 0.99], 100)
    right = np.repeat([0, 1, 0, 1], [100, 50, 50, 100])
    found = hosmer_lemeshow(promised, right)
    # The lowest bin expects 2 and joins the middle one; the highest expects 1 wrong and joins as well: one bin is left.
    excess, variance = 150 - 151.0, 100 * (0.02 * 0.98 + 0.25 + 0.99 * 0.01)
    assert found.degrees == 1 and found.statistic == pytest.approx(excess**2 / variance)
    assert found.p_value == pytest.approx(stats.chi2.sf(found.statistic, 1))
    with pytest.raises(TooFew, match="either outcome"):
        hosmer_lemeshow([0.99] * 20, [1] * 20)
    with pytest.raises(TooFew, match="leave nothing open"):
        spiegelhalter([1.0, 0.0], [1, 0])


def test_bins_hold_equal_numbers_and_equal_promises_stay_together() -> None:
    promised = np.r_[np.linspace(0, 0.8, 60), np.full(40, 0.98)]
    bins = reliability(promised, np.ones(100), bins=10)
    assert sum(each.cases for each in bins) == 100
    assert bins[-1].cases == 40 and bins[-1].lowest == bins[-1].highest == 0.98
    assert {each.cases for each in bins[:-1]} == {10}
    assert [each.lowest for each in bins] == sorted(each.lowest for each in bins)
    assert bins[-1].kept.estimate == 1 and bins[-1].kept.low < 0.98


def test_the_calibration_error_is_the_mean_distance_and_says_what_chance_alone_gives() -> None:
    promised, right = [0.2] * 10 + [0.9] * 30, [1] * 4 + [0] * 6 + [1] * 24 + [0] * 6
    found = expected_calibration_error(promised, right, bins=2)
    assert found.error == pytest.approx(0.25 * 0.2 + 0.75 * 0.1)
    generator = np.random.default_rng(1)
    seen = [expected_calibration_error(*_predictor(generator, 1.0)) for _ in range(200)]
    errors, expected = [each.error for each in seen], [each.by_chance for each in seen]
    # The mean over 200 runs has a standard error of about .0006; the normal law behind `by_chance` is not exact.
    assert np.mean(errors) == pytest.approx(np.mean(expected), abs=0.003)


@pytest.mark.parametrize(
    ("promised", "right", "words"),
    [([0.5, 1.2], [1, 0], "between 0 and 1"), ([0.5], [2], "0 or 1"), ([0.5, 0.5], [1], "differ in length")],
)
def test_what_is_no_promise_or_no_outcome_is_refused(promised: list[float], right: list[int], words: str) -> None:
    for statistic in (reliability, expected_calibration_error, brier_score, spiegelhalter, in_the_large):
        with pytest.raises(ValueError, match=words):
            statistic(promised, right)


def test_no_cases_are_too_few() -> None:
    with pytest.raises(TooFew, match="no promised probabilities"):
        brier_score([], [])
    with pytest.raises(ValueError, match="finite"):
        brier_score([float("nan")], [1])
