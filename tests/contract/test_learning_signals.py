"""Signals and judgements: what behaviour and people said of any decision, on every engine."""

from datetime import timedelta

import pytest
from learning_world import World
from sqlalchemy.orm import Session

from kb.database import Sessions
from kb.ids import new_ulid
from learning import feedback, signals
from learning.errors import Unknown
from learning.feedback import Rating, Reason
from learning.ids import DecisionId
from learning.recorder import DecisionKind
from learning.redaction import redactor_for
from learning.signals import SignalKind


@pytest.fixture
def world(sessions: Sessions) -> World:
    return World(sessions)


def note(
    world: World, session: Session, decision: DecisionId, kind: SignalKind, shown_by: str = "", **more: object
) -> bool:
    given = {"found_by": "button", "shown_by": shown_by, "at": world.now, "ids": new_ulid, **more}
    return signals.note(session, world.workspace, decision, kind, **given)  # type: ignore[arg-type]


def test_what_shows_a_signal_counts_once_and_says_how_it_was_found(world: World) -> None:
    with world.sessions.begin() as session:
        decision = world.decision(session).id
        assert note(world, session, decision, SignalKind.REGENERATION, "1.1", person=world.uma)
        assert not note(world, session, decision, SignalKind.REGENERATION, "1.1", found_by="words")
        assert note(world, session, decision, SignalKind.REGENERATION, "1.2")
        assert note(world, session, decision, SignalKind.REPHRASING, "1.1", found_by="likeness-1", value=0.91)
        found = signals.of(session, world.workspace, decision)
    assert [(one.kind, one.shown_by) for one in found] == [
        (SignalKind.REGENERATION, "1.1"),
        (SignalKind.REGENERATION, "1.2"),
        (SignalKind.REPHRASING, "1.1"),
    ]
    assert (found[0].person, found[0].found_by) == (world.uma, "button")
    assert (found[2].found_by, found[2].value) == ("likeness-1", 0.91)


def test_signals_of_a_while_are_found_by_kind(world: World) -> None:
    with world.sessions.begin() as session:
        decision = world.decision(session).id
        note(world, session, decision, SignalKind.FOLLOW_UP)
        world.wait(days=1)
        since = world.now
        note(world, session, decision, SignalKind.COMPLETION)
        note(world, session, decision, SignalKind.LENGTH, value=4.0)
        until = world.now + timedelta(seconds=1)
        every = signals.between(session, world.workspace, since=since, until=until)
        one = signals.between(session, world.workspace, since=since, until=until, kinds=[SignalKind.COMPLETION])
        none = signals.between(session, world.workspace, since=since, until=since)
    assert {found.kind for found in every} == {SignalKind.COMPLETION, SignalKind.LENGTH}
    assert [found.kind for found in one] == [SignalKind.COMPLETION] and none == ()


def test_two_workspaces_signals_never_meet(world: World) -> None:
    other = World(world.sessions)
    with world.sessions.begin() as session:
        decision = world.decision(session).id
        note(world, session, decision, SignalKind.FOLLOW_UP)
        with pytest.raises(Unknown):
            note(other, session, decision, SignalKind.FOLLOW_UP)
        until = world.now + timedelta(seconds=1)
        assert signals.of(session, other.workspace, decision) == ()
        assert signals.between(session, other.workspace, since=world.now, until=until) == ()


@pytest.mark.parametrize("kind", list(DecisionKind))
@pytest.mark.parametrize("reason", list(Reason))
def test_any_decision_takes_any_word(world: World, kind: DecisionKind, reason: Reason) -> None:
    with world.sessions.begin() as session:
        decision = world.decision(session, kind=kind).id
        redactor = redactor_for(session, world.workspace, world.vault, now=world.now)
        for comment in ("see bob@example.com", "see bob@example.com", ""):
            feedback.judge(
                session,
                world.workspace,
                decision,
                world.sam,
                reason,
                comment=comment,
                via="form",
                redactor=redactor,
                **world.stamps,
            )
        live = feedback.live_vote(session, world.workspace, decision, world.sam)
        told = feedback.explanations(session, world.workspace, decision)
    assert live is (Rating.UP if reason is Reason.HELPFUL else Rating.DOWN)
    assert {one.reason for one in told} == {reason}
    assert len(told) == (1 if reason is Reason.HELPFUL else 2)
    assert "bob@" not in repr(told)


def test_a_word_on_an_unknown_decision_is_refused(world: World) -> None:
    with world.sessions.begin() as session, pytest.raises(Unknown):
        redactor = redactor_for(session, world.workspace, world.vault, now=world.now)
        feedback.judge(
            session,
            world.workspace,
            DecisionId(new_ulid()),
            world.sam,
            Reason.HELPFUL,
            via="form",
            redactor=redactor,
            **world.stamps,
        )
