"""The bot's own tables: effects on the outside world, and what a workspace's admins have set."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from kb.database import Base, Ref, UtcDateTime, Workspace


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
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


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
