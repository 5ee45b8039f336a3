"""Finding proposals: by id, and what waits in each of the reviewers' lists."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, select
from sqlalchemy.orm import Session

from kb.entries import Audience
from kb.ids import EntryId, WorkspaceId
from learning.conversations import Place, Privacy
from learning.errors import Unknown
from learning.ids import ConversationId, DecisionId, HandoffId, PersonId, ProposalId
from learning.proposals.values import Origin, Proposal, ProposalDraft, ProposalKind, ProposalState, Source, Target
from learning.rows import fetch, fetch_all
from learning.tables import ProposalRow, ProposalSourceRow


@dataclass(frozen=True)
class QueueCounts:
    """How much waits for reviewers."""

    phrasings: int
    #: New entries, replacements, conflicts and retirements that have an answer.
    others: int
    needs_answer: int


def one(session: Session, workspace: WorkspaceId, proposal: ProposalId) -> Proposal:
    """A proposal by its id.

    Raises:
        Unknown: there is no such proposal.
    """
    row = fetch(session, ProposalRow, **key(workspace, proposal))
    if row is None:
        raise Unknown("There is no such proposal in this workspace.")
    return _proposals(session, workspace, [row])[0]


def of_decision(session: Session, workspace: WorkspaceId, decision: DecisionId) -> tuple[Proposal, ...]:
    """The proposals that a decision speaks for, oldest first; votes that turn may take their ground away."""
    rows = fetch_all(session, _of_decision(), {"workspace": workspace, "decision": decision})
    return _proposals(session, workspace, list(rows))


def waiting(session: Session, workspace: WorkspaceId, *, kind: ProposalKind | None = None) -> tuple[Proposal, ...]:
    """The proposals that wait, oldest first, of one kind or of all."""
    wanted = () if kind is None else (ProposalRow.kind == kind,)
    return _waiting(session, workspace, *wanted)


def waiting_phrasings(session: Session, workspace: WorkspaceId) -> tuple[Proposal, ...]:
    """The new wordings that wait for a bulk approval."""
    return _waiting(
        session, workspace, ProposalRow.kind == ProposalKind.NEW_PHRASING, ProposalRow.needs_answer.is_(False)
    )


def waiting_others(session: Session, workspace: WorkspaceId) -> tuple[Proposal, ...]:
    """What waits for a decision of its own: everything but new wordings and what needs an answer."""
    return _waiting(
        session, workspace, ProposalRow.kind != ProposalKind.NEW_PHRASING, ProposalRow.needs_answer.is_(False)
    )


def needing_answer(session: Session, workspace: WorkspaceId) -> tuple[Proposal, ...]:
    """The questions for which somebody should write an answer."""
    return _waiting(session, workspace, ProposalRow.needs_answer.is_(True))


def approved_phrasings(session: Session, workspace: WorkspaceId, *, since: datetime) -> tuple[Proposal, ...]:
    """The new wordings approved since a moment that still stand, newest first; they have no card to undo them on."""
    statement = select(ProposalRow).where(
        ProposalRow.workspace == workspace,
        ProposalRow.state == ProposalState.APPROVED,
        ProposalRow.kind == ProposalKind.NEW_PHRASING,
        ProposalRow.decided_at >= since,
    )
    rows = fetch_all(session, statement.order_by(ProposalRow.decided_at.desc(), ProposalRow.id.desc()))
    return _proposals(session, workspace, list(rows))


def counts(session: Session, workspace: WorkspaceId) -> QueueCounts:
    """How much waits for reviewers."""
    statement = (
        select(ProposalRow.kind, ProposalRow.needs_answer, func.count())
        .where(ProposalRow.workspace == workspace, ProposalRow.state == ProposalState.PENDING)
        .group_by(ProposalRow.kind, ProposalRow.needs_answer)
    )
    phrasings = others = needs = 0
    for kind, needs_answer, number in session.execute(statement):
        if needs_answer:
            needs += number
        elif kind == ProposalKind.NEW_PHRASING:
            phrasings += number
        else:
            others += number
    return QueueCounts(phrasings=phrasings, others=others, needs_answer=needs)


def key(workspace: WorkspaceId, proposal: ProposalId) -> dict[str, Any]:
    """What finds one proposal."""
    return {"workspace": workspace, "id": proposal}


def _waiting(session: Session, workspace: WorkspaceId, *wanted: ColumnElement[bool]) -> tuple[Proposal, ...]:
    statement = _pending().where(*wanted) if wanted else _pending()
    return _proposals(session, workspace, list(fetch_all(session, statement, {"workspace": workspace})))


def _proposals(session: Session, workspace: WorkspaceId, rows: list[ProposalRow]) -> tuple[Proposal, ...]:
    sources: dict[str, list[Source]] = {row.id: [] for row in rows}
    if not rows:
        return ()
    for source in fetch_all(session, _sources(), {"workspace": workspace, "proposals": list(sources)}):
        sources[source.proposal].append(_source(source))
    return tuple(_proposal(row, tuple(sources[row.id])) for row in rows)


def _source(row: ProposalSourceRow) -> Source:
    return Source(
        origin=Origin(row.origin),
        person=PersonId(row.person),
        place=Place(row.channel, row.thread),
        privacy=Privacy(row.privacy),
        conversation=None if row.conversation is None else ConversationId(row.conversation),
        decision=None if row.decision is None else DecisionId(row.decision),
        handoff=None if row.handoff is None else HandoffId(row.handoff),
    )


def _proposal(row: ProposalRow, sources: tuple[Source, ...]) -> Proposal:
    return Proposal(
        workspace=WorkspaceId(row.workspace),
        id=ProposalId(row.id),
        kind=ProposalKind(row.kind),
        state=ProposalState(row.state),
        origin=Origin(row.origin),
        draft=ProposalDraft(
            question=row.question,
            answer=row.answer,
            phrasings=tuple(row.phrasings),
            audience=Audience(frozenset(row.audience)),
        ),
        target=_target(row.target_entry, row.target_version),
        sources=sources,
        privacy=Privacy(row.privacy),
        needs_answer=row.needs_answer,
        edited_by=None if row.edited_by is None else PersonId(row.edited_by),
        decided_by=None if row.decided_by is None else PersonId(row.decided_by),
        decided_at=row.decided_at,
        reason=row.reason,
        applied=_target(row.applied_entry, row.applied_version),
        previous_version=row.previous_version,
        revision=row.revision,
        created_at=row.created_at,
    )


def _target(entry: str | None, version: int | None) -> Target | None:
    return None if entry is None or version is None else Target(EntryId(entry), version)


# What runs for every question is built once.


@cache
def _pending() -> Select[ProposalRow]:
    one = ProposalRow
    wanted = one.workspace == bindparam("workspace"), one.state == ProposalState.PENDING
    return select(one).where(*wanted).order_by(one.created_at, one.id)


@cache
def _of_decision() -> Select[ProposalRow]:
    one, source = ProposalRow, ProposalSourceRow
    mine = select(source.proposal).where(
        source.workspace == bindparam("workspace"), source.decision == bindparam("decision")
    )
    wanted = one.workspace == bindparam("workspace"), one.id.in_(mine)
    return select(one).where(*wanted).order_by(one.created_at, one.id)


@cache
def _sources() -> Select[ProposalSourceRow]:
    one = ProposalSourceRow
    wanted = one.workspace == bindparam("workspace"), one.proposal.in_(bindparam("proposals", expanding=True))
    return select(one).where(*wanted).order_by(one.at, one.id)
