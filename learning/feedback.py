"""What people say of an answer: one live vote per person and answer, its history, and reasons.

Always: the last word of a person counts and every earlier one is kept; a vote that arrives late, after a newer one of
the same person, changes nothing; the texts of a reason are redacted here.
"""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb.ids import IdSource, WorkspaceId
from learning import recorder
from learning.ids import DecisionId, FeedbackId, PersonId
from learning.redaction import Redactor
from learning.rows import add, compare_and_set, fetch, fetch_all, insert_if_absent
from learning.tables import ExplanationRow, VoteChangeRow, VoteRow


class Rating(StrEnum):
    """A thumb."""

    UP = "up"
    DOWN = "down"


class Reason(StrEnum):
    """What was found of a decision; all but the first are why a thumb went down."""

    HELPFUL = "helpful"
    UNHELPFUL = "unhelpful"
    INCORRECT = "incorrect"
    INAPPROPRIATE = "inappropriate"
    OTHER = "other"


@dataclass(frozen=True)
class VoteChange:
    """What a vote was before and is now."""

    decision: DecisionId
    person: PersonId
    #: None: no vote.
    before: Rating | None
    after: Rating | None

    @property
    def changed(self) -> bool:
        """Whether anything is different; a second click on the same thumb is not."""
        return self.before is not self.after


@dataclass(frozen=True)
class Explanation:
    """Why a person found an answer wanting; texts are redacted, empty where nothing was said."""

    id: FeedbackId
    decision: DecisionId
    person: PersonId
    reason: Reason
    comment: str
    #: What they say the answer should be.
    correction: str
    at: datetime


@dataclass(frozen=True)
class Tally:
    """The live votes on an answer."""

    up: int
    down: int

    @property
    def unopposed(self) -> bool:
        """Whether somebody is for it and nobody against: enough to propose a generated answer."""
        return self.up > 0 and self.down == 0


def vote(
    session: Session,
    workspace: WorkspaceId,
    decision: DecisionId,
    person: PersonId,
    rating: Rating | None,
    *,
    via: str,
    now: datetime,
    ids: IdSource,
) -> VoteChange:
    """Give, change or take back a vote.

    Args:
        rating: None takes the vote back, whichever it was.
        via: how it came: `button`, `reaction`.
        now: when the person did it; older than their last vote, it changes nothing.

    Raises:
        Unknown: there is no such decision.
    """
    recorder.known(session, workspace, decision)
    key = _vote_key(workspace, decision, person)
    first = insert_if_absent(session, VoteRow, {**key, "rating": None, "at": now})
    row = fetch(session, VoteRow, **key, lock=True)
    before = _rating(row)
    late = row is not None and not first and now < row.at
    if late or before is rating:
        return VoteChange(decision, person, before, before)
    compare_and_set(session, VoteRow, key, {"rating": rating, "at": now})
    add(
        session,
        VoteChangeRow,
        {**key, "id": ids(), "before": before, "after": rating, "via": via, "at": now},
    )
    return VoteChange(decision, person, before, rating)


def withdraw(
    session: Session,
    workspace: WorkspaceId,
    decision: DecisionId,
    person: PersonId,
    rating: Rating,
    *,
    via: str,
    now: datetime,
    ids: IdSource,
) -> VoteChange:
    """Take one rating back, if it is the live one: removing an old thumb leaves a newer, different vote alone.

    Args:
        now: when the person did it; what they gave before and arrives later counts no more.

    Raises:
        Unknown: there is no such decision.
    """
    recorder.known(session, workspace, decision)
    key = _vote_key(workspace, decision, person)
    insert_if_absent(session, VoteRow, {**key, "rating": None, "at": now})
    row = fetch(session, VoteRow, **key, lock=True)
    live = _rating(row)
    if live is not rating:
        if live is None and row is not None and row.at < now:
            compare_and_set(session, VoteRow, key, {"at": now})
        return VoteChange(decision, person, live, live)
    return vote(session, workspace, decision, person, None, via=via, now=now, ids=ids)


def explain(
    session: Session,
    workspace: WorkspaceId,
    decision: DecisionId,
    person: PersonId,
    *,
    reason: Reason,
    comment: str = "",
    correction: str = "",
    redactor: Redactor,
    now: datetime,
    ids: IdSource,
) -> Explanation:
    """Keep why a person found an answer wanting, redacted; the raw correction belongs in a proposal.

    The same words of the same person again are the explanation known already, so that a form sent twice counts once.

    Raises:
        Unknown: there is no such decision.
    """
    recorder.known(session, workspace, decision)
    told = Explanation(
        id=FeedbackId(ids()),
        decision=decision,
        person=person,
        reason=reason,
        comment=redactor.redact(comment),
        correction=redactor.redact(correction),
        at=now,
    )
    for known in explanations(session, workspace, decision):
        if replace(told, id=known.id, at=known.at) == known:
            return known
    add(session, ExplanationRow, {"workspace": workspace, **asdict(told)})
    return told


def judge(
    session: Session,
    workspace: WorkspaceId,
    decision: DecisionId,
    person: PersonId,
    reason: Reason,
    *,
    comment: str = "",
    via: str,
    redactor: Redactor,
    now: datetime,
    ids: IdSource,
) -> VoteChange:
    """Say in one word what a decision was, a tool call or an applied rule included; it counts as a vote.

    Args:
        comment: redacted when it is kept.
        via: how it came: `form`, `library`.

    Raises:
        Unknown: there is no such decision.
    """
    rating = Rating.UP if reason is Reason.HELPFUL else Rating.DOWN
    change = vote(session, workspace, decision, person, rating, via=via, now=now, ids=ids)
    if comment.strip() or reason is not Reason.HELPFUL:
        explain(
            session,
            workspace,
            decision,
            person,
            reason=reason,
            comment=comment,
            redactor=redactor,
            now=now,
            ids=ids,
        )
    return change


def live_vote(session: Session, workspace: WorkspaceId, decision: DecisionId, person: PersonId) -> Rating | None:
    """The vote of a person on an answer as it stands."""
    return _rating(fetch(session, VoteRow, **_vote_key(workspace, decision, person)))


def tally(session: Session, workspace: WorkspaceId, decision: DecisionId) -> Tally:
    """The live votes on an answer."""
    statement = (
        select(VoteRow.rating, func.count())
        .where(VoteRow.workspace == workspace, VoteRow.decision == decision, VoteRow.rating.is_not(None))
        .group_by(VoteRow.rating)
    )
    counts = {rating: int(count) for rating, count in session.execute(statement)}
    return Tally(up=counts.get(Rating.UP, 0), down=counts.get(Rating.DOWN, 0))


def voters(session: Session, workspace: WorkspaceId, decision: DecisionId) -> tuple[PersonId, ...]:
    """Who has a live vote on an answer."""
    statement = select(VoteRow.person).where(
        VoteRow.workspace == workspace, VoteRow.decision == decision, VoteRow.rating.is_not(None)
    )
    return tuple(PersonId(person) for person in session.scalars(statement.order_by(VoteRow.person)))


def history(session: Session, workspace: WorkspaceId, decision: DecisionId) -> tuple[VoteChange, ...]:
    """Every change of every vote on an answer, oldest first."""
    statement = select(VoteChangeRow).where(VoteChangeRow.workspace == workspace, VoteChangeRow.decision == decision)
    rows = fetch_all(session, statement.order_by(VoteChangeRow.at, VoteChangeRow.id))
    return tuple(
        VoteChange(
            decision=decision,
            person=PersonId(row.person),
            before=None if row.before is None else Rating(row.before),
            after=None if row.after is None else Rating(row.after),
        )
        for row in rows
    )


def explanations(session: Session, workspace: WorkspaceId, decision: DecisionId) -> tuple[Explanation, ...]:
    """Every reason given for an answer, oldest first."""
    statement = select(ExplanationRow).where(ExplanationRow.workspace == workspace, ExplanationRow.decision == decision)
    rows = fetch_all(session, statement.order_by(ExplanationRow.at, ExplanationRow.id))
    return tuple(
        Explanation(
            id=FeedbackId(row.id),
            decision=DecisionId(row.decision),
            person=PersonId(row.person),
            reason=Reason(row.reason),
            comment=row.comment,
            correction=row.correction,
            at=row.at,
        )
        for row in rows
    )


def _vote_key(workspace: WorkspaceId, decision: DecisionId, person: PersonId) -> dict[str, Any]:
    return {"workspace": workspace, "decision": decision, "person": person}


def _rating(row: VoteRow | None) -> Rating | None:
    return None if row is None or row.rating is None else Rating(row.rating)
