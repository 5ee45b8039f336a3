"""Feedback: votes on answers, by button or reaction, and why an answer was found wanting.

What somebody says would be right waits with the messages, encrypted, until a workflow has made a proposal of it:
searching and comparing take longer than a form may.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.desk import handoffs, names
from bot.desk.redacting import redactor
from bot.services import Services
from kb.ids import WorkspaceId
from learning import conversations, feedback, recorder, signals
from learning.conversations import MessageKind, Place
from learning.errors import Unknown
from learning.feedback import Rating, Reason, VoteChange
from learning.handoffs import HandoffReason
from learning.ids import DecisionId
from learning.people import Actor
from learning.signals import SignalKind

#: Before the thread and the ts of a correction that waits to be proposed; no Slack ts looks like it.
WAITING = "told:"


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


def weigh_anew(services: Services, workspace: WorkspaceId, decision: DecisionId) -> None:
    """Look at an answer's votes again: those given before its message was known could speak for nothing yet."""
    with services.sessions.begin() as session:
        for person in feedback.voters(session, workspace, decision):
            _weigh(services, session, workspace, decision, Actor(person))


def decision_at(services: Services, workspace: WorkspaceId, channel: str, ts: str) -> DecisionId | None:
    """The decision that the bot's message at a channel and ts says, if it says one."""
    with services.sessions() as session:
        found = recorder.for_post(session, workspace, channel, ts, vault=services.vault)
    return None if found is None else found.id


def answer_at(services: Services, workspace: WorkspaceId, channel: str, ts: str) -> DecisionId:
    """The decision that a message says.

    Raises:
        Unknown: it is no answer of the bot's.
    """
    found = decision_at(services, workspace, channel, ts)
    if found is None:
        raise Unknown("This works on answers of mine. Please choose one of those.")
    return found


def judge(
    services: Services, workspace: WorkspaceId, decision: DecisionId, actor: Actor, reason: str, comment: str
) -> None:
    """Count what staff say of a decision, whatever kind it is.

    Raises:
        Unknown: there is no such decision, or no such word for it.
    """
    with services.sessions.begin() as session:
        change = feedback.judge(
            session,
            workspace,
            decision,
            actor.person,
            _named(reason),
            comment=comment,
            via="form",
            redactor=redactor(services, session, workspace),
            now=services.clock(),
            ids=services.ids,
        )
        if change.changed:
            _weigh(services, session, workspace, decision, actor)


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
    named = _named(reason)
    with services.sessions.begin() as session:
        feedback.explain(
            session,
            workspace,
            decision,
            actor.person,
            reason=named,
            comment=comment,
            correction=correction,
            redactor=redactor(services, session, workspace),
            now=services.clock(),
            ids=services.ids,
        )
        _weigh(services, session, workspace, decision, actor)
        if correction.strip():
            _propose(services, session, workspace, decision, actor, correction)
    if wants_person:
        handoffs.hand_over_decision(services, workspace, decision, HandoffReason.THUMBS_DOWN)


def correct(
    services: Services, workspace: WorkspaceId, decision: DecisionId, actor: Actor, correction: str, comment: str
) -> None:
    """Keep what staff say would be right; it becomes a proposal."""
    with services.sessions.begin() as session:
        feedback.explain(
            session,
            workspace,
            decision,
            actor.person,
            reason=Reason.INCORRECT,
            comment=comment,
            correction=correction,
            redactor=redactor(services, session, workspace),
            now=services.clock(),
            ids=services.ids,
        )
        _propose(services, session, workspace, decision, actor, correction)


def _named(reason: str) -> Reason:
    try:
        return Reason(reason)
    except ValueError:
        raise Unknown("Please choose one of the reasons.") from None


def _propose(
    services: Services, session: Session, workspace: WorkspaceId, decision: DecisionId, actor: Actor, correction: str
) -> None:
    """Ask for a proposal to be made of a correction."""
    found = recorder.one(session, workspace, decision, vault=services.vault).decision
    if found.conversation is None:
        raise Unknown("This answer's conversation is no longer known, so it cannot be corrected here.")
    waiting = f"{WAITING}{services.ids()}"
    conversations.record_message(
        session,
        workspace,
        found.conversation,
        # Under a thread of its own, so that it is no turn of the conversation.
        place=Place(found.place.channel, WAITING + found.place.thread),
        ts=waiting,
        author=actor.person,
        kind=MessageKind.BYSTANDER,
        text=correction,
        vault=services.vault,
        now=services.clock(),
        ids=services.ids,
    )
    signals.note(
        session,
        workspace,
        decision,
        SignalKind.CORRECTION,
        found_by="form",
        shown_by=waiting,
        person=actor.person,
        at=services.clock(),
        ids=services.ids,
    )
    services.work.enqueue(
        session,
        names.LEARN_FROM_CORRECTION,
        f"{workspace}:decision:{decision}:{waiting}:learn",
        workspace,
        decision,
        actor.person,
        found.place.channel,
        waiting,
        lane=names.LEARNING,
    )


def _weigh(services: Services, session: Session, workspace: WorkspaceId, decision: DecisionId, actor: Actor) -> None:
    """Ask for what the votes speak for to be looked at anew."""
    workflow_id = f"{workspace}:decision:{decision}:{actor.person}:{services.ids()}:vote"
    services.work.enqueue(
        session, names.LEARN_FROM_VOTE, workflow_id, workspace, decision, actor.person, lane=names.LEARNING
    )
