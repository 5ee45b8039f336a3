"""Answers of one conversation hang together, and intervals that respect it hold the truth."""

import numpy as np
import pytest
from scipy import stats
from statistics_truth import by_chance

from learning.errors import TooFew
from learning.statistics import clustered, newcombe, wilson
from learning.statistics.clustered import Sample

RUNS, RESAMPLES = 300, 300
Generator = np.random.Generator


def _conversations(generator: Generator, count: int, mean: float, alike: float, name: str = "") -> Sample:
    """Zeros and ones of conversations of about five answers, whose rates differ by a correlation of `alike`."""
    sizes = 1 + generator.geometric(0.25, count)
    rates = generator.beta(mean * (1 - alike) / alike, (1 - mean) * (1 - alike) / alike, count)
    labels = np.repeat(np.arange(count), sizes)
    values = generator.random(len(labels)) < rates[labels]
    return Sample.of(values, [f"{name}{label}" for label in labels])


@pytest.mark.parametrize(
    ("count", "mean", "alike"), [(20, 0.3, 0.5), (60, 0.8, 0.5), (200, 0.5, 0.3), (100, 0.03, 0.3), (250, 0.03, 0.05)]
)
def test_the_interval_of_a_rate_holds_the_truth_where_that_of_rows_does_not(
    count: int, mean: float, alike: float
) -> None:
    generator = np.random.default_rng(21)
    held = rows = 0
    for _ in range(RUNS):
        sample = _conversations(generator, count, mean, alike)
        held += clustered.rate(sample, resamples=RESAMPLES).holds(mean)
        rows += wilson(sample.values.sum(), len(sample.values)).holds(mean)
    # Twenty conversations, or three in a hundred that went wrong, are little to draw from: a point may be missing.
    assert held / RUNS == pytest.approx(0.95, abs=by_chance(0.95, RUNS) + 0.01)
    assert alike < 0.3 or rows / RUNS < 0.85


def test_the_interval_of_a_mean_of_skewed_numbers_holds_the_truth() -> None:
    generator, runs = np.random.default_rng(22), RUNS
    held = 0
    for _ in range(runs):
        labels = np.repeat(np.arange(150), 1 + generator.poisson(2, 150))
        values = np.exp(generator.normal(0, 0.5, 150)[labels] + generator.normal(0, 0.5, len(labels)))
        held += clustered.mean(Sample.of(values, labels.tolist()), resamples=RESAMPLES).holds(np.exp(0.25))
    assert held / runs == pytest.approx(0.95, abs=by_chance(0.95, runs) + 0.01)


@pytest.mark.parametrize("shared", [False, True])
def test_the_interval_of_a_difference_of_rates_holds_the_truth(shared: bool) -> None:
    generator = np.random.default_rng(23)
    found = []
    for _ in range(RUNS):
        if shared:  # the same conversations went on under the second version
            both = _conversations(generator, 120, 0.7, 0.5)
            later = generator.random(len(both.values)) < 0.5
            first, second = (
                Sample.of(both.values[side], np.array(both.clusters)[side].tolist()) for side in (~later, later)
            )
        else:
            first = _conversations(generator, 60, 0.75, 0.4, "a")
            second = _conversations(generator, 90, 0.65, 0.4, "b")
        found.append(clustered.difference_of_rates(first, second, resamples=RESAMPLES))
    truth = 0.0 if shared else -0.1
    held = np.mean([each.holds(truth) for each in found])
    assert held == pytest.approx(0.95, abs=by_chance(0.95, RUNS) + 0.01)
    assert np.mean([each.estimate for each in found]) == pytest.approx(truth, abs=0.02)


def test_conversations_that_both_sides_share_are_drawn_for_both_at_once() -> None:
    generator = np.random.default_rng(24)
    labels = np.repeat(np.arange(80), 4)
    level = generator.normal(0, 5, 80)[labels]
    before, after = level + generator.normal(0, 1, 320), level + 0.3 + generator.normal(0, 1, 320)
    together = clustered.difference_of_means(Sample.of(before, labels.tolist()), Sample.of(after, labels.tolist()))
    apart = clustered.difference_of_means(Sample.of(before, labels.tolist()), Sample.of(after, (labels + 80).tolist()))
    assert together.low > 0 and together.high - together.low < (apart.high - apart.low) / 4


@pytest.mark.parametrize("share", [0.5, 0.95])
def test_the_interval_of_a_quantile_holds_the_truth(share: float) -> None:
    generator, runs = np.random.default_rng(25), 100
    truth, held, differ = np.exp(stats.norm.ppf(share) * np.sqrt(0.5)), 0, 0
    for _ in range(runs):
        samples = []
        for name in "ab":
            labels = np.repeat(np.arange(100), 3)
            values = np.exp(generator.normal(0, 0.5, 100)[labels] + generator.normal(0, 0.5, 300))
            samples.append(Sample.of(values, [f"{name}{label}" for label in labels]))
        held += clustered.quantile(samples[0], share, resamples=RESAMPLES).holds(truth)
        differ += clustered.difference_of_quantiles(*samples, share, resamples=RESAMPLES).holds(0)
    for seen in (held, differ):
        assert seen / runs == pytest.approx(0.95, abs=by_chance(0.95, runs) + 0.01)


def test_independent_values_give_about_what_scipys_bootstrap_gives() -> None:
    values = np.random.default_rng(26).exponential(1, 400)
    found = clustered.mean(Sample.of(values))
    known = stats.bootstrap((values,), np.mean, method="BCa", n_resamples=5_000, rng=1).confidence_interval
    # Bounds move by a few hundredths of the width with the seed; Student's quantile widens by less than one hundredth.
    width = known.high - known.low
    assert (found.low, found.high) == pytest.approx((known.low, known.high), abs=0.06 * width)
    assert found.estimate == values.mean()


def test_quantiles_are_those_of_the_values() -> None:
    sample = Sample.of([5, 1, 4, 2, 3], "abcde")
    assert [clustered.quantile(sample, share).estimate for share in (0, 0.5, 0.95, 1)] == [1, 3, 5, 5]
    assert clustered.difference_of_quantiles(sample, Sample.of([9, 9], "xy"), 0.5).estimate == 6


def test_the_same_data_give_the_same_interval() -> None:
    sample = _conversations(np.random.default_rng(27), 50, 0.5, 0.5)
    assert clustered.rate(sample) == clustered.rate(sample)
    assert clustered.rate(sample, seed=1) != clustered.rate(sample)


def test_where_nothing_ever_happened_each_conversation_is_one_case() -> None:
    never = Sample.of([0] * 30, [label for label in range(10) for _ in range(3)])
    assert clustered.rate(never) == wilson(0, 10)
    always = Sample.of([1] * 4, "wxyz")
    assert clustered.difference_of_rates(never, always) == newcombe(wilson(0, 10), wilson(4, 4))
    assert clustered.rate(Sample.of([1, 0], "aa")) == wilson(0.5, 1)


def test_cases_that_stand_alone_are_plain_shares() -> None:
    assert clustered.rate(Sample.of([1, 0, 0])) == wilson(1, 3)


def test_too_little_and_wrong_kinds_are_refused() -> None:
    with pytest.raises(TooFew, match="two conversations"):
        clustered.mean(Sample.of([1, 2], "aa"))
    with pytest.raises(TooFew, match="two conversations"):
        clustered.difference_of_means(Sample.of([1, 2], "ab"), Sample.of([1, 2], "cc"))
    with pytest.raises(TooFew, match="no values"):
        Sample.of([], [])
    with pytest.raises(ValueError, match="0 or 1"):
        clustered.rate(Sample.of([0.5, 1]))
    with pytest.raises(ValueError, match="differ in length"):
        Sample.of([1, 2], ["a"])
