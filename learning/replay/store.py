"""Keeping and finding runs of replays, in the caller's transaction; nothing here commits.

Always: a case that has its pair keeps it, whoever tries again; what is kept is redacted and encrypted under the key of
who asked, so that erasing them reaches it; of somebody who was erased nothing is kept.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from kb.ids import IdSource, WorkspaceId
from learning.encryption import Vault
from learning.errors import Unknown
from learning.ids import ConversationId, DecisionId, PersonId
from learning.recorder import AnswerDecision, RecordedDecision
from learning.recorder.payload import pack, unpack
from learning.replay.plain import from_json, to_json
from learning.replay.values import Attempt, Case, Difference, NotReplayed, Run, RunId, State, Used
from learning.rows import add, add_all, compare_and_set, fetch, fetch_all
from learning.tables import DecisionRow, PersonRow, ReplayCaseRow, ReplayRunRow

#: How many ids go into one `IN (...)`.
_CHUNK = 500
#: Why nothing is kept of a case whose person has been erased.
ERASED = "The person who asked was erased."
#: States from which a case can still get its pair.
_OPEN = (State.WAITING, State.FAILED)


def begin(
    session: Session,
    workspace: WorkspaceId,
    decisions: Sequence[DecisionId],
    *,
    setup: Mapping[str, Any],
    text: str = "",
    vault: Vault,
    now: datetime,
    ids: IdSource,
) -> Run:
    """Begin a run over recorded decisions, each once, in the order given.

    Args:
        setup: what is different from when they were recorded: JSON values without anybody's words.
        text: text of the operator's that belongs to it.

    Raises:
        Unknown: one of them is not recorded in this workspace; the message names it.
    """
    wanted = tuple(dict.fromkeys(decisions))
    known = check(session, workspace, wanted)
    made = Run(workspace, RunId(ids()), now, dict(setup), text)
    sealed = None
    if text:
        sealed = vault.encrypt(session, workspace, None, text, bound_to=_bound_run(made.id), now=now)
    add(
        session,
        ReplayRunRow,
        {"workspace": workspace, "id": made.id, "at": now, "setup": dict(setup), "sealed": sealed},
    )
    add_all(
        session,
        ReplayCaseRow,
        [
            {
                "workspace": workspace,
                "run": made.id,
                "decision": one,
                "position": position,
                "state": State.WAITING.value,
                "asker": known[one][0],
                "conversation": known[one][1],
                "reason": "",
                "outcome": None,
                "payload": None,
                "at": None,
            }
            for position, one in enumerate(wanted)
        ],
    )
    return made


def check(
    session: Session, workspace: WorkspaceId, decisions: Sequence[DecisionId]
) -> dict[DecisionId, tuple[str | None, str | None]]:
    """Make sure that decisions are recorded; of each who asked, and in which conversation.

    Raises:
        Unknown: one of them is not recorded in this workspace; the message names it.
    """
    known = _known(session, workspace, decisions)
    for one in decisions:
        if one not in known:
            raise Unknown(f"There is no decision '{one}' in this workspace; `answerloop records list` shows which are.")
    return known


def one(session: Session, workspace: WorkspaceId, run: RunId, *, vault: Vault) -> Run:
    """A run by its id.

    Raises:
        Unknown: there is no such run in this workspace.
    """
    row = fetch(session, ReplayRunRow, workspace=workspace, id=run)
    if row is None:
        raise Unknown(f"There is no replay '{run}' in this workspace; `answerloop replay --list` shows which are.")
    return _run(session, row, vault)


def newest(session: Session, workspace: WorkspaceId, *, vault: Vault, limit: int = 20) -> tuple[Run, ...]:
    """The newest runs, newest first."""
    statement = select(ReplayRunRow).where(ReplayRunRow.workspace == workspace)
    rows = fetch_all(session, statement.order_by(ReplayRunRow.at.desc(), ReplayRunRow.id.desc()).limit(limit))
    return tuple(_run(session, row, vault) for row in rows)


def cases(session: Session, workspace: WorkspaceId, run: RunId) -> tuple[Case, ...]:
    """Every case of a run, in its order."""
    statement = select(ReplayCaseRow).where(ReplayCaseRow.workspace == workspace, ReplayCaseRow.run == run)
    return tuple(_case(row) for row in fetch_all(session, statement.order_by(ReplayCaseRow.position)))


def to_try(session: Session, workspace: WorkspaceId, run: RunId) -> tuple[DecisionId, ...]:
    """The decisions of a run that have no pair yet and may get one, in its order."""
    statement = select(ReplayCaseRow.decision).where(
        ReplayCaseRow.workspace == workspace, ReplayCaseRow.run == run, ReplayCaseRow.state.in_(_OPEN)
    )
    return tuple(DecisionId(found) for found in session.scalars(statement.order_by(ReplayCaseRow.position)))


def keep(
    session: Session,
    workspace: WorkspaceId,
    run: RunId,
    decision: DecisionId,
    attempt: Attempt,
    difference: Difference,
    used: Used,
    *,
    vault: Vault,
    now: datetime,
) -> State:
    """Keep a pair; where one stands already, or the person was erased meanwhile, this one is let go.

    Args:
        attempt: both sides redacted.

    Returns: how the case stands now.
    """
    asker = attempt.before.asker
    if asker is not None:
        # Locked, so that an erasure comes before this or sees what this writes; no key is made for who is gone.
        person = fetch(session, PersonRow, workspace=workspace, id=asker, lock=True)
        if person is not None and person.erased_at is not None:
            return miss(session, workspace, run, decision, NotReplayed(ERASED), now=now)
    both = json.dumps([pack(attempt.before), pack(attempt.after)])
    sealed = vault.encrypt(session, workspace, asker, both, bound_to=_bound(run, decision), now=now)
    values = {
        "state": State.DONE.value,
        "reason": "",
        "outcome": to_json(difference, used),
        "payload": sealed,
        "at": now,
    }
    compare_and_set(session, ReplayCaseRow, _key(workspace, run, decision), values, _still_open())
    return State.DONE


def miss(
    session: Session, workspace: WorkspaceId, run: RunId, decision: DecisionId, why: NotReplayed, *, now: datetime
) -> State:
    """Keep that there is no pair, and why; where one stands already it stays."""
    state = State.FAILED if why.passing else State.MISSING
    values = {"state": state.value, "reason": str(why), "at": now}
    compare_and_set(session, ReplayCaseRow, _key(workspace, run, decision), values, _still_open())
    return state


def sides(
    session: Session, workspace: WorkspaceId, run: RunId, recorded: RecordedDecision, *, vault: Vault
) -> tuple[AnswerDecision, AnswerDecision] | None:
    """Both sides of a case, with their texts; None where there is no pair, or its person was erased.

    Args:
        recorded: the decision; what is not text is taken from it.
    """
    row = fetch(session, ReplayCaseRow, **_key(workspace, run, recorded.id))
    if row is None or row.payload is None:
        return None
    asker = None if row.asker is None else PersonId(row.asker)
    both = vault.decrypt(session, workspace, asker, row.payload, bound_to=_bound(run, recorded.id))
    if both is None:
        return None
    before, after = json.loads(both)
    return unpack(recorded.decision, before), unpack(recorded.decision, after)


def _known(
    session: Session, workspace: WorkspaceId, wanted: Sequence[DecisionId]
) -> dict[DecisionId, tuple[str | None, str | None]]:
    """Of the decisions that are recorded who asked, and in which conversation."""
    found: dict[DecisionId, tuple[str | None, str | None]] = {}
    for start in range(0, len(wanted), _CHUNK):
        statement = select(DecisionRow.id, DecisionRow.asker, DecisionRow.conversation).where(
            DecisionRow.workspace == workspace, DecisionRow.id.in_(wanted[start : start + _CHUNK])
        )
        found |= {DecisionId(one): (asker, conversation) for one, asker, conversation in session.execute(statement)}
    return found


def _run(session: Session, row: ReplayRunRow, vault: Vault) -> Run:
    workspace, run = WorkspaceId(row.workspace), RunId(row.id)
    text = None
    if row.sealed is not None:
        text = vault.decrypt(session, workspace, None, row.sealed, bound_to=_bound_run(run))
    return Run(workspace, run, row.at, dict(row.setup), text or "")


def _case(row: ReplayCaseRow) -> Case:
    difference, used = (None, Used()) if row.outcome is None else from_json(row.outcome)
    return Case(
        decision=DecisionId(row.decision),
        position=row.position,
        state=State(row.state),
        asker=None if row.asker is None else PersonId(row.asker),
        conversation=None if row.conversation is None else ConversationId(row.conversation),
        reason=row.reason,
        difference=difference,
        used=used,
    )


def _key(workspace: WorkspaceId, run: RunId, decision: DecisionId) -> dict[str, Any]:
    return {"workspace": workspace, "run": run, "decision": decision}


def _still_open() -> ColumnElement[bool]:
    return ReplayCaseRow.state.in_(_OPEN)


def _bound(run: RunId, decision: DecisionId) -> str:
    return f"replay|{run}|{decision}"


def _bound_run(run: RunId) -> str:
    return f"replay|{run}"
