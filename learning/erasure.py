"""Erasure: a person is forgotten, and what was built on what they asked stays.

Always: their key is destroyed, so that no copy of their words can be read again, and whatever else holds words of
theirs alone is emptied. Records of decisions keep their place in the chain, and what they count. What a reviewer
approved belongs to the workspace and stays; which entries these are is told, because somebody may want to look. What
was approved and taken back is no knowledge any more: it goes out of the entries' earlier versions too.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from kb.forgetting import brought, forget_words
from kb.ids import EntryId, WorkspaceId
from learning import audit, people
from learning.encryption import Vault
from learning.ids import PersonId, ProposalId
from learning.proposals import ProposalState, drop
from learning.rows import fetch_all, set_all
from learning.tables import (
    DecisionRow,
    ExplanationRow,
    MessageRow,
    ProposalRow,
    ProposalSourceRow,
    ReplayCaseRow,
    ResolutionRow,
)

#: Proposals that are no part of the knowledge base.
_UNUSED = (ProposalState.PENDING, ProposalState.REJECTED, ProposalState.DROPPED, ProposalState.UNDONE)


@dataclass(frozen=True)
class Forgotten:
    """What an erasure took, and what it left."""

    #: Texts of messages and resolutions that were removed.
    messages: int
    #: Comments and corrections to answers that were emptied.
    explanations: int
    #: Proposals that were made of their words alone and are emptied; those that waited are let go of.
    proposals: tuple[ProposalId, ...]
    #: Records of decisions whose texts can no longer be read.
    records: int
    #: Replays of them whose texts were removed.
    replays: int
    #: Entries that were approved from their words and stay.
    entries: tuple[EntryId, ...]


def forget(
    session: Session,
    workspace: WorkspaceId,
    person: PersonId,
    *,
    vault: Vault,
    by: str = "operator",
    now: datetime,
) -> Forgotten:
    """Erase a person.

    Args:
        by: opaque id of who asked for it, for the audit trail.

    Raises:
        Unknown: there is no such person.
    """
    people.erase(session, workspace, person, vault=vault, now=now)
    mine = (MessageRow.workspace == workspace, MessageRow.key_of == person, MessageRow.sealed.is_not(None))
    given = (ResolutionRow.workspace == workspace, ResolutionRow.by == person, ResolutionRow.sealed.is_not(None))
    said = (ExplanationRow.workspace == workspace, ExplanationRow.person == person)
    again = (ReplayCaseRow.workspace == workspace, ReplayCaseRow.asker == person, ReplayCaseRow.payload.is_not(None))
    asked = select(func.count()).select_from(DecisionRow)
    found = Forgotten(
        messages=set_all(session, MessageRow, mine, {"sealed": None})
        + set_all(session, ResolutionRow, given, {"sealed": None}),
        explanations=set_all(session, ExplanationRow, said, {"comment": "", "correction": ""}),
        proposals=_empty_proposals(session, workspace, person, now),
        records=session.scalar(asked.where(DecisionRow.workspace == workspace, DecisionRow.asker == person)) or 0,
        replays=set_all(session, ReplayCaseRow, again, {"payload": None}),
        entries=_approved(session, workspace, person),
    )
    audit.append(session, workspace, actor=by, action="person.forget", subject=person, now=now)
    return found


def _empty_proposals(
    session: Session, workspace: WorkspaceId, person: PersonId, now: datetime
) -> tuple[ProposalId, ...]:
    """Empty what was proposed in their words alone and is no knowledge, and what they gave as reasons."""
    others = _source(workspace, ProposalSourceRow.person != person)
    theirs = (_source(workspace, ProposalSourceRow.person == person), ~others, ProposalRow.state.in_(_UNUSED))
    statement = select(ProposalRow).where(ProposalRow.workspace == workspace, *theirs)
    emptied = []
    for row in fetch_all(session, statement.order_by(ProposalRow.id)):
        one = ProposalId(row.id)
        emptied.append(one)
        _forget_taken_back(session, workspace, row)
        drop(session, workspace, one, reason="The person whose words it was has been erased.", now=now)
        where = (ProposalRow.workspace == workspace, ProposalRow.id == one)
        set_all(session, ProposalRow, where, {"question": "", "phrasings": [], "answer": ""})
    decided = (ProposalRow.workspace == workspace, ProposalRow.decided_by == person, ProposalRow.reason.is_not(None))
    set_all(session, ProposalRow, decided, {"reason": ""})
    return tuple(emptied)


def _forget_taken_back(session: Session, workspace: WorkspaceId, row: ProposalRow) -> None:
    """What an approval that was undone brought goes out of the versions of its entry."""
    if row.applied_entry is None or row.applied_version is None or row.previous_version is None:
        return
    entry = EntryId(row.applied_entry)
    words = brought(session, workspace, entry, row.applied_version, row.previous_version)
    forget_words(session, workspace, entry, words)


def _approved(session: Session, workspace: WorkspaceId, person: PersonId) -> tuple[EntryId, ...]:
    applied = select(ProposalRow.applied_entry).where(
        ProposalRow.workspace == workspace,
        ProposalRow.state == ProposalState.APPROVED,
        ProposalRow.applied_entry.is_not(None),
        _source(workspace, ProposalSourceRow.person == person),
    )
    return tuple(EntryId(one) for one in sorted(filter(None, session.scalars(applied.distinct()))))


def _source(workspace: WorkspaceId, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a proposal has a source of some kind."""
    mine = (ProposalSourceRow.workspace == workspace, ProposalSourceRow.proposal == ProposalRow.id)
    return exists().where(*mine, condition)
