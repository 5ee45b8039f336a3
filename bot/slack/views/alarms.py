"""What an alarm looks like: what has changed, what speaks for it, and where to look."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.slack.views import kit, times
from bot.slack.views.kit import Message


class Rate(StrEnum):
    """What has changed."""

    DOWN_VOTES = "down_votes"
    ABSTENTIONS = "abstentions"


@dataclass(frozen=True)
class ShiftCard:
    """A rate that is not what it was."""

    rate: Rate
    #: Shares of conversations, 0 to 1, and of how many.
    before: float
    before_cases: int
    after: float
    after_cases: int
    #: About when it began.
    since: datetime


@dataclass(frozen=True)
class VoterCard:
    """Somebody whose votes all go one way."""

    #: Slack user id or name.
    by: str
    #: Whether all are up; else all are down.
    up: bool
    votes: int
    #: The share of up-votes among everybody else.
    others_up: float
    #: The chance of that from somebody who votes as the others do.
    p_value: float


def shift(card: ShiftCard) -> Message:
    """More answers are voted down, or more or fewer questions stay without an answer."""
    more = "More" if card.after > card.before else "Fewer"
    if card.rate is Rate.DOWN_VOTES:
        head, what = f"{more} of my answers get a thumbs-down than before", "got a thumbs-down"
    else:
        head, what = f"{more} questions stay without an answer from me than before", "stayed without an answer"
    evidence = (
        f"{card.after:.0%} of the last {card.after_cases:,} conversations {what}, {card.before:.0%} of the "
        f"{card.before_cases:,} before. It began about {times.everyone(card.since)}."
    )
    hint = "`answerloop cohorts list` shows which versions answered when, and `cohorts compare` how they did."
    return _alarm(head, evidence, hint)


def one_sided(card: VoterCard) -> Message:
    """Somebody always votes the same way."""
    way = "up" if card.up else "down"
    evidence = (
        f"All {card.votes:,} votes of {kit.who(card.by)} go {way}; of everybody else's {card.others_up:.0%} go up. "
        f"From somebody who votes as the others do that is to be expected {_chance(card.p_value)}."
    )
    hint = "It may mean nothing. If the votes are not meant as a judgement of answers, ask them to leave them out."
    return _alarm(f"One person's votes all go {way}", evidence, hint)


def thin_feedback(answers: int, voted: float, days: int) -> Message:
    """Hardly anybody votes.

    Args:
        answers: given alone.
        voted: share of them, 0 to 1, with a vote.
        days: in how many days.
    """
    evidence = f"In the last {days} days I gave {answers:,} answers, and {voted:.1%} of them got a thumb."
    hint = "Votes alone cannot tell how good the answers are now; spot checks by the team can."
    return _alarm("Hardly anybody rates my answers", evidence, hint)


def _alarm(head: str, evidence: str, hint: str) -> Message:
    return kit.message(head, [kit.section(f":warning: *{head}*\n{evidence}"), kit.context(hint)])


def _chance(p_value: float) -> str:
    return "less than once in 1,000 cases" if p_value < 0.001 else f"{p_value * 1000:.0f} times in 1,000"
