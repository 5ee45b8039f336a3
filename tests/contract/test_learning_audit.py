"""The audit trail: append-only, and tampering shows, on every engine."""

import threading

import pytest
from learning_world import World
from sqlalchemy import text

from kb.database import Sessions
from learning import audit


@pytest.fixture
def world(sessions: Sessions) -> World:
    return World(sessions)


def _append(world: World, count: int = 3) -> None:
    for number in range(count):
        world.wait(seconds=1)
        with world.sessions.begin() as session:
            audit.append(
                session,
                world.workspace,
                actor=world.ada,
                action="proposal.approve",
                subject=f"P{number}",
                detail={"number": number, "why": None},
                now=world.now,
            )


def _verify(world: World, kept: audit.AuditHead | None = None) -> int | None:
    with world.sessions() as session:
        return audit.verify(session, world.workspace, kept=kept)


def test_an_untouched_trail_verifies(world: World) -> None:
    assert _verify(world) is None
    _append(world, 5)
    assert _verify(world) is None
    with world.sessions() as session:
        assert [record.seq for record in audit.records(session, world.workspace)] == [1, 2, 3, 4, 5]
        assert [record.seq for record in audit.records(session, world.workspace, after=3)] == [4, 5]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit SET actor = 'somebody' WHERE workspace = :w AND seq = 2",
        "UPDATE audit SET action = 'proposal.reject' WHERE workspace = :w AND seq = 2",
        "UPDATE audit SET subject = 'P9' WHERE workspace = :w AND seq = 2",
        'UPDATE audit SET detail = \'{"number": 7, "why": null}\' WHERE workspace = :w AND seq = 2',
        "UPDATE audit SET at = '2020-01-01 00:00:00+00:00' WHERE workspace = :w AND seq = 2",
        "UPDATE audit SET hash = previous WHERE workspace = :w AND seq = 2",
        "UPDATE audit SET previous = hash WHERE workspace = :w AND seq = 2",
        "DELETE FROM audit WHERE workspace = :w AND seq = 2",
    ],
)
def test_whatever_is_changed_is_found(world: World, change: str) -> None:
    _append(world)
    if world.sessions.kw["bind"].dialect.name == "sqlite":
        change = change.replace("+00:00'", ".000000'")
    with world.sessions.begin() as session:
        session.execute(text(change), {"w": world.workspace})
    assert _verify(world) == 2


def test_an_end_cut_off_together_with_its_head_shows_against_a_kept_head(world: World) -> None:
    _append(world)
    with world.sessions.begin() as session:
        kept = audit.head(session, world.workspace)
        second = audit.records(session, world.workspace)[1]
        where = {"w": world.workspace, "h": second.hash}
        session.execute(text("DELETE FROM audit WHERE workspace = :w AND seq = 3"), where)
    assert _verify(world) == 3
    with world.sessions.begin() as session:
        session.execute(text("UPDATE audit_heads SET seq = 2, hash = :h WHERE workspace = :w"), where)
    assert _verify(world) is None
    assert _verify(world, kept) == 3


def test_many_who_append_at_once_make_one_unbroken_chain(world: World) -> None:
    threads = [threading.Thread(target=_append, args=(world, 5)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with world.sessions() as session:
        assert audit.head(session, world.workspace).seq == 20
    assert _verify(world) is None


def test_a_trail_belongs_to_its_workspace(world: World) -> None:
    other = World(world.sessions)
    _append(world, 2)
    _append(other, 1)
    assert (_verify(world), _verify(other)) == (None, None)
    with world.sessions() as session:
        assert audit.head(session, other.workspace).seq == 1
