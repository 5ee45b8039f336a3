"""Tables of change: proposals with their sources, the reviews of them, and the audit trail.

Proposals keep raw text because a reviewer sees it; reviews and audit records hold ids, hashes and numbers.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Index, Integer, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from kb.database import Base, Ref, Ulid, UtcDateTime, Workspace

_PENDING = text("state = 'pending'")


class ProposalRow(Base):
    """A change that waits for a person, or waited."""

    __tablename__ = "proposals"
    __table_args__ = (
        # One open proposal per meaning: what is proposed again at the same moment joins it.
        Index(
            "uq_proposals_pending",
            "workspace",
            "fingerprint",
            unique=True,
            sqlite_where=_PENDING,
            postgresql_where=_PENDING,
        ),
        Index("ix_proposals_state", "workspace", "state", "kind"),
        Index("ix_proposals_first_fingerprint", "workspace", "first_fingerprint"),
    )

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    id: Mapped[str] = mapped_column(Ulid, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    origin: Mapped[str] = mapped_column(String(16))
    question: Mapped[str] = mapped_column(Text)
    phrasings: Mapped[list[str]] = mapped_column(JSON)
    answer: Mapped[str] = mapped_column(Text)
    audience: Mapped[list[str]] = mapped_column(JSON)
    target_entry: Mapped[str | None] = mapped_column(Ulid)
    target_version: Mapped[int | None] = mapped_column(Integer)
    #: sha256 over what it means: normalised question and answer, and the entry it would retire.
    fingerprint: Mapped[str] = mapped_column(String(64))
    #: What it meant when it was made; stays when a reviewer edits, so that it is recognised when proposed again.
    first_fingerprint: Mapped[str] = mapped_column(String(64))
    privacy: Mapped[str] = mapped_column(String(16))
    needs_answer: Mapped[bool] = mapped_column(Boolean, default=False)
    count: Mapped[int] = mapped_column(Integer)
    #: Who changed the draft last, if anyone did: with four eyes, somebody else must approve.
    edited_by: Mapped[str | None] = mapped_column(Ulid)
    decided_by: Mapped[str | None] = mapped_column(Ulid)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(Text)
    #: Whether it was rejected although it is right, because nobody needs it.
    unneeded: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    applied_entry: Mapped[str | None] = mapped_column(Ulid)
    applied_version: Mapped[int | None] = mapped_column(Integer)
    #: The entry's version before; 0 where it did not exist.
    previous_version: Mapped[int | None] = mapped_column(Integer)
    revision: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ProposalSourceRow(Base):
    """One thing that speaks for a proposal; the same thing counts once."""

    __tablename__ = "proposal_sources"
    __table_args__ = (
        UniqueConstraint("workspace", "proposal", "source_key"),
        Index("ix_proposal_sources_source_key", "workspace", "source_key"),
    )

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    id: Mapped[str] = mapped_column(Ulid, primary_key=True)
    proposal: Mapped[str] = mapped_column(Ulid)
    source_key: Mapped[str] = mapped_column(String(64))
    origin: Mapped[str] = mapped_column(String(16))
    person: Mapped[str] = mapped_column(Ulid)
    channel: Mapped[str] = mapped_column(Ref)
    thread: Mapped[str] = mapped_column(Ref)
    privacy: Mapped[str] = mapped_column(String(16))
    conversation: Mapped[str | None] = mapped_column(Ulid)
    decision: Mapped[str | None] = mapped_column(Ulid)
    handoff: Mapped[str | None] = mapped_column(Ulid)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReviewRow(Base):
    """What a person decided, on a proposal or on an entry that was in use; never changed."""

    __tablename__ = "reviews"
    __table_args__ = (
        Index("ix_reviews_proposal", "workspace", "proposal"),
        # A stop is taken back once, whoever clicks.
        UniqueConstraint("workspace", "undoes"),
    )

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    id: Mapped[str] = mapped_column(Ulid, primary_key=True)
    action: Mapped[str] = mapped_column(String(16))
    actor: Mapped[str] = mapped_column(Ulid)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    proposal: Mapped[str | None] = mapped_column(Ulid)
    #: Hash of what the actor saw.
    shown: Mapped[str | None] = mapped_column(String(64))
    entry: Mapped[str | None] = mapped_column(Ulid)
    version: Mapped[int | None] = mapped_column(Integer)
    previous_version: Mapped[int | None] = mapped_column(Integer)
    #: The review this one takes back.
    undoes: Mapped[str | None] = mapped_column(Ulid)


class AuditRow(Base):
    """One record of the audit trail; carries the hash of the one before."""

    __tablename__ = "audit"

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    #: Counts from 1 without a gap.
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(Ref)
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(Ref)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AuditHeadRow(Base):
    """The end of a workspace's chain; its row lock makes appends take turns."""

    __tablename__ = "audit_heads"

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    seq: Mapped[int] = mapped_column(Integer)
    hash: Mapped[str] = mapped_column(String(64))
