"""How an approved proposal becomes a change of the knowledge base, and how that change is taken back.

Always: what is applied is the draft that was shown; a target that has moved on is only touched where its answer is
still the one that was shown; taking back restores the version before exactly, or, where other changes came since,
takes out this one alone. Nothing here decides whether it may be done: that is the rest of this package.
"""

from dataclasses import dataclass, replace
from typing import Protocol

from sqlalchemy.orm import Session

from kb.entries import Draft, Entry, EntryStatus, Provenance
from kb.errors import StaleVersion, UnknownEntry
from kb.ids import EntryId, WorkspaceId
from learning.conversations import Privacy
from learning.errors import Stale, WrongState
from learning.ids import PersonId
from learning.proposals import Proposal, ProposalDraft, ProposalKind, Target, replacing
from learning.wording import plain_question

_MOVED = "The entry has changed since this was proposed; look at it again and decide anew."


class KnowledgeChanges(Protocol):
    """The part of a knowledge base that reviews change; `kb.knowledge.KnowledgeBase` is one."""

    def publish(self, session: Session, workspace: WorkspaceId, draft: Draft, *, by: str) -> Entry:
        """Write the first version of a new entry."""
        ...

    def revise(
        self,
        session: Session,
        workspace: WorkspaceId,
        entry_id: EntryId,
        draft: Draft,
        *,
        by: str,
        expected_version: int | None = None,
    ) -> Entry:
        """Write the next version of an entry."""
        ...

    def stop(
        self,
        session: Session,
        workspace: WorkspaceId,
        entry_id: EntryId,
        *,
        by: str,
        expected_version: int | None = None,
    ) -> Entry:
        """Take an entry out of search at once."""
        ...

    def retire(
        self,
        session: Session,
        workspace: WorkspaceId,
        entry_id: EntryId,
        *,
        by: str,
        expected_version: int | None = None,
    ) -> Entry:
        """Take an entry out of the knowledge base."""
        ...

    def restore(
        self, session: Session, workspace: WorkspaceId, entry_id: EntryId, *, to_version: int, by: str
    ) -> Entry:
        """Write a new version with the content and status of an earlier one; 0 means before there was any."""
        ...

    def get(self, session: Session, workspace: WorkspaceId, entry_id: EntryId, version: int | None = None) -> Entry:
        """One version of an entry, by default the current one."""
        ...


@dataclass(frozen=True)
class Applied:
    """What an approval did to the knowledge base."""

    #: The version it made.
    target: Target
    #: The entry's version before; 0 where there was none.
    previous: int


def apply(
    session: Session,
    knowledge: KnowledgeChanges,
    proposal: Proposal,
    by: PersonId,
    *,
    replaces: bool,
) -> Applied:
    """Carry out a proposal's draft.

    Args:
        replaces: for a conflict: whether the draft takes the entry's place; False keeps both.

    Raises:
        Stale: the target moved on in a way that matters.
    """
    workspace, target = proposal.workspace, proposal.target
    try:
        if target is None or (proposal.kind is ProposalKind.CONFLICTS and not replaces):
            draft = _content(proposal, proposal.draft, None)
            _stays_private(proposal, draft)
            entry = knowledge.publish(session, workspace, draft, by=by)
            return Applied(Target(entry.id, entry.version), 0)
        current = knowledge.get(session, workspace, target.entry)
        shown = knowledge.get(session, workspace, target.entry, target.version)
        _still_the_same(current, shown)
        if proposal.kind is ProposalKind.RETIRE:
            entry = knowledge.retire(session, workspace, target.entry, by=by, expected_version=current.version)
            return Applied(Target(entry.id, entry.version), current.version)
        if proposal.kind is ProposalKind.NEW_PHRASING:
            draft = _with_wording(proposal, current)
        else:
            draft = _replacement(proposal, current, shown)
            _stays_private(proposal, draft)
        return _revise(session, knowledge, proposal, current, draft, by)
    except (StaleVersion, UnknownEntry) as moved:
        raise Stale(_MOVED) from moved


def take_back(session: Session, knowledge: KnowledgeChanges, proposal: Proposal, by: PersonId) -> Entry:
    """Take back what a proposal's approval did.

    Raises:
        WrongState: it was never applied.
        Stale: later changes rest on it; they have to be taken back first.
    """
    applied, previous = proposal.applied, proposal.previous_version
    if applied is None or previous is None:
        raise WrongState("This was never applied, so there is nothing to undo.", state=proposal.state)
    workspace = proposal.workspace
    current = knowledge.get(session, workspace, applied.entry)
    if current.version == applied.version or previous == 0:
        return knowledge.restore(session, workspace, applied.entry, to_version=previous, by=by)
    made = knowledge.get(session, workspace, applied.entry, applied.version)
    before = knowledge.get(session, workspace, applied.entry, previous)
    if current.answer != made.answer or current.status is not made.status or before.status is not made.status:
        raise Stale("The entry has been changed again since; take the later changes back first.")
    added = {wording for wording in made.wordings if wording not in before.wordings}
    kept = tuple(wording for wording in current.wordings if wording not in added and wording != before.question)
    draft = replace(
        current.content,
        question=before.question,
        answer=before.answer,
        phrasings=kept,
        audience=before.content.audience,
        provenance=before.content.provenance,
    )
    return knowledge.revise(session, workspace, applied.entry, draft, by=by, expected_version=current.version)


def _still_the_same(current: Entry, shown: Entry) -> None:
    """A target that moved on may be touched while its answer and audience are those that were shown."""
    if current.status is EntryStatus.RETIRED:
        raise Stale("The entry is no longer part of the knowledge base; look at the proposal again.")
    if current.answer != shown.answer or current.content.audience != shown.content.audience:
        raise Stale(_MOVED)


def _with_wording(proposal: Proposal, current: Entry) -> Draft:
    if current.status is not EntryStatus.LIVE:
        raise Stale("The entry is out of use at present; put it back before giving it more wordings.")
    known = {plain_question(wording) for wording in current.wordings}
    new = [w for w in (proposal.draft.question, *proposal.draft.phrasings) if plain_question(w) not in known]
    shown = ProposalDraft(
        question=current.question,
        answer=current.answer,
        phrasings=(*current.content.phrasings, *new),
        audience=current.content.audience,
    )
    return _content(proposal, shown, current)


def _replacement(proposal: Proposal, current: Entry, shown: Entry) -> Draft:
    """The draft as it was shown, with the wordings that the entry gained since."""
    draft = proposal.draft
    if proposal.kind is ProposalKind.CONFLICTS:
        # The reviewer chose an audience only by editing; otherwise the entry's holds.
        chosen = draft.audience if proposal.edited_by is not None else current.content.audience
        draft = replace(replacing(draft, current), audience=chosen)
    gained = [wording for wording in current.wordings if wording not in shown.wordings]
    phrasings = tuple(dict.fromkeys((*draft.phrasings, *gained)))
    return _content(proposal, replace(draft, phrasings=phrasings), current)


def _stays_private(proposal: Proposal, draft: Draft) -> None:
    """Text from a closed channel is shown outside of it only if a reviewer set its audience, by editing."""
    if proposal.privacy is not Privacy.CHANNEL or proposal.edited_by is not None:
        return
    home = frozenset(f"channel:{source.place.channel}" for source in proposal.sources[:1])
    if not draft.audience.refs or not draft.audience.refs <= home:
        raise WrongState("This text comes from a private channel: edit it and choose who may see it.")


def _revise(
    session: Session,
    knowledge: KnowledgeChanges,
    proposal: Proposal,
    current: Entry,
    draft: Draft,
    by: PersonId,
) -> Applied:
    workspace, entry, expected = proposal.workspace, current.id, current.version
    if current.status is EntryStatus.STOPPED:
        # A correction of what was taken out of use puts it back: first the last version in use, then the new words.
        in_use = proposal.target.version if proposal.target is not None else expected
        expected = knowledge.restore(session, workspace, entry, to_version=in_use, by=by).version
    made = knowledge.revise(session, workspace, entry, draft, by=by, expected_version=expected)
    if made.status is not EntryStatus.LIVE:
        raise Stale("The entry is out of use; put it back first.")
    return Applied(Target(entry, made.version), current.version)


def _content(proposal: Proposal, draft: ProposalDraft, current: Entry | None) -> Draft:
    """The draft with where it came from; an ingested entry keeps its source, so that ingest still knows it."""
    conversations = dict.fromkeys(str(s.conversation) for s in proposal.sources if s.conversation is not None)
    earlier = None if current is None else current.content.provenance
    provenance = Provenance(
        origin="proposal",
        source=None if earlier is None else earlier.source,
        position=None if earlier is None else earlier.position,
        content_hash=None if earlier is None else earlier.content_hash,
        proposal=proposal.id,
        conversations=tuple(conversations),
        people=tuple(sorted(proposal.people)),
    )
    if current is not None:
        return replace(
            current.content,
            question=draft.question,
            answer=draft.answer,
            phrasings=draft.phrasings,
            audience=draft.audience,
            provenance=provenance,
        )
    return Draft(
        question=draft.question,
        answer=draft.answer,
        phrasings=draft.phrasings,
        audience=draft.audience,
        provenance=provenance,
    )
