"""Asides: texts that wait until work has been done with them, and belong to no conversation (yet).

They lie with the messages, encrypted under the key of who wrote them, so that retention and erasure reach them.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from kb.ids import IdSource, WorkspaceId
from learning import conversations
from learning.conversations import MessageKind, Place
from learning.encryption import Vault
from learning.ids import ConversationId, PersonId

#: Where they lie; no channel of anybody is called that.
_CHANNEL = "aside"
_NO_CONVERSATION = ConversationId("")


def put(
    session: Session,
    workspace: WorkspaceId,
    name: str,
    person: PersonId,
    text: str,
    *,
    vault: Vault,
    now: datetime,
    ids: IdSource,
) -> None:
    """Put a person's text aside; the same name a second time is the text known already."""
    conversations.record_message(
        session,
        workspace,
        _NO_CONVERSATION,
        place=Place(_CHANNEL, ""),
        ts=name,
        author=person,
        kind=MessageKind.BYSTANDER,
        text=text,
        vault=vault,
        now=now,
        ids=ids,
    )


def read(session: Session, workspace: WorkspaceId, name: str, *, vault: Vault) -> str | None:
    """The text; None where it was dropped, purged or its author erased."""
    found = conversations.message(session, workspace, _CHANNEL, name, vault=vault)
    return None if found is None else found.text


def drop(session: Session, workspace: WorkspaceId, name: str, *, now: datetime) -> None:
    """The work is done; the text goes."""
    conversations.delete_message(session, workspace, _CHANNEL, name, now=now)
