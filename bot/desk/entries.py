"""Entries in use: taking one out of search at once, and putting it back."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.desk import names
from bot.services import Services
from kb.entries import Entry
from kb.ids import WorkspaceId
from learning import recorder, review
from learning.errors import Unknown, WrongState
from learning.ids import DecisionId, ReviewId
from learning.people import Actor


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


def _index(services: Services, session: Session, workspace: WorkspaceId, what: str) -> None:
    services.work.enqueue(session, names.INDEX, f"{workspace}:review:{what}:index", workspace, lane=names.INDEX)
