"""Votes: what the votes on an answer speak for, and what loses its ground when they turn.

Thumbs up speak for a new wording of what was said word for word, or, with none against them, for an answer that a
model wrote; it is the same whether the bot said it alone or staff sent it. A thumbs-down without a correction says that
somebody should write an answer. What no vote carries any more is let go of before anyone has to decide on it.
"""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from bot.agent import Rule
from bot.agent.citations import without_citations
from bot.desk import proposals as desk
from bot.desk.proposals import Told
from bot.services import Services
from kb.ids import WorkspaceId
from learning import conversations, feedback, proposals, recorder
from learning.feedback import Rating
from learning.ids import DecisionId, PersonId
from learning.proposals import Origin, Proposal, ProposalDraft, Source
from learning.recorder import DecisionKind, RecordedDecision

#: What a draft was before staff sent it, by the rule that chose it; of what was no answer nothing is learned.
_SENT: Mapping[str, DecisionKind] = {
    Rule.CONFIDENT: DecisionKind.VERBATIM,
    Rule.WRITTEN_FROM_EVIDENCE: DecisionKind.GENERATED,
}


def weigh(services: Services, workspace: WorkspaceId, decision: DecisionId, person: PersonId) -> None:
    """Propose what a person's vote speaks for as it stands now, and let go of what the votes no longer carry."""
    with services.sessions() as session:
        found = recorder.one(session, workspace, decision, vault=services.vault)
        live = feedback.live_vote(session, workspace, decision, person)
        unopposed = feedback.tally(session, workspace, decision).unopposed
        corrected = _corrected(session, workspace, decision, person)
        text = _said(services, session, workspace, found) if live is Rating.UP and unopposed else ""
        origin = Origin.VOTES if live is Rating.UP else Origin.THUMBS_DOWN
        source = desk.source_of(session, workspace, found, person, origin)
    question = found.decision.question
    if text:
        desk.propose(services, workspace, Told(ProposalDraft(question, text), source))
    elif live is Rating.DOWN and not corrected:
        desk.propose(services, workspace, Told(ProposalDraft(question, ""), source, needs_answer=True))
    with services.sessions.begin() as session:
        for one in proposals.of_decision(session, workspace, decision):
            if one.pending and not any(_carries(session, workspace, source) for source in one.sources):
                _let_go(services, session, one)


def _said(services: Services, session: Session, workspace: WorkspaceId, found: RecordedDecision) -> str:
    """The text of an answer that may be learned from; empty where there is none."""
    posts = recorder.posts_of(session, workspace, found.id)
    drafted = found.kind is DecisionKind.DRAFTED
    kind = _SENT.get(found.decision.rule) if drafted else found.kind
    if not posts or kind not in (DecisionKind.VERBATIM, DecisionKind.GENERATED):
        return ""
    if found.decision.rule == Rule.CUT_OFF:
        return ""  # half an answer, whatever was thought of it
    said = conversations.message(session, workspace, posts[-1].place.channel, posts[-1].ts, vault=services.vault)
    if said is None or not said.text:
        return ""
    # The numbers point to the sources under that one reply.
    return without_citations(said.text) if kind is DecisionKind.GENERATED else said.text


def _carries(session: Session, workspace: WorkspaceId, source: Source) -> bool:
    """Whether a source still speaks for its proposal."""
    if source.decision is None:
        return True
    match source.origin:
        case Origin.VOTES:
            return feedback.tally(session, workspace, source.decision).unopposed
        case Origin.CLICK:
            # Who says that the chosen answer was not it meant something else by their words.
            return feedback.live_vote(session, workspace, source.decision, source.person) is not Rating.DOWN
        case Origin.THUMBS_DOWN:
            live = feedback.live_vote(session, workspace, source.decision, source.person)
            return live is Rating.DOWN and not _corrected(session, workspace, source.decision, source.person)
        case _:
            return True


def _corrected(session: Session, workspace: WorkspaceId, decision: DecisionId, person: PersonId) -> bool:
    """Whether a person has said what would be right; their correction waits as a proposal of its own."""
    told = feedback.explanations(session, workspace, decision)
    return any(one.person == person and one.correction.strip() for one in told)


def _let_go(services: Services, session: Session, found: Proposal) -> None:
    if proposals.drop(session, found.workspace, found.id, reason="The votes have turned.", now=services.clock()):
        desk.show(services, session, proposals.one(session, found.workspace, found.id))
