"""The calibrator on every engine: what people show moves thresholds, what they take back moves them back."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from learning_world import World
from sqlalchemy.orm import Session

from kb.confidence import NOVELTY
from kb.database import Sessions
from kb.ids import EntryId, WorkspaceId, new_ulid
from kb.knowledge import KnowledgeBase
from kb.ranking import COLUMNS
from learning import budgets, calibration, choices, feedback, labels, recorder, review, spot_checks
from learning.calibration import Calibrator
from learning.conversations import Place
from learning.feedback import Rating
from learning.ids import DecisionId
from learning.labels import Shown
from learning.observed import Observed, as_examples
from learning.proposals import Origin, shown_hash
from learning.recorder import AnswerDecision, DecisionKind, EvidenceItem
from learning.redaction import redactor_for

DOG, LOCKER, PARCEL = EntryId("E-dog"), EntryId("E-locker"), EntryId("E-parcel")


class _Named:
    """An embedder of which only the name is asked."""

    model = "none"
    dimension = 4

    def embed(self, texts: Any) -> Any:
        raise AssertionError("Calibrating embeds nothing.")


@pytest.fixture
def world(sessions: Sessions) -> World:
    made = World(sessions)
    made.knowledge = KnowledgeBase(
        sessions=sessions, index=made.knowledge._search._index, embedder=_Named(), clock=lambda: made.now, ids=new_ulid
    )
    return made


def _calibrator(world: World) -> Calibrator:
    return Calibrator(sessions=world.sessions, knowledge=world.knowledge, clock=lambda: world.now)


def _features(strength: float, rank: int) -> dict[str, float]:
    likeness = max(strength - 0.1 * rank, 0.05)
    row = dict.fromkeys(COLUMNS, 0.0)
    return {
        **row,
        **dict.fromkeys(("nearest", "centroid", "vote", "keyword", "coverage"), likeness),
        "fit": -8 * (1 - likeness),
    }


def _ask(
    world: World, session: Session, number: int, strength: float, kind: DecisionKind = DecisionKind.VERBATIM
) -> DecisionId:
    ts = f"{number}.000001"
    said = kind is DecisionKind.VERBATIM
    decision = AnswerDecision(
        place=Place("C1", ts),
        ts=ts,
        kind=kind,
        rule="confident" if said else "not_sure",
        question=f"Question {number}?",
        evidence=tuple(
            EvidenceItem(entry, 1, 0.5, _features(strength, rank), used=said and not rank)
            for rank, entry in enumerate((DOG, LOCKER, PARCEL))
        ),
        confidence=strength,
        signals={"novelty": -0.8, "offered": 0.0 if said else 3.0},
        asker=world.uma,
    )
    redactor = redactor_for(session, world.workspace, world.vault, now=world.now)
    return recorder.record(session, world.workspace, decision, redactor=redactor, vault=world.vault, **world.stamps).id


def _stream(world: World, count: int, *, wrong: float) -> list[DecisionId]:
    """A number of answers given alone, of which a share is voted down, and as many that people had to resolve."""
    chance = np.random.default_rng(11)
    made = []
    with world.sessions.begin() as session:
        for number in range(count):
            world.wait(seconds=1)
            decision = _ask(world, session, number, float(chance.uniform(0.5, 0.9)))
            made.append(decision)
            if chance.uniform() < wrong:
                _vote(world, session, decision, Rating.DOWN)
            waiting = _ask(world, session, 10_000 + number, 0.3, DecisionKind.ABSTAINED)
            shown = DOG if chance.uniform() < 0.5 else None
            labels.settled(session, world.workspace, waiting, shown, now=world.now)
    return made


def _vote(world: World, session: Session, decision: DecisionId, rating: Rating | None) -> None:
    feedback.vote(session, world.workspace, decision, world.uma, rating, via="button", **world.stamps)


def _thresholds(world: World, calibrator: Calibrator) -> tuple[float, float]:
    found = calibrator.refresh(world.workspace, max_wrong=0.03).thresholds
    return found.answer, found.offer


def _answered(world: World) -> float:
    """How many of the answers given before would be given alone now."""
    calibrator = _calibrator(world)
    threshold = calibrator.refresh(world.workspace, max_wrong=0.03).thresholds.answer
    with world.sessions() as session:
        questions = [one for one in _observed(world, session).questions if one.given]
    sure = calibration._confidences(world.knowledge.calibration(world.workspace).coefficients, as_examples(questions))
    return float((sure >= threshold).sum())


def test_votes_against_answers_make_the_bot_say_less_and_taking_them_back_restores_it(world: World) -> None:
    decisions = _stream(world, 80, wrong=0.0)
    before, answered = _thresholds(world, _calibrator(world)), _answered(world)
    with world.sessions.begin() as session:
        world.wait(minutes=1)
        for decision in decisions[::3]:
            _vote(world, session, decision, Rating.DOWN)
    assert _answered(world) < answered / 2
    with world.sessions.begin() as session:
        world.wait(minutes=1)
        for decision in decisions[::3]:
            _vote(world, session, decision, None)
    assert _thresholds(world, _calibrator(world)) == before


def test_only_what_people_showed_to_be_new_is_novel_however_unsure_answers_were(world: World) -> None:
    calibrator, counted = _calibrator(world), calibration._NOVELTY_WORTH

    def ask(first: int, settled_by: EntryId | None) -> float:
        with world.sessions.begin() as session:
            for number in range(first, first + 60):
                world.wait(seconds=1)
                _ask(world, session, number, 0.5)
                waiting = _ask(world, session, 10_000 + number, 0.3, DecisionKind.ABSTAINED)
                labels.settled(session, world.workspace, waiting, settled_by, now=world.now)
        calibrator.refresh(world.workspace, max_wrong=0.03)
        return world.knowledge.calibration(world.workspace).coefficients.novelty

    assert ask(0, DOG) == pytest.approx(NOVELTY * counted / (counted + 120))
    # The half that people settled with something new; the other half was answered alone.
    assert ask(100, None) == pytest.approx((NOVELTY * counted + 60) / (counted + 240))


def test_admins_are_told_that_too_few_say_anything_until_spot_checks_are_judged(world: World) -> None:
    with world.sessions.begin() as session:
        made = []
        for number in range(520):
            world.wait(seconds=1)
            made.append(_ask(world, session, number, 0.9))
    calibrator = _calibrator(world)
    assert "cannot tell" in calibrator.refresh(world.workspace, max_wrong=0.5).alarm
    with world.sessions.begin() as session:
        world.wait(minutes=1)
        for decision in made[::50]:
            check = spot_checks.open_check(session, world.workspace, decision, 0.5, **world.stamps)
            assert check is not None
            right = spot_checks.Verdict.RIGHT
            spot_checks.judge(session, world.workspace, check.id, world.staff(world.sam), right, now=world.now)
        for number in range(calibration.RETHINK_AFTER):
            world.wait(seconds=1)
            _ask(world, session, 20_000 + number, 0.9)
    assert calibrator.refresh(world.workspace, max_wrong=0.5).alarm == ""


def test_the_same_labels_give_the_same_calibration_however_often_it_was_fitted_between(world: World) -> None:
    follows = _calibrator(world)
    for start in (0, 100, 200):
        with world.sessions.begin() as session:
            for number in range(start, start + 60):
                world.wait(seconds=1)
                decision = _ask(world, session, number, 0.5 + 0.4 * (number % 7) / 6)
                if number % 9 == 0:
                    _vote(world, session, decision, Rating.DOWN)
                waiting = _ask(world, session, 10_000 + number, 0.3, DecisionKind.ABSTAINED)
                labels.settled(session, world.workspace, waiting, DOG if number % 3 else None, now=world.now)
        follows.refresh(world.workspace, max_wrong=0.03)
    between = world.knowledge.calibration(world.workspace).coefficients
    with world.sessions.begin() as session:
        world.knowledge.restore_calibration(session, world.workspace, 0)
    _calibrator(world).refresh(world.workspace, max_wrong=0.03)
    afresh = world.knowledge.calibration(world.workspace).coefficients
    assert between.confidence.version == afresh.confidence.version != world.knowledge.shipped.confidence.version


def test_what_a_process_remembers_is_what_the_database_says(world: World) -> None:
    follows = _calibrator(world)
    _stream(world, 60, wrong=0.1)
    follows.refresh(world.workspace, max_wrong=0.03)
    with world.sessions.begin() as session:
        for number in range(30):
            world.wait(seconds=1)
            late = _ask(world, session, 20_000 + number, 0.4, DecisionKind.ABSTAINED)
            labels.settled(session, world.workspace, late, LOCKER, now=world.now)
        # Nothing was found for these, and one was drafted for staff.
        for number, kind in enumerate((DecisionKind.ABSTAINED, DecisionKind.ABSTAINED, DecisionKind.DRAFTED)):
            world.wait(seconds=1)
            if kind is DecisionKind.DRAFTED:
                _ask(world, session, 30_000 + number, 0.4, kind)
            else:
                world.decision(session, f"{30_000 + number}.000001", kind=kind)
    with world.sessions() as session:
        fresh, kept = Observed(world.workspace), follows._followed[world.workspace].observed
        fresh.follow(session, world.now)
        kept.follow(session, world.now)
        assert [(one.id, one.right, one.label) for one in fresh.questions] == [
            (one.id, one.right, one.label) for one in kept.questions
        ]
        assert fresh.asked == kept.asked == 152
        world.wait(minutes=30)
        for back in (0, 0, 1, 1):
            kept.follow(session, world.now - timedelta(days=back))
        assert kept.asked == 152, "the clock was set back"


def test_each_kind_of_word_is_the_label_it_should_be(world: World) -> None:
    with world.sessions.begin() as session:
        resolved, chosen, none, checked, down, up = (
            _ask(world, session, number, 0.5, kind)
            for number, kind in enumerate([DecisionKind.ABSTAINED] * 3 + [DecisionKind.VERBATIM] * 3)
        )
        labels.settled(session, world.workspace, resolved, PARCEL, now=world.now)
        answer = world.decision(session, "900.000001", evidence=(LOCKER,)).id
        choices.choose(session, world.workspace, chosen, world.uma, LOCKER, answered=answer, now=world.now)
        choices.choose(session, world.workspace, none, world.uma, None, now=world.now)
        check = spot_checks.open_check(session, world.workspace, checked, 0.5, **world.stamps)
        assert check is not None
        spot_checks.judge(
            session, world.workspace, check.id, world.staff(world.sam), spot_checks.Verdict.WRONG, now=world.now
        )
        _vote(world, session, down, Rating.DOWN)
        _vote(world, session, up, Rating.UP)
        found = labels.of(session, world.workspace, [resolved, chosen, none, checked, down, up])
        assert {one: (label.shown, label.entry) for one, label in found.items()} == {
            resolved: (Shown.ENTRY, PARCEL),
            chosen: (Shown.ENTRY, LOCKER),
            none: (Shown.NOT_THE_FIRST, None),
            checked: (Shown.NOT_THE_FIRST, None),
            down: (Shown.NOT_THE_FIRST, None),
        }
        world.wait(minutes=1)
        since = world.now
        _vote(world, session, answer, Rating.DOWN)
        assert chosen in labels.changed(session, world.workspace, since)
        again = labels.of(session, world.workspace, [chosen])[chosen]
        assert (again.chose_wrong, again.shown) == (True, None)


@pytest.mark.parametrize("unneeded", [False, True])
def test_a_wording_that_is_right_but_not_needed_speaks_against_nobodys_choice(world: World, unneeded: bool) -> None:
    with world.sessions.begin() as session:
        offered = _ask(world, session, 1, 0.5, DecisionKind.ABSTAINED)
        answer = world.decision(session, "900.000001", evidence=(LOCKER,)).id
        choices.choose(session, world.workspace, offered, world.uma, LOCKER, answered=answer, now=world.now)
        source = world.source(world.uma, origin=Origin.CLICK, decision=answer)
        made = world.propose(session, "Where do parcels wait?", "In the locker.", source=source)
        world.wait(minutes=1)
        review.reject(
            session,
            world.workspace,
            made.id,
            world.admin(world.ada),
            shown=shown_hash(made),
            reason="Enough of these.",
            unneeded=unneeded,
            **world.stamps,
        )
        assert offered in labels.changed(session, world.workspace, world.now)
        found = labels.of(session, world.workspace, [offered])[offered]
    assert (found.chose_wrong, found.shown) == ((False, Shown.ENTRY) if unneeded else (True, None))


def test_a_calibration_can_be_taken_back(world: World) -> None:
    _stream(world, 60, wrong=0.2)
    _calibrator(world).refresh(world.workspace, max_wrong=0.03)
    moved = world.knowledge.calibration(world.workspace)
    assert moved.version >= 1 and moved.labels > 0
    with world.sessions.begin() as session:
        world.knowledge.restore_calibration(session, world.workspace, 0)
    back = world.knowledge.calibration(world.workspace)
    assert back.version == moved.version + 1
    assert back.coefficients.confidence.version == world.knowledge.shipped.confidence.version


def test_two_workspaces_never_share_a_label_or_a_budget(world: World) -> None:
    other = World(world.sessions)
    _stream(world, 60, wrong=0.3)
    _calibrator(world).refresh(world.workspace, max_wrong=0.03)
    with world.sessions() as session:
        mine = [one.id for one in _observed(world, session).questions]
        assert budgets.current(session, other.workspace) == budgets.NOTHING_YET
        assert labels.of(session, other.workspace, mine) == {}
        assert labels.changed(session, other.workspace, world.now - timedelta(days=1)) == frozenset()
        assert _observed(other, session).questions == []


def _observed(world: World, session: Session) -> Observed:
    found = Observed(world.workspace)
    found.follow(session, world.now)
    return found


def test_budgets_that_were_a_reason_for_alarm_are_found_for_as_long_as_they_were_in_force(world: World) -> None:
    other = World(world.sessions)
    begin, hour = world.now, timedelta(hours=1)
    with world.sessions.begin() as session:
        for at, alarm in ((0, "first"), (10, ""), (20, "second"), (30, "third")):
            made = replace(budgets.NOTHING_YET, alarm=alarm, at=begin + at * hour)
            budgets.keep(session, world.workspace, made, now=made.at)

        def alarmed(since: int, workspace: WorkspaceId = world.workspace) -> list[str]:
            found = budgets.alarmed(session, workspace, since=begin + since * hour)
            assert [one.at for one in found] == sorted((one.at for one in found), reverse=True)
            return [one.alarm for one in found]

        assert alarmed(-1) == alarmed(0) == alarmed(9) == ["third", "second", "first"]
        assert alarmed(10) == alarmed(15) == ["third", "second"]
        assert alarmed(30) == alarmed(300) == ["third"]
        assert alarmed(-1, other.workspace) == []
