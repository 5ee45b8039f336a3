"""Reading: from the record and what became of each question to observations. The only queries of cohorts.

Plain columns only: nobody's words are decrypted to count them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from kb.ids import WorkspaceId
from learning.cohorts.observations import WINDOW, Checked, Observation
from learning.cohorts.selection import VERSIONS
from learning.feedback import Rating
from learning.ids import DecisionId, PersonId
from learning.outcomes import OutcomeKind
from learning.recorder import ANSWERS, DecisionKind
from learning.signals import SignalKind
from learning.spot_checks import Verdict
from learning.statistics import Votes
from learning.tables import (
    ChoiceRow,
    DecisionRow,
    HandoffChangeRow,
    HandoffRow,
    OutcomeRow,
    SignalRow,
    SpotCheckRow,
    VoteChangeRow,
    VoteRow,
)

#: Channel and ts of a message.
_Key = tuple[str, str]


@dataclass(frozen=True)
class _Choice:
    person: str
    #: The decision that gave the chosen answer.
    answered: str
    at: datetime


@dataclass(frozen=True)
class _Known:
    """What is known of all questions of a workspace, by what it hangs on."""

    #: Of each decision its votes (person, rating, when), oldest first.
    votes: Mapping[str, list[tuple[str, str | None, datetime]]]
    choices: Mapping[str, list[_Choice]]
    handoffs: Mapping[_Key, datetime]
    checks: Mapping[str, Checked]
    #: Where the decisions stand that gave a chosen answer.
    chosen: Mapping[str, _Key]
    outcomes: Mapping[str, Mapping[OutcomeKind, bool]]
    #: Of each decision what behaviour said, and when.
    signals: Mapping[str, list[tuple[SignalKind, datetime]]]


def observed(
    session: Session,
    workspace: WorkspaceId,
    *,
    now: datetime,
    not_asked: Collection[str] = (),
    since: datetime | None = None,
) -> tuple[Observation, ...]:
    """What became of every question whose window has closed, oldest first.

    An answer that the asker chose from what was offered belongs to the question on which it was offered. Votes, choices
    and handoffs count if they came within the window; a spot check counts whenever staff judged it.

    Args:
        now: a question is looked at from `WINDOW` after it on.
        not_asked: names of rules under which nothing was asked, such as greetings.
        since: leave out what is older.
    """
    columns = [getattr(DecisionRow, name) for name in VERSIONS]
    statement = select(
        DecisionRow.id,
        DecisionRow.conversation,
        DecisionRow.at,
        DecisionRow.kind,
        DecisionRow.channel,
        DecisionRow.ts,
        DecisionRow.tags,
        DecisionRow.latency_ms,
        DecisionRow.cost,
        *columns,
    ).where(
        DecisionRow.workspace == workspace,
        DecisionRow.kind.in_(sorted(ANSWERS)),
        DecisionRow.rule.not_in(sorted(not_asked)),
        DecisionRow.at <= now - WINDOW,
    )
    if since is not None:
        statement = statement.where(DecisionRow.at >= since)
    rows = session.execute(statement.order_by(DecisionRow.at, DecisionRow.id)).all()
    known = _known(session, workspace)
    return tuple(_observation(row, known) for row in rows if row.id not in known.chosen)


def standing_votes(session: Session, workspace: WorkspaceId) -> dict[PersonId, Votes]:
    """How often each person's live votes go which way."""
    statement = (
        select(VoteRow.person, VoteRow.rating, func.count())
        .where(VoteRow.workspace == workspace, VoteRow.rating.is_not(None))
        .group_by(VoteRow.person, VoteRow.rating)
    )
    counted: dict[str, dict[str, int]] = defaultdict(dict)
    for person, rating, count in session.execute(statement):
        counted[person][str(rating)] = count
    return {PersonId(one): Votes(each.get(Rating.UP, 0), each.get(Rating.DOWN, 0)) for one, each in counted.items()}


def _known(session: Session, workspace: WorkspaceId) -> _Known:
    return _Known(
        _votes(session, workspace),
        _choices(session, workspace),
        _handoffs(session, workspace),
        _checks(session, workspace),
        _chosen(session, workspace),
        _outcomes(session, workspace),
        _signals(session, workspace),
    )


def _observation(row: Row[Any], known: _Known) -> Observation:
    closes = row.at + WINDOW
    ratings = _standing(known.votes.get(row.id, ()), closes).values()
    choices = [one for one in known.choices.get(row.id, ()) if one.at <= closes]
    keys = [(row.channel, row.ts), *(known.chosen[one.answered] for one in choices if one.answered in known.chosen)]
    called = [known.handoffs[key] for key in keys if key in known.handoffs]
    return Observation(
        decision=DecisionId(row.id),
        conversation=row.conversation or row.id,
        at=row.at,
        kind=DecisionKind(row.kind),
        versions={name: _text(getattr(row, name)) for name in VERSIONS},
        tags=dict(row.tags),
        latency=timedelta(milliseconds=row.latency_ms),
        cost=row.cost,
        up=sum(rating == Rating.UP for rating in ratings),
        down=sum(rating == Rating.DOWN for rating in ratings),
        handed_over=any(at <= closes for at in called),
        clicked=bool(choices),
        wrong_click=any(_took_back(one, known, closes) for one in choices),
        checked=known.checks.get(row.id),
        outcomes=known.outcomes.get(row.id, {}),
        signals=frozenset(kind for kind, at in known.signals.get(row.id, ()) if at <= closes),
    )


def _took_back(choice: _Choice, known: _Known, closes: datetime) -> bool:
    """Whether who chose an answer voted it down."""
    return _standing(known.votes.get(choice.answered, ()), closes).get(choice.person) == Rating.DOWN


def _standing(votes: Iterable[tuple[str, str | None, datetime]], until: datetime) -> dict[str, str | None]:
    """Each person's vote as it stood at a moment."""
    return {person: rating for person, rating, at in votes if at <= until}


def _votes(session: Session, workspace: WorkspaceId) -> dict[str, list[tuple[str, str | None, datetime]]]:
    statement = select(VoteChangeRow.decision, VoteChangeRow.person, VoteChangeRow.after, VoteChangeRow.at).where(
        VoteChangeRow.workspace == workspace
    )
    found: dict[str, list[tuple[str, str | None, datetime]]] = defaultdict(list)
    for decision, person, after, at in session.execute(statement.order_by(VoteChangeRow.at, VoteChangeRow.id)):
        found[decision].append((person, after, at))
    return found


def _choices(session: Session, workspace: WorkspaceId) -> dict[str, list[_Choice]]:
    """Of each decision the questions that were chosen from it; 'none of these' is no choice of one."""
    statement = select(ChoiceRow.decision, ChoiceRow.person, ChoiceRow.answered, ChoiceRow.at).where(
        ChoiceRow.workspace == workspace
    )
    found: dict[str, list[_Choice]] = defaultdict(list)
    for decision, person, answered, at in session.execute(statement):
        if answered is not None:
            found[decision].append(_Choice(person, answered, at))
    return found


def _handoffs(session: Session, workspace: WorkspaceId) -> dict[_Key, datetime]:
    """When people were first called for a message; the handoff's own row tells the last time."""
    statement = (
        select(HandoffRow.question_channel, HandoffRow.question_ts, func.min(HandoffChangeRow.at))
        .join(
            HandoffChangeRow,
            (HandoffChangeRow.workspace == HandoffRow.workspace) & (HandoffChangeRow.handoff == HandoffRow.id),
        )
        .where(HandoffRow.workspace == workspace)
        .group_by(HandoffRow.question_channel, HandoffRow.question_ts)
    )
    return {(channel, ts): at for channel, ts, at in session.execute(statement)}


def _checks(session: Session, workspace: WorkspaceId) -> dict[str, Checked]:
    statement = select(SpotCheckRow.decision, SpotCheckRow.chance, SpotCheckRow.verdict).where(
        SpotCheckRow.workspace == workspace, SpotCheckRow.verdict.in_((Verdict.RIGHT, Verdict.WRONG))
    )
    return {
        decision: Checked(chance, verdict == Verdict.WRONG) for decision, chance, verdict in session.execute(statement)
    }


def _chosen(session: Session, workspace: WorkspaceId) -> dict[str, _Key]:
    """Where the decisions stand that gave a chosen answer."""
    answered = select(ChoiceRow.answered).where(ChoiceRow.workspace == workspace, ChoiceRow.answered.is_not(None))
    statement = select(DecisionRow.id, DecisionRow.channel, DecisionRow.ts).where(
        DecisionRow.workspace == workspace, DecisionRow.id.in_(answered)
    )
    return {found: (channel, ts) for found, channel, ts in session.execute(statement)}


def _outcomes(session: Session, workspace: WorkspaceId) -> dict[str, dict[OutcomeKind, bool]]:
    statement = select(OutcomeRow.decision, OutcomeRow.kind, OutcomeRow.happened).where(
        OutcomeRow.workspace == workspace
    )
    found: dict[str, dict[OutcomeKind, bool]] = defaultdict(dict)
    for decision, kind, happened in session.execute(statement):
        known = found[decision]
        known[OutcomeKind(kind)] = happened or known.get(OutcomeKind(kind), False)
    return found


def _signals(session: Session, workspace: WorkspaceId) -> dict[str, list[tuple[SignalKind, datetime]]]:
    statement = select(SignalRow.decision, SignalRow.kind, SignalRow.at).where(
        SignalRow.workspace == workspace, SignalRow.kind != SignalKind.LENGTH
    )
    found: dict[str, list[tuple[SignalKind, datetime]]] = defaultdict(list)
    for decision, kind, at in session.execute(statement):
        found[decision].append((SignalKind(kind), at))
    return found


def _text(version: object) -> str:
    """A version as text; 0 and nothing are none."""
    return str(version) if version else ""
