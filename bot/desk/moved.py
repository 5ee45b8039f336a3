"""Proposals about an entry that has moved on: each is set against what is known now, or let go of.

Otherwise their cards would offer what can no longer be approved: what is applied is what was read.
"""

from bot.desk import proposals as desk
from bot.services import Services
from kb.entries import Entry, EntryStatus
from kb.ids import EntryId, WorkspaceId
from learning import proposals
from learning.errors import WrongState
from learning.proposals import Proposal, ProposalKind, Target


def entry_moved(services: Services, workspace: WorkspaceId, entry: EntryId) -> None:
    """Look again at everything that waits about an entry which was just changed."""
    with services.sessions() as session:
        now = services.knowledge.get(session, workspace, entry)
        waiting = [
            (one, services.knowledge.get(session, workspace, entry, one.target.version))
            for one in proposals.waiting(session, workspace)
            if one.target is not None and one.target.entry == entry
        ]
    for one, shown in waiting:
        if _differs(shown, now):
            _look_again(services, one, now)


def _differs(shown: Entry, now: Entry) -> bool:
    """Whether what a reviewer was shown of the entry no longer holds; further wordings make no difference."""
    gone = now.status is EntryStatus.RETIRED
    return gone or shown.answer != now.answer or shown.content.audience != now.content.audience


def _look_again(services: Services, found: Proposal, now: Entry) -> None:
    gone = now.status is EntryStatus.RETIRED
    if found.kind in (ProposalKind.NEW_PHRASING, ProposalKind.RETIRE) or (found.needs_answer and not gone):
        _let_go(services, found, "The answer has changed since.")
        return
    corrected = Target(now.id, now.version) if found.kind is ProposalKind.REPLACES else None
    classified = proposals.classify(
        found.draft,
        desk.evidence_for(services, found.workspace, found.draft.question),
        origin=found.origin,
        corrected=corrected,
        similarity=services.knowledge.similar,
        nearness=desk.nearness(services),
    )
    if classified.kind in (None, ProposalKind.NEW_PHRASING):
        _let_go(services, found, "It is known by now.")
        return
    with services.sessions.begin() as session:
        target = classified.target
        entry = services.knowledge.get(session, found.workspace, target.entry) if target is not None else None
        draft = proposals.prepare(found.draft, classified, entry, found.sources[0])
        try:
            anew = proposals.retype(session, found.workspace, found.id, classified, draft, now=services.clock())
        except WrongState:
            return  # decided at this very moment
        desk.show(services, session, anew)


def _let_go(services: Services, found: Proposal, reason: str) -> None:
    with services.sessions.begin() as session:
        if proposals.drop(session, found.workspace, found.id, reason=reason, now=services.clock()):
            desk.show(services, session, proposals.one(session, found.workspace, found.id))
