"""The whole loop as a library: real knowledge base, real index, real embeddings, on every engine."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from learning_world import World

from kb.database import Sessions
from kb.embedding import Embedder, open_embedder
from kb.entries import Evidence
from kb.ids import new_ulid
from kb.knowledge import KnowledgeBase
from kb.vector_index import open_index
from learning import LearningLoop, Place, Rating, Reason
from learning.errors import NotAllowed, WrongState
from learning.proposals import (
    Nearness,
    Origin,
    ProposalDraft,
    ProposalKind,
    ProposalState,
    Source,
    Target,
    shown_prefix,
)
from learning.recorder import AnswerDecision, DecisionKind, Versions, evidence_items
from learning.review import ConflictChoice


@pytest.fixture(scope="session")
def embedder(model_cache: Path) -> Embedder:
    return open_embedder(cache=model_cache)


@pytest.fixture
def world(sessions: Sessions) -> World:
    return World(sessions)


@pytest.fixture
def knowledge(world: World, embedder: Embedder, tmp_path: Path) -> Iterator[KnowledgeBase]:
    index = open_index(tmp_path / "index")
    yield KnowledgeBase(sessions=world.sessions, index=index, embedder=embedder, clock=lambda: world.now, ids=new_ulid)
    index.close()


@pytest.fixture
def loop(world: World, knowledge: KnowledgeBase) -> LearningLoop:
    return _loop(world, knowledge)


def _loop(world: World, knowledge: KnowledgeBase, nearness: Nearness | None = None) -> LearningLoop:
    return LearningLoop(
        workspace=world.workspace,
        sessions=world.sessions,
        vault=world.vault,
        knowledge=knowledge,
        nearness=nearness,
        clock=lambda: world.now,
    )


_ANSWER = "Open Settings, then Security, and choose Reset password."


def _source(world: World, origin: Origin = Origin.RESOLUTION) -> Source:
    return Source(origin, world.sam, Place("C1", new_ulid()))


def _found(world: World, knowledge: KnowledgeBase, question: str) -> Evidence:
    knowledge.apply_pending(world.workspace)
    return knowledge.search(world.workspace, question)


def _shape(evidence: Evidence) -> list[tuple[str, str, float]]:
    return [(hit.entry.id, hit.entry.answer, round(hit.score, 5)) for hit in evidence.hits]


def test_what_people_approve_is_found_and_what_they_undo_is_not(
    world: World, knowledge: KnowledgeBase, loop: LearningLoop
) -> None:
    with world.sessions.begin() as session:
        for question, answer in (
            ("Where can I export my data?", "Under Reports, press Export."),
            ("How long do refunds take?", "Refunds take 10 days after we receive the parcel."),
        ):
            world.entry(session, question, answer)
    asked = "I forgot my password, what now?"
    before = _found(world, knowledge, asked)

    proposed = loop.propose(ProposalDraft("How do I reset my password?", _ANSWER), _source(world))
    assert proposed is not None and proposed.proposal.kind is ProposalKind.NEW_ENTRY
    assert loop.waiting() == (proposed.proposal,)
    with pytest.raises(NotAllowed):
        loop.approve(proposed.proposal.id, world.staff(world.sam), shown=shown_prefix(proposed.proposal))
    assert _shape(_found(world, knowledge, asked)) == _shape(before)

    loop.approve(proposed.proposal.id, world.admin(world.ada), shown=shown_prefix(proposed.proposal))
    best = _found(world, knowledge, asked).best
    assert best is not None and best.entry.answer == _ANSWER

    assert loop.undo(proposed.proposal.id, world.admin(world.ada)).state is ProposalState.UNDONE
    assert _shape(_found(world, knowledge, asked)) == _shape(before)
    loop.verify_audit()


def test_corrections_phrasings_and_conflicts_are_told_apart(
    world: World, knowledge: KnowledgeBase, loop: LearningLoop
) -> None:
    with world.sessions.begin() as session:
        entry = world.entry(session, "How long do refunds take?", "Refunds take 10 days after we receive the parcel.")
    knowledge.apply_pending()
    question = "How long does it take to get a refund?"
    changed = ProposalDraft(question, "Refunds take 5 days after we receive the parcel.")
    correction = loop.propose(changed, _source(world, Origin.CORRECTION), corrected=Target(entry.id, entry.version))
    assert correction is not None and correction.proposal.kind is ProposalKind.REPLACES
    assert correction.proposal.draft.question == entry.question
    conflict = loop.propose(changed, _source(world))
    assert conflict is not None and conflict.proposal.kind is ProposalKind.CONFLICTS
    wording = loop.propose(ProposalDraft("When will my money be back?", entry.answer), _source(world, Origin.VOTES))
    assert wording is not None and wording.proposal.kind is ProposalKind.NEW_PHRASING
    known = loop.propose(ProposalDraft("how long do refunds take", entry.answer), _source(world, Origin.VOTES))
    assert known is None

    ada = world.admin(world.ada)
    with pytest.raises(WrongState):
        loop.approve(conflict.proposal.id, ada, shown=shown_prefix(conflict.proposal))
    loop.approve(conflict.proposal.id, ada, shown=shown_prefix(conflict.proposal), choice=ConflictChoice.REPLACE)
    best = _found(world, knowledge, question).best
    assert best is not None and best.entry.id == entry.id and best.entry.answer == changed.answer


def test_how_near_a_wording_is_that_nobody_is_asked_about_can_be_set(world: World, knowledge: KnowledgeBase) -> None:
    with world.sessions.begin() as session:
        entry = world.entry(session, "How long do refunds take?", "Refunds take 10 days after we receive the parcel.")
    knowledge.apply_pending()
    draft = ProposalDraft("How long will a refund take?", entry.answer)
    found = {
        copy: _loop(world, knowledge, nearness=Nearness(copy=copy)).propose(draft, _source(world, Origin.VOTES))
        for copy in (0.5, 1.0)
    }
    assert found[0.5] is None
    assert found[1.0] is not None and found[1.0].proposal.kind is ProposalKind.NEW_PHRASING


def test_a_decision_and_what_was_said_of_it_are_kept(
    world: World, knowledge: KnowledgeBase, loop: LearningLoop
) -> None:
    with world.sessions.begin() as session:
        entry = world.entry(session, "Where can I export my data?", "Under Reports, press Export.")
    evidence = _found(world, knowledge, "exports?")
    decision = AnswerDecision(
        place=Place("C1", "1"),
        ts="1",
        kind=DecisionKind.VERBATIM,
        rule="confident",
        question="exports?",
        evidence=evidence_items(evidence, used={entry.id}),
        confidence=evidence.confidence,
        answer=entry.answer,
    )
    recorded = loop.record(decision)
    assert [item.entry for item in recorded.used] == [entry.id]
    assert dict(recorded.decision.evidence[0].features) == {
        name: pytest.approx(value) for name, value in evidence.hits[0].features.items()
    }
    person = loop.person("somebody outside")
    assert loop.vote(recorded.id, person, Rating.DOWN).changed
    told = loop.explain(recorded.id, person, Reason.INCORRECT, "ask me at a@b.com", "It moved")
    assert "a@b.com" not in told.comment
    assert loop.tally(recorded.id).down == 1


def test_a_stopped_entry_is_not_found_until_it_is_put_back(
    world: World, knowledge: KnowledgeBase, loop: LearningLoop
) -> None:
    with world.sessions.begin() as session:
        entry = world.entry(session, "Where can I export my data?", "Under Reports, press Export.")
    asked = "Where can I export my data?"
    before = _found(world, knowledge, asked)
    stop = loop.stop(entry.id, world.staff(world.sam))
    assert knowledge.search(world.workspace, asked).hits == ()
    loop.undo_stop(stop.id, world.staff(world.sam))
    assert _shape(_found(world, knowledge, asked)) == _shape(before)


def test_a_rule_of_an_agents_instructions_is_recorded_judged_and_sealed_like_any_decision(
    world: World, loop: LearningLoop
) -> None:
    """The developer's agent says which rule it applied, beside the answer it led to."""
    asked = AnswerDecision(
        place=Place("C1", "100.000001"),
        ts="100.000001",
        kind=DecisionKind.GENERATED,
        rule="written_from_evidence",
        question="Can I have my money back? I am at uma@lumen.example.",
        asker=world.uma,
    )
    loop.record(asked)
    versions = Versions(prompt_hash="0f3c", instructions=4)
    applied = replace(
        asked,
        ts="100.000001/rule/refunds",
        kind=DecisionKind.RULE_APPLIED,
        rule="never-promise-refunds",
        versions=versions,
        parent=asked.ts,
    )
    recorded = loop.record(applied)
    again = loop.decision(recorded.id)
    assert (again.kind, again.decision.rule, again.decision.versions.instructions) == (
        DecisionKind.RULE_APPLIED,
        "never-promise-refunds",
        4,
    )
    assert "uma@lumen.example" not in again.decision.question
    loop.judge(recorded.id, world.tom, Reason.INAPPROPRIATE, "It was no refund that they wanted.")
    assert loop.tally(recorded.id).down == 1
    loop.seal_records()
    assert loop.verify_records().sealed == 2
