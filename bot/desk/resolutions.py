"""Resolutions: what is learned from how staff settled a question, and from what else the same answer settled."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.desk.handoffs import question_before
from bot.desk.proposals import Told, compare, propose, version_said
from bot.services import Services
from kb.ids import WorkspaceId
from learning import conversations, handoffs, recorder
from learning.handoffs import Consent, Handoff, HandoffReason, Resolution
from learning.ids import HandoffId
from learning.proposals import Origin, ProposalDraft, ProposalKind, Proposed, Source, Target


@dataclass(frozen=True)
class _Settled:
    """A question that a resolution answers."""

    #: In the record's redacted words.
    question: str
    source: Source
    #: The version that was shown and is corrected; None where none was.
    corrected: Target | None


def learn(services: Services, workspace: WorkspaceId, handoff: HandoffId) -> Proposed | None:
    """Propose what staff settled a handoff with: once, with the wordings of all that the answer settled too.

    What staff keep out of the knowledge base is proposed to nobody; it only shows whether anything known would have
    answered, so that the bot grows careful where people ask what it is not meant to know.
    """
    with services.sessions() as session:
        found = handoffs.one(session, workspace, handoff)
        answer = handoffs.resolution_text(session, workspace, handoff, vault=services.vault)
        if not answer or found.resolution is None:
            return None
        together = (found, *handoffs.settled_along(session, workspace, found.resolution.id))
        settled = [_settled(services, session, one, found.resolution) for one in together]
    asked = [one for one in settled if one is not None]
    if not asked:
        return None
    first, *others = asked
    if not found.resolution.learn:
        for one in asked:
            compare(services, workspace, Told(ProposalDraft(one.question, answer), one.source, corrected=one.corrected))
        return None
    wordings = dict.fromkeys(one.question for one in others if one.question != first.question)
    told = Told(
        ProposalDraft(first.question, answer, tuple(wordings)),
        first.source,
        corrected=first.corrected,
        others=tuple(one.source for one in others),
    )
    proposed = propose(services, workspace, told)
    if proposed is None or proposed.proposal.kind is ProposalKind.NEW_PHRASING:
        # The answer is known: each wording waits by itself, or is known too.
        for one in others:
            propose(services, workspace, Told(ProposalDraft(one.question, answer), one.source))
    return proposed


def _settled(services: Services, session: Session, found: Handoff, resolution: Resolution) -> _Settled | None:
    """What was asked in a handoff, as far as it was shown to staff."""
    conversation = conversations.one(session, found.workspace, found.conversation)
    handed_over = recorder.for_question(session, found.workspace, *found.question, vault=services.vault)
    decision = handed_over and question_before(services, session, found.workspace, handed_over)
    if decision is None or (decision != handed_over and found.relay and found.consent is not Consent.GIVEN):
        return None
    source = Source(
        origin=Origin.RESOLUTION,
        person=resolution.by,
        place=conversation.place,
        privacy=conversation.privacy,
        conversation=conversation.id,
        decision=decision.id,
        handoff=found.id,
    )
    corrected = version_said(decision) if found.reason is HandoffReason.THUMBS_DOWN else None
    return _Settled(decision.decision.question, source, corrected)
