"""The budget of each workspace over time: thresholds, estimates and alarms, in SQL. Rows are only ever added.

Functions work in the caller's transaction and never commit.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb.ids import WorkspaceId
from learning.budget import FIRST, Thresholds
from learning.reporting import VOTED_DOWN, Share
from learning.rows import add
from learning.tables import BudgetRow


@dataclass(frozen=True)
class Budget:
    """What may be said alone from a moment on, and how the promise stands."""

    thresholds: Thresholds
    #: The promise: which share (0 to 1) of all questions may be answered wrongly; 0 before the first time.
    max_wrong: float
    #: How many questions there were.
    asked: int
    #: The version of the calibration it rests on.
    calibration: int
    #: Which share of the questions of late was answered wrongly.
    wrong: Share
    #: Which share of the wrong answers is voted down.
    voted_down: Share
    #: By which factor wrong answers are taken to be more frequent than the confidence has it, with caution.
    level: float
    #: Which share of the questions of late was answered alone.
    answered_alone: float
    #: Why the promise may not be held; empty where there is no reason to say so.
    alarm: str
    at: datetime

    @property
    def broken(self) -> bool:
        """Whether more is wrong than was promised, as surely as people have shown."""
        return self.wrong.low > self.max_wrong


#: What holds before anything was asked.
NOTHING_YET = Budget(
    FIRST,
    0.0,
    0,
    0,
    Share(0.0, 0.0, 1.0),
    Share(VOTED_DOWN, 0.0, 1.0),
    1.0,
    0.0,
    "",
    datetime(1970, 1, 1, tzinfo=UTC),
)


def current(session: Session, workspace: WorkspaceId) -> Budget:
    """The budget as it is now."""
    found = history(session, workspace, limit=1)
    return found[0] if found else NOTHING_YET


def history(session: Session, workspace: WorkspaceId, limit: int = 100) -> tuple[Budget, ...]:
    """The newest budgets of a workspace, newest first."""
    statement = select(BudgetRow).where(BudgetRow.workspace == workspace).order_by(BudgetRow.seq.desc()).limit(limit)
    return tuple(_budget(row) for row in session.scalars(statement))


def alarmed(session: Session, workspace: WorkspaceId, *, since: datetime) -> tuple[Budget, ...]:
    """The budgets that were in force at some time from a moment on and a reason for alarm, newest first.

    Args:
        since: the moment; the budget that was in force at it had been written before.
    """
    mine = (BudgetRow.workspace == workspace,)
    then = select(func.max(BudgetRow.seq)).where(*mine, BudgetRow.at <= since).scalar_subquery()
    of_late = select(BudgetRow).where(*mine, BudgetRow.alarm != "", BudgetRow.seq >= func.coalesce(then, 0))
    return tuple(_budget(row) for row in session.scalars(of_late.order_by(BudgetRow.seq.desc())))


def keep(session: Session, workspace: WorkspaceId, budget: Budget, *, now: datetime) -> Budget:
    """Write a budget, in use at once."""
    newest = session.scalar(select(func.max(BudgetRow.seq)).where(BudgetRow.workspace == workspace)) or 0
    values = {
        "workspace": workspace,
        "seq": newest + 1,
        "at": now,
        "answer": budget.thresholds.answer,
        "offer": budget.thresholds.offer,
        "max_wrong": budget.max_wrong,
        "asked": budget.asked,
        "calibration": budget.calibration,
        "wrong": [budget.wrong.value, budget.wrong.low, budget.wrong.high],
        "voted_down": [budget.voted_down.value, budget.voted_down.low, budget.voted_down.high],
        "level": budget.level,
        "answered_alone": budget.answered_alone,
        "alarm": budget.alarm,
    }
    add(session, BudgetRow, values)
    return budget


def _budget(row: BudgetRow) -> Budget:
    return Budget(
        Thresholds(row.answer, row.offer),
        row.max_wrong,
        row.asked,
        row.calibration,
        Share(*row.wrong),
        Share(*row.voted_down),
        row.level,
        row.answered_alone,
        row.alarm,
        row.at,
    )
