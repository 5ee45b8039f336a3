"""The flight recorder: one redacted, versioned record for every decision of the bot, written once.

Always: a record is never changed; the same message is recorded once, whoever runs again; every text is redacted here,
so that no caller can forget it. In which messages a decision was said is known later and kept beside it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from kb.entries import Evidence
from kb.ids import EntryId, IdSource, WorkspaceId
from learning.conversations import Place
from learning.errors import Unknown
from learning.ids import ConversationId, DecisionId, PersonId
from learning.redaction import Redactor
from learning.rows import add, fetch, fetch_all, insert_if_absent
from learning.tables import DecisionEvidenceRow, DecisionPostRow, DecisionRow

#: The shape of a record as this code writes it; older ones stay readable.
SCHEMA_VERSION = 1


class DecisionKind(StrEnum):
    """What was decided."""

    #: An approved answer, said as it stands.
    VERBATIM = "verbatim"
    #: A model wrote it from evidence.
    GENERATED = "generated"
    #: Not sure enough: a person and the nearest questions were offered.
    ABSTAINED = "abstained"
    #: Not allowed to answer here or for this person.
    DECLINED = "declined"
    #: Written for staff to send.
    DRAFTED = "drafted"
    #: An agent called a tool.
    TOOL_CALL = "tool_call"
    #: A model of an agent spoke; recorded for agents that are not ours.
    MODEL_MESSAGE = "model_message"


@dataclass(frozen=True)
class EvidenceItem:
    """One entry that was before the bot when it decided."""

    entry: EntryId
    version: int
    #: The ranking's score; orders within one search.
    score: float
    #: Named features as `kb.ranking` documents them.
    features: Mapping[str, float] = field(default_factory=dict)
    #: Whether the answer said it; False where it was merely seen.
    used: bool = False


@dataclass(frozen=True)
class Versions:
    """What a decision was made with; enough to make it again."""

    #: Name of the language model; empty where none was asked.
    model: str = ""
    #: sha256 of the prompt's fixed part; empty where none was asked.
    prompt_hash: str = ""
    #: Version of the knowledge base: its count of changes.
    kb_version: int = 0
    #: Identity of the embedding model, the ranking and the confidence model.
    embedding: str = ""
    ranking: str = ""
    calibration: str = ""
    #: Version of the program.
    code: str = ""


@dataclass(frozen=True)
class AnswerDecision:
    """One decision as the bot made it; raw when given to `record`, redacted when it comes back."""

    #: Where the question stands, and the question's own `ts` there: together the record's key.
    place: Place
    ts: str
    kind: DecisionKind
    #: Name of the rule that chose the kind.
    rule: str
    #: The question's text as it was searched for.
    question: str
    #: The turns before it that were taken into account, oldest first.
    turns: tuple[str, ...] = ()
    #: Best first.
    evidence: tuple[EvidenceItem, ...] = ()
    #: Calibrated probability, 0 to 1, that the first evidence answers rightly.
    confidence: float = 0.0
    #: Named numbers that the confidence was computed from; without them it could not be fitted again later.
    signals: Mapping[str, float] = field(default_factory=dict)
    #: What was posted.
    answer: str = ""
    #: Facts of the making, such as finish reason, tokens and citations taken out; never words of people.
    facts: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    versions: Versions = Versions()
    #: From receiving the question to the first text of the answer.
    latency: timedelta = timedelta()
    asker: PersonId | None = None
    conversation: ConversationId | None = None


@dataclass(frozen=True)
class RecordedDecision:
    """A decision as it stands in the record."""

    workspace: WorkspaceId
    id: DecisionId
    at: datetime
    schema_version: int
    #: Redacted.
    decision: AnswerDecision

    @property
    def kind(self) -> DecisionKind:
        """What was decided."""
        return self.decision.kind

    @property
    def used(self) -> tuple[EvidenceItem, ...]:
        """The evidence that the answer said."""
        return tuple(item for item in self.decision.evidence if item.used)


@dataclass(frozen=True)
class Post:
    """A message in which a decision was said."""

    place: Place
    ts: str


def evidence_items(evidence: Evidence, used: Collection[EntryId] = ()) -> tuple[EvidenceItem, ...]:
    """What a search found, as a decision keeps it.

    Args:
        evidence: the search's result.
        used: the entries that the answer says; none where the bot abstained.
    """
    return tuple(
        EvidenceItem(
            entry=hit.entry.id,
            version=hit.entry.version,
            score=hit.score,
            features=dict(hit.features),
            used=hit.entry.id in used,
        )
        for hit in evidence.hits
    )


def record(
    session: Session,
    workspace: WorkspaceId,
    decision: AnswerDecision,
    *,
    redactor: Redactor,
    now: datetime,
    ids: IdSource,
) -> RecordedDecision:
    """Record a decision, redacted; where this message was recorded before, that first record is returned."""
    redacted = replace(
        decision,
        question=redactor.redact(decision.question),
        turns=tuple(redactor.redact(turn) for turn in decision.turns),
        answer=redactor.redact(decision.answer),
    )
    made = DecisionId(ids())
    values = {
        "workspace": workspace,
        "id": made,
        "schema_version": SCHEMA_VERSION,
        "at": now,
        "channel": decision.place.channel,
        "thread": decision.place.thread,
        "ts": decision.ts,
        "conversation": decision.conversation,
        "asker": decision.asker,
        "kind": decision.kind,
        "rule": decision.rule,
        "question": redacted.question,
        "turns": list(redacted.turns),
        "answer": redacted.answer,
        "confidence": float(decision.confidence),
        "model": decision.versions.model,
        "prompt_hash": decision.versions.prompt_hash,
        "kb_version": decision.versions.kb_version,
        "embedding": decision.versions.embedding,
        "ranking": decision.versions.ranking,
        "calibration": decision.versions.calibration,
        "code": decision.versions.code,
        "latency_ms": round(decision.latency / timedelta(milliseconds=1)),
        "signals": {name: float(value) for name, value in decision.signals.items()},
        "facts": dict(decision.facts),
    }
    if insert_if_absent(session, DecisionRow, values):
        _keep_evidence(session, workspace, made, decision.evidence)
    stored = for_question(session, workspace, decision.place.channel, decision.ts)
    if stored is None:
        raise Unknown("The decision's record is gone; it cannot be written twice.")
    return stored


def one(session: Session, workspace: WorkspaceId, decision: DecisionId) -> RecordedDecision:
    """A decision by its id.

    Raises:
        Unknown: there is no such decision.
    """
    row = fetch(session, DecisionRow, DecisionRow.workspace == workspace, DecisionRow.id == decision)
    if row is None:
        raise Unknown("There is no such decision in this workspace.")
    return _recorded(session, row)


def for_question(session: Session, workspace: WorkspaceId, channel: str, ts: str) -> RecordedDecision | None:
    """The decision on the message at a channel and ts, if it was recorded."""
    row = fetch(
        session,
        DecisionRow,
        DecisionRow.workspace == workspace,
        DecisionRow.channel == channel,
        DecisionRow.ts == ts,
    )
    return None if row is None else _recorded(session, row)


def posted(
    session: Session, workspace: WorkspaceId, decision: DecisionId, *, place: Place, ts: str, now: datetime
) -> None:
    """Tie a message of the bot to the decision it says; a message says one decision, the first that is named.

    Raises:
        Unknown: there is no such decision.
    """
    one(session, workspace, decision)
    values = {
        "workspace": workspace,
        "channel": place.channel,
        "ts": ts,
        "thread": place.thread,
        "decision": decision,
        "at": now,
    }
    insert_if_absent(session, DecisionPostRow, values)


def for_post(session: Session, workspace: WorkspaceId, channel: str, ts: str) -> RecordedDecision | None:
    """The decision that a message of the bot says, if it says one."""
    row = fetch(
        session,
        DecisionPostRow,
        DecisionPostRow.workspace == workspace,
        DecisionPostRow.channel == channel,
        DecisionPostRow.ts == ts,
    )
    return None if row is None else one(session, workspace, DecisionId(row.decision))


def posts_of(session: Session, workspace: WorkspaceId, decision: DecisionId) -> tuple[Post, ...]:
    """The messages in which a decision was said, oldest first."""
    statement = select(DecisionPostRow).where(
        DecisionPostRow.workspace == workspace, DecisionPostRow.decision == decision
    )
    rows = fetch_all(session, statement.order_by(DecisionPostRow.at, DecisionPostRow.ts))
    return tuple(Post(Place(row.channel, row.thread), row.ts) for row in rows)


def decisions_using(
    session: Session, workspace: WorkspaceId, entry: EntryId, *, since: datetime, limit: int | None = None
) -> tuple[RecordedDecision, ...]:
    """The decisions since a moment whose answer said an entry, in any version; oldest first.

    Args:
        limit: how many of the newest at most.
    """
    used = select(DecisionEvidenceRow.decision).where(
        DecisionEvidenceRow.workspace == workspace,
        DecisionEvidenceRow.entry == entry,
        DecisionEvidenceRow.used,
    )
    return _list(session, workspace, DecisionRow.id.in_(used), DecisionRow.at >= since, limit=limit)


def in_conversation(
    session: Session, workspace: WorkspaceId, conversation: ConversationId
) -> tuple[RecordedDecision, ...]:
    """The decisions of a conversation, oldest first; the last ones tell whether the bot abstained twice."""
    return _list(session, workspace, DecisionRow.conversation == conversation)


def _list(
    session: Session, workspace: WorkspaceId, *where: ColumnElement[bool], limit: int | None = None
) -> tuple[RecordedDecision, ...]:
    statement = select(DecisionRow).where(DecisionRow.workspace == workspace, *where)
    newest = statement.order_by(DecisionRow.at.desc(), DecisionRow.ts.desc()).limit(limit)
    return tuple(_recorded(session, row) for row in reversed(fetch_all(session, newest)))


def _keep_evidence(
    session: Session, workspace: WorkspaceId, decision: DecisionId, evidence: tuple[EvidenceItem, ...]
) -> None:
    for rank, item in enumerate(evidence):
        values = {
            "workspace": workspace,
            "decision": decision,
            "rank": rank,
            "entry": item.entry,
            "version": item.version,
            "score": float(item.score),
            "features": {name: float(value) for name, value in item.features.items()},
            "used": item.used,
        }
        add(session, DecisionEvidenceRow, values)


def _recorded(session: Session, row: DecisionRow) -> RecordedDecision:
    statement = select(DecisionEvidenceRow).where(
        DecisionEvidenceRow.workspace == row.workspace, DecisionEvidenceRow.decision == row.id
    )
    evidence = tuple(
        EvidenceItem(EntryId(item.entry), item.version, item.score, dict(item.features), item.used)
        for item in fetch_all(session, statement.order_by(DecisionEvidenceRow.rank))
    )
    decision = AnswerDecision(
        place=Place(row.channel, row.thread),
        ts=row.ts,
        kind=DecisionKind(row.kind),
        rule=row.rule,
        question=row.question,
        turns=tuple(row.turns),
        evidence=evidence,
        confidence=row.confidence,
        answer=row.answer,
        versions=Versions(
            model=row.model,
            prompt_hash=row.prompt_hash,
            kb_version=row.kb_version,
            embedding=row.embedding,
            ranking=row.ranking,
            calibration=row.calibration,
            code=row.code,
        ),
        latency=timedelta(milliseconds=row.latency_ms),
        signals=dict(row.signals),
        facts=dict(row.facts),
        asker=None if row.asker is None else PersonId(row.asker),
        conversation=None if row.conversation is None else ConversationId(row.conversation),
    )
    return RecordedDecision(
        workspace=WorkspaceId(row.workspace),
        id=DecisionId(row.id),
        at=row.at,
        schema_version=row.schema_version,
        decision=decision,
    )
