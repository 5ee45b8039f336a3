"""The same cases done in two ways: only those that came out differently count."""

import numpy as np
import pytest
from scipy import stats
from statistics_truth import by_chance

from learning.errors import TooFew
from learning.statistics import mcnemar


def _pairs(both: int, gained: int, lost: int, neither: int) -> tuple[list[int], list[int]]:
    counts = (both, gained, lost, neither)
    first = np.repeat([1, 0, 1, 0], counts)
    second = np.repeat([1, 1, 0, 0], counts)
    return first.tolist(), second.tolist()


def test_the_exact_test_is_the_binomial_one_and_mid_p_takes_half_of_what_was_seen() -> None:
    for gained, lost in [(9, 1), (1, 9), (7, 3), (4, 4), (40, 22)]:
        found = mcnemar(*_pairs(50, gained, lost, 20))
        exact = stats.binomtest(gained, gained + lost).pvalue
        assert (found.gained, found.lost, found.pairs) == (gained, lost, 70 + gained + lost)
        assert found.exact_p == pytest.approx(exact)
        seen = stats.binom.pmf(gained, gained + lost, 0.5)
        assert found.mid_p == pytest.approx(1.0 if gained == lost else exact - seen)


def test_published_examples_come_out_as_published() -> None:
    # Fagerland, Lydersen and Laake (2013), airway responsiveness before and after a transplantation: 1, 1, 7 and 12.
    found = mcnemar(*_pairs(1, 1, 7, 12))
    assert found.exact_p == pytest.approx(0.0703, abs=5e-5)
    assert found.mid_p == pytest.approx(0.0391, abs=5e-5)
    # Fagerland, Lydersen and Laake (2017), chapter 8, response before and after a therapy, Newcombe's interval.
    responses = mcnemar(*_pairs(59, 16, 6, 80)).difference
    assert responses.estimate == pytest.approx(10 / 161)
    assert (responses.low, responses.high) == pytest.approx((0.0046, 0.1186), abs=5e-5)


def test_no_difference_at_all_is_no_evidence() -> None:
    found = mcnemar([1, 0, 1], [1, 0, 1])
    assert (found.exact_p, found.mid_p, found.difference.estimate) == (1, 1, 0)
    assert found.difference.low < 0 < found.difference.high
    with pytest.raises(TooFew):
        mcnemar([], [])
    with pytest.raises(ValueError, match="differ in length"):
        mcnemar([1], [1, 0])


def test_two_equal_ways_are_seldom_told_apart_and_the_interval_holds_the_difference() -> None:
    generator, runs, pairs = np.random.default_rng(31), 500, 80
    exact = mid = held = 0
    for _ in range(runs):
        hard = generator.random(pairs)
        first, second = (generator.random(pairs) < 0.3 + 0.5 * hard for _ in range(2))
        found = mcnemar(first, second)
        exact += found.exact_p < 0.05
        mid += found.mid_p < 0.05
        held += found.difference.holds(0)
    assert exact <= mid and mid / runs <= 0.05 + by_chance(0.05, runs)
    assert mid / runs >= 0.05 - by_chance(0.05, runs)
    assert held / runs == pytest.approx(0.95, abs=by_chance(0.95, runs))
