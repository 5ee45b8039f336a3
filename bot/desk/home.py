"""App Home: what one person sees of what waits."""

from datetime import date, timedelta

from sqlalchemy.orm import Session

from bot.desk import actors
from bot.services import Services
from bot.slack.text import plain
from bot.slack.views import home as views
from kb.entries import EntryKind, EntryStatus
from kb.ids import WorkspaceId
from learning import budgets, conversations, handoffs, people, proposals
from learning.handoffs import Handoff
from learning.people import Role
from learning.proposals import Proposal, ProposalKind, ProposalState

#: How many questions are suggested to somebody who opens the bot.
SUGGESTED = 4
#: How long an approved wording stands in the list with 'Undo'.
LATELY = timedelta(days=7)
#: The curve of what was answered alone: over so many budgets, and one bar for so many of them.
_BUDGETS, _EACH_BAR = 80, 4

_KINDS = {
    ProposalKind.NEW_ENTRY: "New answer",
    ProposalKind.NEW_PHRASING: "New wording",
    ProposalKind.REPLACES: "Correction",
    ProposalKind.CONFLICTS: "Conflict",
    ProposalKind.RETIRE: "Retirement",
}


def draw(services: Services, workspace: WorkspaceId, user: str) -> None:
    """Publish the home tab of one person, as things stand."""
    roles = services.identity.roles(user)
    with services.sessions.begin() as session:
        person = people.person_for(session, workspace, user, now=services.clock(), ids=services.ids)
        live = handoffs.live_ones(session, workspace)
        card = views.HomeCard(
            staff=Role.STAFF in roles,
            admin=Role.ADMIN in roles,
            mine=tuple(_handoff(services, session, one) for one in live if one.asker == person),
            handoffs=tuple(_handoff(services, session, one) for one in live) if Role.STAFF in roles else (),
            needs_answer=_needs_answer(session, workspace, everything=Role.ADMIN in roles),
            phrasings=_phrasings(services, session, workspace),
            approved=_approved(services, session, workspace),
            proposals=_proposals(session, workspace),
            counts=_counts(services, session, workspace),
            promise=_promise(session, workspace),
        )
    services.client.views_publish(user_id=user, view=views.home(card))


def popular(services: Services, workspace: WorkspaceId) -> list[str]:
    """A few questions that everyone may ask, to begin with."""
    with services.sessions() as session:
        known = services.knowledge.entries(session, workspace, status=EntryStatus.LIVE, kind=EntryKind.ANSWER)
    return [entry.question for entry in known if not entry.content.audience.refs][:SUGGESTED]


def asked_for(services: Services, workspace: WorkspaceId, about: str) -> Proposal | None:
    """The question that waits for an answer under this id, if one does."""
    with services.sessions() as session:
        return next((one for one in proposals.needing_answer(session, workspace) if one.id == about), None)


def due_for_review(services: Services, session: Session, workspace: WorkspaceId, day: date) -> int:
    """How many answers in use have reached the day from which somebody should look at them again."""
    known = services.knowledge.entries(session, workspace, status=EntryStatus.LIVE)
    return sum(1 for entry in known if entry.content.review_by is not None and entry.content.review_by <= day)


def waiting(services: Services, workspace: WorkspaceId) -> proposals.QueueCounts:
    """How much waits for reviewers."""
    with services.sessions() as session:
        return proposals.counts(session, workspace)


def _handoff(services: Services, session: Session, found: Handoff) -> views.OpenHandoff:
    asked = conversations.message(session, found.workspace, *found.question, vault=services.vault)
    question = plain(asked.text, services.identity.bot_user()) if asked and asked.text else "(deleted)"
    standing = "waiting"
    if found.claimed_by is not None:
        standing = f"with {actors.name(session, found.workspace, found.claimed_by)}"
    return views.OpenHandoff(question, standing)


def _needs_answer(session: Session, workspace: WorkspaceId, *, everything: bool) -> tuple[views.NeedsAnswer, ...]:
    """The questions that want an answer; what was asked in private is for reviewers alone."""
    found = proposals.needing_answer(session, workspace)
    return tuple(
        views.NeedsAnswer(one.id, one.draft.question, one.conversations)
        for one in found
        if everything or not one.private
    )


def _phrasings(services: Services, session: Session, workspace: WorkspaceId) -> tuple[views.WaitingPhrasing, ...]:
    found = proposals.waiting_phrasings(session, workspace)
    return tuple(
        views.WaitingPhrasing(
            proposal=one.id,
            shown=proposals.shown_prefix(one),
            phrasing=one.draft.question,
            question=services.knowledge.get(session, workspace, one.target.entry).question,
        )
        for one in found
        if one.target is not None
    )


def _approved(services: Services, session: Session, workspace: WorkspaceId) -> tuple[views.ApprovedPhrasing, ...]:
    found = proposals.approved_phrasings(session, workspace, since=services.clock() - LATELY)
    return tuple(
        views.ApprovedPhrasing(
            proposal=one.id,
            phrasing=one.draft.question,
            question=services.knowledge.get(session, workspace, one.target.entry).question,
            by=actors.shown(session, workspace, one.decided_by),
        )
        for one in found
        if one.target is not None
    )


def _proposals(session: Session, workspace: WorkspaceId) -> tuple[views.WaitingProposal, ...]:
    found = proposals.waiting_others(session, workspace)
    return tuple(
        views.WaitingProposal(_KINDS[one.kind], one.draft.question, count=one.conversations)
        for one in found
        if one.state is ProposalState.PENDING
    )


def _promise(session: Session, workspace: WorkspaceId) -> views.Promise | None:
    """How the promise stands; the curve has one bar for each hundred questions or so."""
    found = budgets.history(session, workspace, limit=_BUDGETS)
    if not found:
        return None
    now = found[0]
    alone = tuple(one.answered_alone for one in reversed(found[::_EACH_BAR]))
    wrong = now.wrong
    return views.Promise(now.max_wrong, wrong.value, wrong.low, wrong.high, alone, now.alarm)


def _counts(services: Services, session: Session, workspace: WorkspaceId) -> tuple[views.Count, ...]:
    known = services.knowledge.entries(session, workspace, status=EntryStatus.LIVE, kind=EntryKind.ANSWER)
    due = due_for_review(services, session, workspace, services.clock().date())
    return (views.Count("Answers in use", len(known)), views.Count("Due for a look", due))
