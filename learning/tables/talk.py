"""Tables of talk: people and their keys, conversations and their messages, handoffs and their resolutions.

Raw text stands here only encrypted; external user ids stand only in `people`.
"""

from datetime import datetime

from sqlalchemy import Boolean, Index, Integer, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from kb.database import Base, Ref, Ulid, UtcDateTime, Workspace

#: What makes a handoff live; the unique index below and `learning.handoffs.LIVE` mean the same states.
_LIVE_HANDOFF = text("state IN ('open', 'claimed')")


class PersonRow(Base):
    """A person: the only place where an external user id is tied to the opaque one."""

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("workspace", "external"),)

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    id: Mapped[str] = mapped_column(Ulid, primary_key=True)
    #: None once the person was erased.
    external: Mapped[str | None] = mapped_column(Ref)
    name: Mapped[str] = mapped_column(Ref, default="")
    #: In full, where the name above is what colleagues call them.
    full_name: Mapped[str | None] = mapped_column(Ref)
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC")
    guest: Mapped[bool] = mapped_column(Boolean, default=False)
    foreign: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PersonKeyRow(Base):
    """The key of one person's words, wrapped by the master key. Deleting it makes the words unreadable."""

    __tablename__ = "person_keys"

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    person: Mapped[str] = mapped_column(Ulid, primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class WorkspaceKeyRow(Base):
    """A key of the whole workspace, wrapped by the master key: `redaction` ties equal details together."""

    __tablename__ = "workspace_keys"

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    purpose: Mapped[str] = mapped_column(String(32), primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ConversationRow(Base):
    """One thread in which the bot is addressed."""

    __tablename__ = "conversations"
    __table_args__ = (UniqueConstraint("workspace", "channel", "thread"),)

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    id: Mapped[str] = mapped_column(Ulid, primary_key=True)
    channel: Mapped[str] = mapped_column(Ref)
    thread: Mapped[str] = mapped_column(Ref)
    asker: Mapped[str] = mapped_column(Ulid)
    privacy: Mapped[str] = mapped_column(String(16))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)


class MessageRow(Base):
    """One message of a conversation or of its staff room; the text is encrypted and can be taken out."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("workspace", "channel", "ts"),
        Index("ix_messages_conversation", "workspace", "conversation", "ts"),
        Index("ix_messages_at", "workspace", "at"),
    )

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    id: Mapped[str] = mapped_column(Ulid, primary_key=True)
    conversation: Mapped[str] = mapped_column(Ulid)
    channel: Mapped[str] = mapped_column(Ref)
    thread: Mapped[str] = mapped_column(Ref)
    ts: Mapped[str] = mapped_column(Ref)
    #: None for the bot itself.
    author: Mapped[str | None] = mapped_column(Ulid)
    kind: Mapped[str] = mapped_column(String(16))
    #: Whose key the text is under: the author's; the asker's for what the bot said.
    key_of: Mapped[str] = mapped_column(Ulid)
    #: None once deleted or purged.
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    edited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class HandoffRow(Base):
    """A conversation given to people."""

    __tablename__ = "handoffs"
    __table_args__ = (
        Index(
            "uq_handoffs_live",
            "workspace",
            "conversation",
            unique=True,
            sqlite_where=_LIVE_HANDOFF,
            postgresql_where=_LIVE_HANDOFF,
        ),
        UniqueConstraint("workspace", "room_channel", "room_thread"),
    )

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    id: Mapped[str] = mapped_column(Ulid, primary_key=True)
    conversation: Mapped[str] = mapped_column(Ulid)
    asker: Mapped[str] = mapped_column(Ulid)
    question_channel: Mapped[str] = mapped_column(Ref)
    question_ts: Mapped[str] = mapped_column(Ref)
    reason: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(16))
    claimed_by: Mapped[str | None] = mapped_column(Ulid)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    room_channel: Mapped[str | None] = mapped_column(Ref)
    room_thread: Mapped[str | None] = mapped_column(Ref)
    relay: Mapped[bool] = mapped_column(Boolean, default=False)
    consent: Mapped[str] = mapped_column(String(16))
    offered_resolve_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: The resolution that stands; None while there is none and after a reopening.
    resolution: Mapped[str | None] = mapped_column(Ulid)
    solved: Mapped[bool | None] = mapped_column(Boolean)
    revision: Mapped[int] = mapped_column(Integer)
    #: When it was opened, or opened again last.
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: The move that led to the present state, and who made it when.
    last_move: Mapped[str] = mapped_column(String(16))
    moved_by: Mapped[str] = mapped_column(Ulid)
    moved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class HandoffChangeRow(Base):
    """What happened to a handoff, one row per revision; never changed."""

    __tablename__ = "handoff_changes"

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    handoff: Mapped[str] = mapped_column(Ulid, primary_key=True)
    revision: Mapped[int] = mapped_column(Integer, primary_key=True)
    what: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(16))
    by: Mapped[str] = mapped_column(Ulid)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ResolutionRow(Base):
    """How people settled a handoff; the answer is under the key of the one who resolved."""

    __tablename__ = "resolutions"
    __table_args__ = (
        Index("ix_resolutions_handoff", "workspace", "handoff"),
        Index("ix_resolutions_along", "workspace", "along"),
    )

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    id: Mapped[str] = mapped_column(Ulid, primary_key=True)
    handoff: Mapped[str] = mapped_column(Ulid)
    #: None once purged.
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    by: Mapped[str] = mapped_column(Ulid)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: Whether it may become a proposal.
    learn: Mapped[bool] = mapped_column(Boolean)
    #: The resolution of another handoff whose answer settled this one too.
    along: Mapped[str | None] = mapped_column(Ulid)
