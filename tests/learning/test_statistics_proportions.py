"""Shares and their intervals: the distributions beneath, plain shares, and shares of unequal draws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy import stats
from statistics_truth import by_chance

from learning.errors import TooFew
from learning.statistics import Interval, clopper_pearson, newcombe, share_of_all, share_of_drawn, wilson
from learning.statistics import distributions as law

COUNTS = [(0, 1), (0, 10), (3, 100), (10, 10), (61, 70), (300, 10_000), (99_999, 100_000)]


@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
@pytest.mark.parametrize("counts", COUNTS)
@pytest.mark.parametrize(("interval", "method"), [(wilson, "wilson"), (clopper_pearson, "exact")])
def test_the_intervals_of_a_share_are_those_of_scipy(interval, method, counts: tuple[int, int], level: float) -> None:
    found = interval(*counts, level=level)
    known = stats.binomtest(*counts).proportion_ci(level, method)
    assert (found.low, found.high) == pytest.approx((known.low, known.high), abs=1e-9)
    assert found.estimate == counts[0] / counts[1] and found.level == level


@given(trials=some.integers(1, 10_000), share=some.floats(0, 1), level=some.floats(0.5, 0.999))
def test_a_share_lies_within_its_own_bounds_and_these_between_0_and_1(trials: int, share: float, level: float) -> None:
    for interval in (wilson, clopper_pearson):
        found = interval(round(share * trials), trials, level=level)
        assert 0 <= found.low <= found.estimate <= found.high <= 1


def test_the_exact_interval_holds_the_truth_at_least_as_often_as_it_says_and_wilsons_about_so() -> None:
    # Over all counts, weighed by how likely they are: no simulation, so no tolerance. Wilson's dips below its level for
    # single shares, by known theory (Brown, Cai and DasGupta 2001), and is near it on average.
    counts, truths = np.arange(51), np.linspace(0.02, 0.98, 49)
    likely = stats.binom.pmf(counts, 50, truths[:, None])

    def coverage(interval) -> np.ndarray:
        bounds = [interval(k, 50) for k in counts]
        held = np.array([[bound.holds(truth) for bound in bounds] for truth in truths])
        return (likely * held).sum(axis=1)

    assert coverage(clopper_pearson).min() >= 0.95
    assert coverage(wilson).mean() == pytest.approx(0.95, abs=0.01) and coverage(wilson).min() > 0.88


def test_the_difference_of_two_shares_is_that_of_newcombes_paper() -> None:
    # Newcombe (1998), table II, contrast (a): 56 of 70 against 48 of 80, method 10.
    found = newcombe(wilson(48, 80), wilson(56, 70))
    assert (found.estimate, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)
    nothing = newcombe(wilson(0, 10), wilson(0, 20))  # contrast (g), the other way round
    assert (nothing.low, nothing.high) == pytest.approx((-0.2775, 0.1611), abs=5e-5)


def test_what_cannot_be_a_share_is_refused_in_clear_words() -> None:
    with pytest.raises(TooFew, match="no cases"):
        wilson(0, 0)
    with pytest.raises(ValueError, match="11 of 10"):
        clopper_pearson(11, 10)
    with pytest.raises(ValueError, match="level"):
        wilson(1, 2, level=95)
    with pytest.raises(ValueError, match="same level"):
        newcombe(wilson(1, 2), wilson(1, 2, level=0.9))


def test_an_interval_of_a_share_turns_into_that_of_its_opposite() -> None:
    assert Interval(0.25, 0.125, 0.5).flipped() == Interval(0.75, 0.5, 0.875)


@given(some.floats(0.01, 5_000), some.floats(0.0001, 0.9999))
def test_the_gamma_law_is_that_of_scipy(shape: float, share: float) -> None:
    value = stats.gamma.ppf(share, shape)
    assert law.gamma_cdf(value, shape) == pytest.approx(stats.gamma.cdf(value, shape), abs=1e-9)
    assert law.gamma_quantile(share, shape) == pytest.approx(value, rel=1e-7, abs=1e-12)


@given(some.floats(0.2, 5_000), some.floats(0.2, 5_000), some.floats(0.0001, 0.9999))
def test_the_beta_law_is_that_of_scipy(a: float, b: float, share: float) -> None:
    value = stats.beta.ppf(share, a, b)
    assert law.beta_cdf(value, a, b) == pytest.approx(stats.beta.cdf(value, a, b), abs=1e-9)


def test_the_tails_and_quantiles_are_those_of_scipy() -> None:
    assert law.chi_square_tail(18.3, 10) == pytest.approx(stats.chi2.sf(18.3, 10))
    assert law.normal_cdf(-1.3) == pytest.approx(stats.norm.cdf(-1.3))
    assert law.two_sided(-2.5) == pytest.approx(2 * stats.norm.sf(2.5))
    for degrees in (1, 3.7, 40, 5_000):
        assert law.student_quantile(0.975, degrees) == pytest.approx(stats.t.ppf(0.975, degrees))
    for successes in (0, 3, 20, 21):
        assert law.binomial_tail(successes, 20, 0.3) == pytest.approx(stats.binom.sf(successes - 1, 20, 0.3))
        assert law.binomial_chance(successes, 20, 0.3) == pytest.approx(stats.binom.pmf(successes, 20, 0.3))


def test_equal_draws_are_plain_counts() -> None:
    found = share_of_all([1, 0, 1, 0], [0.1] * 4, 40)
    poisson = stats.chi2.ppf([0.025, 0.975], [2 * 2, 2 * 3]) / 2 * 10 / 40  # Garwood's exact limits of a count of 2
    assert found.estimate == pytest.approx(0.5)
    assert (found.low, found.high) == pytest.approx((poisson[0], 1.0))
    plain = share_of_drawn([1, 0, 1, 0], [0.1] * 4)
    exact = stats.binomtest(2, 4).proportion_ci()
    assert (plain.estimate, plain.low, plain.high) == pytest.approx((0.5, exact.low, exact.high))


def test_a_drawn_case_stands_for_one_over_its_chance() -> None:
    assert share_of_all([1, 0, 1], [0.5, 0.2, 0.1], 100).estimate == pytest.approx((2 + 10) / 100)
    assert share_of_drawn([1, 0, 1], [0.5, 0.2, 0.1]).estimate == pytest.approx(12 / 17)


def test_finding_nothing_still_leaves_room_for_what_the_least_likely_draw_would_have_shown() -> None:
    nothing = share_of_all([0] * 50, [0.2] * 50, 250, least_chance=0.05)
    assert nothing.low == nothing.estimate == 0
    assert nothing.high == pytest.approx(stats.chi2.ppf(0.975, 2) / 2 * 20 / 250)


@pytest.mark.parametrize("mistakes", ["where doubted", "anywhere", "where trusted"])
def test_the_share_of_wrong_answers_found_by_audits_holds_the_truth(mistakes: str) -> None:
    generator, runs, questions, least = np.random.default_rng(11), 300, 3_000, 0.01
    held = {"all": 0, "voted": 0}
    for _ in range(runs):
        doubt = generator.beta(0.12, 3.88, questions)
        chances = np.clip(0.05 * doubt / doubt.mean(), least, 1)
        trusted = chances <= np.quantile(chances, 0.6)
        rates = {"where doubted": doubt, "anywhere": 0.03, "where trusted": np.where(trusted, 0.05, 0.0)}
        wrong = generator.random(questions) < rates[mistakes]
        voted = generator.random(questions) < np.where(trusted, 0.2, 0.4)
        drawn = generator.random(questions) < chances
        found = share_of_all(wrong[drawn], chances[drawn], questions, least_chance=least)
        held["all"] += found.holds(wrong.mean())
        audited = drawn & wrong
        # Where no wrong answer was drawn nothing is claimed of them, which is not wrong.
        held["voted"] += not audited.any() or share_of_drawn(voted[audited], chances[audited]).holds(
            voted[wrong].mean()
        )
    # Both promise at least their level, so only too few count.
    assert min(held.values()) / runs >= 0.95 - by_chance(0.95, runs)


def test_draws_that_cannot_have_been_are_refused() -> None:
    with pytest.raises(TooFew):
        share_of_all([], [], 10)
    with pytest.raises(ValueError, match="chance is 0"):
        share_of_drawn([1], [0.0])
    with pytest.raises(ValueError, match="population of 1"):
        share_of_all([1, 0], [0.5, 0.5], 1)
    with pytest.raises(ValueError, match="least chance"):
        share_of_all([1, 0], [0.5, 0.1], 10, least_chance=0.3)
