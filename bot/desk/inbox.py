"""The inbox: whether a message is the bot's business, and which workflow takes it.

Whether a message addresses the bot is decided from its text, channel and thread, never from the type of the event,
because one message arrives as several. What is kept is only what belongs to a conversation with the bot; of a reply
in a thread that is not known its ids are kept for a short while, because it may have overtaken its thread's beginning.
"""

import logging
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from bot import early, preferences
from bot.desk import names
from bot.services import Services
from bot.settings import ChannelMode
from bot.slack.payloads import IncomingMessage, MessageDeleted, MessageEdited, origin_of, parse_reply, said_at
from kb.ids import WorkspaceId
from learning import conversations, handoffs, people, recorder
from learning.conversations import Conversation, MessageKind, Place, Privacy
from learning.handoffs import Handoff
from learning.ids import PersonId

log = logging.getLogger(__name__)


class Route(StrEnum):
    """Which workflow takes a message; the name is part of the workflow's id."""

    #: It addresses the bot.
    ANSWER = "answer"
    #: Its conversation is in people's hands: the bot is quiet and carries messages where it must.
    HANDED_OVER = "handed_over"
    #: Staff talk in the thread under a handoff card.
    STAFF_ROOM = "staff_room"


@dataclass(frozen=True)
class _Routed:
    route: Route
    conversation: Conversation
    #: Known to be the words of staff already; otherwise the workflow finds out.
    by_staff: bool = False


def receive(services: Services, message: IncomingMessage) -> Route | None:
    """Keep a message that is the bot's business and hand it to its workflow, once however often it arrives.

    Returns: which workflow has it; None where the bot stays quiet, or has it already.
    """
    if not message.spoken:
        return None
    workspace, place = message.origin.workspace, Place(message.channel, message.thread)
    with services.arrivals.taking(place):
        route = _take(services, message)
    if route is None and message.thread_ts is not None:
        # Its thread may have become known while it was put aside; one of the two then sees the other.
        with services.sessions() as session:
            waits = early.replies(session, workspace, message.channel, message.thread_ts, after="")
            known = conversations.find(session, workspace, place) or handoffs.by_room(session, workspace, place)
        if known is not None and message.ts in waits:
            route = _take(services, message)
    return route


def catch_up(services: Services, workspace: WorkspaceId, channel: str, ts: str) -> None:
    """Take up the replies to the message at `channel` and `ts` that arrived before it."""
    with services.sessions() as session:
        begun = conversations.message(session, workspace, channel, ts, vault=services.vault)
    if begun is not None:
        take_up(services, workspace, begun.place, after=ts)


def take_up(services: Services, workspace: WorkspaceId, place: Place, *, after: str) -> None:
    """Take up the replies in a thread that arrived before it was known to be the bot's business.

    Args:
        after: only replies written after this ts.
    """
    with services.sessions() as session:
        waiting = early.replies(session, workspace, place.channel, place.thread, after=after)
    if not waiting:
        return
    found = services.client.conversations_replies(
        channel=place.channel, ts=place.thread, oldest=waiting[0], inclusive=True, limit=200
    )
    bot = services.identity.bot_user()
    for one in found.get("messages") or []:
        reply = parse_reply(origin_of(workspace), place.channel, one, bot)
        if reply is not None and reply.ts in waiting and reply.spoken:
            _take(services, reply)
    with services.sessions.begin() as session:
        early.forget(session, workspace, place.channel, place.thread)


def _take(services: Services, message: IncomingMessage) -> Route | None:
    workspace = message.origin.workspace
    place = Place(message.channel, message.thread)
    privacy = _privacy(services, message)
    with services.sessions.begin() as session:
        if early.was_deleted(session, workspace, message.channel, message.ts):
            return None
        if conversations.conversation_of(session, workspace, message.channel, message.ts) is not None:
            return None  # taken already; by now its conversation may be on another route
        person = people.person_for(session, workspace, message.user, now=services.clock(), ids=services.ids)
        routed = _route(services, session, message, place, person, privacy)
        if routed is None:
            if message.thread_ts is not None and conversations.find(session, workspace, place) is None:
                early.note_reply(session, workspace, message.channel, message.thread_ts, message.ts, services.clock())
            return None
        conversations.record_message(
            session,
            workspace,
            routed.conversation.id,
            place=place,
            ts=message.ts,
            author=person,
            kind=_kind(session, routed, person),
            text=message.text,
            vault=services.vault,
            now=services.clock(),
            ids=services.ids,
        )
        workflow_id = f"{workspace}:{message.channel}:{message.ts}:{routed.route}"
        services.work.enqueue(
            session,
            routed.route,
            workflow_id,
            workspace,
            message.channel,
            message.ts,
            lane=routed.conversation.id,
            since=said_at(message.ts),
        )
        return routed.route


def edited(services: Services, edit: MessageEdited) -> None:
    """Follow an edit of a message that is kept; what the bot itself draws anew is kept as it was meant.

    A message that begins to mention the bot is taken as if it had been said like that.
    """
    if edit.bot_id:
        return
    workspace, now = edit.origin.workspace, services.clock()
    with services.sessions.begin() as session:
        known = conversations.edit_message(
            session, workspace, edit.channel, edit.ts, edit.text, vault=services.vault, now=now
        )
        if known:
            _follow(services, session, workspace, edit.channel, edit.ts, edit.event_id)
            _address(services, session, edit)
    if not known and edit.addressed is not None:
        receive(services, edit.addressed)


def _address(services: Services, session: Session, edit: MessageEdited) -> None:
    """A message that was kept and left alone mentions the bot now: it is looked at again, once."""
    workspace = edit.origin.workspace
    lane = conversations.conversation_of(session, workspace, edit.channel, edit.ts)
    if edit.addressed is None or lane is None or handoffs.live_one(session, workspace, lane) is not None:
        return
    if recorder.for_question(session, workspace, edit.channel, edit.ts, vault=services.vault) is not None:
        return
    workflow_id = f"{workspace}:{edit.channel}:{edit.ts}:{Route.ANSWER}:mentioned"
    services.work.enqueue(
        session, names.ANSWER, workflow_id, workspace, edit.channel, edit.ts, lane=lane, since=said_at(edit.ts)
    )


def deleted(services: Services, deletion: MessageDeleted) -> None:
    """Follow a deletion: the text goes; a question not yet answered is not answered any more."""
    workspace, now = deletion.origin.workspace, services.clock()
    with services.sessions.begin() as session:
        if conversations.conversation_of(session, workspace, deletion.channel, deletion.ts) is None:
            early.note_deletion(session, workspace, deletion.channel, deletion.ts, now)
        if conversations.delete_message(session, workspace, deletion.channel, deletion.ts, now=now):
            _follow(services, session, workspace, deletion.channel, deletion.ts, deletion.event_id)


def _follow(services: Services, session: Session, workspace: WorkspaceId, channel: str, ts: str, event_id: str) -> None:
    """Where a conversation is or was in people's hands, its words may stand in another place too."""
    conversation = conversations.conversation_of(session, workspace, channel, ts)
    if conversation is not None and handoffs.by_conversation(session, workspace, conversation) is not None:
        workflow_id = f"{workspace}:{channel}:{ts}:changed:{event_id}"
        services.work.enqueue(session, names.FOLLOW_CHANGE, workflow_id, workspace, channel, ts, lane=conversation)


def _route(
    services: Services,
    session: Session,
    message: IncomingMessage,
    place: Place,
    person: PersonId,
    privacy: Privacy,
) -> _Routed | None:
    workspace = message.origin.workspace
    room = handoffs.by_room(session, workspace, place)
    if room is not None:
        return _Routed(Route.STAFF_ROOM, conversations.one(session, workspace, room.conversation), by_staff=True)
    conversation = conversations.find(session, workspace, place)
    handoff = _handed_over(session, workspace, conversation) if conversation is not None else None
    if conversation is not None and handoff is not None:
        by_staff = person == handoff.claimed_by and person != handoff.asker
        return _Routed(Route.HANDED_OVER, conversation, by_staff)
    if not _addressed(services, session, message, conversation, person):
        return None
    if conversation is None:
        conversation = conversations.open_conversation(
            session, workspace, place, person, privacy=privacy, now=services.clock(), ids=services.ids
        )
    return _Routed(Route.ANSWER, conversation)


def _kind(session: Session, routed: _Routed, person: PersonId) -> MessageKind:
    """In which part the message is said, as far as it is known now."""
    if routed.by_staff:
        return MessageKind.STAFF
    known = routed.conversation
    if routed.route is Route.ANSWER or conversations.takes_part(session, known.workspace, known.id, person):
        return MessageKind.USER
    return MessageKind.BYSTANDER


def _handed_over(session: Session, workspace: WorkspaceId, conversation: Conversation) -> Handoff | None:
    handoff = handoffs.by_conversation(session, workspace, conversation.id)
    return handoff if handoff is not None and handoff.live else None


def _addressed(
    services: Services,
    session: Session,
    message: IncomingMessage,
    conversation: Conversation | None,
    person: PersonId,
) -> bool:
    if message.direct:
        return True
    workspace = message.origin.workspace
    mode = preferences.channel(session, workspace, services.settings, message.channel).mode
    if mode is ChannelMode.OFF:
        return False
    if message.mentions_bot:
        return True
    if conversation is not None:
        return conversations.takes_part(session, workspace, conversation.id, person)
    return message.thread_ts is None and mode in (ChannelMode.EVERYTHING, ChannelMode.DRAFTS)


def _privacy(services: Services, message: IncomingMessage) -> Privacy:
    """Who reads along, asked of Slack: an event does not always say it, and a guess could leak."""
    if message.direct:
        return Privacy.DIRECT
    return Privacy.CHANNEL if services.identity.remembered_channel(message.channel).private else Privacy.OPEN
