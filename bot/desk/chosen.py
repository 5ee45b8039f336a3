"""What people choose: one of the nearest questions or none of them, or what becomes of a draft.

The choice is kept and what follows is asked for together: the answer, the card as it stands then, what can be learned.
"""

from dataclasses import replace
from enum import StrEnum

from sqlalchemy.orm import Session

from bot.agent import Reply, ReplyKind, Rule, Source
from bot.desk import handoffs, names, replies
from bot.desk.asked import Asked, Way
from bot.desk.places import where
from bot.services import Services
from bot.slack.payloads import ButtonClick
from kb.entries import EntryStatus
from kb.ids import EntryId, WorkspaceId
from learning import choices, conversations, people, recorder
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
        NotAllowed: somebody else asked.
        Stale: the entry is no longer in use, or may not be shown here.
        WrongState: something else was chosen before, or a colleague has the conversation.
    """
    workspace = click.asker.origin.workspace
    with services.sessions.begin() as session:
        found = recorder.one(session, workspace, decision, vault=services.vault)
        asked = _asked(services, session, workspace, found, click)
        choices.check_asker(found, asked.person)
        handoffs.check_free(session, workspace, asked.conversation)
        entry = services.knowledge.get(session, workspace, EntryId(entry_id))
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
    with services.sessions.begin() as session:
        made = replies.keep_with(services, session, workspace, asked, reply, kind=DecisionKind.VERBATIM)
        choices.choose(session, workspace, decision, asked.person, entry.id, answered=made, now=services.clock())
        workflow_id, lane = _workflow_id(click), asked.conversation.id
        services.work.enqueue(session, names.POST, workflow_id, workspace, click.channel, click.message_ts, lane=lane)
        _show(services, session, asked, click)
        services.work.enqueue(
            session, names.LEARN_FROM_CHOICE, f"{workflow_id}:learn", workspace, made, lane=names.LEARNING
        )


def choose_none(services: Services, click: ButtonClick, decision: DecisionId) -> None:
    """None of the questions was meant; the card says so and still offers a person.

    Raises:
        NotAllowed: somebody else asked.
        WrongState: a question was chosen before.
    """
    workspace = click.asker.origin.workspace
    with services.sessions.begin() as session:
        found = recorder.one(session, workspace, decision, vault=services.vault)
        asked = _asked(services, session, workspace, found, click)
        choices.choose(session, workspace, decision, asked.person, None, now=services.clock())
        _show(services, session, asked, click)


def decide_draft(services: Services, workspace: WorkspaceId, decision: DecisionId, actor: Actor, *, send: bool) -> None:
    """Send a draft to the asker, or discard it and tell them that there is no answer; the card shrinks to one line.

    Raises:
        Stale: somebody has decided already, or the question was deleted.
    """
    with services.sessions.begin() as session:
        found = recorder.one(session, workspace, decision, vault=services.vault)
        channel, ts = found.decision.place.channel, found.decision.ts
        asked = replies.decided(services, session, workspace, channel, ts)
        ready = replies.prepared(services, session, workspace, channel, ts, lock=True)
        if asked is None or ready is None or ready.way is not Way.DRAFT:
            raise Stale("Somebody has decided on this draft already.")
        deleted = replies.was_deleted(services, session, workspace, channel, ts)
        lane, verdict = asked.conversation.id, Verdict.SENT if send and not deleted else Verdict.DISCARDED
        if deleted:
            replies.drop(services, session, workspace, asked)
        else:
            said = ready if verdict is Verdict.SENT else replies.discarded(ready)
            replies.prepare_instead(services, session, workspace, asked, replace(said, way=Way.THREAD))
            workflow_id = f"{workspace}:{channel}:{ts}:decided_draft"
            services.work.enqueue(session, names.POST, workflow_id, workspace, channel, ts, lane=lane)
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


def _asked(
    services: Services, session: Session, workspace: WorkspaceId, found: RecordedDecision, click: ButtonClick
) -> Asked:
    """The click as a question: the card's own ts is its identity, so that a second click answers nothing more."""
    if found.decision.conversation is None:
        raise Unknown("This conversation is no longer known. Please ask again.")
    conversation = conversations.one(session, workspace, found.decision.conversation)
    person = people.person_for(session, workspace, click.asker.user, now=services.clock(), ids=services.ids)
    return Asked(conversation, click.message_ts, person, click.asker.user, found.decision.question, ())


def _show(services: Services, session: Session, asked: Asked, click: ButtonClick) -> None:
    """Ask for the card to be drawn as it stands now."""
    workflow_id, workspace = f"{_workflow_id(click)}:show", asked.conversation.workspace
    card, lane = (click.channel, click.message_ts), asked.conversation.id
    services.work.enqueue(session, names.SHOW_CHOICE, workflow_id, workspace, *card, lane=lane)


def _workflow_id(click: ButtonClick) -> str:
    """The same for every press on one card, so that each thing happens once."""
    return f"{click.asker.origin.workspace}:{click.channel}:{click.message_ts}:chosen"
