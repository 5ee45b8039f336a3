"""Keeping and finding records.

Always: a record is never changed; the same message is recorded once, whoever runs again. In which messages a decision
was said is known later and kept beside it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, select, tuple_
from sqlalchemy.orm import Session

from kb.database import rows_of
from kb.ids import EntryId, IdSource, WorkspaceId
from learning.conversations import Place
from learning.encryption import Vault
from learning.errors import Tampered, Unknown, Unreadable
from learning.ids import ConversationId, DecisionId
from learning.recorder.columns import columns_of, decision_from, evidence_columns, items_from
from learning.recorder.digest import digest
from learning.recorder.payload import pack, redacted, unpack
from learning.recorder.values import (
    SCHEMA_VERSION,
    AnswerDecision,
    DecisionKind,
    Post,
    RecordedDecision,
)
from learning.redaction import Redactor
from learning.rows import add_all, fetch, fetch_all, insert_if_absent, values_of
from learning.tables import DecisionEvidenceRow, DecisionPostRow, DecisionRow


def record(
    session: Session,
    workspace: WorkspaceId,
    decision: AnswerDecision,
    *,
    redactor: Redactor,
    vault: Vault,
    now: datetime,
    ids: IdSource,
) -> RecordedDecision:
    """Record a decision, redacted; where this message was recorded before, that first record is returned."""
    clean = redacted(decision, redactor)
    made = DecisionId(ids())
    plain = columns_of(workspace, made, clean, now)
    evidence = [evidence_columns(workspace, made, rank, item) for rank, item in enumerate(clean.evidence)]
    packed = pack(clean)
    sealed = vault.encrypt(session, workspace, clean.asker, packed, bound_to=_bound(made), now=now)
    values = {**plain, "payload": sealed}
    values["digest"] = digest(values, evidence)
    if not insert_if_absent(session, DecisionRow, values):
        stored = for_question(session, workspace, decision.place.channel, decision.ts, vault=vault)
        if stored is None:
            raise Unknown("The decision's record is gone; it cannot be written twice.")
        return stored
    add_all(session, DecisionEvidenceRow, evidence)
    return RecordedDecision(
        workspace, made, now, SCHEMA_VERSION, unpack(decision_from(values, items_from(evidence)), packed)
    )


def known(session: Session, workspace: WorkspaceId, decision: DecisionId) -> None:
    """Make sure that there is such a decision.

    Raises:
        Unknown: there is none.
    """
    if rows_of(session, _is_there(), {"workspace": workspace, "decision": decision}).first() is None:
        raise Unknown("There is no such decision in this workspace.")


def one(session: Session, workspace: WorkspaceId, decision: DecisionId, *, vault: Vault) -> RecordedDecision:
    """A decision by its id.

    Raises:
        Unknown: there is no such decision.
    """
    row = fetch(session, DecisionRow, workspace=workspace, id=decision)
    if row is None:
        raise Unknown("There is no such decision in this workspace.")
    return _whole(session, workspace, [row], vault)[0]


def plain(session: Session, workspace: WorkspaceId, decision: DecisionId) -> RecordedDecision:
    """A decision by its id, without what was written: for who counts and compares, and needs no key.

    Raises:
        Unknown: there is no such decision.
    """
    row = fetch(session, DecisionRow, workspace=workspace, id=decision)
    if row is None:
        raise Unknown("There is no such decision in this workspace.")
    values, evidence = row_values(row), evidence_of(session, workspace, [decision])
    found = decision_from(values, items_from(evidence.get(decision, [])))
    return RecordedDecision(workspace, decision, row.at, row.schema_version, found)


def for_question(
    session: Session, workspace: WorkspaceId, channel: str, ts: str, *, vault: Vault
) -> RecordedDecision | None:
    """The decision on the message at a channel and ts, if it was recorded."""
    row = fetch(session, DecisionRow, workspace=workspace, channel=channel, ts=ts)
    return None if row is None else _whole(session, workspace, [row], vault)[0]


def posted(
    session: Session, workspace: WorkspaceId, decision: DecisionId, *, place: Place, ts: str, now: datetime
) -> None:
    """Tie a message of the bot to the decision it says; a message says one decision, the first that is named.

    Raises:
        Unknown: there is no such decision.
    """
    known(session, workspace, decision)
    values = {
        "workspace": workspace,
        "channel": place.channel,
        "ts": ts,
        "thread": place.thread,
        "decision": decision,
        "at": now,
    }
    insert_if_absent(session, DecisionPostRow, values)


def for_post(
    session: Session, workspace: WorkspaceId, channel: str, ts: str, *, vault: Vault
) -> RecordedDecision | None:
    """The decision that a message of the bot says, if it says one."""
    row = fetch(session, DecisionPostRow, workspace=workspace, channel=channel, ts=ts)
    return None if row is None else one(session, workspace, DecisionId(row.decision), vault=vault)


def posts_of(session: Session, workspace: WorkspaceId, decision: DecisionId) -> tuple[Post, ...]:
    """The messages in which a decision was said, oldest first."""
    statement = select(DecisionPostRow).where(
        DecisionPostRow.workspace == workspace, DecisionPostRow.decision == decision
    )
    rows = fetch_all(session, statement.order_by(DecisionPostRow.at, DecisionPostRow.ts))
    return tuple(Post(Place(row.channel, row.thread), row.ts) for row in rows)


def decisions_using(
    session: Session,
    workspace: WorkspaceId,
    entry: EntryId,
    *,
    vault: Vault,
    since: datetime,
    limit: int | None = None,
) -> tuple[RecordedDecision, ...]:
    """The decisions since a moment whose answer said an entry, in any version; oldest first.

    Args:
        limit: how many of the newest at most.
    """
    used = select(DecisionEvidenceRow.decision).where(
        DecisionEvidenceRow.workspace == workspace,
        DecisionEvidenceRow.entry == entry,
        DecisionEvidenceRow.used,
    )
    return _list(session, workspace, DecisionRow.id.in_(used), DecisionRow.at >= since, vault=vault, limit=limit)


def in_conversation(
    session: Session, workspace: WorkspaceId, conversation: ConversationId, *, vault: Vault
) -> tuple[RecordedDecision, ...]:
    """The decisions of a conversation, oldest first; the last ones tell whether the bot abstained twice."""
    return _list(session, workspace, DecisionRow.conversation == conversation, vault=vault)


def newest(
    session: Session,
    workspace: WorkspaceId,
    *,
    vault: Vault,
    kind: DecisionKind | None = None,
    before: DecisionId | None = None,
    limit: int = 50,
) -> tuple[RecordedDecision, ...]:
    """The newest decisions, newest first; one whose texts cannot be read comes without them and says why.

    Args:
        kind: only these.
        before: only those that come after this one here, to read on from there.

    Raises:
        Unknown: there is no decision to read on from.
    """
    where = [DecisionRow.kind == kind] if kind is not None else []
    if before is not None:
        last = fetch(session, DecisionRow, workspace=workspace, id=before)
        if last is None:
            raise Unknown("There is no such decision in this workspace to read on from.")
        # In the order of the list itself: where a clock jumped, ids may be in another one.
        where.append(tuple_(DecisionRow.at, DecisionRow.ts, DecisionRow.id) < (last.at, last.ts, last.id))
    rows = _newest(session, workspace, *where, limit=limit)
    return _whole(session, workspace, rows, vault, or_say=True)


def under(
    session: Session, workspace: WorkspaceId, place: Place, parent: str, *, vault: Vault
) -> tuple[RecordedDecision, ...]:
    """The decisions that were made under another, such as the tool calls of a run; oldest first.

    Args:
        place, parent: where the other one stands, and its `ts`.
    """
    same = (DecisionRow.channel == place.channel, DecisionRow.thread == place.thread)
    return _list(session, workspace, *same, DecisionRow.parent == parent, vault=vault)


def workspaces(session: Session) -> tuple[WorkspaceId, ...]:
    """Every workspace of which there are records."""
    found = session.scalars(select(DecisionRow.workspace).distinct().order_by(DecisionRow.workspace))
    return tuple(WorkspaceId(one) for one in found)


def _list(
    session: Session, workspace: WorkspaceId, *where: ColumnElement[bool], vault: Vault, limit: int | None = None
) -> tuple[RecordedDecision, ...]:
    """The newest that fit, oldest first."""
    return _whole(session, workspace, _newest(session, workspace, *where, limit=limit)[::-1], vault)


def _newest(
    session: Session, workspace: WorkspaceId, *where: ColumnElement[bool], limit: int | None
) -> Sequence[DecisionRow]:
    statement = select(DecisionRow).where(DecisionRow.workspace == workspace, *where)
    latest = statement.order_by(DecisionRow.at.desc(), DecisionRow.ts.desc(), DecisionRow.id.desc())
    return fetch_all(session, latest.limit(limit))


def _whole(
    session: Session, workspace: WorkspaceId, found: Sequence[DecisionRow], vault: Vault, *, or_say: bool = False
) -> tuple[RecordedDecision, ...]:
    """Rows with their evidence and what was written, in their order.

    Args:
        or_say: what cannot be read says so instead of raising.
    """
    rows = [row_values(row) for row in found]
    evidence = evidence_of(session, workspace, [row["id"] for row in rows])
    return tuple(_recorded(session, row, evidence.get(row["id"], []), vault, or_say) for row in rows)


def row_values(row: DecisionRow | DecisionEvidenceRow) -> dict[str, Any]:
    """A row's columns by name."""
    return values_of(row)


def evidence_of(
    session: Session, workspace: WorkspaceId, decisions: Sequence[str]
) -> Mapping[str, list[Mapping[str, Any]]]:
    """The evidence of decisions, best first."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    # SQLite takes no more than some thousand values in one statement.
    for begin in range(0, len(decisions), 500):
        some = {"workspace": workspace, "decisions": list(decisions[begin : begin + 500])}
        for row in rows_of(session, _evidence(), some):
            values = dict(row._mapping)
            found.setdefault(values["decision"], []).append(values)
    return found


# What runs for every question is built once.


@cache
def _is_there() -> Select[str]:
    return select(DecisionRow.id).where(
        DecisionRow.workspace == bindparam("workspace"), DecisionRow.id == bindparam("decision")
    )


@cache
def _evidence() -> Select[DecisionEvidenceRow]:
    one = DecisionEvidenceRow
    return (
        select(one)
        .where(one.workspace == bindparam("workspace"), one.decision.in_(bindparam("decisions", expanding=True)))
        .order_by(one.decision, one.rank)
    )


def _recorded(
    session: Session, row: Mapping[str, Any], evidence: Sequence[Mapping[str, Any]], vault: Vault, or_say: bool
) -> RecordedDecision:
    workspace, decision, shape = WorkspaceId(row["workspace"]), DecisionId(row["id"]), row["schema_version"]
    plain = decision_from(row, items_from(evidence))
    try:
        packed = vault.decrypt(session, workspace, plain.asker, row["payload"], bound_to=_bound(decision))
        whole = _unpacked(plain, packed, decision, shape)
    except (Tampered, Unreadable) as why:
        if not or_say:
            raise
        return RecordedDecision(workspace, decision, row["at"], shape, plain, unread=str(why))
    return RecordedDecision(workspace, decision, row["at"], shape, whole, erased=packed is None)


def _unpacked(plain: AnswerDecision, packed: str | None, decision: DecisionId, shape: int) -> AnswerDecision:
    try:
        return unpack(plain, packed)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Unreadable(f"Record {decision} has a shape ({shape}) that this version cannot read.") from None


def _bound(decision: DecisionId) -> str:
    return f"decision|{decision}"
