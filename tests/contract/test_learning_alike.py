"""One answer that settles several handoffs, on every engine."""

import pytest
from learning_world import World
from sqlalchemy.orm import Session

from kb.database import Sessions
from learning import handoffs
from learning.errors import NotAllowed, Unknown, WrongState
from learning.handoffs import Handoff, HandoffState, Resolution
from learning.ids import HandoffId
from learning.people import Actor


@pytest.fixture
def world(sessions: Sessions) -> World:
    return World(sessions)


def _resolved(world: World, session: Session, thread: str = "100.000001") -> Resolution:
    """The resolution of a handoff that Sam settled by itself."""
    main = world.handoff(session, thread=thread).id
    handoffs.claim(session, world.workspace, main, world.staff(world.sam), now=world.now)
    settled = handoffs.resolve(
        session,
        world.workspace,
        main,
        world.staff(world.sam),
        answer="Press the green button.",
        learn=True,
        vault=world.vault,
        **world.stamps,
    )
    assert settled.resolution is not None and settled.resolution.along is None
    return settled.resolution


def _along(world: World, session: Session, handoff: HandoffId, actor: Actor, resolution: Resolution) -> Handoff:
    return handoffs.resolve_along(
        session,
        world.workspace,
        handoff,
        actor,
        resolution,
        answer="Press the green button.",
        vault=world.vault,
        **world.stamps,
    )


def test_what_waits_is_settled_with_the_answer_to_another(world: World) -> None:
    sam = world.staff(world.sam)
    with world.sessions.begin() as session:
        main = _resolved(world, session)
        other, mine = (world.handoff(session, thread=thread).id for thread in ("200.1", "300.1"))
        handoffs.claim(session, world.workspace, mine, sam, now=world.now)
        for waiting in (other, mine):
            settled = _along(world, session, waiting, sam, main)
            assert (settled.state, settled.claimed_by) == (HandoffState.RESOLVED, world.sam)
            assert settled.resolution is not None
            assert (settled.resolution.along, settled.resolution.learn) == (main.id, True)
            assert _along(world, session, waiting, sam, main) == settled, "sent twice, settled once"
            text = handoffs.resolution_text(session, world.workspace, waiting, vault=world.vault)
            assert text == "Press the green button."
        together = handoffs.settled_along(session, world.workspace, main.id)
        assert [one.id for one in together] == sorted([other, mine])

        reopened = handoffs.reopen(session, world.workspace, other, world.user(world.uma), now=world.now)
        assert reopened.state is HandoffState.OPEN
        assert [one.id for one in handoffs.settled_along(session, world.workspace, main.id)] == [mine]
        assert handoffs.one(session, world.workspace, mine).state is HandoffState.RESOLVED


def test_what_a_colleague_has_or_what_is_closed_is_left_alone(world: World) -> None:
    sam = world.staff(world.sam)
    with world.sessions.begin() as session:
        main = _resolved(world, session)
        taken, closed = (world.handoff(session, thread=thread).id for thread in ("200.1", "300.1"))
        handoffs.claim(session, world.workspace, taken, world.staff(world.tom), now=world.now)
        handoffs.cancel(session, world.workspace, closed, world.user(world.uma), now=world.now)
        for handoff, state in ((taken, HandoffState.CLAIMED), (closed, HandoffState.CANCELLED)):
            with pytest.raises(WrongState):
                _along(world, session, handoff, sam, main)
            assert handoffs.one(session, world.workspace, handoff).state is state
        assert handoffs.settled_along(session, world.workspace, main.id) == ()


def test_only_staff_settle_and_only_in_their_workspace(world: World) -> None:
    other = World(world.sessions)
    with world.sessions.begin() as session:
        main = _resolved(world, session)
        waiting = world.handoff(session, thread="200.1").id
        with pytest.raises(NotAllowed):
            _along(world, session, waiting, world.user(world.uma), main)
        with pytest.raises(Unknown):
            _along(other, session, waiting, other.staff(other.sam), main)
        _along(world, session, waiting, world.staff(world.sam), main)
        assert handoffs.settled_along(session, other.workspace, main.id) == ()
