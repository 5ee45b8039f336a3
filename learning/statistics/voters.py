"""Is feedback worth listening to: people who always vote the same way, and few votes for much traffic. Pure."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from learning.statistics.distributions import binomial_chance
from learning.statistics.interval import Interval
from learning.statistics.proportions import wilson

Voter = TypeVar("Voter", bound=Hashable)

#: The chance to accuse anybody at all where nobody deserves it.
ALPHA = 0.05
#: Without so many votes of others there is no rate to compare with.
LEAST_OTHERS = 20
#: Feedback is thin where surely less than one answer in fifty is voted on, and nothing is said under so many answers.
THIN_SHARE = 0.02
LEAST_ANSWERS = 200


@dataclass(frozen=True)
class Votes:
    """How often somebody voted each way."""

    up: int
    down: int

    @property
    def total(self) -> int:
        """All votes."""
        return self.up + self.down


@dataclass(frozen=True)
class OneSided(Generic[Voter]):
    """Somebody whose votes all go one way, more of them than chance explains."""

    voter: Voter
    #: Whether all are up; else all are down.
    up: bool
    votes: int
    #: The share of up-votes among everybody else.
    others_up: float
    #: The chance of so uniform votes from somebody who votes as the others do, corrected for the number of voters.
    p_value: float


def one_sided(votes: Mapping[Voter, Votes], *, alpha: float = ALPHA) -> tuple[OneSided[Voter], ...]:
    """Who always votes the same way though others do not, the least explicable first.

    Exact binomial: the chance that all of a voter's votes agree in their direction, were each up at the rate of all
    others, doubled for the two directions. The rate is that of the others with half a vote added to either side
    (Jeffreys), so that a rate of 0 or 1 does not make one odd vote impossible. Over all voters it is corrected by
    Holm's method (1979), so that the chance of any false accusation is at most `alpha`.

    Args:
        votes: of each voter.
        alpha: 0 to 1.
    """
    up, total = sum(each.up for each in votes.values()), sum(each.total for each in votes.values())
    found: list[OneSided[Voter]] = []
    tested = 0
    for voter, own in votes.items():
        others = total - own.total
        if not own.total or others < LEAST_OTHERS:
            continue
        tested += 1
        if own.up and own.down:
            continue
        rate = (up - own.up + 0.5) / (others + 1)
        chance = binomial_chance(own.total, own.total, rate if own.up else 1 - rate)
        found.append(OneSided(voter, bool(own.up), own.total, rate, min(1.0, 2 * chance)))
    return _holm(found, tested, alpha)


@dataclass(frozen=True)
class ThinFeedback:
    """Too few votes to tell from them how good the answers are."""

    answers: int
    #: The share of answers that anybody voted on.
    voted: Interval


def thin_feedback(voted: int, answers: int, *, share: float = THIN_SHARE) -> ThinFeedback | None:
    """Whether the share of answers that anybody voted on is surely below `share`; None where it is not.

    Args:
        voted: answers with at least one vote.
        answers: all answers of the same time.
        share: 0 to 1.
    """
    if answers < LEAST_ANSWERS:
        return None
    seen = wilson(voted, answers)
    return ThinFeedback(answers, seen) if seen.high < share else None


def _holm(found: list[OneSided[Voter]], tested: int, alpha: float) -> tuple[OneSided[Voter], ...]:
    """Those whose p-value stands after Holm's correction, with the corrected value."""
    kept: list[OneSided[Voter]] = []
    worst = 0.0
    for place, each in enumerate(sorted(found, key=lambda one: (one.p_value, str(one.voter)))):
        worst = max(worst, min(1.0, (tested - place) * each.p_value))
        if worst > alpha:
            break
        kept.append(OneSided(each.voter, each.up, each.votes, each.others_up, worst))
    return tuple(kept)
