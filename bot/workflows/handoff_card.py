"""The card of a handoff: a picture of the present state, whose thread is the staff room.

When the state moved on while it was being drawn, it is drawn again. Where the support channel refuses it for good
(the bot was removed, the channel is archived or gone), nobody there sees it: then the admins are told what to put
right, once a day, and it is tried again.
"""

import logging

from bot.desk import actors, admins, handoffs, inbox
from bot.desk.hours import expected_by
from bot.services import Services
from bot.slack.errors import SlackError, code, may_pass
from bot.slack.text import plain
from bot.slack.views import handoffs as views
from bot.slack.views import notices
from bot.slack.views.kit import Message
from kb.ids import WorkspaceId
from learning import conversations, people, recorder
from learning import handoffs as book
from learning.conversations import Place
from learning.handoffs import Handoff, HandoffReason
from learning.ids import HandoffId

log = logging.getLogger(__name__)

#: A card is drawn again at most so often in one go; the next change draws it anyway.
REDRAWS = 5

_STOPPED = {
    HandoffReason.ASKED: "They asked for a person.",
    HandoffReason.BUTTON: "They pressed 'Get a human'.",
    HandoffReason.THUMBS_DOWN: "My answer did not help them.",
    HandoffReason.ABSTAINED_TWICE: "I was not sure twice in a row.",
}


def draw(services: Services, workspace: WorkspaceId, handoff: HandoffId) -> bool:
    """Draw the card as things stand now; False where the support channel refuses it for good."""
    for _ in range(REDRAWS):
        found = with_relay(services, workspace, handoff)
        message = _card(services, workspace, found)
        room = _place(services, workspace, handoff, message)
        if room is None:
            return False
        with services.sessions.begin() as session:
            book.set_room(session, workspace, handoff, room, now=services.clock())
            now = book.one(session, workspace, handoff)
        # Somebody may have answered under the card before it was known to be a staff room.
        inbox.take_up(services, workspace, room, after=room.thread)
        if _drawn_state(now) == _drawn_state(found):
            break
    return True


def tell_admins(services: Services, workspace: WorkspaceId) -> None:
    """Say what to put right, once a day."""
    room = services.settings.support_channel
    log.error("nobody sees who needs a person: I cannot post in ANSWERLOOP_SUPPORT_CHANNEL (%s)", room)
    admins.tell(services, workspace, f"unreachable:{room}:{services.clock():%F}", notices.support_unreachable(room))


def _place(services: Services, workspace: WorkspaceId, handoff: HandoffId, message: Message) -> Place | None:
    """Where the card stands now; None where Slack will not have it, whatever its reason."""
    room = services.settings.support_channel
    try:
        posted = services.delivery.post_or_update(workspace, handoffs.card_key(handoff), room, message)
    except SlackError as error:
        if may_pass(error):
            raise
        log.error("the card of a handoff is refused: %s", code(error))
        return None
    return None if posted is None else Place(posted.channel, posted.ts)


def _drawn_state(handoff: Handoff) -> tuple[object, ...]:
    return (handoff.state, handoff.claimed_by, handoff.relay, handoff.opened_at)


def with_relay(services: Services, workspace: WorkspaceId, handoff: HandoffId) -> Handoff:
    """The handoff, once it is known whether every member of the staff room can see the asker's thread."""
    with services.sessions() as session:
        found = book.one(session, workspace, handoff)
        conversation = conversations.one(session, workspace, found.conversation)
    if found.relay or found.room is not None or not conversation.private:
        return found
    if services.identity.all_can_read(services.settings.support_channel, conversation.place.channel):
        return found
    with services.sessions.begin() as session:
        return book.set_relay(session, workspace, handoff, now=services.clock())


def _card(services: Services, workspace: WorkspaceId, found: Handoff) -> Message:
    with services.sessions() as session:
        asked = conversations.message(session, workspace, *found.question, vault=services.vault)
        conversation = conversations.one(session, workspace, found.conversation)
        decision = recorder.for_question(session, workspace, *found.question, vault=services.vault)
        asker = people.one(session, workspace, found.asker)
        agent = actors.shown(session, workspace, found.claimed_by)
    link = None if found.relay else services.delivery.permalink(conversation.place.channel, conversation.place.thread)
    tried: tuple[str, ...] = ()
    if decision is not None:
        known = len(decision.decision.evidence)
        tried = (
            f"I looked it up: {known} entries came near, the nearest with {decision.decision.confidence:.0%} "
            "confidence.",
        )
    return views.card(
        views.HandoffCard(
            handoff=found.id,
            state=views.CardState(found.state.value),
            question=plain(asked.text, services.identity.bot_user()) if asked and asked.text else "(deleted)",
            asker=asker.external or asker.name,
            tried=tried,
            stopped_because=_STOPPED[found.reason],
            url=link or "",
            relayed=found.relay,
            expected_by=expected_by(services, workspace, found.opened_at),
            agent=agent,
        )
    )
