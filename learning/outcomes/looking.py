"""Looking for outcomes: every window that has closed is judged once, whoever looks, and however late.

Always: which windows were judged is known from their rows alone and from no mark of how far one came, so that nothing
is left out after hours or weeks in which nobody looked, nor where a clock jumped. Windows are counted from what they
follow, never from the moment of looking. What a clock that ran ahead judged before its time is judged again.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, String, cast, delete, exists, or_, select
from sqlalchemy.orm import Session

from kb.ids import WorkspaceId
from learning.conversations import MessageKind, Privacy
from learning.handoffs import Move
from learning.ids import DecisionId
from learning.outcomes.rules import Called, Said, after_answer, after_resolution, of_answer, of_resolution
from learning.outcomes.values import AFTER_ANSWER, AFTER_RESOLUTION, Judged, Outcome, OutcomeKind, Window
from learning.recorder import ANSWERS
from learning.rows import fetch_all, insert_if_absent
from learning.tables import ConversationRow, DecisionRow, HandoffChangeRow, HandoffRow, MessageRow, OutcomeRow

#: Windows that are judged at a time.
BATCH = 500
#: A look is scheduled by the same clock, so that none can lie ahead; two machines' clocks may differ by as much.
AHEAD = timedelta(minutes=5)

#: When something with this `ts` was said, by the clock of the place; None where a `ts` tells no time.
SaidAt = Callable[[str], datetime | None]


def look(
    session: Session,
    workspace: WorkspaceId,
    *,
    due: datetime,
    now: datetime,
    said_at: SaidAt = lambda ts: None,
    not_asked: Collection[str] = (),
    limit: int = BATCH,
) -> int:
    """Judge windows that closed before a look was due; how many there were, 0 once none is left.

    The same as `take_back`, `judge` and `keep`; who must not keep others waiting judges without a write lock.

    Args:
        due: the scheduled moment of the look.
        now: the present one.
        said_at, not_asked, limit: as in `judge`.
    """
    take_back(session, workspace, now=now)
    judged = judge(session, workspace, due=due, said_at=said_at, not_asked=not_asked, limit=limit)
    return keep(session, workspace, judged, due=due)


def take_back(session: Session, workspace: WorkspaceId, *, now: datetime) -> None:
    """Forget what was found at a look that lies ahead, by a clock that was wrong: those windows were not over."""
    ahead = (OutcomeRow.workspace == workspace, OutcomeRow.found_at > now + AHEAD)
    session.execute(delete(OutcomeRow).where(*ahead).execution_options(synchronize_session=False))


def judge(
    session: Session,
    workspace: WorkspaceId,
    *,
    due: datetime,
    said_at: SaidAt = lambda ts: None,
    not_asked: Collection[str] = (),
    limit: int = BATCH,
) -> tuple[Judged, ...]:
    """What happened in windows that closed before a look was due and are not judged yet, the oldest first.

    Args:
        due: the scheduled moment of the look.
        said_at: tells the time from a `ts`, where it can; otherwise when it was taken counts.
        not_asked: names of rules under which nothing was asked, such as greetings.
        limit: how many answers, and how many resolutions, at most.
    """
    judged: list[Judged] = []
    for row in _answers(session, workspace, due, not_asked, limit):
        window = of_answer(said_at(row.ts) or row.at)
        if window.closes <= due:
            said, called = _said(session, workspace, row, said_at), _calls(session, workspace, row.channel, row.ts)
            judged.append(Judged(DecisionId(row.id), window, after_answer(window, said, called)))
    for row in _resolutions(session, workspace, due, limit):
        window = of_resolution(f"{row.handoff}:{row.revision}", row.at)
        found = after_resolution(window, _undone(session, workspace, row))
        judged.append(Judged(DecisionId(row.decision), window, found))
    return tuple(judged)


def keep(session: Session, workspace: WorkspaceId, judged: Iterable[Judged], *, due: datetime) -> int:
    """Keep what was found; how many windows nobody else had judged meanwhile.

    Args:
        due: the scheduled moment at which it was looked for.
    """
    return sum(_keep(session, workspace, one, due) for one in judged)


def of(session: Session, workspace: WorkspaceId, decision: DecisionId) -> tuple[Outcome, ...]:
    """What is known to have happened, or not, after a decision; the window that closed first comes first."""
    statement = select(OutcomeRow).where(OutcomeRow.workspace == workspace, OutcomeRow.decision == decision)
    ordered = statement.order_by(OutcomeRow.closes, OutcomeRow.began_by, OutcomeRow.kind)
    return tuple(
        Outcome(
            decision=DecisionId(row.decision),
            kind=OutcomeKind(row.kind),
            happened=row.happened,
            window=Window(row.began_by, row.opens, row.closes, row.found_by),
            shown_by=row.shown_by,
            found_at=row.found_at,
        )
        for row in fetch_all(session, ordered)
    )


def _keep(session: Session, workspace: WorkspaceId, judged: Judged, due: datetime) -> bool:
    window = judged.window
    kept = [
        insert_if_absent(
            session,
            OutcomeRow,
            {
                "workspace": workspace,
                "decision": judged.decision,
                "kind": one.kind,
                "began_by": window.began_by,
                "happened": one.happened,
                "opens": window.opens,
                "closes": window.closes,
                "found_by": window.rule,
                "shown_by": one.shown_by,
                "found_at": due,
            },
        )
        for one in judged.findings
    ]
    return all(kept)


def _answers(
    session: Session, workspace: WorkspaceId, due: datetime, not_asked: Collection[str], limit: int
) -> Sequence[Any]:
    """Answers whose day is over and not judged, oldest first; what a clock put into the future is looked at too."""
    judged = exists().where(
        OutcomeRow.workspace == DecisionRow.workspace,
        OutcomeRow.decision == DecisionRow.id,
        OutcomeRow.kind == OutcomeKind.REPLIED,
    )
    statement = (
        select(
            DecisionRow.id,
            DecisionRow.at,
            DecisionRow.channel,
            DecisionRow.thread,
            DecisionRow.ts,
            DecisionRow.conversation,
            DecisionRow.asker,
            ConversationRow.privacy,
        )
        .join(
            ConversationRow,
            (ConversationRow.workspace == DecisionRow.workspace) & (ConversationRow.id == DecisionRow.conversation),
        )
        .where(
            DecisionRow.workspace == workspace,
            DecisionRow.kind.in_(sorted(ANSWERS)),
            DecisionRow.rule.not_in(sorted(not_asked)),
            or_(DecisionRow.at <= due - AFTER_ANSWER, DecisionRow.at > due),
            ~judged,
        )
    )
    return session.execute(statement.order_by(DecisionRow.at, DecisionRow.id).limit(limit)).all()


def _said(session: Session, workspace: WorkspaceId, answer: Row[Any], said_at: SaidAt) -> list[Said]:
    """What came from outside after a question, in order: in its thread, or in the whole of a direct message."""
    statement = select(MessageRow.ts, MessageRow.at, MessageRow.author).where(
        MessageRow.workspace == workspace,
        MessageRow.channel == answer.channel,
        MessageRow.ts > answer.ts,
        MessageRow.kind.in_((MessageKind.USER, MessageKind.BYSTANDER)),
        MessageRow.author.is_not(None),
        MessageRow.deleted_at.is_(None),
    )
    if answer.privacy != Privacy.DIRECT:
        # Every message of a direct message may begin a thread of its own, and still goes on with the last one.
        same = (MessageRow.conversation == answer.conversation, MessageRow.thread == answer.thread)
        statement = statement.where(*same)
    rows = session.execute(statement.order_by(MessageRow.ts)).all()
    return [Said(ts, said_at(ts) or at, author == answer.asker) for ts, at, author in rows]


def _calls(session: Session, workspace: WorkspaceId, channel: str, ts: str) -> Iterator[Called]:
    """When people were called for a question, in order."""
    statement = (
        select(HandoffChangeRow.handoff, HandoffChangeRow.revision, HandoffChangeRow.at)
        .join(
            HandoffRow,
            (HandoffRow.workspace == HandoffChangeRow.workspace) & (HandoffRow.id == HandoffChangeRow.handoff),
        )
        .where(
            HandoffChangeRow.workspace == workspace,
            HandoffRow.question_channel == channel,
            HandoffRow.question_ts == ts,
            HandoffChangeRow.revision == 1,
        )
    )
    for handoff, revision, at in session.execute(statement.order_by(HandoffChangeRow.at, HandoffChangeRow.handoff)):
        yield Called(f"{handoff}:{revision}", at)


def _resolutions(session: Session, workspace: WorkspaceId, due: datetime, limit: int) -> Sequence[Any]:
    """Resolutions whose week is over and not judged, with the decision on what was asked, oldest first."""
    name = HandoffChangeRow.handoff + ":" + cast(HandoffChangeRow.revision, String)
    judged = exists().where(
        OutcomeRow.workspace == HandoffChangeRow.workspace,
        OutcomeRow.decision == DecisionRow.id,
        OutcomeRow.kind == OutcomeKind.REOPENED,
        OutcomeRow.began_by == name,
    )
    statement = (
        select(
            HandoffChangeRow.handoff,
            HandoffChangeRow.revision,
            HandoffChangeRow.at,
            HandoffRow.question_channel,
            HandoffRow.question_ts,
            DecisionRow.id.label("decision"),
        )
        .join(
            HandoffRow,
            (HandoffRow.workspace == HandoffChangeRow.workspace) & (HandoffRow.id == HandoffChangeRow.handoff),
        )
        .join(
            DecisionRow,
            (DecisionRow.workspace == HandoffRow.workspace)
            & (DecisionRow.channel == HandoffRow.question_channel)
            & (DecisionRow.ts == HandoffRow.question_ts),
        )
        .where(
            HandoffChangeRow.workspace == workspace,
            HandoffChangeRow.what == Move.RESOLVE,
            HandoffChangeRow.at <= due - AFTER_RESOLUTION,
            ~judged,
        )
    )
    return session.execute(statement.order_by(HandoffChangeRow.at, name).limit(limit)).all()


def _undone(session: Session, workspace: WorkspaceId, resolved: Row[Any]) -> Iterator[Called]:
    """What was done after a resolution because it was not solved: opened again, or people called anew."""
    statement = select(HandoffChangeRow.revision, HandoffChangeRow.at).where(
        HandoffChangeRow.workspace == workspace,
        HandoffChangeRow.handoff == resolved.handoff,
        HandoffChangeRow.what == Move.REOPEN,
        HandoffChangeRow.revision > resolved.revision,
    )
    for revision, at in session.execute(statement.order_by(HandoffChangeRow.revision)):
        yield Called(f"{resolved.handoff}:{revision}", at)
    for call in _calls(session, workspace, resolved.question_channel, resolved.question_ts):
        # While a handoff lives there is no other one of its conversation, so this one came after the resolution.
        if call.at >= resolved.at and not call.shown_by.startswith(resolved.handoff):
            yield call
