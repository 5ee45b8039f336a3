"""What each workspace's labels have made of the shipped coefficients: versions in SQL, and a memory of the newest.

Versions are only ever added: going back writes the old content as the next version. Functions work in the caller's
transaction and never commit.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from threading import Lock

import numpy as np
from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from kb.clock import Clock
from kb.confidence import Coefficients, coefficients_from, coefficients_to
from kb.database import insert_missing, rows_of
from kb.errors import UnknownCalibration
from kb.ids import WorkspaceId
from kb.tables import CalibrationRow, WhiteningRow
from kb.whitening import Whitening, even


@dataclass(frozen=True)
class Calibration:
    """How a workspace ranks and how sure it is: one version."""

    #: Counts from 1; 0 is what is shipped.
    version: int
    coefficients: Coefficients
    whitening: Whitening
    made_at: datetime | None = None
    #: How many labels it was fitted to.
    labels: int = 0

    @property
    def ranking(self) -> str:
        """The version of the ranking, map included: what the scores of a knowledge base depend on."""
        name = self.coefficients.ranking.version
        return name if self.whitening.even is not None else f"{name}+{self.whitening.version}"


def newest(session: Session, workspace: WorkspaceId) -> int:
    """The number of the newest calibration of a workspace; 0 where there is none."""
    found: int | None = rows_of(session, _newest(), {"workspace": workspace}).scalar()
    return found or 0


@cache
def _newest() -> Select[int]:
    """The newest version of :workspace; built once, because it runs at every search."""
    return select(func.max(CalibrationRow.version)).where(CalibrationRow.workspace == bindparam("workspace"))


def load(
    session: Session, workspace: WorkspaceId, version: int, *, model: str, dimension: int, shipped: Coefficients
) -> Calibration:
    """One version of a workspace's calibration.

    Args:
        version: 0 for what is shipped.
        model: the embedding model in use; a map learned for another one is left out.
        shipped: the coefficients before there were any labels.

    Raises:
        UnknownCalibration: there is no such version.
    """
    if not version:
        return Calibration(0, shipped, even(dimension))
    row = session.get(CalibrationRow, (workspace, version))
    if row is None:
        raise UnknownCalibration(f"There is no calibration {version}; `answerloop calibration list` shows which are.")
    found = None
    if row.whitening:
        found = session.get(WhiteningRow, (workspace, row.whitening))
    whitening = even(dimension) if found is None or found.model != model else _whitening(found)
    return Calibration(version, coefficients_from(row.content), whitening, row.made_at, row.labels)


def keep(
    session: Session,
    workspace: WorkspaceId,
    calibration: Calibration,
    *,
    model: str,
    clock: Clock,
) -> Calibration:
    """Write a calibration as the next version, in use at once."""
    version = newest(session, workspace) + 1
    now = clock()
    whitening = calibration.whitening
    if whitening.even is None:
        row = {
            "workspace": workspace,
            "version": whitening.version,
            "model": model,
            "dimension": whitening.dimension,
            "matrix": whitening.matrix.astype("<f4").tobytes(),
        }
        insert_missing(session, WhiteningRow, [row])
    session.add(
        CalibrationRow(
            workspace=workspace,
            version=version,
            content=coefficients_to(calibration.coefficients),
            whitening=None if whitening.even is not None else whitening.version,
            labels=calibration.labels,
            made_at=now,
        )
    )
    session.flush()
    return replace(calibration, version=version, made_at=now)


def history(session: Session, workspace: WorkspaceId, limit: int = 50) -> tuple[CalibrationRow, ...]:
    """The newest versions of a workspace's calibration, newest first."""
    statement = (
        select(CalibrationRow)
        .where(CalibrationRow.workspace == workspace)
        .order_by(CalibrationRow.version.desc())
        .limit(limit)
    )
    return tuple(session.scalars(statement))


class CalibrationMemory:
    """Remembers the newest calibration of each workspace; whether there is a newer one is asked of SQL every time."""

    def __init__(self, shipped: Coefficients) -> None:
        self._shipped = shipped
        self._kept: dict[tuple[WorkspaceId, str], Calibration] = {}
        self._lock = Lock()

    def current(self, session: Session, workspace: WorkspaceId, *, model: str, dimension: int) -> Calibration:
        """The calibration that searches use now."""
        version = newest(session, workspace)
        with self._lock:
            known = self._kept.get((workspace, model))
        if known is not None and known.version == version:
            return known
        found = load(session, workspace, version, model=model, dimension=dimension, shipped=self._shipped)
        with self._lock:
            self._kept[(workspace, model)] = found
        return found


def _whitening(row: WhiteningRow) -> Whitening:
    return Whitening(row.version, np.frombuffer(row.matrix, dtype="<f4").reshape(row.dimension, row.dimension))
