"""The rules of outcomes: from what was said and done after an answer to what happened. Pure.

Always: only what lies in a window counts, whenever one looks, so that a late look finds what a timely one would have.
What was said is put in order by the place it was said at; what was done with a handoff by the number of its change.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from learning.outcomes.values import AFTER_ANSWER, AFTER_RESOLUTION, Finding, OutcomeKind, Window

#: Name and version; a rule that comes to other findings gets another version.
ANSWER_RULE = "day-after-answer-1"
RESOLUTION_RULE = "week-after-resolution-1"


@dataclass(frozen=True)
class Said:
    """A message from outside: by who asked, or by others who are no staff."""

    ts: str
    #: When it was said, by the clock of the place where it was said, as far as that is known.
    at: datetime
    by_asker: bool


@dataclass(frozen=True)
class Called:
    """Something done with a handoff: called for people, opened again."""

    #: Id of the handoff and number of the change.
    shown_by: str
    at: datetime


def of_answer(asked: datetime) -> Window:
    """The window of an answer to what was asked at a moment."""
    return Window("", asked, asked + AFTER_ANSWER, ANSWER_RULE)


def of_resolution(began_by: str, resolved: datetime) -> Window:
    """The window of a resolution.

    Args:
        began_by: id of the handoff and number of the change.
    """
    return Window(began_by, resolved, resolved + AFTER_RESOLUTION, RESOLUTION_RULE)


def after_answer(window: Window, said: Sequence[Said], called: Iterable[Called]) -> tuple[Finding, ...]:
    """What happened in the window of an answer.

    Args:
        said: what came from outside after the question, in order.
        called: when people were called for this question.
    """
    inbound = [one for one in said if one.at <= window.closes]
    reply = next((one.ts for one in inbound if one.by_asker), None)
    call = next((one.shown_by for one in called if one.at <= window.closes), None)
    return (
        _finding(OutcomeKind.REPLIED, reply),
        Finding(OutcomeKind.NO_FURTHER_INBOUND, not inbound),
        _finding(OutcomeKind.HANDED_OVER, call),
    )


def after_resolution(window: Window, undone: Iterable[Called]) -> tuple[Finding, ...]:
    """What became of a resolution in its window.

    Args:
        undone: what was done afterwards because it was not solved, in order.
    """
    again = next((one.shown_by for one in undone if one.at <= window.closes), None)
    return (
        _finding(OutcomeKind.REOPENED, again),
        Finding(OutcomeKind.STAYED_RESOLVED, again is None),
    )


def _finding(kind: OutcomeKind, shown_by: str | None) -> Finding:
    return Finding(kind, shown_by is not None, shown_by or "")
