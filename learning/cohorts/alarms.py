"""Alarms: what changed under way, and feedback that is not worth listening to. Pure.

Always: the same observations give the same alarms, whoever looks and when; an alarm has a key by which it is told once.
Streams go by the first question of each conversation, because later ones depend on it, and from the first conversation
on, so that what was found once is found at the same place again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from learning.cohorts.observations import WINDOW, Observation, first_of_each
from learning.ids import PersonId
from learning.statistics import OneSided, Shift, ThinFeedback, Votes, one_sided, shifts, thin_feedback

#: How far back one looks for few votes on many answers.
LATELY = timedelta(days=30)


class AlarmKind(StrEnum):
    """What is wrong."""

    #: More answers are voted down than before.
    DOWN_VOTES = "down_votes"
    #: More or fewer questions stay without an answer than before.
    ABSTENTIONS = "abstentions"
    #: Somebody always votes the same way.
    ONE_SIDED_VOTER = "one_sided_voter"
    #: Hardly anybody votes.
    THIN_FEEDBACK = "thin_feedback"


@dataclass(frozen=True)
class Shifted:
    """A rate that has changed."""

    #: Of conversations, 0 to 1, before and after, and of how many.
    before: float
    before_cases: int
    after: float
    after_cases: int
    #: About when it began.
    since: datetime


@dataclass(frozen=True)
class Alarm:
    """Something that a person should look at, with what speaks for it."""

    kind: AlarmKind
    #: The same for the same alarm, whenever it is found.
    key: str
    #: When there was enough to tell.
    at: datetime
    evidence: Shifted | OneSided[PersonId] | ThinFeedback


def alarms(observations: Sequence[Observation], votes: Mapping[PersonId, Votes], *, now: datetime) -> tuple[Alarm, ...]:
    """Everything there is to be alarmed about.

    Args:
        observations: all questions of the workspace whose windows have closed.
        votes: of each person, all that stand.
        now: when one looks; what is not about a moment of its own is about this one.
    """
    found: list[Alarm] = []
    answers = [one for one in observations if one.answered_alone]
    found += _shifts(AlarmKind.DOWN_VOTES, answers, lambda one: one.down > 0, only_up=True)
    found += _shifts(AlarmKind.ABSTENTIONS, observations, lambda one: not one.answered_alone)
    found += _voters(votes, now)
    found += _thin([one for one in answers if now - LATELY <= one.at < now], now)
    return tuple(found)


def _shifts(
    kind: AlarmKind, observations: Iterable[Observation], happened: Callable[[Observation], bool], only_up: bool = False
) -> Iterator[Alarm]:
    stream = first_of_each(observations)
    for shift in shifts(float(happened(one)) for one in stream):
        if shift.after > shift.before or not only_up:
            yield _shifted(kind, shift, stream)


def _shifted(kind: AlarmKind, shift: Shift, stream: Sequence[Observation]) -> Alarm:
    last, began = stream[shift.found_after - 1], stream[shift.began_after]
    evidence = Shifted(shift.before, shift.before_cases, shift.after, shift.after_cases, began.at)
    return Alarm(kind, f"{kind}:{last.decision}", last.at + WINDOW, evidence)


def _voters(votes: Mapping[PersonId, Votes], now: datetime) -> Iterator[Alarm]:
    # All votes ever and no window: who has always voted the same way has done so at every earlier look too, so that
    # looking daily accuses nobody whom one look at the end would not.
    for one in one_sided(votes):
        way = "up" if one.up else "down"
        yield Alarm(AlarmKind.ONE_SIDED_VOTER, f"{AlarmKind.ONE_SIDED_VOTER}:{one.voter}:{way}", now, one)


def _thin(answers: Sequence[Observation], now: datetime) -> Iterator[Alarm]:
    thin = thin_feedback(sum(one.up + one.down > 0 for one in answers), len(answers))
    if thin is not None:  # told once a month for as long as it lasts
        yield Alarm(AlarmKind.THIN_FEEDBACK, f"{AlarmKind.THIN_FEEDBACK}:{now:%Y-%m}", now, thin)
