"""Spot checks: some of the answers given alone are shown to staff, who say with one click whether they were right.

They tell how many wrong answers nobody reports. Always: which answers are drawn follows from their ids and from how
unsure the bot was, never from who asked or what was said; each check keeps the chance with which it was drawn, so that
shares can be estimated by weighing each verdict with 1/chance (Horvitz and Thompson 1952). The first verdict stands.

Only so many wait at a time. What is drawn beyond that is let go whatever it is, so shares stay right and totals do not.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from kb.ids import IdSource, WorkspaceId
from learning.errors import AlreadyDecided, NotAllowed, Unknown
from learning.ids import DecisionId, PersonId, SpotCheckId
from learning.people import Actor
from learning.recorder import DecisionKind, RecordedDecision
from learning.rows import compare_and_set, fetch, fetch_all, insert_if_absent
from learning.tables import ChoiceRow, DecisionRow, SpotCheckRow

#: What the bot says without a person: what the asker chose and what staff sent are not among it.
GIVEN_ALONE = frozenset({DecisionKind.VERBATIM, DecisionKind.GENERATED})
#: No answer is beyond doubt: one given with confidence 1 could otherwise never be found wrong.
LEAST_DOUBT = 0.01
#: How many of the newest answers say what doubt is typical.
RECENT = 500
#: How many checks may wait for staff in one workspace.
OPEN_AT_MOST = 5
#: Until so many have been judged, so many times as many are drawn: how often wrong answers go unreported is not known
#: at first, and the promise has to be kept with caution until it is. They are worth most while nothing else is known:
#: drawn half as often, the same number came later, and where hardly anybody votes more answers were wrong until then.
MANY, EAGER = 150, 8.0
#: A check that nobody looked at for so long makes room for others.
FORGOTTEN = timedelta(days=7)


class Verdict(StrEnum):
    """What staff say of an answer."""

    RIGHT = "right"
    WRONG = "wrong"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True)
class SpotCheck:
    """An answer that staff are asked to judge."""

    workspace: WorkspaceId
    id: SpotCheckId
    decision: DecisionId
    #: Probability, above 0 and up to 1, with which it was drawn.
    chance: float
    drawn_at: datetime
    #: None while it waits.
    verdict: Verdict | None
    by: PersonId | None
    at: datetime | None


def doubt(confidence: float) -> float:
    """How unsure an answer was, `LEAST_DOUBT` to 1, from its calibrated confidence (0 to 1)."""
    return max(1.0 - confidence, LEAST_DOUBT)


def chance(confidence: float, typical: float, share: float) -> float:
    """The probability with which an answer is drawn: in proportion to its doubt, so that on average `share` are.

    Args:
        confidence: calibrated probability, 0 to 1, that the answer is right.
        typical: the mean doubt of answers like it, as `doubt` gives it.
        share: which share of all answers is wanted, 0 to 1.
    """
    return min(1.0, share * doubt(confidence) / max(typical, LEAST_DOUBT))


def is_drawn(decision: DecisionId, probability: float) -> bool:
    """Whether an answer is drawn; the same for the same id, whoever asks and however often.

    Args:
        decision: its id, hashed (sha256) to a number that is spread evenly over 0 to 1.
        probability: 0 to 1.
    """
    number = int.from_bytes(sha256(decision.encode()).digest()[:8], "big")
    return number / 2**64 < probability


def wanted(share: float, judged: int) -> float:
    """Which share (0 to 1) of the answers is to be drawn now.

    Args:
        share: what holds in the long run, 0 to 1.
        judged: how many have been judged.
    """
    return share if judged >= MANY else min(1.0, share * EAGER)


def judged(session: Session, workspace: WorkspaceId) -> int:
    """How many have been judged; at most `MANY`, because more make no difference."""
    some = select(SpotCheckRow.id).where(SpotCheckRow.workspace == workspace, SpotCheckRow.verdict.is_not(None))
    return session.scalars(select(func.count()).select_from(some.limit(MANY).subquery())).one()


def chance_if_drawn(session: Session, workspace: WorkspaceId, found: RecordedDecision, *, share: float) -> float | None:
    """The chance with which an answer is drawn, where it is; None where it is not, or nobody gave it alone."""
    if found.kind not in GIVEN_ALONE:
        return None
    confidence = found.decision.confidence
    if not is_drawn(found.id, chance(confidence, LEAST_DOUBT, share)):
        return None  # whatever is typical, which takes longer to find out
    probability = chance(confidence, _typical_doubt(session, workspace), share)
    return probability if is_drawn(found.id, probability) else None


def open_check(
    session: Session,
    workspace: WorkspaceId,
    decision: DecisionId,
    probability: float,
    *,
    now: datetime,
    ids: IdSource,
) -> SpotCheck | None:
    """Let a drawn answer wait for staff, once; None where enough wait already."""
    known = of_decision(session, workspace, decision)
    if known is not None:
        return known
    if _waiting(session, workspace, now) >= OPEN_AT_MOST:
        return None
    values = {"workspace": workspace, "id": ids(), "decision": decision, "chance": probability, "drawn_at": now}
    insert_if_absent(session, SpotCheckRow, values)
    return of_decision(session, workspace, decision)


def judge(
    session: Session, workspace: WorkspaceId, check: SpotCheckId, actor: Actor, verdict: Verdict, *, now: datetime
) -> SpotCheck:
    """Say whether an answer was right; the same again by the same person changes nothing.

    Raises:
        Unknown: there is no such check.
        NotAllowed: only staff may.
        AlreadyDecided: it was judged otherwise, or by somebody else; `by` says who.
    """
    if not actor.is_staff:
        raise NotAllowed("Only support staff can judge an answer here. Use the thumbs under it instead.")
    said = {"verdict": verdict, "by": actor.person, "at": now}
    compare_and_set(session, SpotCheckRow, _key(workspace, check), said, SpotCheckRow.verdict.is_(None))
    found = one(session, workspace, check)
    if found.by != actor.person or found.verdict is not verdict:
        raise AlreadyDecided("This answer has been judged already.", by=found.by, state=found.verdict)
    return found


def one(session: Session, workspace: WorkspaceId, check: SpotCheckId) -> SpotCheck:
    """A check by its id.

    Raises:
        Unknown: there is no such check.
    """
    row = fetch(session, SpotCheckRow, **_key(workspace, check))
    if row is None:
        raise Unknown("There is no such check in this workspace.")
    return _check(row)


def of_decision(session: Session, workspace: WorkspaceId, decision: DecisionId) -> SpotCheck | None:
    """The check of an answer, if it was drawn."""
    row = fetch(session, SpotCheckRow, workspace=workspace, decision=decision)
    return None if row is None else _check(row)


def drawn(session: Session, workspace: WorkspaceId, *, since: datetime, until: datetime) -> tuple[SpotCheck, ...]:
    """The checks drawn from `since` on and before `until`, oldest first; those that wait have no verdict."""
    statement = select(SpotCheckRow).where(
        SpotCheckRow.workspace == workspace, SpotCheckRow.drawn_at >= since, SpotCheckRow.drawn_at < until
    )
    return tuple(_check(row) for row in fetch_all(session, statement.order_by(SpotCheckRow.drawn_at, SpotCheckRow.id)))


def _typical_doubt(session: Session, workspace: WorkspaceId) -> float:
    """The mean doubt of the newest answers given alone; `LEAST_DOUBT` where there are none."""
    newest = _newest_confidences(workspace).subquery()
    doubts = case((newest.c.confidence > 1.0 - LEAST_DOUBT, LEAST_DOUBT), else_=1.0 - newest.c.confidence)
    return session.scalar(select(func.avg(doubts))) or LEAST_DOUBT


def _newest_confidences(workspace: WorkspaceId) -> Select[float]:
    chosen = select(ChoiceRow.answered).where(
        ChoiceRow.workspace == DecisionRow.workspace, ChoiceRow.answered == DecisionRow.id
    )
    statement = select(DecisionRow.confidence).where(
        DecisionRow.workspace == workspace, DecisionRow.kind.in_(sorted(GIVEN_ALONE)), ~chosen.exists()
    )
    return statement.order_by(DecisionRow.at.desc(), DecisionRow.id.desc()).limit(RECENT)


def _waiting(session: Session, workspace: WorkspaceId, now: datetime) -> int:
    statement = select(func.count()).where(
        SpotCheckRow.workspace == workspace, SpotCheckRow.verdict.is_(None), SpotCheckRow.drawn_at > now - FORGOTTEN
    )
    return session.scalars(statement).one()


def _key(workspace: WorkspaceId, check: SpotCheckId) -> dict[str, Any]:
    return {"workspace": workspace, "id": check}


def _check(row: SpotCheckRow) -> SpotCheck:
    return SpotCheck(
        workspace=WorkspaceId(row.workspace),
        id=SpotCheckId(row.id),
        decision=DecisionId(row.decision),
        chance=row.chance,
        drawn_at=row.drawn_at,
        verdict=None if row.verdict is None else Verdict(row.verdict),
        by=None if row.by is None else PersonId(row.by),
        at=row.at,
    )
