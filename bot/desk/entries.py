"""Entries in use: taking one out of search at once, putting it back, and telling those who were given it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.desk import names
from bot.services import Services
from kb.entries import Entry
from kb.ids import EntryId, WorkspaceId
from learning import recorder, review
from learning.errors import Unknown, WrongState
from learning.ids import DecisionId, ReviewId
from learning.people import Actor
from learning.recorder import RecordedDecision

#: How far back people are told that an answer they got no longer holds.
AFFECTED = timedelta(days=30)


@dataclass(frozen=True)
class Stopped:
    """An entry that was taken out of search."""

    review: ReviewId
    entry: Entry


def of_decision(services: Services, workspace: WorkspaceId, decision: DecisionId) -> Entry:
    """The entry that an answer said, as it was then.

    Raises:
        WrongState: the answer said none, or several.
    """
    with services.sessions() as session:
        used = recorder.one(session, workspace, decision).used
        if len(used) != 1:
            raise WrongState("This answer does not come from one entry; correct the entries among its sources instead.")
        return services.knowledge.get(session, workspace, used[0].entry, used[0].version)


def stop(services: Services, workspace: WorkspaceId, decision: DecisionId, actor: Actor) -> Stopped:
    """Take the entry behind an answer out of search at once."""
    entry = of_decision(services, workspace, decision)
    with services.sessions.begin() as session:
        done = review.stop_entry(
            session,
            workspace,
            entry.id,
            actor,
            knowledge=services.knowledge,
            now=services.clock(),
            ids=services.ids,
        )
        _index(services, session, workspace, done.id)
    return Stopped(done.id, entry)


def resume(services: Services, workspace: WorkspaceId, stopped: ReviewId, actor: Actor) -> Entry:
    """Put an entry back that was taken out."""
    with services.sessions.begin() as session:
        done = review.undo_stop(
            session,
            workspace,
            stopped,
            actor,
            knowledge=services.knowledge,
            now=services.clock(),
            ids=services.ids,
        )
        _index(services, session, workspace, done.id)
        if done.result is None:
            raise Unknown("The entry is no longer there.")
        return services.knowledge.get(session, workspace, done.result.entry)


def affected(services: Services, workspace: WorkspaceId, entry: EntryId) -> tuple[RecordedDecision, ...]:
    """The answers of the last 30 days that said an entry, newest first."""
    since: datetime = services.clock() - AFFECTED
    with services.sessions() as session:
        found = recorder.decisions_using(session, workspace, entry, since=since)
        said = [one for one in found if recorder.posts_of(session, workspace, one.id)]
    return tuple(reversed(said))


def _index(services: Services, session: Session, workspace: WorkspaceId, what: str) -> None:
    services.work.enqueue(session, names.INDEX, f"{workspace}:review:{what}:index", workspace, lane=names.INDEX)
