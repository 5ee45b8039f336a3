"""Which answers are drawn to be judged: by chance, in proportion to doubt, and the same whoever asks."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.ids import DecisionId
from learning.spot_checks import EAGER, MANY, chance, doubt, is_drawn, wanted

SHARE = 0.03
PROBABILITIES = st.floats(0, 1, allow_nan=False)


@given(PROBABILITIES, PROBABILITIES, PROBABILITIES)
def test_a_chance_is_a_probability_and_no_answer_is_beyond_doubt(
    confidence: float, typical: float, share: float
) -> None:
    assert 0 <= chance(confidence, typical, share) <= 1
    assert chance(1.0, typical, 0.03) > 0
    assert chance(confidence, typical, 0) == 0


def test_a_chance_is_in_proportion_to_doubt() -> None:
    assert chance(0.96, 0.08, 0.03) == pytest.approx(0.015)
    assert chance(0.84, 0.08, 0.03) == pytest.approx(0.06)
    assert chance(0.2, 0.08, 0.5) == 1.0


def test_the_share_is_kept_and_the_unsure_are_drawn_more_often() -> None:
    chooser = random.Random(7)
    answers = [(DecisionId(f"decision {number}"), chooser.uniform(0.8, 1.0)) for number in range(40_000)]
    typical = sum(doubt(confidence) for _, confidence in answers) / len(answers)
    drawn = [confidence for one, confidence in answers if is_drawn(one, chance(confidence, typical, SHARE))]
    assert len(drawn) / len(answers) == pytest.approx(SHARE, rel=0.1)
    unsure, sure = (sum(low <= confidence < low + 0.05 for confidence in drawn) for low in (0.8, 0.95))
    assert unsure / sure == pytest.approx(0.175 / 0.025, rel=0.35)


def test_weighed_with_their_chances_the_drawn_tell_how_many_are_wrong() -> None:
    chooser = random.Random(11)
    answers = [(DecisionId(f"decision {number}"), chooser.betavariate(9, 1)) for number in range(60_000)]
    wrong = {one for one, confidence in answers if chooser.random() < (1 - confidence) / 2}
    typical = sum(doubt(confidence) for _, confidence in answers) / len(answers)
    weights = {
        one: 1 / probability
        for one, confidence in answers
        if is_drawn(one, probability := chance(confidence, typical, SHARE))
    }
    told = sum(weight for one, weight in weights.items() if one in wrong) / sum(weights.values())
    assert told == pytest.approx(len(wrong) / len(answers), rel=0.2)


@given(st.text(min_size=1), PROBABILITIES, PROBABILITIES)
def test_who_asks_again_is_told_the_same_and_a_greater_chance_draws_no_less(
    name: str, one: float, other: float
) -> None:
    decision = DecisionId(name.encode("utf-8", "replace").decode())
    less, more = sorted((one, other))
    assert is_drawn(decision, less) is is_drawn(decision, less)
    assert is_drawn(decision, more) or not is_drawn(decision, less)
    assert is_drawn(decision, 1.0) and not is_drawn(decision, 0.0)


def test_more_are_drawn_until_many_are_judged() -> None:
    assert wanted(0.03, 0) == wanted(0.03, MANY - 1) == 0.03 * EAGER
    assert wanted(0.03, MANY) == 0.03
    assert wanted(0.5, 0) == 1.0 and wanted(0.0, 0) == 0.0
