"""Entries in use: taking one out of search at once, and putting it back.

The notice with 'Undo' is asked for in the transaction of the stop: what was stopped can be put back.
"""

from sqlalchemy.orm import Session

from bot.desk import names
from bot.services import Services
from kb.entries import Entry
from kb.ids import WorkspaceId
from learning import recorder, review
from learning.conversations import Place
from learning.errors import AlreadyDecided, WrongState
from learning.ids import DecisionId, ReviewId
from learning.people import Actor
from learning.proposals import Target


def of_decision(services: Services, workspace: WorkspaceId, decision: DecisionId) -> Entry:
    """The entry that an answer said, as it was then.

    Raises:
        WrongState: the answer said none, or several.
    """
    with services.sessions() as session:
        used = recorder.one(session, workspace, decision, vault=services.vault).used
        if len(used) != 1:
            raise WrongState("This answer does not come from one entry; correct the entries among its sources instead.")
        return services.knowledge.get(session, workspace, used[0].entry, used[0].version)


def stop(services: Services, workspace: WorkspaceId, decision: DecisionId, actor: Actor, pressed: Place) -> Entry:
    """Take the entry behind an answer out of search at once.

    Args:
        pressed: where it was asked for; the notice stands there where the review channel cannot hold it.

    Returns: the entry as the answer said it.

    Raises:
        AlreadyDecided: it is out of use already; the notice is shown all the same.
    """
    entry = of_decision(services, workspace, decision)
    try:
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
            _show(services, session, workspace, done.id, pressed, done.id)
    except AlreadyDecided:
        with services.sessions.begin() as session:
            current = services.knowledge.get(session, workspace, entry.id)
            standing = review.standing_stop(session, workspace, Target(current.id, current.version))
            if standing is not None:
                _show(services, session, workspace, standing.id, pressed, services.ids())
        raise
    return entry


def resume(services: Services, workspace: WorkspaceId, stopped: ReviewId, actor: Actor, pressed: Place) -> None:
    """Put an entry back that was taken out.

    Args:
        pressed: where the notice stands.

    Raises:
        AlreadyDecided: somebody put it back first; the notice is drawn anew all the same.
    """
    try:
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
            _show(services, session, workspace, stopped, pressed, done.id)
    except AlreadyDecided:
        with services.sessions.begin() as session:
            _show(services, session, workspace, stopped, pressed, services.ids())
        raise


def _index(services: Services, session: Session, workspace: WorkspaceId, what: str) -> None:
    services.work.enqueue(session, names.INDEX, f"{workspace}:review:{what}:index", workspace, lane=names.INDEX)


def _show(
    services: Services, session: Session, workspace: WorkspaceId, stop: ReviewId, pressed: Place, cause: str
) -> None:
    """Ask for the notice of a stop to be drawn as things stand, once per `cause`."""
    workflow_id = f"{workspace}:review:{stop}:{cause}:show"
    services.work.enqueue(
        session, names.SHOW_STOP, workflow_id, workspace, stop, pressed.channel, pressed.thread, lane=stop
    )
