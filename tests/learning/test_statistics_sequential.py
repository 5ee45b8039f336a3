"""Looking after every case does not lie: no false alarm more often than promised, and real differences are found."""

import numpy as np
import pytest
from scipy import integrate, stats

from learning.errors import TooFew
from learning.statistics import sequential

#: At most this many of `RUNS` may raise a false alarm: the promise itself, without allowance for chance.
RUNS, PROMISED = 200, 10


@pytest.mark.parametrize("mean", [0.03, 0.5, 0.9])
def test_a_true_mean_is_believed_at_every_look(mean: float) -> None:
    generator = np.random.default_rng(41)
    alarms = sum(sequential.excluded_at(generator.random(3_000) < mean, mean) is not None for _ in range(RUNS))
    assert alarms <= PROMISED


def test_a_plain_interval_looked_at_as_often_would_lie() -> None:
    generator = np.random.default_rng(41)
    alarms = 0
    for _ in range(RUNS):
        seen, counts = np.cumsum(generator.random(3_000) < 0.5)[20:], np.arange(1, 3_001)[20:]
        alarms += (np.abs(seen / counts - 0.5) > 1.96 * 0.5 / np.sqrt(counts)).any()
    assert alarms / RUNS > 0.4


@pytest.mark.parametrize(("mean", "share"), [(0.03, 0.5), (0.7, 0.5), (0.7, 0.2)])
def test_two_equal_arms_are_not_told_apart_at_any_look(mean: float, share: float) -> None:
    generator = np.random.default_rng(42)
    alarms = 0
    for _ in range(RUNS):
        # A third of the conversations hold two answers, so that values lie between 0 and 1 as well.
        answers = generator.random((3_000, 2)) < mean
        values = np.where(generator.random(3_000) < 1 / 3, answers.mean(axis=1), answers[:, 0])
        alarms += sequential.separated_at(values, generator.random(3_000) < share) is not None
    assert alarms <= PROMISED


def test_a_real_difference_is_found_in_time() -> None:
    generator = np.random.default_rng(43)
    found = []
    for _ in range(60):
        second = generator.random(6_000) < 0.5
        found.append(sequential.separated_at(generator.random(6_000) < np.where(second, 0.75, 0.65), second))
    # One look at the end needs 650 of both arms for such a difference (power .8): looking always costs about 2.5 times.
    assert all(at is not None for at in found) and np.median(np.array(found, dtype=float)) < 2_200


def test_the_capital_is_the_integral_over_all_alternatives() -> None:
    values = [1, 0, 1, 1, 0.5]
    total, count = sum(values), len(values)

    def capital(mean: float) -> float:
        def likelihood(share: float) -> float:
            return share**total * (1 - share) ** (count - total)

        prior = stats.beta(0.5, 0.5).pdf
        won, _ = integrate.quad(lambda share: prior(share) * likelihood(share), 0, 1)
        return won / likelihood(mean)

    found = sequential.mean_so_far(values, level=0.5)
    assert (capital(found.low), capital(found.high)) == pytest.approx((2, 2), rel=1e-4)


def test_the_interval_of_now_says_what_the_looks_say() -> None:
    generator = np.random.default_rng(44)
    values, second = generator.random(900), generator.random(900) < 0.4
    values = (values < np.where(second, 0.8, 0.5)).astype(float)
    at = sequential.separated_at(values, second)
    assert at is not None and 20 < at < 900
    for looks, apart in ((at - 1, False), (at, True)):
        seen, arm = values[:looks], second[:looks]
        found = sequential.difference_so_far(seen[~arm], seen[arm])
        assert found.holds(0) is not apart
    at = sequential.excluded_at(values, 0.5)
    assert at is not None
    assert sequential.mean_so_far(values[: at - 1]).holds(0.5) and not sequential.mean_so_far(values[:at]).holds(0.5)


def test_the_bounds_of_a_difference_leave_out_what_no_pair_of_means_explains() -> None:
    # By brute force over a grid of pairs of means.
    first, second = [0] * 30 + [1] * 10, [1] * 18 + [0] * 7
    found = sequential.difference_so_far(first, second)
    means = np.linspace(0.001, 0.999, 999)

    def capital(ones: int, zeros: int) -> np.ndarray:
        return stats.betabinom.logpmf(ones, ones + zeros, 0.5, 0.5) - stats.binom.logpmf(ones, ones + zeros, means)

    believed = capital(10, 30)[:, None] + capital(18, 7)[None, :] < -np.log(0.05)
    differences = (means[None, :] - means[:, None])[believed]
    assert (found.low, found.high) == pytest.approx((differences.min(), differences.max()), abs=0.003)
    assert found.estimate == pytest.approx(18 / 25 - 10 / 40)


def test_little_data_say_little_and_the_ends_are_reached() -> None:
    assert sequential.mean_so_far([0]).high > 0.97
    assert sequential.mean_so_far([1] * 5).high == 1.0
    assert sequential.difference_so_far([0], [1]).low < -0.5
    same = sequential.difference_so_far([1] * 300, [1] * 300)
    assert same.estimate == 0 and -0.1 < same.low < 0 < same.high < 0.1
    opposite = sequential.difference_so_far([0] * 50, [1] * 50)
    assert opposite.high == 1 and opposite.low > 0.6


def test_what_lies_outside_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        sequential.mean_so_far([2])
    with pytest.raises(TooFew, match="second arm"):
        sequential.difference_so_far([1], [])
    with pytest.raises(ValueError, match="between 0 and 1"):
        sequential.excluded_at([1], 1.0)
