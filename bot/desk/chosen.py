"""What people choose: one of the nearest questions, or what becomes of a draft.

The choice is kept and what follows is asked for together: the answer, the card as it stands then, what can be learned.
"""

from enum import StrEnum

from bot.agent import Reply, ReplyKind, Rule, Source
from bot.desk import names, replies
from bot.desk.places import where
from bot.desk.replies import Asked, Way
from bot.services import Services
from bot.slack.payloads import ButtonClick
from kb.entries import EntryStatus
from kb.ids import EntryId, WorkspaceId
from learning import conversations, people, recorder
from learning.errors import Stale, Unknown
from learning.ids import DecisionId
from learning.people import Actor
from learning.recorder import DecisionKind, RecordedDecision


class Verdict(StrEnum):
    """What staff decided on a draft."""

    SENT = "sent"
    DISCARDED = "discarded"


def choose(services: Services, click: ButtonClick, decision: DecisionId, entry_id: str) -> None:
    """Give the answer to the question that was meant. The click also proposes the asked wording for that entry.

    Raises:
        Stale: the entry is no longer in use, or may not be shown here.
    """
    workspace = click.asker.origin.workspace
    with services.sessions() as session:
        found = recorder.one(session, workspace, decision)
        entry = services.knowledge.get(session, workspace, EntryId(entry_id))
    asked = _asked(services, workspace, found, click)
    place = where(services, workspace, asked)
    if entry.status is not EntryStatus.LIVE or not entry.content.audience.admits(place.readers):
        raise Stale("This answer is no longer there. Please ask again.")
    reply = Reply(
        kind=ReplyKind.VERBATIM,
        text=entry.answer,
        rule=Rule.CHOSEN,
        understood=found.decision.question,
        confidence=found.decision.confidence,
        sources=(Source(1, entry.id, entry.version, entry.question, entry.content.provenance.source, None),),
    )
    made = replies.keep(services, workspace, asked, reply, kind=DecisionKind.VERBATIM)
    with services.sessions.begin() as session:
        workflow_id = f"{workspace}:{click.channel}:{click.message_ts}:chosen"
        lane, card = asked.conversation.id, (click.channel, click.message_ts)
        services.work.enqueue(session, names.POST, workflow_id, workspace, *card, lane=lane)
        services.work.enqueue(session, names.SHOW_CHOICE, f"{workflow_id}:show", workspace, *card, lane=lane)
        services.work.enqueue(
            session, names.LEARN_FROM_CHOICE, f"{workflow_id}:learn", workspace, made, lane=names.LEARNING
        )


def decide_draft(services: Services, workspace: WorkspaceId, decision: DecisionId, actor: Actor, *, send: bool) -> None:
    """Send a draft to the asker, or discard it; the card shrinks to one line.

    Raises:
        Stale: somebody has decided already, or the question was deleted.
    """
    with services.sessions.begin() as session:
        found = recorder.one(session, workspace, decision)
        channel, ts = found.decision.place.channel, found.decision.ts
        asked = replies.decided(session, workspace, channel, ts)
        ready = replies.prepared(services, session, workspace, channel, ts)
        if asked is None or ready is None or ready.way is not Way.DRAFT:
            raise Stale("Somebody has decided on this draft already.")
        deleted = replies.was_deleted(services, session, workspace, channel, ts)
        lane, verdict = asked.conversation.id, Verdict.SENT if send and not deleted else Verdict.DISCARDED
        if verdict is Verdict.SENT:
            replies.redirect(services, session, workspace, asked, ready, Way.THREAD)
            workflow_id = f"{workspace}:{channel}:{ts}:send_draft"
            services.work.enqueue(session, names.POST, workflow_id, workspace, channel, ts, lane=lane)
        else:
            replies.drop(services, session, workspace, asked)
        services.work.enqueue(
            session,
            names.SHOW_DRAFT,
            f"{workspace}:{channel}:{ts}:show_draft",
            workspace,
            decision,
            actor.person,
            verdict,
            lane=lane,
        )
    if send and deleted:
        raise Stale("The question was deleted meanwhile, so there is nothing to send.")


def _asked(services: Services, workspace: WorkspaceId, found: RecordedDecision, click: ButtonClick) -> Asked:
    """The click as a question: the card's own ts is its identity, so that a second click answers nothing more."""
    if found.decision.conversation is None:
        raise Unknown("This conversation is no longer known. Please ask again.")
    with services.sessions.begin() as session:
        conversation = conversations.one(session, workspace, found.decision.conversation)
        person = people.person_for(session, workspace, click.asker.user, now=services.clock(), ids=services.ids)
    return Asked(conversation, click.message_ts, person, click.asker.user, found.decision.question, ())
