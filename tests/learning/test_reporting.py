"""How much people report and how often answers are wrong, against simulated people."""

import numpy as np
import pytest

from learning import reporting
from learning.reporting import LEAST_LEVEL, MOST_LEVEL, VOTED_DOWN, Seen, level, voted_down

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


def test_spot_checks_tell_how_many_wrong_answers_are_reported() -> None:
    assert voted_down(0, 0).value == VOTED_DOWN
    some, many = voted_down(40, 20), voted_down(400, 200)
    assert some.low < 0.5 < some.high and many.high - many.low < some.high - some.low
    assert abs(many.value - 0.5) < 0.02


@pytest.mark.parametrize("votes", [0.25, 0.5])
def test_the_level_is_found_without_being_told_how_often_people_vote(votes: float) -> None:
    """Over 200 simulated workspaces: right where the truth is what is assumed, and moved towards it elsewhere."""
    chance = np.random.default_rng(0)
    found = {
        true: [level(lived(chance, true, votes, answers=1_500, checks=0.06)) for _ in range(200)]
        for true in (0.75, 1.0, 1.6)
    }
    middles = {true: float(np.mean(some)) for true, some in found.items()}
    assert abs(middles[1.0] - 1.0) < 0.06
    assert middles[0.75] < middles[1.0] - 0.06 and middles[1.6] > 1.2
    assert max(float(np.std(some)) for some in found.values()) < 0.25


def test_a_new_workspace_is_trusted_less() -> None:
    levels = [level(Seen(asked)) for asked in (0, 500, 1_000, 1_500, 10_000)]
    assert levels == sorted(levels, reverse=True)
    assert levels[0] > 1.7 and levels[-1] == pytest.approx(1.0, abs=0.05)


def test_more_votes_down_than_expected_raise_the_level() -> None:
    assert level(Seen(LATER, doubt=20.0, voted_down=40)) > 1.5
    assert level(Seen(LATER, doubt=20.0, voted_down=800)) == MOST_LEVEL, "an attacker makes the bot say less, not more"


def test_silence_does_not_lower_the_level_and_spot_checks_do() -> None:
    silent = level(Seen(LATER, doubt=40.0))
    assert silent == 1.0, "who votes nothing down may just not vote"
    checked = level(Seen(LATER, doubt=40.0, checked_doubt=20.0, checked_wrong=6))
    assert checked < silent - 0.1
    assert level(Seen(LATER, doubt=40.0, checked_doubt=400.0)) == LEAST_LEVEL, "never less than that"


def test_the_same_is_made_of_the_same() -> None:
    seen = Seen(LATER, 20.0, 7, 4.0, 3, 9, 4)
    assert level(seen) == level(seen) and reporting.voted_down(9, 4) == reporting.voted_down(9, 4)
