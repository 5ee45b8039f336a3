"""Tables of what the bot decided and what people said of it. Every text in them is redacted.

`decisions` and `decision_evidence` are append-only; where a decision was posted is known later and stands
beside them.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Float, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kb.database import Base, Ref, Ulid, UtcDateTime, Workspace


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
    kind: Mapped[str] = mapped_column(String(16))
    rule: Mapped[str] = mapped_column(Ref)
    question: Mapped[str] = mapped_column(Text)
    turns: Mapped[list[str]] = mapped_column(JSON)
    answer: Mapped[str] = mapped_column(Text)
    confidence: Mapped[float] = mapped_column(Float)
    model: Mapped[str] = mapped_column(Ref)
    prompt_hash: Mapped[str] = mapped_column(String(64))
    kb_version: Mapped[int] = mapped_column(BigInteger)
    embedding: Mapped[str] = mapped_column(Ref)
    ranking: Mapped[str] = mapped_column(Ref)
    calibration: Mapped[str] = mapped_column(Ref)
    code: Mapped[str] = mapped_column(Ref)
    latency_ms: Mapped[int] = mapped_column(Integer)
    #: What the confidence was computed from.
    signals: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: Facts of the making: finish reason, tokens, citations taken out; never words of people.
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)


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
