"""The bot's own tables: effects on the outside world, who works, what arrived too early, and what admins have set."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from kb.database import Base, Ref, Ulid, UtcDateTime, Workspace


class EffectRow(Base):
    """One outward effect; written before the call is made."""

    __tablename__ = "effects"

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    #: Stable: the same effect has the same key however often its workflow runs.
    key: Mapped[str] = mapped_column(Ref, primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(16))
    #: How often the call was begun; more than once means that an earlier one may have got through.
    attempts: Mapped[int] = mapped_column(Integer)
    channel: Mapped[str] = mapped_column(Ref)
    ts: Mapped[str | None] = mapped_column(Ref)
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: When the newest call was begun.
    tried_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ExecutorRow(Base):
    """A process that works, or the place of one; gives signs of life."""

    __tablename__ = "executors"

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    id: Mapped[str] = mapped_column(Ref, primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: While another process takes over its work; None otherwise.
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class EarlyRow(Base):
    """A reply or a deletion that arrived before the message it belongs to; ids only, for a short while."""

    __tablename__ = "early_arrivals"
    __table_args__ = (Index("ix_early_arrivals_seen_at", "workspace", "seen_at"),)

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    channel: Mapped[str] = mapped_column(Ref, primary_key=True)
    #: The reply's own ts; for a deletion, that of the message that is gone.
    ts: Mapped[str] = mapped_column(Ref, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    #: The thread that a reply is in; empty for a deletion.
    thread: Mapped[str] = mapped_column(Ref)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class EarlyThumbRow(Base):
    """A thumb or a ✅ on a message that is not known yet; ids only, for a short while."""

    __tablename__ = "early_thumbs"
    __table_args__ = (Index("ix_early_thumbs_seen_at", "workspace", "seen_at"),)

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    channel: Mapped[str] = mapped_column(Ref, primary_key=True)
    #: The message that carries it.
    ts: Mapped[str] = mapped_column(Ref, primary_key=True)
    person: Mapped[str] = mapped_column(Ulid, primary_key=True)
    rating: Mapped[str] = mapped_column(String(8), primary_key=True)
    #: False where it was taken off again.
    added: Mapped[bool] = mapped_column(Boolean)
    #: When, by Slack's clock.
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ChannelRow(Base):
    """What admins set for one channel."""

    __tablename__ = "channel_preferences"

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    channel: Mapped[str] = mapped_column(Ref, primary_key=True)
    mode: Mapped[str | None] = mapped_column(String(16))
    #: Whether the bot may answer here although the channel is shared or the asker is a guest.
    allow_shared: Mapped[bool] = mapped_column(Boolean)
    changed_by: Mapped[str] = mapped_column(Ref)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PreferenceRow(Base):
    """One setting that a workspace's admins changed."""

    __tablename__ = "preferences"

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
    changed_by: Mapped[str] = mapped_column(Ref)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
