"""Conversations and their messages: what was said where, encrypted, with edits and deletions followed.

Always: one conversation per place, one row per message; a deleted or purged message keeps its row and loses its
text; what the bot said lies under the asker's key, because it may repeat their words.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.ids import IdSource, WorkspaceId
from learning.encryption import Vault
from learning.errors import Unknown
from learning.ids import ConversationId, MessageId, PersonId
from learning.rows import compare_and_set, fetch, fetch_all, insert_if_absent, set_all
from learning.tables import ConversationRow, MessageRow, ResolutionRow


@dataclass(frozen=True)
class Place:
    """Where something was said; opaque to this library."""

    channel: str
    #: The `ts` of the thread's first message, or what else names a thread there.
    thread: str


class Privacy(StrEnum):
    """Who can read along at a place."""

    #: Everyone in the workspace can.
    OPEN = "open"
    #: The members of a closed channel.
    CHANNEL = "channel"
    #: One person, or a few by name.
    DIRECT = "direct"


class MessageKind(StrEnum):
    """In which part somebody spoke."""

    #: Somebody who speaks with the bot.
    USER = "user"
    STAFF = "staff"
    #: Somebody who spoke up while people had the conversation, and not to the bot.
    BYSTANDER = "bystander"
    BOT = "bot"
    #: Carried by the bot from another place; the original stands there, so that nothing counts twice.
    RELAYED = "relayed"


@dataclass(frozen=True)
class Conversation:
    """One thread in which the bot is addressed."""

    workspace: WorkspaceId
    id: ConversationId
    place: Place
    #: Who began it.
    asker: PersonId
    privacy: Privacy
    opened_at: datetime

    @property
    def private(self) -> bool:
        """Whether its text must not be seen outside."""
        return self.privacy is not Privacy.OPEN


@dataclass(frozen=True)
class Turn:
    """One message of a conversation, opened."""

    id: MessageId
    place: Place
    ts: str
    #: None for the bot.
    author: PersonId | None
    kind: MessageKind
    #: None where it was deleted, purged or its author erased.
    text: str | None
    at: datetime
    edited: bool
    deleted: bool


def open_conversation(
    session: Session,
    workspace: WorkspaceId,
    place: Place,
    asker: PersonId,
    *,
    privacy: Privacy,
    now: datetime,
    ids: IdSource,
) -> Conversation:
    """The conversation at a place; opened by the first call, the same for every later one."""
    known = find(session, workspace, place)
    if known is not None:
        return known
    row = {
        "workspace": workspace,
        "id": ids(),
        "channel": place.channel,
        "thread": place.thread,
        "asker": asker,
        "privacy": privacy,
        "opened_at": now,
    }
    insert_if_absent(session, ConversationRow, row)
    made = find(session, workspace, place)
    if made is None:
        raise Unknown("The conversation is gone; ask again in a new thread.")
    return made


def find(session: Session, workspace: WorkspaceId, place: Place) -> Conversation | None:
    """The conversation at a place, if there is one."""
    row = fetch(session, ConversationRow, workspace=workspace, channel=place.channel, thread=place.thread)
    return None if row is None else _conversation(row)


def begun_before(session: Session, conversation: Conversation, *, since: datetime) -> Conversation | None:
    """The conversation that the same person began in the same channel just before this one.

    Args:
        since: not earlier than this.
    """
    statement = select(ConversationRow).where(
        ConversationRow.workspace == conversation.workspace,
        ConversationRow.channel == conversation.place.channel,
        ConversationRow.asker == conversation.asker,
        ConversationRow.thread < conversation.place.thread,
        ConversationRow.opened_at >= since,
    )
    rows = fetch_all(session, statement.order_by(ConversationRow.thread.desc()).limit(1))
    return _conversation(rows[0]) if rows else None


def one(session: Session, workspace: WorkspaceId, conversation: ConversationId) -> Conversation:
    """A conversation by its id.

    Raises:
        Unknown: there is no such conversation.
    """
    row = fetch(session, ConversationRow, workspace=workspace, id=conversation)
    if row is None:
        raise Unknown("There is no such conversation in this workspace.")
    return _conversation(row)


def record_message(
    session: Session,
    workspace: WorkspaceId,
    conversation: ConversationId,
    *,
    place: Place,
    ts: str,
    author: PersonId | None,
    kind: MessageKind,
    text: str,
    vault: Vault,
    now: datetime,
    ids: IdSource,
) -> MessageId:
    """Keep a message; the same channel and ts a second time is the message known already.

    Args:
        place: where it was said: the conversation's place, or that of its staff room.
        author: None for the bot itself.
        now: when it was said; the retention counts from here.

    Raises:
        Unknown: there is no such conversation.
    """
    known = fetch(session, MessageRow, **_message_key(workspace, place.channel, ts))
    if known is not None:
        return MessageId(known.id)
    key_of = author or one(session, workspace, conversation).asker
    sealed = vault.encrypt(session, workspace, key_of, text, bound_to=_bound(place.channel, ts), now=now)
    row = {
        "workspace": workspace,
        "id": ids(),
        "conversation": conversation,
        "channel": place.channel,
        "thread": place.thread,
        "ts": ts,
        "author": author,
        "kind": kind,
        "key_of": key_of,
        "sealed": sealed,
        "at": now,
    }
    insert_if_absent(session, MessageRow, row)
    stored = fetch(session, MessageRow, **_message_key(workspace, place.channel, ts))
    if stored is None:
        raise Unknown("The message is gone; send it again.")
    return MessageId(stored.id)


def edit_message(
    session: Session,
    workspace: WorkspaceId,
    channel: str,
    ts: str,
    text: str,
    *,
    vault: Vault,
    now: datetime,
) -> bool:
    """Follow an edit; False where the message is not known, was deleted, or lost its text to the retention."""
    row = fetch(session, MessageRow, **_message_key(workspace, channel, ts), lock=True)
    if row is None or row.sealed is None:
        return False
    sealed = vault.encrypt(session, workspace, PersonId(row.key_of), text, bound_to=_bound(channel, ts), now=now)
    return compare_and_set(
        session,
        MessageRow,
        _message_key(workspace, channel, ts),
        {"sealed": sealed, "edited_at": now},
        MessageRow.sealed.is_not(None),
    )


def set_kind(session: Session, workspace: WorkspaceId, channel: str, ts: str, kind: MessageKind) -> bool:
    """Note in which part a message was said, once that is known; False where the message is not."""
    return compare_and_set(session, MessageRow, _message_key(workspace, channel, ts), {"kind": kind})


def delete_message(session: Session, workspace: WorkspaceId, channel: str, ts: str, *, now: datetime) -> bool:
    """Follow a deletion: the text goes, the row stays; False where the message is not known or deleted already."""
    return compare_and_set(
        session,
        MessageRow,
        _message_key(workspace, channel, ts),
        {"sealed": None, "deleted_at": now},
        MessageRow.deleted_at.is_(None),
    )


def turns(
    session: Session,
    workspace: WorkspaceId,
    conversation: ConversationId,
    *,
    vault: Vault,
    limit: int = 20,
    rooms: bool = False,
) -> tuple[Turn, ...]:
    """The last messages of a conversation, oldest first.

    Args:
        limit: how many at most; deleted ones count and come with no text.
        rooms: whether the staff room's messages are wanted too.
    """
    statement = select(MessageRow).where(MessageRow.workspace == workspace, MessageRow.conversation == conversation)
    if not rooms:
        place = one(session, workspace, conversation).place
        statement = statement.where(MessageRow.channel == place.channel, MessageRow.thread == place.thread)
    rows = fetch_all(session, statement.order_by(MessageRow.ts.desc(), MessageRow.id.desc()).limit(limit))
    return tuple(open_turn(session, row, vault) for row in reversed(rows))


def message(
    session: Session, workspace: WorkspaceId, channel: str, ts: str, *, vault: Vault, lock: bool = False
) -> Turn | None:
    """One message, if it is known.

    Args:
        lock: whether nobody else may change it until the caller's transaction ends.
    """
    row = fetch(session, MessageRow, **_message_key(workspace, channel, ts), lock=lock)
    return None if row is None else open_turn(session, row, vault)


def conversation_of(session: Session, workspace: WorkspaceId, channel: str, ts: str) -> ConversationId | None:
    """The conversation a message belongs to, if it is known."""
    row = fetch(session, MessageRow, **_message_key(workspace, channel, ts))
    return None if row is None else ConversationId(row.conversation)


def takes_part(session: Session, workspace: WorkspaceId, conversation: ConversationId, person: PersonId) -> bool:
    """Whether a person began the conversation or spoke in it to the bot; staff who helped there did not."""
    found = one(session, workspace, conversation)
    if found.asker == person:
        return True
    spoke = select(MessageRow.id).where(
        MessageRow.workspace == workspace,
        MessageRow.conversation == conversation,
        MessageRow.channel == found.place.channel,
        MessageRow.author == person,
        MessageRow.kind == MessageKind.USER,
    )
    return session.scalars(spoke.limit(1)).first() is not None


def purge(session: Session, workspace: WorkspaceId, *, older_than: datetime) -> int:
    """Remove the text of messages and resolutions from before a moment; the rows stay.

    Returns:
        How many texts were removed.
    """
    due = (MessageRow.workspace == workspace, MessageRow.at < older_than, MessageRow.sealed.is_not(None))
    old = (ResolutionRow.workspace == workspace, ResolutionRow.at < older_than, ResolutionRow.sealed.is_not(None))
    gone = {"sealed": None}
    return set_all(session, MessageRow, due, gone) + set_all(session, ResolutionRow, old, gone)


def _conversation(row: ConversationRow) -> Conversation:
    return Conversation(
        workspace=WorkspaceId(row.workspace),
        id=ConversationId(row.id),
        place=Place(row.channel, row.thread),
        asker=PersonId(row.asker),
        privacy=Privacy(row.privacy),
        opened_at=row.opened_at,
    )


def open_turn(session: Session, row: MessageRow, vault: Vault) -> Turn:
    """The value of a stored message, its text decrypted."""
    text = None
    if row.sealed is not None:
        text = vault.decrypt(
            session,
            WorkspaceId(row.workspace),
            PersonId(row.key_of),
            row.sealed,
            bound_to=_bound(row.channel, row.ts),
        )
    return Turn(
        id=MessageId(row.id),
        place=Place(row.channel, row.thread),
        ts=row.ts,
        author=None if row.author is None else PersonId(row.author),
        kind=MessageKind(row.kind),
        text=text,
        at=row.at,
        edited=row.edited_at is not None,
        deleted=row.deleted_at is not None,
    )


def _message_key(workspace: WorkspaceId, channel: str, ts: str) -> dict[str, Any]:
    return {"workspace": workspace, "channel": channel, "ts": ts}


def _bound(channel: str, ts: str) -> str:
    return f"message|{channel}|{ts}"
