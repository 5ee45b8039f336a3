"""The relay: words carried between an asker whose thread staff cannot see and the staff room, by the bot, named.

Always: only the asker's own words and those of staff are carried; what was written before the handoff is shown only
with the asker's consent; what its author changes or takes back is changed or taken back where it was carried to. Words
are carried in the order in which they were said (`bot.workflows.order`); what comes after later words all the same, or
long after it was said, says when that was.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot import effects
from bot.agent import Rule
from bot.desk import actors, marks
from bot.services import Services
from bot.slack.payloads import said_at
from bot.slack.text import to_markdown
from bot.slack.views import handoffs as views
from bot.slack.views.kit import Message
from bot.workflows import order
from bot.workflows.steps import step
from kb.ids import WorkspaceId
from learning import conversations, people, recorder
from learning import handoffs as book
from learning.conversations import MessageKind, Place, Turn
from learning.handoffs import Consent, Handoff
from learning.ids import HandoffId
from learning.recorder import DecisionKind

#: How many earlier messages are passed on when the asker agrees.
EARLIER = 20
#: What is carried this long after it was said does not seem to be said just now.
LATE = timedelta(minutes=1)
#: How many of the last messages of a conversation are looked at for later words that were carried before.
_OVERTAKEN = 50


def pass_on_earlier(services: Services, workspace: WorkspaceId, handoff: str) -> None:
    """Show staff what was written before, now that the asker agreed."""
    step("pass on", _pass_on, services, workspace, HandoffId(handoff))


def to_asker(services: Services, workspace: WorkspaceId, channel: str, ts: str) -> None:
    """Carry what staff wrote in the staff room to the asker."""
    with services.sessions() as session:
        turn = conversations.message(session, workspace, channel, ts, vault=services.vault)
        found = _handoff(session, workspace, turn)
        if turn is None or found is None or not found.live or not found.relay:
            return
        place = conversations.one(session, workspace, found.conversation).place
    _carry(services, workspace, found, turn, place)


def too_late(services: Services, workspace: WorkspaceId, channel: str, ts: str) -> None:
    """Tell who writes under the card of a closed conversation that it goes to nobody."""
    with services.sessions() as session:
        turn = conversations.message(session, workspace, channel, ts, vault=services.vault)
        found = _handoff(session, workspace, turn)
        if turn is None or turn.author is None or found is None or found.live or not found.relay:
            return
        writer = people.one(session, workspace, turn.author).external
    if writer is not None:
        services.delivery.whisper(channel, writer, views.not_carried(), thread=turn.place.thread)


def to_staff(services: Services, workspace: WorkspaceId, channel: str, ts: str) -> None:
    """Carry what the asker wrote to the staff room; nobody else's words leave their thread."""
    with services.sessions() as session:
        turn = conversations.message(session, workspace, channel, ts, vault=services.vault)
        found = _handoff(session, workspace, turn)
        if turn is None or found is None or not found.live or turn.author != found.asker:
            return
    if found.relay and found.room is not None:
        _carry(services, workspace, found, turn, found.room)


def catch_up(services: Services, workspace: WorkspaceId, handoff: HandoffId, *, nobody_saw: bool) -> None:
    """Carry what the asker wrote to people and people have not been shown, in its order.

    Args:
        nobody_saw: whether there was no staff room to carry anything to until now.
    """
    theirs = _not_shown(services, workspace, handoff, nobody_saw=nobody_saw)
    if theirs and nobody_saw:
        order.settle(services, theirs[-1])
        theirs = _not_shown(services, workspace, handoff, nobody_saw=nobody_saw)
    for turn in theirs:
        to_staff(services, workspace, turn.place.channel, turn.ts)


def _not_shown(services: Services, workspace: WorkspaceId, handoff: HandoffId, *, nobody_saw: bool) -> tuple[Turn, ...]:
    """What the asker wrote since the question that was handed over and nobody dealt with.

    That is what the bot decided nothing on, where it was carried to nobody. And it is what the bot had no answer to
    although a person had been asked for: of two messages the wish may arrive second, and what came before it may be
    shown only with consent, but this was written after it.
    """
    with services.sessions() as session:
        found = book.one(session, workspace, handoff)
        if not found.relay:
            return ()
        turns = conversations.turns(session, workspace, found.conversation, vault=services.vault, limit=EARLIER)
        decided = {
            one.decision.ts: one.decision
            for one in recorder.in_conversation(session, workspace, found.conversation, vault=services.vault)
        }
    wishes = [ts for ts, one in decided.items() if one.rule == Rule.ASKED_FOR_PERSON]
    unanswered = {
        ts for ts, one in decided.items() if one.kind is DecisionKind.ABSTAINED and ts > min(wishes, default=ts)
    }
    return tuple(
        turn
        for turn in turns
        if turn.ts > found.question[1]
        and turn.author == found.asker
        and (turn.ts in unanswered or (nobody_saw and turn.ts not in decided))
    )


def earlier(services: Services, session: Session, workspace: WorkspaceId, found: Handoff) -> tuple[Turn, ...]:
    """What was written before the question that was handed over."""
    turns = conversations.turns(session, workspace, found.conversation, vault=services.vault, limit=EARLIER)
    return tuple(turn for turn in turns if turn.text and turn.ts < found.question[1])


def _carry(services: Services, workspace: WorkspaceId, found: Handoff, turn: Turn, to: Place) -> None:
    """Post a message at the other place, once, and keep it there as a message of the conversation."""
    parts = _parts(services, workspace, found, turn)
    if not parts:
        return
    key = _key(turn)
    posted = services.delivery.post_all(workspace, key, to.channel, parts, thread=to.thread)
    if not posted:
        return
    with services.sessions.begin() as session:
        conversations.record_message(
            session,
            workspace,
            found.conversation,
            place=to,
            ts=posted[-1].ts,
            author=turn.author,
            kind=MessageKind.RELAYED,
            text=turn.text or "",
            vault=services.vault,
            now=services.clock(),
            ids=services.ids,
        )
    # Somebody may have marked it as done before it was known what it is.
    marks.take_up(services, workspace, to.channel, posted[-1].ts)


def _parts(services: Services, workspace: WorkspaceId, found: Handoff, turn: Turn) -> tuple[Message, ...]:
    """A message as the other side is shown it; nothing where it was taken back."""
    if not turn.text:
        return ()
    said = to_markdown(turn.text, {services.identity.bot_user(): "me"})
    with services.sessions() as session:
        written = _said_earlier(services, session, workspace, found, turn)
        if turn.author == found.asker:
            return views.relayed_to_staff(actors.shown(session, workspace, turn.author), said, written)
        name = actors.name(session, workspace, turn.author) if turn.author else "A colleague"
    return views.relayed_to_asker(name, said, written)


def _said_earlier(
    services: Services, session: Session, workspace: WorkspaceId, found: Handoff, turn: Turn
) -> datetime | None:
    """When a message was said, where it does not stand in the place and at the time of that; else None.

    It is the same before the message is carried and whenever it is drawn anew.
    """
    said, carried = said_at(turn.ts), effects.find(session, workspace, _key(turn))
    stands = carried.ts if carried is not None and carried.ts else ""
    if said is None:
        return None
    if (said_at(stands) or services.clock()) - said > LATE:
        return said
    turns = conversations.turns(
        session, workspace, found.conversation, vault=services.vault, limit=_OVERTAKEN, rooms=True
    )
    for later in turns:
        if later.place == turn.place and later.ts > turn.ts:
            before = effects.find(session, workspace, _key(later))
            if before is not None and before.ts and (not stands or before.ts < stands):
                return said
    return None


def follow(services: Services, workspace: WorkspaceId, channel: str, ts: str) -> None:
    """Change what was carried of a message as its author changed it, or take it back as they did."""
    with services.sessions() as session:
        turn = conversations.message(session, workspace, channel, ts, vault=services.vault)
        found = _handoff(session, workspace, turn)
        if turn is None or found is None:
            return
        carried = effects.find_all(session, workspace, _key(turn))
    if not carried:
        return
    parts = _parts(services, workspace, found, turn)
    if len(parts) == len(carried):
        for effect, part in zip(_in_order(carried), parts, strict=True):
            services.delivery.update(workspace, effect.key, part)
    else:
        # Longer or shorter by whole messages: what stands there no longer says what was said.
        gone = views.taken_back(changed=bool(parts))
        for effect in carried:
            services.delivery.update(workspace, effect.key, gone)
    with services.sessions.begin() as session:
        for effect in carried:
            if turn.text and effect.ts:
                conversations.edit_message(
                    session,
                    workspace,
                    effect.channel,
                    effect.ts,
                    turn.text,
                    vault=services.vault,
                    now=services.clock(),
                )
            elif effect.ts:
                conversations.delete_message(session, workspace, effect.channel, effect.ts, now=services.clock())


def _pass_on(services: Services, workspace: WorkspaceId, handoff: HandoffId) -> None:
    with services.sessions() as session:
        found = book.one(session, workspace, handoff)
        if found.consent is not Consent.GIVEN or found.room is None:
            return
        bot = services.identity.bot_user()
        asker = actors.shown(session, workspace, found.asker)
        turns = tuple(
            (actors.shown(session, workspace, turn.author), to_markdown(turn.text or "", {bot: "me"}))
            for turn in earlier(services, session, workspace, found)
        )
    if turns:
        parts = views.earlier(asker, turns)
        key = f"handoff:{handoff}:earlier"
        services.delivery.post_all(workspace, key, found.room.channel, parts, thread=found.room.thread)


def _handoff(session: Session, workspace: WorkspaceId, turn: Turn | None) -> Handoff | None:
    """The handoff of the conversation that a message belongs to, live or the last one."""
    if turn is None:
        return None
    conversation = conversations.conversation_of(session, workspace, turn.place.channel, turn.ts)
    return None if conversation is None else book.by_conversation(session, workspace, conversation)


def _key(turn: Turn) -> str:
    return f"{turn.place.channel}:{turn.ts}:relay"


def _in_order(carried: Sequence[effects.Effect]) -> list[effects.Effect]:
    """The parts of a message in the order in which they stand."""
    return sorted(carried, key=lambda effect: effect.ts or "")
