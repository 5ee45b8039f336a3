"""What people choose where the bot was not sure: one of the questions it offered, or none of them.

Always: one choice per decision and person, the first one; only whoever asked can choose, because nobody else knows what
was meant. A choice is a label for the confidence and is counted apart from the answers that were given alone. A chosen
answer that the same person votes down was a click on the wrong question; taking the vote back makes it right again.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, Select, and_, select
from sqlalchemy.orm import Session

from kb.ids import EntryId, WorkspaceId
from learning import recorder
from learning.errors import NotAllowed, Unknown, WrongState
from learning.feedback import Rating
from learning.ids import DecisionId, PersonId
from learning.recorder import RecordedDecision
from learning.rows import insert_if_absent
from learning.tables import ChoiceRow, VoteRow


@dataclass(frozen=True)
class Choice:
    """What the asker said was meant."""

    #: The decision that offered the questions.
    decision: DecisionId
    person: PersonId
    #: The entry whose question was meant; None: none of those offered.
    entry: EntryId | None
    #: The decision that gave the entry's answer; None where none was meant.
    answered: DecisionId | None
    at: datetime
    #: Whether the person votes that answer down at this moment.
    wrong: bool


@dataclass(frozen=True)
class Tally:
    """How many choices there were."""

    #: Of a question whose answer nobody took back.
    right: int
    #: Of a question whose answer the same person voted down.
    wrong: int
    #: Of 'none of these'.
    none: int


def choose(
    session: Session,
    workspace: WorkspaceId,
    decision: DecisionId,
    person: PersonId,
    entry: EntryId | None,
    *,
    answered: DecisionId | None = None,
    now: datetime,
) -> Choice:
    """Keep what somebody chose; the same again is the choice known already.

    Args:
        entry: whose question was meant; None for none of those offered.
        answered: the decision that gives the entry's answer.

    Raises:
        Unknown: there is no such decision, or the entry was not among what it found.
        NotAllowed: only the person who asked can choose.
        WrongState: they chose something else before.
    """
    offered = recorder.plain(session, workspace, decision)
    check_asker(offered, person)
    if entry is not None and entry not in {item.entry for item in offered.decision.evidence}:
        raise Unknown("This question was not among those offered. Please use the newest card, or ask again.")
    key = {"workspace": workspace, "decision": decision, "person": person}
    insert_if_absent(session, ChoiceRow, {**key, "entry": entry, "answered": answered, "at": now})
    kept = find(session, workspace, decision, person)
    if kept is None:
        raise Unknown("The choice is gone; please choose again.")
    if kept.entry != entry:
        raise WrongState("You have chosen already. If that was not it, ask again in other words, or get a person.")
    return kept


def check_asker(offered: RecordedDecision, person: PersonId) -> None:
    """Make sure that a person is the one who asked.

    Raises:
        NotAllowed: they are not.
    """
    if offered.decision.asker != person:
        raise NotAllowed("Only the person who asked can say what was meant. Ask me yourself, and I'll answer you too.")


def find(session: Session, workspace: WorkspaceId, decision: DecisionId, person: PersonId) -> Choice | None:
    """What a person chose from what a decision offered, if anything."""
    mine = (ChoiceRow.decision == decision, ChoiceRow.person == person)
    return next((_choice(row) for row in session.execute(_choices(workspace, *mine))), None)


def made(session: Session, workspace: WorkspaceId, *, since: datetime, until: datetime) -> tuple[Choice, ...]:
    """The choices made from `since` on and before `until`, oldest first: the labels that a calibrator learns from."""
    statement = _choices(workspace, ChoiceRow.at >= since, ChoiceRow.at < until)
    return tuple(_choice(row) for row in session.execute(statement.order_by(ChoiceRow.at, ChoiceRow.decision)))


def tally(session: Session, workspace: WorkspaceId, *, since: datetime, until: datetime) -> Tally:
    """How many choices were made from `since` on and before `until`, wrong ones apart."""
    found = made(session, workspace, since=since, until=until)
    none = sum(one.entry is None for one in found)
    wrong = sum(one.wrong for one in found)
    return Tally(right=len(found) - none - wrong, wrong=wrong, none=none)


def _choices(workspace: WorkspaceId, *where: ColumnElement[bool]) -> Select[ChoiceRow, str | None]:
    """Choices, each with the vote of who made it on the answer it led to."""
    own_vote = and_(
        VoteRow.workspace == ChoiceRow.workspace,
        VoteRow.decision == ChoiceRow.answered,
        VoteRow.person == ChoiceRow.person,
    )
    statement = select(ChoiceRow, VoteRow.rating).outerjoin(VoteRow, own_vote)
    return statement.where(ChoiceRow.workspace == workspace, *where).execution_options(populate_existing=True)


def _choice(found: Row[ChoiceRow, str | None]) -> Choice:
    row, rating = found
    return Choice(
        decision=DecisionId(row.decision),
        person=PersonId(row.person),
        entry=None if row.entry is None else EntryId(row.entry),
        answered=None if row.answered is None else DecisionId(row.answered),
        at=row.at,
        wrong=rating == Rating.DOWN,
    )
