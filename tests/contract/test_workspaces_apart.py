"""Two workspaces' records never meet: every query of them, asked in one workspace for what stands in another.

Which queries there are is read from the packages, so that a new one without a line here fails.
"""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
from learning_world import World
from sqlalchemy.orm import Session

from kb.database import Base, Sessions
from kb.ids import EntryId, WorkspaceId, new_ulid
from learning import choices, cohorts, feedback, handoffs, labels, outcomes, recorder, signals, spot_checks
from learning.conversations import Conversation
from learning.errors import Unknown
from learning.feedback import Rating, Reason
from learning.handoffs import HandoffReason
from learning.recorder import DecisionKind, RecordedDecision
from learning.redaction import redactor_for
from learning.signals import SignalKind
from learning.spot_checks import SpotCheck, Verdict

#: Everything that reads what was recorded.
MODULES = (recorder, signals, outcomes, cohorts, feedback, choices, spot_checks, labels)
ENTRY = EntryId("E1")
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Past:
    """What stands in one workspace: an answer with all that can be known of one, and one chosen from an offer."""

    world: World
    here: Conversation
    answer: RecordedDecision
    offer: RecordedDecision
    chosen: RecordedDecision
    check: SpotCheck

    @property
    def span(self) -> dict[str, Any]:
        return {"since": self.world.now - 30 * DAY, "until": self.world.now + DAY}

    @property
    def vault(self) -> dict[str, Any]:
        return {"vault": self.world.vault}

    @property
    def later(self) -> dict[str, Any]:
        return {"now": self.world.now + DAY}


@pytest.fixture
def past(sessions: Sessions) -> Past:
    world = World(sessions)
    with world.sessions.begin() as session:
        here = world.conversation(session, thread="1")
        given = {"place": here.place, "conversation": here.id, "evidence": (ENTRY,)}
        world.say(session, here, "1", world.uma, "What now?")
        answer = world.decision(session, "1", parent="0", **given)
        recorder.posted(session, world.workspace, answer.id, place=here.place, ts="2", now=world.now)
        world.say(session, here, "3", world.uma, "And then?")
        offer = world.decision(session, "4", kind=DecisionKind.ABSTAINED, **given)
        chosen = world.decision(session, "5", **given)
        choices.choose(session, world.workspace, offer.id, world.uma, ENTRY, answered=chosen.id, now=world.now)
        redactor = redactor_for(session, world.workspace, world.vault, now=world.now)
        feedback.judge(
            session,
            world.workspace,
            answer.id,
            world.uma,
            Reason.INCORRECT,
            comment="It is not so.",
            via="form",
            redactor=redactor,
            **world.stamps,
        )
        shown = {"found_by": "x", "at": world.now, "ids": new_ulid}
        signals.note(session, world.workspace, answer.id, SignalKind.FOLLOW_UP, **shown)
        opened = spot_checks.open_check(session, world.workspace, answer.id, 0.5, **world.stamps)
        assert opened is not None
        check = spot_checks.judge(
            session, world.workspace, opened.id, world.staff(world.sam), Verdict.WRONG, now=world.now
        )
        handoffs.open_handoff(
            session,
            world.workspace,
            here.id,
            asker=world.uma,
            question=("C1", "1"),
            reason=HandoffReason.BUTTON,
            **world.stamps,
        )
        world.wait(days=2)
        outcomes.look(session, world.workspace, due=world.now, now=world.now)
        recorder.seal(session, world.workspace, now=world.now)
        world.decision(session, "9", **given)
    return Past(world, here, answer, offer, chosen, check)


Query = Callable[[Session, WorkspaceId, Past], object]

#: What is asked, for every query: something in the workspace where it stands, and nothing in any other.
READS: dict[str, Query] = {
    "recorder.decisions_using": lambda s, w, p: recorder.decisions_using(s, w, ENTRY, since=p.span["since"], **p.vault),
    "recorder.for_post": lambda s, w, p: recorder.for_post(s, w, "C1", "2", **p.vault),
    "recorder.for_question": lambda s, w, p: recorder.for_question(s, w, "C1", "1", **p.vault),
    "recorder.head": lambda s, w, p: recorder.head(s, w).seq,
    "recorder.in_conversation": lambda s, w, p: recorder.in_conversation(s, w, p.here.id, **p.vault),
    "recorder.known": lambda s, w, p: recorder.known(s, w, p.answer.id) or "known",
    "recorder.newest": lambda s, w, p: recorder.newest(s, w, **p.vault),
    "recorder.one": lambda s, w, p: recorder.one(s, w, p.answer.id, **p.vault),
    "recorder.plain": lambda s, w, p: recorder.plain(s, w, p.answer.id),
    "recorder.posts_of": lambda s, w, p: recorder.posts_of(s, w, p.answer.id),
    "recorder.under": lambda s, w, p: recorder.under(s, w, p.here.place, "0", **p.vault),
    "recorder.verify": lambda s, w, p: (found := recorder.verify(s, w)).sealed + found.waiting,
    "recorder.seal": lambda s, w, p: recorder.seal(s, w, now=p.world.now),
    "signals.between": lambda s, w, p: signals.between(s, w, **p.span),
    "signals.of": lambda s, w, p: signals.of(s, w, p.answer.id),
    "signals.overhear": lambda s, w, p: signals.overhear(s, w, "C1", "3", goes_on=DAY, **p.vault),
    "outcomes.judge": lambda s, w, p: outcomes.judge(s, w, due=p.world.now + 9 * DAY),
    "outcomes.look": lambda s, w, p: outcomes.look(s, w, due=p.world.now + 9 * DAY, now=p.world.now + 9 * DAY),
    "outcomes.of": lambda s, w, p: outcomes.of(s, w, p.answer.id),
    "cohorts.observed": lambda s, w, p: cohorts.observed(s, w, **p.later),
    "cohorts.standing_votes": lambda s, w, p: cohorts.standing_votes(s, w),
    "feedback.explanations": lambda s, w, p: feedback.explanations(s, w, p.answer.id),
    "feedback.history": lambda s, w, p: feedback.history(s, w, p.answer.id),
    "feedback.live_vote": lambda s, w, p: feedback.live_vote(s, w, p.answer.id, p.world.uma),
    "feedback.tally": lambda s, w, p: feedback.tally(s, w, p.answer.id).down,
    "feedback.voters": lambda s, w, p: feedback.voters(s, w, p.answer.id),
    "choices.find": lambda s, w, p: choices.find(s, w, p.offer.id, p.world.uma),
    "choices.made": lambda s, w, p: choices.made(s, w, **p.span),
    "choices.tally": lambda s, w, p: choices.tally(s, w, **p.span).right,
    "spot_checks.drawn": lambda s, w, p: spot_checks.drawn(s, w, **p.span),
    "spot_checks.of_decision": lambda s, w, p: spot_checks.of_decision(s, w, p.answer.id),
    "spot_checks.one": lambda s, w, p: spot_checks.one(s, w, p.check.id),
    "spot_checks.judged": lambda s, w, p: spot_checks.judged(s, w),
    "labels.found_wrong": lambda s, w, p: labels.found_wrong(s, w)[0],
    "labels.changed": lambda s, w, p: labels.changed(s, w, p.span["since"]),
    "labels.of": lambda s, w, p: labels.of(s, w, [p.answer.id, p.offer.id]),
}


def _stamped(p: Past) -> dict[str, Any]:
    return p.world.stamps


#: What would write beside a decision of another workspace.
WRITES: dict[str, Query] = {
    "recorder.posted": lambda s, w, p: recorder.posted(s, w, p.answer.id, place=p.here.place, ts="8", now=p.world.now),
    "signals.note": lambda s, w, p: signals.note(
        s, w, p.answer.id, SignalKind.COMPLETION, found_by="x", at=p.world.now, ids=new_ulid
    ),
    "feedback.vote": lambda s, w, p: feedback.vote(s, w, p.answer.id, p.world.tom, Rating.UP, via="x", **_stamped(p)),
    "feedback.withdraw": lambda s, w, p: feedback.withdraw(
        s, w, p.answer.id, p.world.uma, Rating.DOWN, via="x", **_stamped(p)
    ),
    "feedback.explain": lambda s, w, p: feedback.explain(
        s,
        w,
        p.answer.id,
        p.world.tom,
        reason=Reason.OTHER,
        comment="so",
        redactor=redactor_for(s, p.world.workspace, p.world.vault, now=p.world.now),
        **_stamped(p),
    ),
    "feedback.judge": lambda s, w, p: feedback.judge(
        s,
        w,
        p.answer.id,
        p.world.tom,
        Reason.HELPFUL,
        via="x",
        redactor=redactor_for(s, p.world.workspace, p.world.vault, now=p.world.now),
        **_stamped(p),
    ),
    "choices.choose": lambda s, w, p: choices.choose(
        s, w, p.offer.id, p.world.uma, ENTRY, answered=p.chosen.id, now=p.world.now
    ),
    "spot_checks.judge": lambda s, w, p: spot_checks.judge(
        s, w, p.check.id, p.world.staff(p.world.sam), Verdict.WRONG, now=p.world.now
    ),
}
#: They write a row under the given workspace and read nothing: what is recorded, and what of it is the caller's word.
OWN = {
    "recorder.record",
    "recorder.record_safely",
    "signals.keep",
    "outcomes.keep",
    "outcomes.take_back",
    "spot_checks.open_check",
    "spot_checks.chance_if_drawn",
    "labels.settled",
}


def _queries() -> Iterator[str]:
    for module in MODULES:
        yield from (f"{_short(module)}.{name}" for name in _public(module))


def _public(module: ModuleType) -> Iterator[str]:
    """The functions of a package's face, or of a module, that are asked within a workspace."""
    for name in getattr(module, "__all__", None) or [name for name in vars(module) if not name.startswith("_")]:
        found = getattr(module, name)
        own = inspect.isfunction(found) and found.__module__.startswith(module.__name__)
        if own and {"session", "workspace"} <= inspect.signature(found).parameters.keys():
            yield name


def _short(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2]


def test_no_query_is_left_out() -> None:
    assert set(_queries()) == READS.keys() | WRITES.keys() | OWN


@pytest.mark.parametrize("name", READS)
def test_a_query_finds_nothing_of_another_workspace(past: Past, name: str) -> None:
    other = World(past.world.sessions, vault=past.world.vault)
    ask, sessions = READS[name], past.world.sessions
    with sessions.begin() as session:
        try:
            found = ask(session, other.workspace, past)
        except Unknown:
            found = None
    assert not found
    with sessions.begin() as session:
        assert ask(session, past.world.workspace, past), "there is nothing to be found, so this shows nothing"


@pytest.mark.parametrize("name", WRITES)
def test_nothing_is_said_of_a_decision_of_another_workspace(past: Past, name: str) -> None:
    other = World(past.world.sessions, vault=past.world.vault)
    write, before = WRITES[name], _rows(past.world.sessions, past.world.workspace)
    with pytest.raises(Unknown), past.world.sessions.begin() as session:
        write(session, other.workspace, past)
    assert _rows(past.world.sessions, past.world.workspace) == before
    with past.world.sessions.begin() as session:
        write(session, past.world.workspace, past)


def _rows(sessions: Sessions, workspace: WorkspaceId) -> dict[str, int]:
    with sessions() as session:
        return {
            table.name: len(session.execute(table.select().where(table.c.workspace == workspace)).all())
            for table in Base.metadata.sorted_tables
        }


def test_every_workspace_is_named_by_the_one_query_that_asks_for_all(past: Past) -> None:
    other = World(past.world.sessions)
    with past.world.sessions() as session:
        named = recorder.workspaces(session)
    assert past.world.workspace in named and other.workspace not in named
