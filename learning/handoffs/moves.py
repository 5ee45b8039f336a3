"""Opening a handoff and moving it: each move is a compare-and-set, so that of two at once exactly one wins.

Repeating a move that already happened, by the same person, changes nothing and is no error.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kb.ids import IdSource, WorkspaceId
from learning.encryption import Vault
from learning.errors import AlreadyDecided, NotAllowed, WrongState
from learning.handoffs.store import change, live_one, log, one
from learning.handoffs.values import MOVES, Consent, Handoff, HandoffReason, HandoffState, Move, Opened, Resolution
from learning.ids import ConversationId, HandoffId, PersonId
from learning.people import Actor
from learning.rows import add, insert_if_absent
from learning.tables import HandoffRow, ResolutionRow


def open_handoff(
    session: Session,
    workspace: WorkspaceId,
    conversation: ConversationId,
    *,
    asker: PersonId,
    question: tuple[str, str],
    reason: HandoffReason,
    relay: bool = False,
    now: datetime,
    ids: IdSource,
) -> Opened:
    """Give a conversation to people; where it is given already, that handoff is returned.

    Args:
        question: channel and ts of the message that could not be answered.
        relay: whether staff cannot see the asker's thread.
    """
    known = live_one(session, workspace, conversation)
    if known is not None:
        return Opened(known, created=False)
    made = HandoffId(ids())
    row = {
        "workspace": workspace,
        "id": made,
        "conversation": conversation,
        "asker": asker,
        "question_channel": question[0],
        "question_ts": question[1],
        "reason": reason,
        "state": HandoffState.OPEN,
        "relay": relay,
        "consent": Consent.NOT_ASKED,
        "revision": 1,
        "opened_at": now,
        "last_move": "open",
        "moved_by": asker,
        "moved_at": now,
    }
    created = insert_if_absent(session, HandoffRow, row)
    if created:
        log(session, workspace, made, 1, "open", HandoffState.OPEN, asker, now)
    handoff = live_one(session, workspace, conversation)
    if handoff is None:
        raise WrongState("The handoff was closed at the same moment; ask for a person again.")
    return Opened(handoff, created)


def claim(session: Session, workspace: WorkspaceId, handoff: HandoffId, actor: Actor, *, now: datetime) -> Handoff:
    """Take a handoff over; by a button or simply by the first staff reply.

    Raises:
        NotAllowed: only staff may.
        AlreadyDecided: somebody else has it; `by` says who.
        WrongState: it is closed.
    """
    _staff_only(actor, "Only support staff can take over a conversation.")
    values = {"claimed_by": actor.person, "claimed_at": now}
    return _move(session, workspace, handoff, Move.CLAIM, actor, values, now)


def release(session: Session, workspace: WorkspaceId, handoff: HandoffId, actor: Actor, *, now: datetime) -> Handoff:
    """Give a claimed handoff back, so that somebody else can take it.

    Raises:
        NotAllowed: only staff may.
        WrongState: nobody has it, or it is closed.
    """
    _staff_only(actor, "Only support staff can release a conversation.")
    return _move(session, workspace, handoff, Move.RELEASE, actor, {"claimed_by": None, "claimed_at": None}, now)


def reassign(
    session: Session,
    workspace: WorkspaceId,
    handoff: HandoffId,
    actor: Actor,
    to: PersonId,
    *,
    now: datetime,
) -> Handoff:
    """Give a claimed handoff to a colleague.

    Args:
        to: who shall have it; that they are staff is for the caller to check.

    Raises:
        NotAllowed: only staff may.
        WrongState: nobody has it, or it is closed.
    """
    _staff_only(actor, "Only support staff can reassign a conversation.")
    return _move(session, workspace, handoff, Move.REASSIGN, actor, {"claimed_by": to, "claimed_at": now}, now)


def cancel(session: Session, workspace: WorkspaceId, handoff: HandoffId, actor: Actor, *, now: datetime) -> Handoff:
    """Close a handoff without a resolution.

    Raises:
        NotAllowed: only the asker and staff may.
        WrongState: it is closed already, with a resolution.
    """
    _asker_or_staff(one(session, workspace, handoff), actor, "Only the asker or support staff can cancel this.")
    return _move(session, workspace, handoff, Move.CANCEL, actor, {}, now)


def resolve(
    session: Session,
    workspace: WorkspaceId,
    handoff: HandoffId,
    actor: Actor,
    *,
    answer: str,
    learn: bool,
    along: Resolution | None = None,
    vault: Vault,
    now: datetime,
    ids: IdSource,
) -> Handoff:
    """Settle a claimed handoff with an answer, which is kept encrypted under the key of who resolves.

    Args:
        answer: what settled it, as staff want it to stand.
        learn: whether it may become a proposal.
        along: the resolution of another handoff, where its answer settles this one too.

    Raises:
        NotAllowed: only staff may.
        AlreadyDecided: somebody else resolved it first.
        WrongState: nobody has it, or it was cancelled.
    """
    _staff_only(actor, "Only support staff can resolve a conversation.")
    resolution = ids()
    settled = _move(session, workspace, handoff, Move.RESOLVE, actor, {"resolution": resolution}, now)
    if settled.resolution is not None:
        return settled
    sealed = vault.encrypt(session, workspace, actor.person, answer, bound_to=f"resolution|{resolution}", now=now)
    row = {
        "workspace": workspace,
        "id": resolution,
        "handoff": handoff,
        "sealed": sealed,
        "by": actor.person,
        "at": now,
        "learn": learn,
        "along": None if along is None else along.id,
    }
    add(session, ResolutionRow, row)
    return one(session, workspace, handoff)


def resolve_along(
    session: Session,
    workspace: WorkspaceId,
    handoff: HandoffId,
    actor: Actor,
    along: Resolution,
    *,
    answer: str,
    vault: Vault,
    now: datetime,
    ids: IdSource,
) -> Handoff:
    """Settle a handoff that waits, or that the same person has, with the answer to another one.

    Args:
        along: the resolution whose answer it is; what may be learned from it goes with it.
        answer: its text.

    Raises:
        NotAllowed: only staff may.
        AlreadyDecided, WrongState: somebody else has it, or it is closed.
    """
    found = one(session, workspace, handoff)
    if found.state is HandoffState.OPEN:
        found = claim(session, workspace, handoff, actor, now=now)
    if found.live and found.claimed_by != actor.person:
        raise WrongState("A colleague has this conversation by now.", by=found.claimed_by, state=found.state)
    return resolve(
        session,
        workspace,
        handoff,
        actor,
        answer=answer,
        learn=along.learn,
        along=along,
        vault=vault,
        now=now,
        ids=ids,
    )


def reopen(session: Session, workspace: WorkspaceId, handoff: HandoffId, actor: Actor, *, now: datetime) -> Handoff:
    """Open a resolved handoff again; the earlier resolution stays in the records.

    Raises:
        NotAllowed: only the asker and staff may.
        WrongState: it is not resolved, or the conversation has been handed over anew since.
    """
    _asker_or_staff(one(session, workspace, handoff), actor, "Only the asker or support staff can reopen this.")
    values = {
        "claimed_by": None,
        "claimed_at": None,
        "offered_resolve_at": None,
        "resolution": None,
        "solved": None,
        "opened_at": now,
    }
    try:
        with session.begin_nested():
            return _move(session, workspace, handoff, Move.REOPEN, actor, values, now)
    except IntegrityError:
        raise WrongState("This conversation has been handed over anew since; use the newer card.") from None


#: How a move is spoken of once it happened.
_DONE: Mapping[Move, str] = {
    Move.CLAIM: "claimed",
    Move.RELEASE: "released",
    Move.REASSIGN: "reassigned",
    Move.RESOLVE: "resolved",
    Move.CANCEL: "cancelled",
    Move.REOPEN: "reopened",
}


def _move(
    session: Session,
    workspace: WorkspaceId,
    handoff: HandoffId,
    move: Move,
    actor: Actor,
    values: Mapping[str, Any],
    now: datetime,
) -> Handoff:
    """Make a move, or say why it cannot be made and who was first."""
    sources, state = MOVES[move]
    found = one(session, workspace, handoff)
    if found.state in sources:
        expected: tuple[ColumnElement[bool], ...] = (HandoffRow.state.in_(sorted(sources)),)
        if move is Move.REASSIGN:
            # The state stays the same, so the holder is what tells the first of two from the second.
            expected = (*expected, HandoffRow.claimed_by == found.claimed_by)
        moved = {**values, "state": state, "last_move": move, "moved_by": actor.person, "moved_at": now}
        if change(session, found, move, expected, moved, actor.person, now):
            return one(session, workspace, handoff)
        found = one(session, workspace, handoff)
    again = found.last_move == move and found.moved_by == actor.person
    holds = move is Move.CLAIM and found.claimed_by == actor.person and found.live
    if (again and found.state is state) or holds:
        return found
    if found.last_move == move or (move is Move.CLAIM and found.state is HandoffState.CLAIMED):
        winner = found.claimed_by if move is Move.CLAIM else found.moved_by
        raise AlreadyDecided(
            f"Somebody else was first: this has been {_DONE[move]} already.", by=winner, state=found.state
        )
    raise WrongState(
        f"This conversation is {found.state} now, so it cannot be {_DONE[move]}.", by=found.moved_by, state=found.state
    )


def _staff_only(actor: Actor, message: str) -> None:
    if not actor.is_staff:
        raise NotAllowed(message)


def _asker_or_staff(found: Handoff, actor: Actor, message: str) -> None:
    if actor.person != found.asker and not actor.is_staff:
        raise NotAllowed(message)
