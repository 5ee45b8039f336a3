"""Tables of replays: runs and their cases, apart from the records, so that nothing can take them for decisions.

In plain columns stand ids, states and numbers; what was said again lies in `payload`, redacted and encrypted under the
key of who asked, as in the record.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from kb.database import Base, Ulid, UtcDateTime, Workspace


class ReplayRunRow(Base):
    """Decisions that are replayed in one way."""

    __tablename__ = "replay_runs"

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    id: Mapped[str] = mapped_column(Ulid, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: Names and versions, as the application understands them.
    setup: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: Text of the operator's that belongs to it, under the workspace's key.
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class ReplayCaseRow(Base):
    """One recorded decision in a run, and what came of it."""

    __tablename__ = "replay_cases"
    __table_args__ = (
        Index("ix_replay_cases_position", "workspace", "run", "position"),
        Index("ix_replay_cases_asker", "workspace", "asker"),
    )

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    run: Mapped[str] = mapped_column(Ulid, primary_key=True)
    decision: Mapped[str] = mapped_column(Ulid, primary_key=True)
    #: Counts from 0.
    position: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(16))
    asker: Mapped[str | None] = mapped_column(Ulid)
    conversation: Mapped[str | None] = mapped_column(Ulid)
    #: Why there is no pair; a sentence of ours.
    reason: Mapped[str] = mapped_column(Text)
    #: How it differs, and what it took.
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    #: None while there is nothing, and once the person was erased.
    payload: Mapped[bytes | None] = mapped_column(LargeBinary)
    at: Mapped[datetime | None] = mapped_column(UtcDateTime)
