"""Who always votes the same way is named; people who vote as others do are not accused."""

import numpy as np
import pytest
from scipy import stats

from learning.statistics import Votes, one_sided, thin_feedback, wilson


def test_no_one_is_accused_where_all_vote_alike() -> None:
    # Workspaces of different size and mood; at most one in twenty may accuse anybody.
    generator, accused = np.random.default_rng(61), 0
    for _ in range(200):
        voters, up = generator.integers(5, 60), generator.uniform(0.3, 0.97)
        counts = 1 + generator.geometric(0.15, voters)
        ups = generator.binomial(counts, up)
        votes = {voter: Votes(int(ups[voter]), int(counts[voter] - ups[voter])) for voter in range(voters)}
        accused += bool(one_sided(votes))
    assert accused <= 10


def test_who_votes_everything_down_or_up_is_found() -> None:
    votes = {f"p{number}": Votes(8, 2) for number in range(20)} | {"grump": Votes(0, 15)}
    (found,) = one_sided(votes)
    rate = (160 + 0.5) / 201
    known = 2 * stats.binom.pmf(0, 15, rate) * 21
    assert (found.voter, found.up, found.votes) == ("grump", False, 15)
    assert found.others_up == pytest.approx(rate) and found.p_value == pytest.approx(known)
    sour = {f"p{number}": Votes(5, 5) for number in range(20)} | {"fan": Votes(30, 0), "mild": Votes(4, 0)}
    assert [each.voter for each in one_sided(sour)] == ["fan"]


def test_several_are_named_the_least_explicable_first() -> None:
    votes = {f"p{number}": Votes(12, 8) for number in range(20)} | {"b": Votes(0, 20), "a": Votes(0, 40)}
    assert [each.voter for each in one_sided(votes)] == ["a", "b"]


def test_a_few_votes_or_no_others_accuse_nobody() -> None:
    assert one_sided({"only": Votes(0, 500)}) == ()
    assert one_sided({"a": Votes(0, 5), "b": Votes(10, 9)}) == ()
    assert one_sided({}) == () and one_sided({"a": Votes(0, 0)}) == ()
    # Up as all others are: nothing to see, however many.
    assert one_sided({"a": Votes(300, 0), "b": Votes(300, 0)}) == ()


def test_few_votes_for_much_traffic_are_told() -> None:
    found = thin_feedback(3, 1_000)
    assert found is not None and found.voted == wilson(3, 1_000) and found.answers == 1_000
    assert thin_feedback(18, 1_000) is None  # it may be one in fifty
    assert thin_feedback(0, 150) is None  # too little traffic to say
