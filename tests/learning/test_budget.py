"""The promised wrong rate, over streams that shift, with people who say little or lie."""

from collections.abc import Callable

import numpy as np
import pytest

from learning import budget, reporting
from learning.budget import Thresholds
from learning.reporting import Seen, Share

Numbers = np.ndarray
#: Draws confidences for a number of questions; whether an answer is right is drawn from them.
Stream = Callable[[np.random.Generator, int], Numbers]


def steady(chance: np.random.Generator, count: int) -> Numbers:
    return chance.beta(3, 1, count)


def topics_that_appear_later(chance: np.random.Generator, count: int) -> Numbers:
    unknown = np.arange(count) > count // 2
    return np.where(unknown & (chance.uniform(size=count) < 0.4), chance.beta(1, 3, count), chance.beta(4, 1, count))


def a_wave_of_one_topic(chance: np.random.Generator, count: int) -> Numbers:
    wave = (np.arange(count) > count // 3) & (np.arange(count) < count // 3 + 500)
    return np.where(wave, 0.93, chance.beta(3, 1, count))


def a_burst_out_of_scope(chance: np.random.Generator, count: int) -> Numbers:
    burst = (np.arange(count) > count // 2) & (np.arange(count) < count // 2 + 600)
    return np.where(burst, chance.beta(1, 6, count), chance.beta(4, 1, count))


def live(stream: Stream, max_wrong: float, seed: int, count: int = 6_000) -> tuple[Numbers, Numbers]:
    """Ask a stream, with thresholds chosen anew after every 25 questions; what was answered alone and was wrong."""
    chance = np.random.default_rng(seed)
    sure = stream(chance, count)
    right = chance.uniform(size=count) < sure
    answered = np.zeros(count, dtype=bool)
    now = budget.FIRST
    for number in range(count):
        if number and number % 25 == 0:
            past = sure[:number]
            now = budget.choose(past, np.sqrt(past), max_wrong=max_wrong, asked=number, wrong_clicks=0.1)
        answered[number] = sure[number] >= now.answer
    return answered, answered & ~right


@pytest.mark.parametrize("stream", [steady, topics_that_appear_later, a_wave_of_one_topic, a_burst_out_of_scope])
@pytest.mark.parametrize("max_wrong", [0.02, 0.03, 0.1])
def test_the_budget_holds_in_every_period_of_a_shifting_stream(stream: Stream, max_wrong: float) -> None:
    beginnings = []
    for seed in range(3):
        answered, wrong = live(stream, max_wrong, seed)
        periods = [part.mean() for part in np.array_split(wrong, 3)]
        assert max(periods) <= max_wrong, (seed, periods)
        assert answered[3_000:].mean() > 0.1, "holding it by saying nothing is no art"
        beginnings.append(wrong[:500].mean())
    # Ten wrong answers of 500 are ten give or take three, so the beginnings are looked at together.
    assert np.mean(beginnings) <= max_wrong


def test_a_larger_budget_never_answers_less() -> None:
    sure = steady(np.random.default_rng(0), 800)
    found = [budget.choose(sure, sure, max_wrong=one, asked=5_000, wrong_clicks=0.1) for one in (0.01, 0.02, 0.05, 0.2)]
    assert [one.answer for one in found] == sorted((one.answer for one in found), reverse=True)
    assert found[0].answer > found[-1].answer


def test_clicks_on_wrong_questions_are_part_of_the_budget() -> None:
    chance = np.random.default_rng(1)
    sure = chance.uniform(0.2, 0.8, 800)
    three = np.clip(sure + 0.1, 0, 1)
    careful, careless = (
        budget.choose(sure, three, max_wrong=0.03, asked=5_000, wrong_clicks=share) for share in (0.02, 0.9)
    )
    cost = 0.9 * (1 - three[three >= careless.offer]).sum() / len(three)
    assert cost <= 0.03 and careless.offer > careful.offer


def test_with_nothing_asked_the_first_thresholds_hold() -> None:
    nothing = np.empty(0)
    assert budget.choose(nothing, nothing, max_wrong=0.03, asked=0, wrong_clicks=0.1) == budget.FIRST
    one = budget.choose(np.array([0.99]), np.array([0.99]), max_wrong=0.03, asked=1, wrong_clicks=0.1)
    assert one == Thresholds(budget.AT_FIRST, budget.OFFER)


def test_who_votes_everything_down_makes_the_bot_say_less_and_not_more() -> None:
    sure = steady(np.random.default_rng(2), 800)
    quiet = budget.choose(sure, sure, max_wrong=0.03, asked=5_000, wrong_clicks=0.1, level=1.0)
    level = reporting.estimate(Seen(5_000, 20.0, 800)).careful_level
    attacked = budget.choose(sure, sure, max_wrong=0.03, asked=5_000, wrong_clicks=0.1, level=level)
    assert attacked.answer > quiet.answer


def test_an_alarm_says_what_is_wrong_with_figures() -> None:
    counts = {"answered": 700, "told": 30}
    assert budget.alarm(Share(0.02, 0.01, 0.03), counts, max_wrong=0.03) == ""
    assert "5.0%" in budget.alarm(Share(0.05, 0.04, 0.06), counts, max_wrong=0.03)


@pytest.mark.parametrize(("told", "words"), [(0, "700 answers: none."), (4, "700 answers: 4."), (5, "")])
def test_an_alarm_says_that_too_few_say_anything_until_spot_checks_are_judged(told: int, words: str) -> None:
    found = budget.alarm(Share(0.02, 0.01, 0.03), {"answered": 700, "told": told}, max_wrong=0.03)
    assert words in found and bool(words) == bool(found)
    assert budget.alarm(Share(0.02, 0.01, 0.03), {"answered": 40, "told": told}, max_wrong=0.03) == ""


def test_the_interval_of_the_wrong_share_covers_it() -> None:
    """95 % intervals over simulated workspaces: nine in ten hold the truth at least (200 runs)."""
    covered = 0
    for seed in range(200):
        chance = np.random.default_rng(seed)
        sure = chance.beta(8, 0.3, 800)
        wrong = chance.uniform(size=800) >= sure
        found = budget.wrong_share(
            known_wrong=0, expected_wrong=float((1 - sure).sum()), asked=800, reported=Share(0.5, 0.4, 0.6)
        )
        covered += found.low <= wrong.mean() <= found.high
    assert covered >= 180


def test_the_first_questions_aim_low_enough_for_chance_and_never_at_nothing() -> None:
    for max_wrong in (0.02, 0.03, 0.1):
        # 2.6 standard deviations of a share over the first 500, where that leaves a third.
        aim = max(max_wrong - 2.6 * np.sqrt(max_wrong / 500), max_wrong / 3)
        assert budget.aimed_at(max_wrong, 0) == pytest.approx(aim)
        aims = [budget.aimed_at(max_wrong, asked) for asked in (0, 500, 1_000, 3_000)]
        assert aims == sorted(set(aims)) and aims[-1] == budget.aimed_at(max_wrong, 30_000) < max_wrong
    assert budget.aimed_at(0.001, 0) > 0
