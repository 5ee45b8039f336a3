"""Keeping and finding signals: what shows a signal counts once, whoever looks again."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.ids import IdSource, WorkspaceId
from learning import recorder
from learning.ids import DecisionId, PersonId, SignalId
from learning.rows import fetch_all, insert_if_absent
from learning.tables import SignalRow


class SignalKind(StrEnum):
    """What somebody did."""

    #: Asked on in the same conversation.
    FOLLOW_UP = "follow_up"
    #: Asked the same in other words.
    REPHRASING = "rephrasing"
    #: Asked for another answer to the same question.
    REGENERATION = "regeneration"
    #: Said what would have been right.
    CORRECTION = "correction"
    #: Said, or showed, that it is done.
    COMPLETION = "completion"
    #: How many messages the conversation has; a count, and neither good nor bad.
    LENGTH = "length"


@dataclass(frozen=True)
class Signal:
    """One thing that behaviour said of a decision."""

    id: SignalId
    decision: DecisionId
    kind: SignalKind
    #: Who did it; None where it is nobody's act.
    person: PersonId | None
    #: How it was found: `button`, `form`, or the name and version of what looks for it.
    found_by: str
    #: What shows it, such as the `ts` of a message; empty where the decision can have the signal only once.
    shown_by: str
    #: A number where the signal has one: a likeness from 0 to 1, a count.
    value: float | None
    #: When it happened.
    at: datetime


def note(
    session: Session,
    workspace: WorkspaceId,
    decision: DecisionId,
    kind: SignalKind,
    *,
    found_by: str,
    shown_by: str = "",
    person: PersonId | None = None,
    value: float | None = None,
    at: datetime,
    ids: IdSource,
) -> bool:
    """Keep a signal; False where it is known already.

    Raises:
        Unknown: there is no such decision.
    """
    recorder.known(session, workspace, decision)
    values = {
        "workspace": workspace,
        "id": ids(),
        "decision": decision,
        "kind": kind,
        "person": person,
        "found_by": found_by,
        "shown_by": shown_by,
        "value": value,
        "at": at,
    }
    return insert_if_absent(session, SignalRow, values)


def of(session: Session, workspace: WorkspaceId, decision: DecisionId) -> tuple[Signal, ...]:
    """The signals of one decision, oldest first."""
    statement = select(SignalRow).where(SignalRow.workspace == workspace, SignalRow.decision == decision)
    return tuple(_signal(row) for row in fetch_all(session, statement.order_by(SignalRow.at, SignalRow.id)))


def between(
    session: Session,
    workspace: WorkspaceId,
    *,
    since: datetime,
    until: datetime,
    kinds: Collection[SignalKind] = tuple(SignalKind),
) -> tuple[Signal, ...]:
    """The signals that happened from `since` on and before `until`, oldest first."""
    statement = select(SignalRow).where(
        SignalRow.workspace == workspace,
        SignalRow.at >= since,
        SignalRow.at < until,
        SignalRow.kind.in_([str(kind) for kind in kinds]),
    )
    return tuple(_signal(row) for row in fetch_all(session, statement.order_by(SignalRow.at, SignalRow.id)))


def _signal(row: SignalRow) -> Signal:
    return Signal(
        id=SignalId(row.id),
        decision=DecisionId(row.decision),
        kind=SignalKind(row.kind),
        person=None if row.person is None else PersonId(row.person),
        found_by=row.found_by,
        shown_by=row.shown_by,
        value=row.value,
        at=row.at,
    )
