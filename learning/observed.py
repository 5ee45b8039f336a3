"""The bot's questions and what people have shown of them, kept as numbers, so that nothing is read twice.

What is kept here is a memory of the database and nothing else: from scratch it comes out the same. Only decisions that
searched for an answer count; what a person chose or staff sent is no search, and what a model wrote is judged apart,
because its confidence speaks of the evidence and not of the text.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb.calibration import NONE_RIGHT, SHOWN_WRONG, UNKNOWN, Examples, examples
from kb.ids import EntryId, WorkspaceId
from kb.ranking import COLUMNS, Numbers, logistic
from learning import labels
from learning.ids import DecisionId
from learning.labels import Label, Shown
from learning.recorder import DecisionKind
from learning.tables import DecisionEvidenceRow, DecisionRow

#: How many of the newest questions are kept: older ones say little about the workspace as it is.
KEPT = 4_000
#: Transactions may commit in another order than their times say; what is this much older is looked at again.
_OVERLAP = timedelta(minutes=10)
_CHUNK = 500
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
#: Records from before this measurement was made cannot be fitted to.
_NEWEST_FEATURE = "likelihood"


@dataclass(frozen=True)
class Question:
    """One decision on a question, as far as numbers go."""

    id: DecisionId
    at: datetime
    #: The answers that were found, best first, and their features (n, columns).
    entries: tuple[EntryId, ...]
    features: Numbers
    #: The share of recent questions at that time that nothing known answered.
    novelty: float
    #: Whether an approved answer was given alone, or a model wrote one.
    given: bool
    written: bool
    #: Whether the nearest questions were offered.
    offered: bool
    label: Label

    @property
    def right(self) -> int:
        """The row of the right answer, or what `kb.calibration` calls the other cases."""
        match self.label.shown:
            case None:
                return UNKNOWN
            case Shown.NOTHING:
                return NONE_RIGHT
            case Shown.NOT_THE_FIRST:
                return UNKNOWN if self.written else SHOWN_WRONG
            case Shown.ENTRY if self.label.entry is None:
                return UNKNOWN if self.written else 0
            case _:
                return self.entries.index(self.label.entry) if self.label.entry in self.entries else NONE_RIGHT


class Observed:
    """The newest questions of one workspace, oldest first."""

    def __init__(self, workspace: WorkspaceId) -> None:
        self._workspace = workspace
        self._kept: dict[DecisionId, Question] = {}
        self._read_until: datetime | None = None
        # How many questions there were before a moment after which others may still come.
        self._counted, self._counted_until = 0, _BEGINNING
        #: How many questions there ever were.
        self.asked = 0
        #: How often a label came or changed since this memory was made.
        self.changes = 0

    @property
    def questions(self) -> list[Question]:
        """What is kept, oldest first."""
        return list(self._kept.values())

    def follow(self, session: Session, now: datetime) -> None:
        """Read what is new, and what people have shown since."""
        since = self._read_until - _OVERLAP if self._read_until else None
        self.asked = self._count(session, since)
        for one in self._fresh(session, since):
            self._kept[one.id] = one
        self._forget()
        touched = self._kept.keys() if since is None else labels.changed(session, self._workspace, since)
        self._relabel(session, [one for one in touched if one in self._kept])
        self._read_until = now

    def _count(self, session: Session, since: datetime | None) -> int:
        if since is not None:
            if since < self._counted_until:  # the clock was set back
                self._counted, self._counted_until = 0, _BEGINNING
            self._counted += _asked(session, self._workspace, self._counted_until, since)
            self._counted_until = since
        return self._counted + _asked(session, self._workspace, self._counted_until, None)

    def _fresh(self, session: Session, since: datetime | None) -> list[Question]:
        statement = (
            select(DecisionRow.id, DecisionRow.at, DecisionRow.kind, DecisionRow.signals)
            .where(DecisionRow.workspace == self._workspace)
            .order_by(DecisionRow.at.desc(), DecisionRow.id.desc())
            .limit(KEPT)
        )
        if since is not None:
            statement = statement.where(DecisionRow.at >= since)
        rows = [row for row in session.execute(statement) if DecisionId(row.id) not in self._kept]
        evidence = _evidence(session, self._workspace, [row.id for row in rows])
        found = []
        for row in reversed(rows):
            entries, features = evidence.get(row.id, ((), np.empty((0, len(COLUMNS)))))
            if not entries:
                continue
            odds = float(row.signals.get("novelty", 0.0))
            found.append(
                Question(
                    DecisionId(row.id),
                    row.at,
                    entries,
                    features,
                    float(logistic(np.asarray(odds))),
                    given=row.kind == DecisionKind.VERBATIM,
                    written=row.kind == DecisionKind.GENERATED,
                    offered=bool(row.signals.get("offered")),
                    label=Label(DecisionId(row.id)),
                )
            )
        return found

    def _relabel(self, session: Session, touched: list[DecisionId]) -> None:
        found = labels.of(session, self._workspace, touched)
        for one in touched:
            label = found.get(one, Label(one))
            if label != self._kept[one].label:
                self._kept[one] = replace(self._kept[one], label=label)
                self.changes += 1

    def _forget(self) -> None:
        for one in list(self._kept)[: max(len(self._kept) - KEPT, 0)]:
            del self._kept[one]


def as_examples(questions: Iterable[Question]) -> Examples:
    """Questions as the calibration sees them."""
    seen = list(questions)
    return examples(
        [one.features for one in seen],
        [one.right for one in seen],
        [one.given for one in seen],
        [one.novelty for one in seen],
    )


def _asked(session: Session, workspace: WorkspaceId, since: datetime, until: datetime | None) -> int:
    """How many questions came from a moment on and before another."""
    kinds = (DecisionKind.VERBATIM, DecisionKind.GENERATED, DecisionKind.ABSTAINED)
    statement = select(func.count()).where(
        DecisionRow.workspace == workspace, DecisionRow.kind.in_(kinds), DecisionRow.at >= since
    )
    if until is not None:
        statement = statement.where(DecisionRow.at < until)
    return session.scalar(statement) or 0


def _evidence(
    session: Session, workspace: WorkspaceId, decisions: list[str]
) -> Mapping[str, tuple[tuple[EntryId, ...], Numbers]]:
    """For each decision the answers it found, best first, and their features."""
    gathered: dict[str, list[tuple[EntryId, list[float]]]] = {}
    for start in range(0, len(decisions), _CHUNK):
        statement = (
            select(DecisionEvidenceRow.decision, DecisionEvidenceRow.entry, DecisionEvidenceRow.features)
            .where(
                DecisionEvidenceRow.workspace == workspace,
                DecisionEvidenceRow.decision.in_(decisions[start : start + _CHUNK]),
            )
            .order_by(DecisionEvidenceRow.decision, DecisionEvidenceRow.rank)
        )
        for decision, entry, features in session.execute(statement):
            if _NEWEST_FEATURE in features and not features.get("passage"):
                row = [float(features.get(name, 0.0)) for name in COLUMNS]
                gathered.setdefault(decision, []).append((EntryId(entry), row))
    return {
        decision: (tuple(entry for entry, _ in rows), np.array([row for _, row in rows]))
        for decision, rows in gathered.items()
    }
