"""What is noted on a handoff besides its moves (room, consent, offers, the asker's verdict), and its words."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.ids import WorkspaceId
from learning.conversations import MessageKind, Place, Turn, open_turn
from learning.encryption import Vault
from learning.errors import NotAllowed, WrongState
from learning.handoffs.store import change, one
from learning.handoffs.values import Consent, Handoff, HandoffState
from learning.ids import HandoffId, PersonId
from learning.people import Actor
from learning.rows import fetch, fetch_all
from learning.tables import HandoffRow, MessageRow, ResolutionRow


def mark_offered(session: Session, workspace: WorkspaceId, handoff: HandoffId, *, now: datetime) -> bool:
    """Note that Resolve is being offered; True exactly once per opening, and only while somebody has it."""
    found = one(session, workspace, handoff)
    expected = (HandoffRow.state == HandoffState.CLAIMED, HandoffRow.offered_resolve_at.is_(None))
    return change(session, found, "offer", expected, {"offered_resolve_at": now}, found.moved_by, now)


def mark_solved(
    session: Session, workspace: WorkspaceId, handoff: HandoffId, actor: Actor, solved: bool, *, now: datetime
) -> Handoff:
    """Keep what the asker says: whether that solved it. Their last word counts.

    Raises:
        NotAllowed: only the asker can say.
        WrongState: it is not resolved.
    """
    found = one(session, workspace, handoff)
    if actor.person != found.asker:
        raise NotAllowed("Only the person who asked can say whether it is solved.")
    if found.state is not HandoffState.RESOLVED:
        raise WrongState("This can be said once the conversation is resolved.", by=found.moved_by, state=found.state)
    if found.solved is not solved:
        expected = (HandoffRow.state == HandoffState.RESOLVED,)
        what = "solved" if solved else "not_solved"
        change(session, found, what, expected, {"solved": solved}, actor.person, now)
    return one(session, workspace, handoff)


def set_room(session: Session, workspace: WorkspaceId, handoff: HandoffId, room: Place, *, now: datetime) -> Handoff:
    """Note where the card was posted; its thread is the staff room from then on. The first room stays."""
    found = one(session, workspace, handoff)
    if found.room is None:
        expected = (HandoffRow.room_channel.is_(None),)
        values = {"room_channel": room.channel, "room_thread": room.thread}
        change(session, found, "room", expected, values, found.moved_by, now)
    return one(session, workspace, handoff)


def set_relay(session: Session, workspace: WorkspaceId, handoff: HandoffId, *, now: datetime) -> Handoff:
    """Note that staff cannot see the asker's thread, so that words are carried both ways."""
    found = one(session, workspace, handoff)
    if not found.relay:
        change(session, found, "relay", (HandoffRow.relay.is_(False),), {"relay": True}, found.moved_by, now)
    return one(session, workspace, handoff)


def set_consent(
    session: Session, workspace: WorkspaceId, handoff: HandoffId, consent: Consent, *, now: datetime
) -> Handoff:
    """Note that the asker was asked, or what they answered; an answer is not overwritten by the asking."""
    found = one(session, workspace, handoff)
    if found.consent is not consent:
        answered = (Consent.GIVEN, Consent.REFUSED)
        expected = () if consent in answered else (HandoffRow.consent.not_in(answered),)
        change(session, found, f"consent_{consent}", expected, {"consent": consent}, found.asker, now)
    return one(session, workspace, handoff)


def resolution_text(session: Session, workspace: WorkspaceId, handoff: HandoffId, *, vault: Vault) -> str | None:
    """The answer of the resolution that stands; None without one, or where it was purged or its author erased."""
    standing = one(session, workspace, handoff).resolution
    if standing is None:
        return None
    row = fetch(session, ResolutionRow, workspace=workspace, id=standing.id)
    if row is None or row.sealed is None:
        return None
    return vault.decrypt(session, workspace, PersonId(row.by), row.sealed, bound_to=f"resolution|{standing.id}")


def staff_words(session: Session, workspace: WorkspaceId, handoff: HandoffId, *, vault: Vault) -> tuple[Turn, ...]:
    """What staff wrote since the handoff was opened, in the asker's thread and in the staff room, in order.

    The opening, not the claim, is the beginning: the first staff reply is written before it claims.
    """
    found = one(session, workspace, handoff)
    statement = select(MessageRow).where(
        MessageRow.workspace == workspace,
        MessageRow.conversation == found.conversation,
        MessageRow.kind == MessageKind.STAFF,
        MessageRow.at >= found.opened_at,
        MessageRow.sealed.is_not(None),
    )
    rows = fetch_all(session, statement.order_by(MessageRow.ts, MessageRow.id))
    return tuple(open_turn(session, row, vault) for row in rows)
