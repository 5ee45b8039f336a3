"""Marks: a ✅ on a message says that what it is about is settled.

It may come before the bot has noted what it just posted. Then it is put aside, and whoever notes the message looks
there: each writes, commits and only then reads, so that one of the two sees the other.
"""

from sqlalchemy.orm import Session

from bot import early
from bot.desk import actors
from bot.desk.handoffs import looks_settled
from bot.services import Services
from bot.slack.payloads import Reaction
from kb.ids import WorkspaceId
from learning import conversations, handoffs, people
from learning.conversations import Place
from learning.handoffs import Handoff, HandoffState
from learning.people import Actor


def receive(services: Services, reaction: Reaction, actor: Actor) -> None:
    """Somebody put ✅ on a message; where it is about a claimed handoff and they have a say, Resolve is offered."""
    workspace = reaction.origin.workspace
    if _count(services, workspace, reaction.channel, reaction.ts, actor):
        return
    if reaction.item_user not in ("", services.identity.bot_user()):
        return
    with services.sessions.begin() as session:
        now = services.clock()
        early.note_mark(session, workspace, reaction.channel, reaction.ts, actor.person, reaction.at or now, now)
    take_up(services, workspace, reaction.channel, reaction.ts)


def take_up(services: Services, workspace: WorkspaceId, channel: str, ts: str) -> None:
    """The message at a channel and ts is known now: count the marks that came before that."""
    with services.sessions() as session:
        waiting = early.marks(session, workspace, channel, ts)
        users = [people.one(session, workspace, person).external for person in waiting]
    for user in users:
        if user is not None and _count(services, workspace, channel, ts, actors.actor(services, workspace, user)):
            with services.sessions.begin() as session:
                early.forget_marks(session, workspace, channel, ts)


def _count(services: Services, workspace: WorkspaceId, channel: str, ts: str, actor: Actor) -> bool:
    """Count a mark; False where the message is about nothing, as far as is known."""
    with services.sessions.begin() as session:
        known, found = _about(session, workspace, channel, ts)
        if (
            found is not None
            and found.state is HandoffState.CLAIMED
            and (actor.is_staff or actor.person == found.asker)
        ):
            looks_settled(services, session, found)
        return known


def _about(session: Session, workspace: WorkspaceId, channel: str, ts: str) -> tuple[bool, Handoff | None]:
    """Whether a message is a card, or of a conversation or room, and the live handoff that it belongs to."""
    room = handoffs.by_room(session, workspace, Place(channel, ts))
    if room is not None:
        return True, room if room.live else None
    conversation = conversations.conversation_of(session, workspace, channel, ts)
    if conversation is None:
        return False, None
    return True, handoffs.live_one(session, workspace, conversation)
