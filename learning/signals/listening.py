"""Listening: a message that was taken, with the answer that stood before it, and what was heard of it kept.

Always: what is read here is compared outside of any transaction, because meaning takes an embedding; listening to a
message twice keeps nothing twice. Only what people say to the agent is listened to, and, once people have the
conversation, whether it is done.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb.ids import IdSource, WorkspaceId
from learning import conversations, handoffs, recorder
from learning.conversations import Conversation, MessageKind, Privacy
from learning.encryption import Vault
from learning.ids import DecisionId, PersonId
from learning.recorder import ANSWERS, RecordedDecision
from learning.signals.asking import Own
from learning.signals.hearing import BY_COUNT, Heard
from learning.signals.store import SignalKind, note
from learning.spot_checks import GIVEN_ALONE
from learning.tables import DecisionRow, MessageRow, SignalRow

#: Messages that say these ask nothing that a later one could go on from.
_NO_QUESTION = (SignalKind.CORRECTION, SignalKind.COMPLETION, SignalKind.REGENERATION)
_QUESTION = (SignalKind.FOLLOW_UP, SignalKind.REPHRASING)


@dataclass(frozen=True)
class Overheard:
    """A message and the answer before it; texts as they were written."""

    #: The decision that the message says something of.
    decision: DecisionId
    ts: str
    person: PersonId
    at: datetime
    text: str
    question: str
    #: What was said to the question; empty where that was no answer.
    answer: str
    #: The entry that was said; None where none was.
    entry: str | None
    #: What is known about the message's own words; None where it was taken together with what stood before.
    own: Own | None
    #: False where it is known to ask nothing, or not the agent.
    asks: bool
    #: How many messages the conversation has by now.
    length: int


def overhear(
    session: Session,
    workspace: WorkspaceId,
    channel: str,
    ts: str,
    *,
    vault: Vault,
    not_asked: Collection[str] = (),
    goes_on: timedelta,
) -> Overheard | None:
    """The message at a channel and ts with the answer before it; None where there is none, or nobody spoke.

    Args:
        not_asked: names of rules under which nothing was asked, such as greetings.
        goes_on: for how long a direct message goes on with the conversation that was begun before it.
    """
    said = conversations.message(session, workspace, channel, ts, vault=vault)
    if said is None or said.text is None or said.author is None or said.kind is not MessageKind.USER:
        return None
    here = conversations.find(session, workspace, said.place)
    before = None if here is None else _answer_before(session, here, ts, not_asked, said.at - goes_on)
    if here is None or before is None:
        return None
    made = recorder.for_question(session, workspace, channel, ts, vault=vault)
    live = handoffs.live_one(session, workspace, here.id)
    # People may have been called because of this very message.
    with_people = live is not None and live.opened_at <= said.at
    return Overheard(
        decision=before.id,
        ts=ts,
        person=said.author,
        at=said.at,
        text=said.text,
        question=_question(session, before, vault),
        answer=_answer(session, before, vault),
        entry=before.used[0].entry if before.used else None,
        own=_own(made),
        asks=not with_people and (made is None or made.decision.rule not in not_asked),
        length=_length(session, here, ts),
    )


def keep(
    session: Session, workspace: WorkspaceId, overheard: Overheard, heard: Iterable[Heard], *, ids: IdSource
) -> int:
    """Keep what was heard of a message, and how long the conversation is with it; how much of that is new."""
    length = Heard(SignalKind.LENGTH, BY_COUNT, float(overheard.length))
    return sum(
        note(
            session,
            workspace,
            overheard.decision,
            one.kind,
            found_by=one.found_by,
            shown_by=overheard.ts,
            person=overheard.person,
            value=one.value,
            at=overheard.at,
            ids=ids,
        )
        for one in (*heard, length)
    )


def _answer_before(
    session: Session, conversation: Conversation, ts: str, not_asked: Collection[str], since: datetime
) -> RecordedDecision | None:
    """The last answer to a question before a message: in its conversation, or in the one that it goes on with."""
    found = _last(session, conversation, ts, not_asked)
    if found is None and conversation.privacy is Privacy.DIRECT and conversation.place.thread == ts:
        earlier = conversations.begun_before(session, conversation, since=since)
        found = None if earlier is None else _last(session, earlier, ts, not_asked)
    return None if found is None else recorder.plain(session, conversation.workspace, found)


def _last(session: Session, conversation: Conversation, ts: str, not_asked: Collection[str]) -> DecisionId | None:
    # What was said to thanks or to a correction stands in between, and is not what the next question goes on from.
    workspace = conversation.workspace
    mine = select(DecisionRow.id).where(DecisionRow.workspace == workspace, DecisionRow.conversation == conversation.id)
    heard = select(SignalRow.shown_by).where(SignalRow.workspace == workspace, SignalRow.decision.in_(mine))
    answers = select(DecisionRow.id).where(
        DecisionRow.workspace == workspace,
        DecisionRow.conversation == conversation.id,
        DecisionRow.kind.in_(sorted(ANSWERS)),
        DecisionRow.rule.not_in(sorted(not_asked)),
        DecisionRow.ts < ts,
        DecisionRow.ts.not_in(heard.where(SignalRow.kind.in_(_NO_QUESTION)))
        | DecisionRow.ts.in_(heard.where(SignalRow.kind.in_(_QUESTION))),
    )
    # A question that was tried again has the ts of the answer that was not enough.
    found = session.scalars(answers.order_by(DecisionRow.ts.desc()).limit(1)).first()
    return None if found is None else DecisionId(found)


def _question(session: Session, decision: RecordedDecision, vault: Vault) -> str:
    """What was asked, as it was written, or as the record holds it."""
    asked = decision.decision
    ts = asked.parent or asked.ts
    said = conversations.message(session, decision.workspace, asked.place.channel, ts, vault=vault)
    if said is not None and said.text is not None:
        return said.text
    return recorder.one(session, decision.workspace, decision.id, vault=vault).decision.question


def _answer(session: Session, decision: RecordedDecision, vault: Vault) -> str:
    posts = recorder.posts_of(session, decision.workspace, decision.id)
    if decision.kind not in GIVEN_ALONE or not posts:
        return ""
    said = conversations.message(session, decision.workspace, posts[-1].place.channel, posts[-1].ts, vault=vault)
    return said.text or "" if said is not None else ""


def _own(made: RecordedDecision | None) -> Own | None:
    """What the search for a message's own words found."""
    if made is None or made.decision.facts.get("follow_up") or not made.decision.evidence:
        return None
    return Own(made.decision.evidence[0].entry, made.decision.confidence)


def _length(session: Session, conversation: Conversation, ts: str) -> int:
    statement = select(func.count()).where(
        MessageRow.workspace == conversation.workspace,
        MessageRow.conversation == conversation.id,
        MessageRow.channel == conversation.place.channel,
        MessageRow.thread == conversation.place.thread,
        MessageRow.deleted_at.is_(None),
        MessageRow.ts <= ts,
    )
    return session.scalar(statement) or 0
