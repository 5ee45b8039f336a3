"""Spot checks and what staff say of them, on every engine."""

import threading
from datetime import timedelta

import pytest
from learning_world import World
from sqlalchemy.orm import Session

from kb.database import Sessions
from kb.ids import EntryId, new_ulid
from learning import choices, spot_checks
from learning.errors import AlreadyDecided, NotAllowed, Unknown
from learning.ids import SpotCheckId
from learning.people import Actor
from learning.recorder import DecisionKind, RecordedDecision
from learning.spot_checks import FORGOTTEN, OPEN_AT_MOST, SpotCheck, Verdict


@pytest.fixture
def world(sessions: Sessions) -> World:
    return World(sessions)


def _answer(world: World, session: Session, confidence: float = 0.9, **facts: object) -> RecordedDecision:
    return world.decision(session, f"{new_ulid()}", confidence=confidence, evidence=(EntryId("E1"),), **facts)


def _open(world: World, session: Session) -> SpotCheck | None:
    decision = _answer(world, session).id
    return spot_checks.open_check(session, world.workspace, decision, 0.25, **world.stamps)


def _check(world: World, session: Session) -> SpotCheck:
    made = _open(world, session)
    assert made is not None
    return made


def _judge(world: World, session: Session, check: SpotCheckId, actor: Actor, verdict: Verdict) -> SpotCheck:
    return spot_checks.judge(session, world.workspace, check, actor, verdict, now=world.now)


def test_an_answer_is_drawn_by_its_doubt_among_the_answers_given_alone(world: World) -> None:
    def chance(found: RecordedDecision, share: float = 1.0) -> float | None:
        return spot_checks.chance_if_drawn(session, world.workspace, found, share=share)

    with world.sessions.begin() as session:
        sure, unsure = _answer(world, session, 0.96), _answer(world, session, 0.88)
        assert chance(unsure) == pytest.approx(1.0), "more doubt than is typical, and everything wanted"
        assert chance(sure, 0.0) is None
        # The mean doubt is .08, so that these are drawn as often as wanted.
        drawn = [chance(_answer(world, session, 0.92), 0.5) for _ in range(60)]
        assert {None, 0.5} == {one if one is None else round(one, 9) for one in drawn}
        unasked = _answer(world, session, 0.5, kind=DecisionKind.ABSTAINED)
        drafted = _answer(world, session, 0.5, kind=DecisionKind.DRAFTED)
        assert chance(unasked) is None and chance(drafted) is None


def test_what_the_asker_chose_does_not_tell_how_sure_answers_given_alone_are(world: World) -> None:
    with world.sessions.begin() as session:
        alone = _answer(world, session, 0.9)
        offered = world.decision(session, "100.1", kind=DecisionKind.ABSTAINED, evidence=(EntryId("E1"),))
        chosen = _answer(world, session, 0.1)
        choices.choose(
            session, world.workspace, offered.id, world.uma, EntryId("E1"), answered=chosen.id, now=world.now
        )
        drawn = spot_checks.chance_if_drawn(session, world.workspace, alone, share=0.999999)
    assert drawn == pytest.approx(0.999999)


def test_what_was_judged_is_counted_as_far_as_it_matters(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spot_checks, "MANY", 2)
    with world.sessions.begin() as session:
        _check(world, session)
        for counted in (0, 1, 2, 2):
            assert spot_checks.judged(session, world.workspace) == counted
            _judge(world, session, _check(world, session).id, world.staff(world.sam), Verdict.CANNOT_TELL)


def test_an_answer_is_checked_once_and_keeps_its_chance(world: World) -> None:
    with world.sessions.begin() as session:
        decision = _answer(world, session).id
        once = spot_checks.open_check(session, world.workspace, decision, 0.25, **world.stamps)
        again = spot_checks.open_check(session, world.workspace, decision, 0.75, **world.stamps)
        assert once == again == spot_checks.of_decision(session, world.workspace, decision)
    assert once is not None and (once.chance, once.verdict, once.drawn_at) == (0.25, None, world.now)


def test_only_a_few_wait_at_a_time(world: World) -> None:
    with world.sessions.begin() as session:
        first = _check(world, session)
        for _ in range(OPEN_AT_MOST - 1):
            _check(world, session)
        assert _open(world, session) is None
        _judge(world, session, first.id, world.staff(world.sam), Verdict.RIGHT)
        _check(world, session)
        assert _open(world, session) is None
        world.now += FORGOTTEN
        assert _open(world, session) is not None, "what nobody looks at for long bars no other"


def test_the_first_verdict_of_staff_stands(world: World) -> None:
    with world.sessions.begin() as session:
        check = _check(world, session)
        with pytest.raises(NotAllowed):
            _judge(world, session, check.id, world.user(world.uma), Verdict.RIGHT)
        assert spot_checks.one(session, world.workspace, check.id).verdict is None
        world.wait(minutes=1)
        judged = _judge(world, session, check.id, world.staff(world.sam), Verdict.WRONG)
        assert (judged.verdict, judged.by, judged.at) == (Verdict.WRONG, world.sam, world.now)
        world.wait(minutes=1)
        assert _judge(world, session, check.id, world.staff(world.sam), Verdict.WRONG) == judged
        for late, verdict in ((world.admin(world.ada), Verdict.WRONG), (world.staff(world.sam), Verdict.RIGHT)):
            with pytest.raises(AlreadyDecided) as refused:
                _judge(world, session, check.id, late, verdict)
            assert (refused.value.by, refused.value.state) == (world.sam, Verdict.WRONG)
        until = world.now + timedelta(minutes=1)
        assert spot_checks.drawn(session, world.workspace, since=check.drawn_at, until=until) == (judged,)
        assert spot_checks.drawn(session, world.workspace, since=until, until=until + timedelta(1)) == ()


def test_of_two_verdicts_at_once_one_stands_and_the_other_is_told(world: World) -> None:
    with world.sessions.begin() as session:
        check = _check(world, session).id
    barrier, won, lost = threading.Barrier(2), list[str](), list[str | None]()

    def judge(actor: Actor, verdict: Verdict) -> None:
        barrier.wait()
        try:
            with world.sessions.begin() as session:
                _judge(world, session, check, actor, verdict)
            won.append(actor.person)
        except AlreadyDecided as late:
            lost.append(late.by)

    acts = ((world.staff(world.sam), Verdict.RIGHT), (world.staff(world.tom), Verdict.WRONG))
    threads = [threading.Thread(target=judge, args=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1 and lost == won


def test_checks_of_another_workspace_are_out_of_reach(world: World) -> None:
    other = World(world.sessions)
    with world.sessions.begin() as session:
        check = _check(world, session)
        for act in (
            lambda: spot_checks.one(session, other.workspace, check.id),
            lambda: _judge(other, session, check.id, other.staff(other.sam), Verdict.RIGHT),
        ):
            with pytest.raises(Unknown):
                act()
        assert spot_checks.of_decision(session, other.workspace, check.decision) is None
        later = world.now + timedelta(days=1)
        assert spot_checks.drawn(session, other.workspace, since=check.drawn_at, until=later) == ()
        assert spot_checks.one(session, world.workspace, check.id).verdict is None
