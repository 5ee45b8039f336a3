"""Feedback: votes on answers, by button or reaction, and why an answer was found wanting."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.desk import handoffs, names, proposals
from bot.services import Services
from kb.ids import WorkspaceId
from learning import feedback, recorder
from learning.conversations import Place
from learning.errors import Unknown
from learning.feedback import Rating, Reason, VoteChange
from learning.handoffs import HandoffReason
from learning.ids import DecisionId
from learning.people import Actor
from learning.proposals import Proposed
from learning.redaction import redactor_for


def vote(
    services: Services,
    workspace: WorkspaceId,
    decision: DecisionId,
    actor: Actor,
    rating: Rating,
    *,
    via: str,
    at: datetime | None,
) -> VoteChange:
    """Count a person's vote; their last word holds, in whichever order their words arrive.

    Args:
        at: when they gave it, by Slack's clock; None where Slack does not say.
    """
    with services.sessions.begin() as session:
        change = feedback.vote(
            session, workspace, decision, actor.person, rating, via=via, now=at or services.clock(), ids=services.ids
        )
        if change.changed:
            _weigh(services, session, workspace, decision, actor)
    return change


def withdraw(
    services: Services,
    workspace: WorkspaceId,
    decision: DecisionId,
    actor: Actor,
    rating: Rating,
    *,
    via: str,
    at: datetime | None,
) -> None:
    """Take a vote back, if it still is the live one."""
    with services.sessions.begin() as session:
        change = feedback.withdraw(
            session, workspace, decision, actor.person, rating, via=via, now=at or services.clock(), ids=services.ids
        )
        if change.changed:
            _weigh(services, session, workspace, decision, actor)


def decision_at(services: Services, workspace: WorkspaceId, channel: str, ts: str) -> DecisionId | None:
    """The decision that the bot's message at a channel and ts says, if it says one."""
    with services.sessions() as session:
        found = recorder.for_post(session, workspace, channel, ts)
    return None if found is None else found.id


def place_of(services: Services, workspace: WorkspaceId, decision: DecisionId) -> Place | None:
    """Where a decision was said."""
    with services.sessions() as session:
        posts = recorder.posts_of(session, workspace, decision)
    return posts[-1].place if posts else None


def explain(
    services: Services,
    workspace: WorkspaceId,
    decision: DecisionId,
    actor: Actor,
    *,
    reason: str,
    comment: str,
    correction: str,
    wants_person: bool,
) -> None:
    """Keep what a person found wrong; a correction becomes a proposal, and who wants a person gets one.

    Raises:
        Unknown: there is no such decision, or no such reason.
    """
    try:
        named = Reason(reason)
    except ValueError:
        raise Unknown("Please choose one of the reasons.") from None
    with services.sessions.begin() as session:
        feedback.explain(
            session,
            workspace,
            decision,
            actor.person,
            reason=named,
            comment=comment,
            correction=correction,
            redactor=redactor_for(session, workspace, services.vault, now=services.clock()),
            now=services.clock(),
            ids=services.ids,
        )
        _weigh(services, session, workspace, decision, actor)
    if correction.strip():
        proposals.from_correction(services, workspace, decision, actor.person, correction)
    if wants_person:
        handoffs.hand_over_decision(services, workspace, decision, HandoffReason.THUMBS_DOWN)


def correct(
    services: Services, workspace: WorkspaceId, decision: DecisionId, actor: Actor, correction: str, comment: str
) -> Proposed | None:
    """Keep what staff say would be right, and propose it; None where it is known already."""
    with services.sessions.begin() as session:
        feedback.explain(
            session,
            workspace,
            decision,
            actor.person,
            reason=Reason.INCORRECT,
            comment=comment,
            correction=correction,
            redactor=redactor_for(session, workspace, services.vault, now=services.clock()),
            now=services.clock(),
            ids=services.ids,
        )
    return proposals.from_correction(services, workspace, decision, actor.person, correction)


def _weigh(services: Services, session: Session, workspace: WorkspaceId, decision: DecisionId, actor: Actor) -> None:
    """Ask for what the votes speak for to be looked at anew."""
    workflow_id = f"{workspace}:decision:{decision}:{actor.person}:{services.ids()}:vote"
    services.work.enqueue(
        session, names.LEARN_FROM_VOTE, workflow_id, workspace, decision, actor.person, lane=names.LEARNING
    )
