"""Handoffs in Slack: the card in the staff room, what the asker is told, and who claims by replying."""

import contextlib

from bot.agent import is_thanks
from bot.desk import actors, handoffs, listening
from bot.desk.handoffs import Told
from bot.desk.hours import expected_by
from bot.services import Services
from bot.slack.text import plain
from bot.slack.views import handoffs as views
from bot.slack.views import times
from bot.workflows import answer, handoff_card, order, relay
from bot.workflows.steps import StepAway, step
from kb.ids import WorkspaceId
from learning import conversations, people
from learning import handoffs as book
from learning.conversations import MessageKind, Place
from learning.errors import AlreadyDecided, WrongState
from learning.handoffs import Consent, Handoff, HandoffState
from learning.ids import HandoffId
from learning.people import Actor


def show(services: Services, workspace: WorkspaceId, handoff: str) -> None:
    """Draw the card as things stand now; where nobody can see it, it is tried again later.

    Raises:
        StepAway: the support channel refuses it.
    """
    if step("draw", _draw, services, workspace, HandoffId(handoff)) is False:
        raise StepAway("draw: refused")


def tell_asker(services: Services, workspace: WorkspaceId, handoff: str, told: str, revision: str) -> None:
    """Tell the asker of one change, where they asked."""
    step("tell", _tell, services, workspace, HandoffId(handoff), Told(told), revision)


def offer_resolve(services: Services, workspace: WorkspaceId, handoff: str) -> None:
    """Offer Resolve where staff see it."""
    step("offer", _offer, services, workspace, HandoffId(handoff))


def staff_room(services: Services, workspace: WorkspaceId, channel: str, ts: str) -> None:
    """Somebody wrote in the thread under a card: staff's first reply claims it, and is carried where it must be."""
    if not step("turn", order.is_next, services, workspace, channel, ts):
        return
    by_staff = step("claim", _claim_by_reply, services, workspace, channel, ts)
    step("carry", relay.to_asker if by_staff else relay.too_late, services, workspace, channel, ts)


def handed_over(services: Services, workspace: WorkspaceId, channel: str, ts: str) -> None:
    """Somebody wrote in a thread that people have taken over: the bot is quiet, and carries words where it must."""
    if not step("turn", order.is_next, services, workspace, channel, ts):
        return
    if step("claim", _claim_by_reply, services, workspace, channel, ts):
        return
    if step("carry", _carry_to_staff, services, workspace, channel, ts):
        step("settle", _settle, services, workspace, channel, ts)
    else:
        answer.answer(services, workspace, channel, ts)


def changed(services: Services, workspace: WorkspaceId, channel: str, ts: str) -> None:
    """Somebody changed a message or took it back: so is what was carried of it, and the card shows it no more."""
    step("follow", relay.follow, services, workspace, channel, ts)
    handoff = step("asked", _asked_in, services, workspace, channel, ts)
    if handoff:
        step("draw", _draw, services, workspace, HandoffId(handoff))


def _draw(services: Services, workspace: WorkspaceId, handoff: HandoffId) -> bool:
    """Draw the card; False where nobody sees it and somebody waits, which the admins are told."""
    stands = handoff_card.draw(services, workspace, handoff)
    with services.sessions() as session:
        found = book.one(session, workspace, handoff)
    if not found.live:
        return True
    if not stands:
        handoff_card.tell_admins(services, workspace)
        return False
    # Where the asker was told that nobody could be reached, they may have written more since.
    nobody_saw = services.delivery.begun(workspace, _unreached_key(handoff))
    relay.catch_up(services, workspace, handoff, nobody_saw=nobody_saw)
    if nobody_saw:
        _tell(services, workspace, handoff, Told.ASKED, "late")
    return True


def _carry_to_staff(services: Services, workspace: WorkspaceId, channel: str, ts: str) -> bool:
    """Carry what was written where staff do not see it; False where they closed it meanwhile and the bot has it again.

    The card is drawn first: its thread is the staff room, and drawing it finds out who can read what.
    """
    with services.sessions() as session:
        turn = conversations.message(session, workspace, channel, ts, vault=services.vault)
        conversation = conversations.conversation_of(session, workspace, channel, ts)
        found = book.by_conversation(session, workspace, conversation) if conversation else None
    if turn is None or found is None:
        return True
    if not found.live:
        return turn.author != found.asker
    if found.room is None:
        _draw(services, workspace, found.id)
    relay.to_staff(services, workspace, channel, ts)
    return True


def _asked_in(services: Services, workspace: WorkspaceId, channel: str, ts: str) -> str:
    """The handoff whose card shows this message as the question; empty for none."""
    with services.sessions() as session:
        conversation = conversations.conversation_of(session, workspace, channel, ts)
        found = book.by_conversation(session, workspace, conversation) if conversation else None
    return found.id if found is not None and found.question == (channel, ts) else ""


def _tell(services: Services, workspace: WorkspaceId, handoff: HandoffId, told: Told, revision: str) -> None:
    with services.sessions() as session:
        found = book.one(session, workspace, handoff)
        place = conversations.one(session, workspace, found.conversation).place
        asker = people.one(session, workspace, found.asker)
        agent = actors.shown(session, workspace, found.claimed_by or found.moved_by)
        settled = book.resolution_text(session, workspace, handoff, vault=services.vault) or ""
        along = found.resolution is not None and found.resolution.along is not None
        asked = conversations.message(session, workspace, *found.question, vault=services.vault) if along else None
        already_spoke = bool(book.staff_words(session, workspace, handoff, vault=services.vault))
    key = f"handoff:{handoff}:{told}:{revision}"
    match told:
        case Told.ASKED if found.room is None and not _draw(services, workspace, handoff):
            key = _unreached_key(handoff)
            services.delivery.post(workspace, key, place.channel, views.unreached(handoff), thread=place.thread)
        case Told.ASKED:
            moment = expected_by(services, workspace, found.opened_at)
            when = times.spoken(moment, asker.time_zone, services.clock()) if moment else ""
            services.delivery.post(workspace, key, place.channel, views.asked(handoff, when), thread=place.thread)
            _ask_consent(services, workspace, found, place)
        case Told.CLAIMED if not already_spoke or services.delivery.begun(workspace, key):
            services.delivery.post(workspace, key, place.channel, views.claimed(agent), thread=place.thread)
        case Told.REASSIGNED:
            services.delivery.post(workspace, key, place.channel, views.reassigned(agent), thread=place.thread)
        case Told.RELEASED:
            services.delivery.post(workspace, key, place.channel, views.released(), thread=place.thread)
        case Told.CANCELLED:
            services.delivery.post(workspace, key, place.channel, views.cancelled(), thread=place.thread)
        case Told.REOPENED:
            services.delivery.post(workspace, key, place.channel, views.reopened(), thread=place.thread)
        case Told.RESOLVED if found.resolution is not None:
            question = plain(asked.text, services.identity.bot_user()) if asked and asked.text else ""
            parts = views.solved_question(handoff, agent, settled, question)
            solved_key = _solved_key(handoff)
            services.delivery.post_all(workspace, f"{solved_key}:{revision}", place.channel, parts, thread=place.thread)
        case Told.SOLVED:
            with services.sessions() as session:
                yes = book.one(session, workspace, handoff).solved is True
            services.delivery.update_last(workspace, f"{_solved_key(handoff)}:", views.solved_reply(solved=yes))
        case Told.CONSENT_GIVEN:
            given = found.consent is Consent.GIVEN
            services.delivery.update(workspace, _consent_key(handoff), views.consent_given(shown=given))
        case _:
            pass


def _ask_consent(services: Services, workspace: WorkspaceId, found: Handoff, place: Place) -> None:
    """Where staff cannot see the thread and something was written before, ask whether they may."""
    with services.sessions() as session:
        found = book.one(session, workspace, found.id)
        earlier = relay.earlier(services, session, workspace, found)
    if (
        found.consent is not Consent.NOT_ASKED
        or not earlier
        or not handoff_card.with_relay(services, workspace, found.id).relay
    ):
        return
    services.delivery.post(
        workspace, _consent_key(found.id), place.channel, views.consent(found.id), thread=place.thread
    )
    with services.sessions.begin() as session:
        book.set_consent(session, workspace, found.id, Consent.ASKED, now=services.clock())


def _offer(services: Services, workspace: WorkspaceId, handoff: HandoffId) -> None:
    with services.sessions() as session:
        found = book.one(session, workspace, handoff)
        place = conversations.one(session, workspace, found.conversation).place
    where = found.room if found.relay and found.room else place
    key = f"handoff:{handoff}:offer:{found.opened_at.timestamp():.0f}"
    services.delivery.post(workspace, key, where.channel, views.offer_resolve(handoff), thread=where.thread)


def _claim_by_reply(services: Services, workspace: WorkspaceId, channel: str, ts: str) -> bool:
    """Whether staff wrote this message; if so it is kept as theirs and claims what nobody has."""
    with services.sessions() as session:
        turn = conversations.message(session, workspace, channel, ts, vault=services.vault)
        conversation = conversations.conversation_of(session, workspace, channel, ts)
        found = book.live_one(session, workspace, conversation) if conversation else None
        if turn is None or turn.author is None or found is None or turn.author == found.asker:
            return False
        user = people.external_of(session, workspace, turn.author)
    actor = Actor(turn.author, services.identity.roles(user))
    if not actor.is_staff:
        if turn.kind is MessageKind.STAFF:
            # In the staff room everyone is taken for staff at first.
            with services.sessions.begin() as session:
                conversations.set_kind(session, workspace, channel, ts, MessageKind.BYSTANDER)
        return False
    _learn_name(services, workspace, actor, user)
    with services.sessions.begin() as session:
        conversations.set_kind(session, workspace, channel, ts, MessageKind.STAFF)
    if found.state is HandoffState.OPEN:
        # A colleague may have been faster, or it was closed; the words count all the same.
        with contextlib.suppress(AlreadyDecided, WrongState):
            handoffs.claim(services, workspace, found.id, actor)
    return True


def _settle(services: Services, workspace: WorkspaceId, channel: str, ts: str) -> None:
    _thanks_settle(services, workspace, channel, ts)
    listening.listen(services, workspace, channel, ts)


def _thanks_settle(services: Services, workspace: WorkspaceId, channel: str, ts: str) -> None:
    with services.sessions.begin() as session:
        turn = conversations.message(session, workspace, channel, ts, vault=services.vault)
        conversation = conversations.conversation_of(session, workspace, channel, ts)
        found = book.live_one(session, workspace, conversation) if conversation else None
        if turn is None or not turn.text or found is None or turn.author != found.asker:
            return
        if is_thanks(plain(turn.text, services.identity.bot_user())):
            handoffs.looks_settled(services, session, found)


def _learn_name(services: Services, workspace: WorkspaceId, actor: Actor, user: str) -> None:
    profile = services.identity.profile(user)
    with services.sessions.begin() as session:
        people.describe(
            session,
            workspace,
            actor.person,
            name=profile.name,
            full_name=profile.full_name,
            time_zone=profile.time_zone,
            guest=profile.guest,
            foreign=profile.foreign,
            now=services.clock(),
        )


def _unreached_key(handoff: str) -> str:
    return f"handoff:{handoff}:unreached"


def _consent_key(handoff: str) -> str:
    return f"handoff:{handoff}:consent"


def _solved_key(handoff: str) -> str:
    return f"handoff:{handoff}:solved"
