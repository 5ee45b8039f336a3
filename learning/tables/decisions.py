"""Tables of what the bot decided and what people said of it. Every text in them is redacted.

`decisions`, `decision_evidence` and `record_seals` are append-only: the database itself refuses to change them. In
plain columns stands what is counted and compared: ids, kinds, rules, numbers, versions. What anybody wrote lies in
`payload`, encrypted. Where a decision was posted is known later and stands beside it.
"""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Float,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from kb.database import Base, Ref, Ulid, UtcDateTime, Workspace
from learning.tables.append_only import append_only


class DecisionRow(Base):
    """The flight record of one thing the bot decided."""

    __tablename__ = "decisions"
    __table_args__ = (
        UniqueConstraint("workspace", "channel", "ts"),
        Index("ix_decisions_conversation", "workspace", "conversation", "at"),
        Index("ix_decisions_at", "workspace", "at"),
    )

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    id: Mapped[str] = mapped_column(Ulid, primary_key=True)
    #: The version of this record's shape.
    schema_version: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    channel: Mapped[str] = mapped_column(Ref)
    thread: Mapped[str] = mapped_column(Ref)
    ts: Mapped[str] = mapped_column(Ref)
    conversation: Mapped[str | None] = mapped_column(Ulid)
    asker: Mapped[str | None] = mapped_column(Ulid)
    #: What it was made under: the `ts` of another decision at its place, or the id of an agent's run.
    parent: Mapped[str | None] = mapped_column(Ref)
    kind: Mapped[str] = mapped_column(String(16))
    #: What was done with it: posted in the thread, sent directly, given to staff.
    action: Mapped[str] = mapped_column(String(32))
    rule: Mapped[str] = mapped_column(Ref)
    confidence: Mapped[float] = mapped_column(Float)
    model: Mapped[str] = mapped_column(Ref)
    prompt_hash: Mapped[str] = mapped_column(String(64))
    #: Version of the instructions; 0 where there are none.
    instructions: Mapped[int] = mapped_column(Integer)
    kb_version: Mapped[int] = mapped_column(BigInteger)
    embedding: Mapped[str] = mapped_column(Ref)
    ranking: Mapped[str] = mapped_column(Ref)
    calibration: Mapped[str] = mapped_column(Ref)
    code: Mapped[str] = mapped_column(Ref)
    #: Experiment to arm.
    tags: Mapped[dict[str, Any]] = mapped_column(JSON)
    finish_reason: Mapped[str | None] = mapped_column(Ref)
    tokens_in: Mapped[int | None] = mapped_column(Integer)
    tokens_out: Mapped[int | None] = mapped_column(Integer)
    #: In the currency in which the operator gave the price; None where no price is known.
    cost: Mapped[float | None] = mapped_column(Float)
    latency_ms: Mapped[int] = mapped_column(Integer)
    #: Stage to milliseconds.
    stages: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: What the confidence was computed from.
    signals: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: What was written: canonical JSON under the asker's key, or the workspace's where there is no asker.
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    #: sha256 over everything above and the evidence.
    digest: Mapped[str] = mapped_column(String(64))


class DecisionEvidenceRow(Base):
    """One entry that was before the bot when it decided."""

    __tablename__ = "decision_evidence"
    __table_args__ = (Index("ix_decision_evidence_entry", "workspace", "entry"),)

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    decision: Mapped[str] = mapped_column(Ulid, primary_key=True)
    #: Counts from 0, best first.
    rank: Mapped[int] = mapped_column(Integer, primary_key=True)
    entry: Mapped[str] = mapped_column(Ulid)
    version: Mapped[int] = mapped_column(Integer)
    score: Mapped[float] = mapped_column(Float)
    features: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: Whether the answer said it, or merely saw it.
    used: Mapped[bool] = mapped_column(Boolean)


class RecordSealRow(Base):
    """One record's place in the chain; carries the hash of the seal before."""

    __tablename__ = "record_seals"
    __table_args__ = (UniqueConstraint("workspace", "decision"),)

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    #: Counts from 1 without a gap.
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    decision: Mapped[str] = mapped_column(Ulid)
    #: The record's digest as it was when it was sealed.
    digest: Mapped[str] = mapped_column(String(64))
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class RecordHeadRow(Base):
    """The end of a workspace's chain of records; its row lock lets one seal at a time."""

    __tablename__ = "record_heads"

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))


for _row in (DecisionRow, DecisionEvidenceRow, RecordSealRow):
    append_only(cast(Table, _row.__table__))


class DecisionPostRow(Base):
    """A message in which a decision was said; set once the message exists."""

    __tablename__ = "decision_posts"
    __table_args__ = (Index("ix_decision_posts_decision", "workspace", "decision"),)

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    channel: Mapped[str] = mapped_column(Ref, primary_key=True)
    ts: Mapped[str] = mapped_column(Ref, primary_key=True)
    thread: Mapped[str] = mapped_column(Ref)
    decision: Mapped[str] = mapped_column(Ulid)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class VoteRow(Base):
    """The one live vote of a person on an answer; rating None means withdrawn."""

    __tablename__ = "votes"

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    decision: Mapped[str] = mapped_column(Ulid, primary_key=True)
    person: Mapped[str] = mapped_column(Ulid, primary_key=True)
    rating: Mapped[str | None] = mapped_column(String(8))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class VoteChangeRow(Base):
    """What a vote was before and after; never changed."""

    __tablename__ = "vote_changes"
    __table_args__ = (Index("ix_vote_changes_decision", "workspace", "decision"),)

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    id: Mapped[str] = mapped_column(Ulid, primary_key=True)
    decision: Mapped[str] = mapped_column(Ulid)
    person: Mapped[str] = mapped_column(Ulid)
    before: Mapped[str | None] = mapped_column(String(8))
    after: Mapped[str | None] = mapped_column(String(8))
    #: `button`, `reaction` or what else the caller names.
    via: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ExplanationRow(Base):
    """Why a person voted an answer down; texts are redacted."""

    __tablename__ = "explanations"
    __table_args__ = (Index("ix_explanations_decision", "workspace", "decision"),)

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    id: Mapped[str] = mapped_column(Ulid, primary_key=True)
    decision: Mapped[str] = mapped_column(Ulid)
    person: Mapped[str] = mapped_column(Ulid)
    reason: Mapped[str] = mapped_column(String(16))
    comment: Mapped[str] = mapped_column(Text)
    correction: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ChoiceRow(Base):
    """What a person chose from the questions that a decision offered; entry None means none of them."""

    __tablename__ = "choices"
    __table_args__ = (
        Index("ix_choices_at", "workspace", "at"),
        Index("ix_choices_answered", "workspace", "answered"),
    )

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    #: The decision that offered them.
    decision: Mapped[str] = mapped_column(Ulid, primary_key=True)
    person: Mapped[str] = mapped_column(Ulid, primary_key=True)
    entry: Mapped[str | None] = mapped_column(Ulid)
    #: The decision that gave the chosen answer.
    answered: Mapped[str | None] = mapped_column(Ulid)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class SpotCheckRow(Base):
    """An answer that staff are asked to judge; verdict None while it waits."""

    __tablename__ = "spot_checks"
    __table_args__ = (
        UniqueConstraint("workspace", "decision"),
        Index("ix_spot_checks_drawn_at", "workspace", "drawn_at"),
    )

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    id: Mapped[str] = mapped_column(Ulid, primary_key=True)
    decision: Mapped[str] = mapped_column(Ulid)
    #: Probability with which it was drawn.
    chance: Mapped[float] = mapped_column(Float)
    drawn_at: Mapped[datetime] = mapped_column(UtcDateTime)
    verdict: Mapped[str | None] = mapped_column(String(16))
    by: Mapped[str | None] = mapped_column(Ulid)
    at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SignalRow(Base):
    """What behaviour said of a decision; never changed."""

    __tablename__ = "signals"
    __table_args__ = (
        # What shows a signal counts once.
        UniqueConstraint("workspace", "decision", "kind", "shown_by"),
        Index("ix_signals_at", "workspace", "at"),
    )

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    id: Mapped[str] = mapped_column(Ulid, primary_key=True)
    decision: Mapped[str] = mapped_column(Ulid)
    kind: Mapped[str] = mapped_column(String(32))
    person: Mapped[str | None] = mapped_column(Ulid)
    #: How it was found.
    found_by: Mapped[str] = mapped_column(String(64))
    #: What shows it, such as the `ts` of a message.
    shown_by: Mapped[str] = mapped_column(Ref)
    value: Mapped[float | None] = mapped_column(Float)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class OutcomeRow(Base):
    """Whether one thing happened in a window after a decision; never changed."""

    __tablename__ = "outcomes"
    __table_args__ = (Index("ix_outcomes_found_at", "workspace", "found_at"),)

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    decision: Mapped[str] = mapped_column(Ulid, primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    #: What opened the window: empty for the decision itself, otherwise the resolution (handoff and number of change).
    began_by: Mapped[str] = mapped_column(String(64), primary_key=True)
    happened: Mapped[bool] = mapped_column(Boolean)
    opens: Mapped[datetime] = mapped_column(UtcDateTime)
    closes: Mapped[datetime] = mapped_column(UtcDateTime)
    #: Name and version of the rule.
    found_by: Mapped[str] = mapped_column(String(64))
    #: What shows it, such as the `ts` of a message.
    shown_by: Mapped[str] = mapped_column(Ref)
    #: The scheduled moment at which it was looked for.
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
