"""Proposals in Slack: shown on cards, and live once the index has followed.

A card is a picture of the present state. It stands in the thread and in the review channel; where the words come from
a place that not everyone can read, in the review channel alone.
"""

import logging

from bot.desk import admins, moved
from bot.services import Services
from bot.slack.views import notices
from bot.slack.views.kit import Message
from bot.workflows import proposal_card
from bot.workflows.steps import StepAway, step
from kb.ids import WorkspaceId
from learning import proposals
from learning.ids import ProposalId
from learning.proposals import Proposal, ProposalKind, ProposalState

log = logging.getLogger(__name__)

#: A card is drawn again at most so often in one go; the next change draws it anyway.
REDRAWS = 5


def show(services: Services, workspace: WorkspaceId, proposal: str) -> None:
    """Draw the cards as things stand now; what was approved meanwhile is drawn once search has followed.

    Raises:
        StepAway: the review channel refuses it, so that it is tried again later.
    """
    if step("draw", _draw_unless_applied, services, workspace, ProposalId(proposal)) is False:
        raise StepAway("draw: refused")


def apply(services: Services, workspace: WorkspaceId, proposal: str) -> None:
    """Let the index follow what was decided, show it with the proof, and look again at what waits about the entry."""
    step("index", services.knowledge.apply_pending, workspace)
    step("draw", _draw, services, workspace, ProposalId(proposal))
    step("look again", _look_again, services, workspace, ProposalId(proposal))


def _look_again(services: Services, workspace: WorkspaceId, proposal: ProposalId) -> None:
    with services.sessions() as session:
        found = proposals.one(session, workspace, proposal)
    if found.applied is not None:
        moved.entry_moved(services, workspace, found.applied.entry)


def _draw_unless_applied(services: Services, workspace: WorkspaceId, proposal: ProposalId) -> bool:
    return _draw(services, workspace, proposal, applied=False)


def _draw(services: Services, workspace: WorkspaceId, proposal: ProposalId, *, applied: bool = True) -> bool:
    """Draw until what is drawn is how things stand; False where it waits and the review channel refuses it.

    Args:
        applied: whether search has followed what was decided; otherwise that is left to the workflow that sees to it.
    """
    stands = True
    for _ in range(REDRAWS):
        with services.sessions() as session:
            found = proposals.one(session, workspace, proposal)
        if not applied and found.state in (ProposalState.APPROVED, ProposalState.UNDONE):
            return True
        message = proposal_card.waiting(services, found) if found.pending else proposal_card.decided(services, found)
        stands = _place(services, found, message) or not found.pending
        with services.sessions() as session:
            if proposals.one(session, workspace, proposal).revision == found.revision:
                break
    return stands


def _place(services: Services, found: Proposal, message: Message) -> bool:
    """Draw the card in every place where it stands or belongs; a wording waits in App Home and gets none.

    Returns: False where the review channel refuses it for good, which the admins are told.
    """
    review, workspace = services.settings.review_channel, found.workspace
    if found.kind is ProposalKind.NEW_PHRASING:
        for where in ("review", "thread"):
            services.delivery.update(workspace, f"proposal:{found.id}:{where}", message)
        return True
    posted = True
    if review:
        card = services.delivery.post_or_update(workspace, f"proposal:{found.id}:review", review, message)
        posted = card is not None
    key = f"proposal:{found.id}:thread"
    if _may_stand_in_thread(services, found):
        place = found.sources[0].place
        services.delivery.post_or_update(workspace, key, place.channel, message, thread=place.thread)
    else:
        services.delivery.delete(workspace, key)
    if not posted and found.pending:
        log.error("proposals reach no reviewer: I cannot post in ANSWERLOOP_REVIEW_CHANNEL (%s)", review)
        notice = notices.review_unreachable(review)
        admins.tell(services, workspace, f"unreachable:{review}:{services.clock():%F}", notice)
    return posted


def _may_stand_in_thread(services: Services, found: Proposal) -> bool:
    """Whether everyone who reads the thread may read what the card shows: the draft and the entry it is about."""
    if found.private or not found.sources:
        return False
    audiences = [found.draft.audience]
    if found.target is not None:
        with services.sessions() as session:
            shown = services.knowledge.get(session, found.workspace, found.target.entry, found.target.version)
        audiences.append(shown.content.audience)
    readers = proposal_card.readers_of(services, found, frozenset(ref for one in audiences for ref in one.refs))
    return all(one.admits(readers) for one in audiences)
