"""Making, joining, retyping and dropping proposals.

Always: the same source counts once, whoever runs again; equal proposals that wait are one, however many make them at
once; what was rejected is not proposed again.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from kb.ids import EntryId, IdSource, WorkspaceId
from learning.audit import canonical
from learning.errors import Unknown, WrongState
from learning.ids import ProposalId
from learning.proposals.classification import Classified
from learning.proposals.reading import key, one
from learning.proposals.values import (
    Origin,
    Proposal,
    ProposalDraft,
    ProposalKind,
    ProposalState,
    Source,
)
from learning.rows import compare_and_set, fetch, insert_if_absent, set_all
from learning.tables import ProposalRow, ProposalSourceRow
from learning.wording import plain_answer, plain_question

#: Votes turn and turn again: what lost its ground with one may gain it anew with the next.
_COME_BACK = frozenset({Origin.VOTES, Origin.THUMBS_DOWN})
#: How often to look again when others decide or propose at the same moment.
_ATTEMPTS = 5


class Outcome(StrEnum):
    """What became of proposing."""

    CREATED = "created"
    #: It speaks for a proposal that waited already.
    JOINED = "joined"
    #: This very source was proposed before; nothing changed.
    KNOWN_SOURCE = "known_source"
    #: The same was rejected before; nothing changed.
    REJECTED_BEFORE = "rejected_before"


@dataclass(frozen=True)
class Proposed:
    """The outcome of proposing, and the proposal it concerns."""

    outcome: Outcome
    proposal: Proposal


def propose(
    session: Session,
    workspace: WorkspaceId,
    draft: ProposalDraft,
    classified: Classified,
    source: Source,
    *,
    needs_answer: bool = False,
    joins: ProposalId | None = None,
    now: datetime,
    ids: IdSource,
) -> Proposed:
    """Let a change wait for a person, or add a source to the one that waits already.

    Args:
        draft: as `prepare` made it.
        classified: as `classify` said; its kind must not be None.
        needs_answer: whether somebody has to write the answer first.
        joins: a waiting proposal that says the same in other words, as `nearest_pending` found it.

    Raises:
        WrongState: the draft is known already, or lacks an answer that it needs.
    """
    kind = classified.kind
    if kind is None:
        raise WrongState("This is known already; there is nothing to propose.")
    if not draft.question.strip() or not (draft.answer.strip() or needs_answer or kind is ProposalKind.RETIRE):
        raise WrongState("A proposal needs a question and an answer.")
    retired = classified.target.entry if kind is ProposalKind.RETIRE and classified.target else None
    meaning = fingerprint(draft, retired)
    settled = _settled(session, workspace, meaning, source)
    if settled is not None:
        return settled
    for _ in range(_ATTEMPTS):
        waiting_row = _lock_waiting(session, workspace, meaning, joins)
        if waiting_row is not None:
            _add_source(session, waiting_row, source, now, ids)
            return Proposed(Outcome.JOINED, one(session, workspace, ProposalId(waiting_row.id)))
        made = ProposalId(ids())
        values = {
            "workspace": workspace,
            "id": made,
            "kind": kind,
            "state": ProposalState.PENDING,
            "origin": source.origin,
            **draft_values(draft, meaning),
            **_target_values(classified),
            "first_fingerprint": meaning,
            "privacy": source.privacy,
            "needs_answer": needs_answer,
            "count": 0,
            "revision": 1,
            "created_at": now,
            "changed_at": now,
        }
        if insert_if_absent(session, ProposalRow, values):
            row = lock(session, workspace, made)
            _add_source(session, row, source, now, ids, first=True)
            return Proposed(Outcome.CREATED, one(session, workspace, made))
        joins = None
    raise WrongState("The same is being proposed and decided at this very moment; try again.")


def drop(session: Session, workspace: WorkspaceId, proposal: ProposalId, *, reason: str, now: datetime) -> bool:
    """Let go of a proposal that lost its ground, such as votes that turned; False where it was decided already."""
    values = {
        "state": ProposalState.DROPPED,
        "reason": reason,
        "revision": ProposalRow.revision + 1,
        "changed_at": now,
    }
    expected = {**key(workspace, proposal), "state": ProposalState.PENDING}
    return compare_and_set(session, ProposalRow, expected, values)


def drop_answered(session: Session, workspace: WorkspaceId, draft: ProposalDraft, *, now: datetime) -> int:
    """Let go of the questions that waited for an answer and have got it; how many there were."""
    asked = [fingerprint(ProposalDraft(wording, "")) for wording in (draft.question, *draft.phrasings)]
    answered = (
        ProposalRow.workspace == workspace,
        ProposalRow.state == ProposalState.PENDING,
        ProposalRow.needs_answer.is_(True),
        ProposalRow.fingerprint.in_(asked),
    )
    values = {
        "state": ProposalState.DROPPED,
        "reason": "answered",
        "revision": ProposalRow.revision + 1,
        "changed_at": now,
    }
    return set_all(session, ProposalRow, answered, values)


def retype(
    session: Session,
    workspace: WorkspaceId,
    proposal: ProposalId,
    classified: Classified,
    draft: ProposalDraft,
    *,
    now: datetime,
) -> Proposal:
    """Set a waiting proposal against what is known now, after its target moved on.

    Raises:
        Unknown: there is no such proposal.
        WrongState: it is decided, or known by now (drop it then).
    """
    found = one(session, workspace, proposal)
    if classified.kind is None:
        raise WrongState("This is known by now; drop the proposal.")
    retired = classified.target.entry if classified.kind is ProposalKind.RETIRE and classified.target else None
    values = {
        "kind": classified.kind,
        **draft_values(draft, fingerprint(draft, retired)),
        **_target_values(classified),
        "revision": ProposalRow.revision + 1,
        "changed_at": now,
    }
    expected = {**key(workspace, proposal), "state": ProposalState.PENDING}
    if not compare_and_set(session, ProposalRow, expected, values):
        raise WrongState("This proposal has been decided.", by=found.decided_by, state=found.state)
    return one(session, workspace, proposal)


def fingerprint(draft: ProposalDraft, retired: EntryId | None = None) -> str:
    """What a draft means: the same for the same words of question and answer."""
    meaning = [retired or "", plain_question(draft.question), plain_answer(draft.answer)]
    return hashlib.sha256(canonical(meaning)).hexdigest()


def draft_values(draft: ProposalDraft, meaning: str) -> Mapping[str, Any]:
    """The columns that hold a draft."""
    return {
        "question": draft.question,
        "phrasings": list(draft.phrasings),
        "answer": draft.answer,
        "audience": sorted(draft.audience.refs),
        "fingerprint": meaning,
    }


def _target_values(classified: Classified) -> Mapping[str, Any]:
    target = classified.target
    return {
        "target_entry": None if target is None else target.entry,
        "target_version": None if target is None else target.version,
    }


def lock(session: Session, workspace: WorkspaceId, proposal: ProposalId) -> ProposalRow:
    """The proposal's row, so that whoever else decides on it waits.

    Raises:
        Unknown: there is no such proposal.
    """
    row = fetch(session, ProposalRow, **key(workspace, proposal), lock=True)
    if row is None:
        raise Unknown("There is no such proposal in this workspace.")
    return row


def _settled(session: Session, workspace: WorkspaceId, meaning: str, source: Source) -> Proposed | None:
    """What was settled before: this very source, or the same meaning by a rejection."""
    mine = select(ProposalSourceRow.proposal).where(
        ProposalSourceRow.workspace == workspace, ProposalSourceRow.source_key == source.key
    )
    meant = (
        ProposalRow.workspace == workspace,
        or_(ProposalRow.first_fingerprint == meaning, ProposalRow.fingerprint == meaning),
    )
    once: tuple[ColumnElement[bool], ...] = (*meant, ProposalRow.id.in_(mine))
    if source.origin in _COME_BACK:
        once = (*once, ProposalRow.state != ProposalState.DROPPED)
    known = session.scalars(select(ProposalRow.id).where(*once).limit(1)).first()
    if known is not None:
        return Proposed(Outcome.KNOWN_SOURCE, one(session, workspace, ProposalId(known)))
    rejected = session.scalars(
        select(ProposalRow.id).where(*meant, ProposalRow.state == ProposalState.REJECTED).limit(1)
    ).first()
    if rejected is not None:
        return Proposed(Outcome.REJECTED_BEFORE, one(session, workspace, ProposalId(rejected)))
    return None


def _lock_waiting(
    session: Session, workspace: WorkspaceId, meaning: str, joins: ProposalId | None
) -> ProposalRow | None:
    same = or_(ProposalRow.fingerprint == meaning, ProposalRow.first_fingerprint == meaning)
    statement = (
        select(ProposalRow.id)
        .where(
            ProposalRow.workspace == workspace,
            ProposalRow.state == ProposalState.PENDING,
            same if joins is None else or_(same, ProposalRow.id == joins),
        )
        .order_by((ProposalRow.fingerprint != meaning), ProposalRow.id)
    )
    for found in session.scalars(statement).all():
        row = lock(session, workspace, ProposalId(found))
        if row.state == ProposalState.PENDING:
            return row
    return None


def _add_source(
    session: Session, row: ProposalRow, source: Source, now: datetime, ids: IdSource, *, first: bool = False
) -> None:
    values = {
        "workspace": row.workspace,
        "id": ids(),
        "proposal": row.id,
        "source_key": source.key,
        "origin": source.origin,
        "person": source.person,
        "channel": source.place.channel,
        "thread": source.place.thread,
        "privacy": source.privacy,
        "conversation": source.conversation,
        "decision": source.decision,
        "handoff": source.handoff,
        "at": now,
    }
    if insert_if_absent(session, ProposalSourceRow, values):
        counted: dict[str, Any] = {"count": ProposalRow.count + 1, "changed_at": now}
        if not first:
            counted["revision"] = ProposalRow.revision + 1
        compare_and_set(session, ProposalRow, key(WorkspaceId(row.workspace), ProposalId(row.id)), counted)
