"""How much people report and how often answers are wrong, against simulated people."""

from dataclasses import replace

import numpy as np
import pytest

from learning.reporting import LEAST_LEVEL, MOST_LEVEL, VOTED_DOWN, Seen, estimate

#: Long after the beginning.
LATER = 5_000


def lived(chance: np.random.Generator, true_level: float, votes: float, *, answers: int, checks: float) -> Seen:
    """What people show of answers whose confidences are too high by a factor; unsure ones are checked more often."""
    doubt = chance.beta(0.6, 20, answers)
    wrong = chance.uniform(size=answers) < true_level * doubt
    down = wrong & (chance.uniform(size=answers) < votes)
    checked = chance.uniform(size=answers) < checks * doubt / doubt.mean()
    found = checked & wrong
    return Seen(
        LATER,
        doubt=float(doubt[~checked].sum()),
        voted_down=int((down & ~checked).sum()),
        checked_doubt=float(doubt[checked].sum()),
        checked_wrong=int(found.sum()),
        found_wrong=int(found.sum()),
        of_them_voted_down=int((found & down).sum()),
    )


def checked(found_wrong: int, of_them_voted_down: int) -> Seen:
    """Spot checks that found so many wrong, of which so many had been voted down."""
    return Seen(LATER, found_wrong=found_wrong, of_them_voted_down=of_them_voted_down)


def test_spot_checks_tell_how_many_wrong_answers_are_reported() -> None:
    assert estimate(Seen()).voted_down.value == pytest.approx(VOTED_DOWN, abs=0.01)
    some, many = (estimate(one).voted_down for one in (checked(40, 20), checked(400, 200)))
    assert some.low < 0.5 < some.high and many.high - many.low < some.high - some.low
    assert abs(many.value - 0.5) < 0.02


def test_votes_tell_how_many_wrong_answers_are_reported_before_spot_checks_do() -> None:
    """In 200 simulated workspaces each; 95 % intervals hold the truth in nine of ten at least."""
    chance = np.random.default_rng(1)
    for votes in (0.0, 0.05, 0.25, 0.5):
        found = [estimate(lived(chance, 1.0, votes, answers=3_000, checks=0.06)).voted_down for _ in range(200)]
        assert abs(np.mean([one.value for one in found]) - votes) < 0.06
        # A share of nothing lies at the very end of what is possible, where an interval cannot reach beyond it.
        assert sum(one.low <= max(votes, 0.002) <= one.high for one in found) >= 180
    assert estimate(Seen(LATER, doubt=60.0)).voted_down.high < 0.15, "nobody votes"


@pytest.mark.parametrize("votes", [0.25, 0.5])
def test_the_level_is_found_without_being_told_how_often_people_vote(votes: float) -> None:
    """Over 200 simulated workspaces: right where the truth is what is assumed, and moved towards it elsewhere."""
    chance = np.random.default_rng(0)
    found = {
        true: [estimate(lived(chance, true, votes, answers=1_500, checks=0.06)).level for _ in range(200)]
        for true in (0.75, 1.0, 1.6)
    }
    middles = {true: float(np.mean(some)) for true, some in found.items()}
    assert abs(middles[1.0] - 1.0) < 0.06
    assert middles[0.75] < middles[1.0] - 0.06 and middles[1.6] > 1.2
    assert max(float(np.std(some)) for some in found.values()) < 0.25


@pytest.mark.parametrize("votes", [0.0, 0.25, 0.5])
@pytest.mark.parametrize(("asked", "middle"), [(300, 1.64), (LATER, 1.0)])
def test_the_careful_level_is_seldom_too_low(votes: float, asked: int, middle: float) -> None:
    """Where the truth is spread as assumed, three of four careful levels are above it, whether people vote or not."""
    chance = np.random.default_rng(2)
    truths = middle * np.exp(chance.normal(0.0, 0.35, 400))
    seen = [replace(lived(chance, true, votes, answers=asked // 3, checks=0.1), asked=asked) for true in truths]
    found = [estimate(one) for one in seen]
    assert all(one.careful_level >= one.level for one in found)
    assert 0.7 < np.mean([one.careful_level >= true for one, true in zip(found, truths, strict=True)]) < 0.9


def test_caution_fades_as_people_show_more() -> None:
    few, many = (estimate(Seen(LATER, checked_doubt=part * 40.0, checked_wrong=part * 40)) for part in (0, 5))
    assert few.careful_level - few.level > 2 * (many.careful_level - many.level) > 0


def test_a_new_workspace_is_trusted_less() -> None:
    levels = [estimate(Seen(asked)) for asked in (0, 500, 1_000, 1_500, 10_000)]
    for some in ([one.level for one in levels], [one.careful_level for one in levels]):
        assert some == sorted(some, reverse=True)
    assert levels[0].careful_level > 1.7 and levels[-1].level == pytest.approx(1.0, abs=0.05)


def test_more_votes_down_than_expected_raise_the_level() -> None:
    assert estimate(Seen(LATER, doubt=20.0, voted_down=40)).level > 1.5
    attacked = estimate(Seen(LATER, doubt=20.0, voted_down=800))
    assert attacked.level == attacked.careful_level == MOST_LEVEL, "an attacker makes the bot say less, not more"


def test_silence_does_not_lower_the_level_and_spot_checks_do() -> None:
    silent = estimate(Seen(LATER, doubt=40.0))
    assert silent.level == 1.0 <= silent.careful_level, "who votes nothing down may just not vote"
    looked_at = estimate(Seen(LATER, doubt=40.0, checked_doubt=20.0, checked_wrong=6))
    assert looked_at.level < silent.level - 0.1 and looked_at.careful_level < silent.careful_level
    all_right = estimate(Seen(LATER, doubt=40.0, checked_doubt=400.0))
    assert (all_right.level, all_right.careful_level) == (LEAST_LEVEL, 1.0), "never less than that"


def test_the_same_is_made_of_the_same() -> None:
    seen = Seen(LATER, 20.0, 7, 4.0, 3, 9, 4)
    assert estimate(seen) == estimate(seen)
