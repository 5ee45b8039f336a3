"""Replies: what the bot says to one message, decided, recorded, and kept ready to be posted.

The agent runs outside any transaction. A decision is recorded once; when a workflow runs again after a crash, the
first decision stands and what was prepared for it is posted. Until it is posted the text lies with the messages,
encrypted; afterwards the message as it stands in Slack takes its place.
"""

import json
import logging
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from datetime import timedelta

from sqlalchemy.orm import Session

from bot.agent import NOTHING_ASKED, Nearest, OnText, Reply, ReplyKind, Rule, Source, Speaker, Turn
from bot.desk import promise, recording
from bot.desk.asked import Asked, Refusal, Way
from bot.desk.recording import LONGEST_KEPT, Stopwatch
from bot.errors import BotError
from bot.logs import cause
from bot.services import Services
from bot.slack.payloads import mentions
from bot.slack.text import plain
from kb.database import reading
from kb.entries import Evidence
from kb.errors import IndexUnavailable
from kb.ids import WorkspaceId
from learning import conversations, people, recorder
from learning.conversations import Conversation, MessageKind, Privacy
from learning.errors import Unknown
from learning.ids import ConversationId, DecisionId, PersonId
from learning.recorder import DecisionKind, RecordedDecision

log = logging.getLogger(__name__)

#: How many messages before the question are taken into account.
TURNS = 12
#: For how long a new message in a direct message may go on with the one before it.
GOES_ON = timedelta(minutes=10)
#: `ts` under which a text waits for its post; no Slack ts looks like it.
_PREPARED = "prepared:"


@dataclass(frozen=True)
class Prepared:
    """What is ready to be posted."""

    decision: DecisionId
    kind: ReplyKind
    #: The rule that chose; a `Rule` or a `Refusal`.
    rule: str
    text: str
    confidence: float
    sources: tuple[Source, ...]
    nearest: tuple[Nearest, ...]
    way: Way
    #: Who asked what in which conversation, so that it can be posted although there may be no record of it.
    person: PersonId | None = None
    conversation: ConversationId | None = None
    question: str = ""


def key(channel: str, ts: str, what: str = "answer") -> str:
    """The key of an effect that belongs to the message at `channel` and `ts`."""
    return f"{channel}:{ts}:{what}"


def load(services: Services, session: Session, workspace: WorkspaceId, channel: str, ts: str) -> Asked | None:
    """The question at a channel and ts; None where it was deleted or is not kept."""
    turn = conversations.message(session, workspace, channel, ts, vault=services.vault)
    if turn is None or turn.text is None or turn.author is None:
        return None
    found = conversations.find(session, workspace, turn.place)
    if found is None:
        return None
    bot = services.identity.bot_user()
    return Asked(
        conversation=found,
        ts=ts,
        person=turn.author,
        user=people.external_of(session, workspace, turn.author),
        text=plain(turn.text, bot),
        turns=tuple(
            Turn(_speaker(one), plain(one.text, bot)) for one in _before(services, session, found, ts) if one.text
        ),
        addressed=found.privacy is Privacy.DIRECT or found.place.thread != ts or mentions(turn.text, bot),
    )


def _before(
    services: Services, session: Session, conversation: Conversation, ts: str
) -> tuple[conversations.Turn, ...]:
    """What was said before a message: in its thread, or, where it begins one in a direct message, just before there."""
    workspace = conversation.workspace
    if conversation.privacy is Privacy.DIRECT and conversation.place.thread == ts:
        last = conversations.begun_before(session, conversation, since=services.clock() - GOES_ON)
        found = conversations.turns(session, workspace, last.id, vault=services.vault, limit=TURNS) if last else ()
    else:
        found = conversations.turns(session, workspace, conversation.id, vault=services.vault, limit=TURNS + 1)
    return tuple(turn for turn in found if turn.ts < ts)


def behind(
    services: Services, session: Session, workspace: WorkspaceId, channel: str, ts: str, ready: Prepared
) -> Asked | None:
    """The question behind what is ready, as `decided` gives it; what stands where it was asked needs no words of it."""
    if ready.way is not Way.THREAD or ready.conversation is None or ready.person is None:
        return decided(services, session, workspace, channel, ts)
    return _asked(session, workspace, ready.conversation, ready.person, ts, "")


def decided(services: Services, session: Session, workspace: WorkspaceId, channel: str, ts: str) -> Asked | None:
    """The question behind a decision, in the record's redacted words; None where there is none, or nobody to tell."""
    found = recorder.for_question(session, workspace, channel, ts, vault=services.vault)
    if found is not None and found.decision.question:
        conversation, person = found.decision.conversation, found.decision.asker
        question = found.decision.question
    elif (waits := prepared(services, session, workspace, channel, ts)) is not None:  # the recorder failed
        conversation, person, question = waits.conversation, waits.person, waits.question
    else:
        return None
    if conversation is None or person is None:
        return None
    return _asked(session, workspace, conversation, person, ts, question)


def _asked(
    session: Session, workspace: WorkspaceId, conversation: ConversationId, person: PersonId, ts: str, question: str
) -> Asked | None:
    who = people.one(session, workspace, person)
    if who.external is None:
        return None  # erased meanwhile
    return Asked(conversations.one(session, workspace, conversation), ts, person, who.external, question, ())


def choose(
    services: Services,
    workspace: WorkspaceId,
    asked: Asked,
    readers: frozenset[str],
    on_text: OnText | None = None,
    *,
    approved_only: bool = False,
    watch: Stopwatch | None = None,
) -> Reply:
    """What the agent says, for those who can read the place; nothing is kept.

    Args:
        on_text: shows what a model writes while it does.
        approved_only: ask no model.
        watch: times the search.
    """

    def search(question: str) -> Evidence:
        with watch.stage("search") if watch is not None else nullcontext():
            try:
                return services.knowledge.search(workspace, question, readers=readers)
            except IndexUnavailable as error:
                log.warning("nothing can be looked up: %s", cause(error.__cause__ or error))
                raise

    with reading(services.sessions) as session:
        thresholds = promise.thresholds(session, workspace, services.settings)
    agent = services.arms.agent_for(services.agent, asked.conversation.id).within(thresholds)
    if approved_only:
        agent = replace(agent, model=None)
    return agent.answer(asked.text, asked.turns, search, on_text, tried=asked.tried)


def keep(
    services: Services,
    workspace: WorkspaceId,
    asked: Asked,
    reply: Reply | Refusal,
    *,
    way: Way = Way.THREAD,
    kind: DecisionKind | None = None,
    watch: Stopwatch | None = None,
) -> DecisionId:
    """As `keep_with`, in a transaction of its own."""
    with services.sessions.begin() as session:
        return keep_with(services, session, workspace, asked, reply, way=way, kind=kind, watch=watch)


def keep_with(
    services: Services,
    session: Session,
    workspace: WorkspaceId,
    asked: Asked,
    reply: Reply | Refusal,
    *,
    way: Way = Way.THREAD,
    kind: DecisionKind | None = None,
    watch: Stopwatch | None = None,
) -> DecisionId:
    """Record the decision and keep its text ready; a decision that was there before stands as it is.

    Where the recorder fails, the text is kept ready all the same, under an id that stands for no record; only a draft,
    which staff decide on by its record, is not.

    Args:
        reply: what the agent said, or why it was not asked.
        kind: where it differs from what the reply's own kind means: declined, drafted.
        watch: timed the decision.

    Raises:
        BotError: a draft could not be recorded.
    """
    said = Reply(ReplyKind.ABSTAINED, "", Rule.NOT_SURE) if isinstance(reply, Refusal) else reply
    rule = str(reply) if isinstance(reply, Refusal) else str(reply.rule)
    place = asked.conversation.place
    known = recorder.for_question(session, workspace, place.channel, asked.ts, vault=services.vault)
    if known is not None:
        return known.id
    recorded = recording.record(services, session, workspace, asked, reply, way=way, kind=kind, watch=watch)
    if recorded is None and way is Way.DRAFT:
        raise BotError("A draft that is not recorded cannot be decided on.")
    decision = DecisionId(services.ids()) if recorded is None else recorded.id
    ready = Prepared(
        decision=decision,
        kind=said.kind,
        rule=rule,
        text=said.text,
        confidence=said.confidence,
        sources=said.sources,
        nearest=said.nearest,
        way=way,
        person=asked.person,
        conversation=asked.conversation.id,
        question=said.understood or asked.text[:LONGEST_KEPT],
    )
    # Under a thread of its own, so that it is no turn of the conversation.
    aside = replace(place, thread=_PREPARED + place.thread)
    _keep_message(services, session, workspace, asked, aside, _PREPARED + asked.ts, json.dumps(asdict(ready)))
    return decision


def was_deleted(services: Services, session: Session, workspace: WorkspaceId, channel: str, ts: str) -> bool:
    """Whether the question was taken back."""
    turn = conversations.message(session, workspace, channel, ts, vault=services.vault)
    return turn is not None and turn.deleted


def prepared(
    services: Services, session: Session, workspace: WorkspaceId, channel: str, ts: str, *, lock: bool = False
) -> Prepared | None:
    """What waits to be posted for the question at a channel and ts.

    Args:
        lock: for who decides what becomes of it: of two at once, the second sees what the first one did.
    """
    turn = conversations.message(session, workspace, channel, _PREPARED + ts, vault=services.vault, lock=lock)
    if turn is None or turn.text is None:
        return None
    kept = json.loads(turn.text)
    return Prepared(
        decision=DecisionId(kept["decision"]),
        kind=ReplyKind(kept["kind"]),
        rule=kept["rule"],
        text=kept["text"],
        confidence=kept["confidence"],
        sources=tuple(Source(**one) for one in kept["sources"]),
        nearest=tuple(Nearest(**one) for one in kept["nearest"]),
        way=Way(kept["way"]),
        **{name: kept[name] for name in ("person", "conversation", "question") if name in kept},
    )


def prepare_instead(
    services: Services, session: Session, workspace: WorkspaceId, asked: Asked, ready: Prepared
) -> None:
    """Let something else be ready than what was decided first: a draft that goes to the asker, or that does not."""
    conversations.edit_message(
        session,
        workspace,
        asked.conversation.place.channel,
        _PREPARED + asked.ts,
        json.dumps(asdict(ready)),
        vault=services.vault,
        now=services.clock(),
    )


def discarded(ready: Prepared) -> Prepared:
    """What is said in the place of a draft that staff discarded."""
    return replace(ready, kind=ReplyKind.ABSTAINED, rule=Refusal.DISCARDED, text="", sources=(), nearest=())


def undecided(ready: Prepared) -> Prepared:
    """What is said in the place of a draft that staff cannot be shown."""
    return replace(discarded(ready), rule=Refusal.DRAFT_UNSEEN, way=Way.THREAD)


def drop(services: Services, session: Session, workspace: WorkspaceId, asked: Asked) -> None:
    """What was ready is not said; its text goes."""
    conversations.delete_message(
        session,
        workspace,
        asked.conversation.place.channel,
        _PREPARED + asked.ts,
        now=services.clock(),
    )


def said(
    services: Services,
    workspace: WorkspaceId,
    asked: Asked,
    ready: Prepared,
    *,
    place: conversations.Place,
    parts: Sequence[str],
) -> None:
    """The reply stands in Slack: tie its messages to its decision and keep it as a turn of the conversation.

    Args:
        parts: the ts of its messages in order; votes count on each, and the last one stands for the whole.
    """
    now = services.clock()
    with services.sessions.begin() as session:
        try:
            for ts in parts:
                recorder.posted(session, workspace, ready.decision, place=place, ts=ts, now=now)
        except Unknown:
            log.warning("an answer stands that is not recorded")
        if ready.text:
            _keep_message(services, session, workspace, asked, place, parts[-1], ready.text)
        conversations.delete_message(
            session, workspace, asked.conversation.place.channel, _PREPARED + asked.ts, now=now
        )


def abstained_in_a_row(decisions: tuple[RecordedDecision, ...]) -> int:
    """How many of the last decisions in a row found no answer to a question."""
    count = 0
    for one in reversed(decisions):
        if one.kind is not DecisionKind.ABSTAINED or one.decision.rule in NOTHING_ASKED:
            break
        count += 1
    return count


def _keep_message(
    services: Services,
    session: Session,
    workspace: WorkspaceId,
    asked: Asked,
    place: conversations.Place,
    ts: str,
    text: str,
) -> None:
    conversations.record_message(
        session,
        workspace,
        asked.conversation.id,
        place=place,
        ts=ts,
        author=None,
        kind=MessageKind.BOT,
        text=text,
        vault=services.vault,
        now=services.clock(),
        ids=services.ids,
    )


def _speaker(turn: conversations.Turn) -> Speaker:
    if turn.kind is MessageKind.BOT:
        return Speaker.BOT
    # What is carried into the asker's thread was written by staff.
    return Speaker.STAFF if turn.kind in (MessageKind.STAFF, MessageKind.RELAYED) else Speaker.USER
