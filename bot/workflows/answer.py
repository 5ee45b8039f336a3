"""The main way, on one page: a message that addresses the bot is understood, decided, recorded, posted, followed up.

Every step takes ids and reads the rest from the database. The workflow's id is the message, so a message gets one
answer, whatever is delivered twice or killed half-way.
"""

import logging

from sqlalchemy.orm import Session

from bot.agent import NOTHING_ASKED, Reply, ReplyKind, Rule, wants_person
from bot.desk import (
    again,
    handoffs,
    inbox,
    listening,
    names,
    promise,
    reactions,
    recording,
    rendering,
    replies,
    spot_checks,
)
from bot.desk.asked import Asked, Way
from bot.desk.places import Where, where
from bot.desk.recording import Stopwatch
from bot.desk.replies import Prepared
from bot.services import Services
from bot.settings import ChannelMode
from bot.slack.delivery import Message, Posted
from bot.slack.payloads import said_at
from bot.slack.streaming import Stream
from bot.slack.views import notices
from bot.workflows import handoff_card
from bot.workflows.steps import StepFailed, step
from kb.ids import WorkspaceId
from learning import conversations, recorder
from learning.conversations import Place
from learning.errors import Unknown
from learning.handoffs import HandoffReason
from learning.ids import DecisionId, PersonId
from learning.recorder import DecisionKind, RecordedDecision

log = logging.getLogger(__name__)

#: What `decide` says of a message in a thread that is in people's hands by now: it is theirs.
TAKEN_OVER = "taken over"
#: So many questions in a row without an answer, and people are called.
ABSTENTIONS = 2
#: What people write to each other; where the bot reads every message, it lets that be.
_NOT_FOR_THE_BOT = NOTHING_ASKED - {Rule.ASKED_FOR_PERSON}


def answer(services: Services, workspace: WorkspaceId, channel: str, ts: str) -> None:
    """Answer the message at `channel` and `ts`; an unexpected error ends in an apology, never in silence."""
    try:
        decision = step("decide", decide, services, workspace, channel, ts)
        if decision == TAKEN_OVER:
            step("hand on", hand_on, services, workspace, channel, ts)
        elif decision and step("post", post, services, workspace, channel, ts):
            step("count", reactions.catch_up, services, workspace, channel, ts)
            step("follow up", follow_up, services, workspace, decision, channel, ts)
    except StepFailed as error:
        reference = step("reference", services.ids)
        log.error("reference %s: no answer to %s:%s:%s: %s", reference, workspace, channel, ts, error)
        step("apologise", apologise, services, workspace, channel, ts, reference)
        # The asker has a reply now, so that this is not tried again later.
        raise StepFailed(str(error)) from None
    finally:
        step("catch up", catch_up, services, workspace, channel, ts)


def catch_up(services: Services, workspace: WorkspaceId, channel: str, ts: str) -> None:
    """What has time until everybody is answered: replies that came too early, and what this message says of others."""
    inbox.catch_up(services, workspace, channel, ts)
    listening.listen(services, workspace, channel, ts)


def decide(services: Services, workspace: WorkspaceId, channel: str, ts: str) -> str:
    """Choose the reply and record the decision.

    Returns: the decision's id; `TAKEN_OVER` where people took over while the message waited; nothing where there is
        nothing to say any more.
    """
    with services.sessions() as session:
        known = recorder.for_question(session, workspace, channel, ts, vault=services.vault)
        asked = replies.load(services, session, workspace, channel, ts)
        if known is not None:
            return known.id
        if asked is None:
            return ""
        if handoffs.live(session, workspace, asked.conversation) is not None:
            return TAKEN_OVER
    return _decide(services, workspace, asked)


def _decide(services: Services, workspace: WorkspaceId, asked: Asked) -> str:
    watch = Stopwatch()
    with watch.stage("place"):
        place = where(services, workspace, asked)
    if place.refusal is not None:
        if not asked.addressed:
            return ""  # nobody spoke to the bot, so declining would only be noise
        kind = DecisionKind.DECLINED
        return replies.keep(services, workspace, asked, place.refusal, kind=kind, watch=watch)
    reply, way = _choose(services, workspace, asked, place, watch)
    if not asked.addressed and reply.rule in _NOT_FOR_THE_BOT:
        return ""
    drafted = DecisionKind.DRAFTED if way is Way.DRAFT else None
    return replies.keep(services, workspace, asked, reply, way=way, kind=drafted, watch=watch)


def _choose(
    services: Services, workspace: WorkspaceId, asked: Asked, place: Where, watch: Stopwatch
) -> tuple[Reply, Way]:
    """What to say, and which way it goes: to the thread, to staff first, or to the asker alone."""
    if place.mode is ChannelMode.DRAFTS:
        reply = replies.choose(services, workspace, asked, place.readers, watch=watch)
        # A draft is for what can be said; who spoke to the bot is told at once that it is not sure.
        unsure = asked.addressed and reply.kind is ReplyKind.ABSTAINED
        return reply, Way.THREAD if unsure or reply.rule in NOTHING_ASKED else Way.DRAFT
    at = asked.conversation.place
    services.delivery.set_status(at.channel, at.thread, "is looking it up…")
    may_read_more = place.own_readers > place.readers
    if may_read_more and (own := _approved_for_asker(services, workspace, asked, place, watch)) is not None:
        return own, Way.DIRECT
    stream = _stream(services, workspace, asked)
    reply = replies.choose(services, workspace, asked, place.readers, stream.write, watch=watch)
    if may_read_more and not reply.answered:
        own = replies.choose(services, workspace, asked, place.own_readers, watch=watch)
        if own.answered:
            return own, Way.DIRECT
    return reply, Way.THREAD


def _approved_for_asker(
    services: Services, workspace: WorkspaceId, asked: Asked, place: Where, watch: Stopwatch
) -> Reply | None:
    """An approved answer that the asker may read and others there may not, where there is none for everybody.

    It is looked for before a model writes anything: what a model makes of the rest must not stand in its way.
    """
    own, others = (
        replies.choose(services, workspace, asked, readers, approved_only=True, watch=watch)
        for readers in (place.own_readers, place.readers)
    )
    return own if own.kind is ReplyKind.VERBATIM and others.kind is not ReplyKind.VERBATIM else None


def post(services: Services, workspace: WorkspaceId, channel: str, ts: str) -> bool:
    """Post what was decided, where it was decided to go; False where the question was deleted meanwhile."""
    with services.sessions() as session:
        ready = replies.prepared(services, session, workspace, channel, ts)
        asked = None if ready is None else replies.behind(services, session, workspace, channel, ts, ready)
        deleted = replies.was_deleted(services, session, workspace, channel, ts)
    if asked is None or ready is None:
        return not deleted  # posted by an earlier run
    if deleted:
        with services.sessions.begin() as session:
            replies.drop(services, session, workspace, asked)
        services.delivery.delete(workspace, replies.key(channel, ts))
        return False
    match ready.way:
        case Way.THREAD:
            _post_in_thread(services, workspace, asked, ready)
        case Way.DIRECT:
            _post_directly(services, workspace, asked, ready)
        case Way.DRAFT:
            _post_draft(services, workspace, asked, ready)
    return True


def post_prepared(services: Services, workspace: WorkspaceId, channel: str, ts: str) -> None:
    """Post what somebody decided shall be said: a chosen answer, or a draft that staff send."""
    if step("post", post, services, workspace, channel, ts):
        step("count", reactions.catch_up, services, workspace, channel, ts)


def try_again(services: Services, workspace: WorkspaceId, decision: str, person: str, ts: str) -> None:
    """Give another answer to the question of a decision; where that goes wrong, the person is told.

    Args:
        person: who wants it.
        ts: of the answer that is not enough.
    """
    with services.sessions() as session:
        channel = recorder.plain(session, workspace, DecisionId(decision)).decision.place.channel
    try:
        made = step("decide", decide_again, services, workspace, decision, person, ts)
        if made and step("post", post, services, workspace, channel, ts):
            step("count", reactions.catch_up, services, workspace, channel, ts)
            step("follow up", follow_up, services, workspace, made, channel, ts)
    except StepFailed as error:
        reference = step("reference", services.ids)
        log.error("reference %s: no further answer to %s:%s:%s: %s", reference, workspace, channel, ts, error)
        step("tell", tell_failed, services, workspace, decision, person, ts, reference)
        raise StepFailed(str(error)) from None


def decide_again(services: Services, workspace: WorkspaceId, decision: str, person: str, ts: str) -> str:
    """Choose another reply and record the decision; its id, or nothing where people took over or it was deleted."""
    with services.sessions() as session:
        found = recorder.one(session, workspace, DecisionId(decision), vault=services.vault)
        channel = found.decision.place.channel
        known = recorder.for_question(session, workspace, channel, ts, vault=services.vault)
        if known is not None:
            return known.id
        asked = again.load(services, session, workspace, found, PersonId(person), ts)
        if asked is None or handoffs.live(session, workspace, asked.conversation) is not None:
            return ""
    return _decide(services, workspace, asked)


def tell_failed(
    services: Services, workspace: WorkspaceId, decision: str, person: str, ts: str, reference: str
) -> None:
    """Say in the thread that there is no further answer, with a reference that the log holds too."""
    with services.sessions() as session:
        place = recorder.plain(session, workspace, DecisionId(decision)).decision.place
    key = replies.key(place.channel, ts, "failed")
    services.delivery.post(workspace, key, place.channel, notices.apology(reference), thread=place.thread)


def follow_up(services: Services, workspace: WorkspaceId, decision: str, channel: str, ts: str) -> None:
    """Call people where the asker wants one or the bot has failed them twice; have some answers judged by staff."""
    with services.sessions.begin() as session:
        promise.reconsider(services, session, workspace)
        try:
            found = recorder.one(session, workspace, DecisionId(decision), vault=services.vault)
        except Unknown:
            _follow_unrecorded(services, session, workspace, DecisionId(decision), channel, ts)
            return
        if found.kind is DecisionKind.ABSTAINED:
            _call_people(services, session, workspace, found)
    spot_checks.draw(services, workspace, found)


def _follow_unrecorded(
    services: Services, session: Session, workspace: WorkspaceId, decision: DecisionId, channel: str, ts: str
) -> None:
    """The recorder failed; who asked for a person gets one all the same."""
    asked = replies.load(services, session, workspace, channel, ts)
    if asked is not None and wants_person(asked.text):
        found = recording.unrecorded(services, decision, asked.conversation, ts, Rule.ASKED_FOR_PERSON)
        handoffs.hand_over(services, session, workspace, found, HandoffReason.ASKED)


def _call_people(services: Services, session: Session, workspace: WorkspaceId, found: RecordedDecision) -> None:
    conversation = found.decision.conversation
    if conversation is None:
        return
    before = recorder.in_conversation(session, workspace, conversation, vault=services.vault)
    if found.decision.rule == Rule.ASKED_FOR_PERSON:
        handoffs.hand_over(services, session, workspace, found, HandoffReason.ASKED)
    elif replies.abstained_in_a_row(before) >= ABSTENTIONS:
        handoffs.hand_over(services, session, workspace, found, HandoffReason.ABSTAINED_TWICE)


def hand_on(services: Services, workspace: WorkspaceId, channel: str, ts: str) -> None:
    """People took over while the message waited: it is handled as one of their conversation, in its turn."""
    with services.sessions.begin() as session:
        lane = conversations.conversation_of(session, workspace, channel, ts)
        if lane is not None:
            workflow_id = f"{workspace}:{channel}:{ts}:{names.HANDED_OVER}"
            services.work.enqueue(
                session, names.HANDED_OVER, workflow_id, workspace, channel, ts, lane=lane, since=said_at(ts)
            )


def apologise(services: Services, workspace: WorkspaceId, channel: str, ts: str, reference: str) -> None:
    """Say that it went wrong, with a reference that the log holds too.

    It has the answer's own key: where the answer was posted all the same, it stands, and where it was begun, the
    apology takes its place.
    """
    with services.sessions() as session:
        asked = replies.load(services, session, workspace, channel, ts)
    if asked is None:
        return  # deleted meanwhile
    _finish_in_thread(services, workspace, asked, notices.apology(reference))


def _stream(services: Services, workspace: WorkspaceId, asked: Asked) -> Stream:
    place = asked.conversation.place
    return Stream(
        services.client,
        services.sessions,
        services.clock,
        workspace,
        replies.key(place.channel, asked.ts),
        channel=place.channel,
        thread=place.thread,
        recipient_user=asked.user,
        recipient_team=workspace.rpartition(".")[2],
    )


def _post_in_thread(services: Services, workspace: WorkspaceId, asked: Asked, ready: Prepared) -> None:
    place = asked.conversation.place
    first, *rest = rendering.reply(ready, person_available=bool(services.settings.support_channel))
    key = replies.key(place.channel, asked.ts)
    posted = [_finish_in_thread(services, workspace, asked, first)]
    for number, part in enumerate(rest, start=2):
        posted.append(services.delivery.post(workspace, f"{key}:{number}", place.channel, part, thread=place.thread))
    stands = [one.ts for one in posted if one is not None]
    if stands:
        replies.said(services, workspace, asked, ready, place=place, parts=stands)


def _post_directly(services: Services, workspace: WorkspaceId, asked: Asked, ready: Prepared) -> None:
    """Not everyone at the place of the question may read the answer, so it goes to the asker alone."""
    place = asked.conversation.place
    key = replies.key(place.channel, asked.ts, "direct")
    channel = services.delivery.direct_channel(asked.user)
    parts = rendering.reply(ready, person_available=bool(services.settings.support_channel))
    services.delivery.post(workspace, f"{key}:lead", channel, notices.restricted_lead(asked.text))
    posted = services.delivery.post_all(workspace, key, channel, parts)
    _finish_in_thread(services, workspace, asked, notices.moved_to_direct())
    if posted:
        stands = [one.ts for one in posted]
        replies.said(services, workspace, asked, ready, place=Place(channel, stands[-1]), parts=stands)


def _post_draft(services: Services, workspace: WorkspaceId, asked: Asked, ready: Prepared) -> None:
    """Staff see what the bot would say; it stays ready until they send or discard it.

    Where the support channel refuses it nobody will: who spoke to the bot is offered a person instead.
    """
    place = asked.conversation.place
    link = services.delivery.permalink(place.channel, asked.ts) or ""
    parts = rendering.draft(ready, question=asked.text, asker=asked.user, url=link)
    key = replies.key(place.channel, asked.ts, "draft")
    if len(services.delivery.post_all(workspace, key, services.settings.support_channel, parts)) == len(parts):
        return
    handoff_card.tell_admins(services, workspace)
    unseen = replies.undecided(ready)
    with services.sessions.begin() as session:
        loaded = replies.load(services, session, workspace, place.channel, asked.ts)
        addressed = loaded is None or loaded.addressed
        if addressed:
            replies.prepare_instead(services, session, workspace, asked, unseen)
        else:
            replies.drop(services, session, workspace, asked)
    if addressed:
        _post_in_thread(services, workspace, asked, unseen)


def _finish_in_thread(services: Services, workspace: WorkspaceId, asked: Asked, message: Message) -> Posted | None:
    """What stands where it was asked: in the message that was streamed, or in one of its own."""
    place = asked.conversation.place
    return services.delivery.finish_stream(
        workspace,
        replies.key(place.channel, asked.ts),
        place.channel,
        message,
        thread=place.thread,
        bot_user=services.identity.bot_user(),
    )
