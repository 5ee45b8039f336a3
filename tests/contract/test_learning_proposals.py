"""Proposals: one per meaning, whoever proposes, on every engine."""

import threading
from dataclasses import replace

import pytest
from learning_world import World

from kb.database import Sessions
from kb.entries import Audience
from learning import proposals
from learning.conversations import Place, Privacy
from learning.errors import WrongState
from learning.ids import DecisionId, HandoffId
from learning.proposals import Classified, Origin, Outcome, ProposalDraft, ProposalKind, ProposalState, Proposed, Source
from learning.redaction import Allowed


@pytest.fixture
def world(sessions: Sessions) -> World:
    return World(sessions)


def _propose(world: World, draft: ProposalDraft, source: Source) -> Proposed:
    kind = Classified(ProposalKind.NEW_ENTRY, None, "for a test")
    with world.sessions.begin() as session:
        return proposals.propose(session, world.workspace, draft, kind, source, **world.stamps)


_DRAFT = ProposalDraft("How do I reset my password?", "Under Settings, Security.")


def test_what_says_the_same_joins_the_proposal_that_waits(world: World) -> None:
    first = _propose(world, _DRAFT, world.source(handoff=HandoffId("H1")))
    same = ProposalDraft("how do I reset my password", "**Under settings, security**")
    second = _propose(world, same, world.source(world.tom, handoff=HandoffId("H2")))
    assert (first.outcome, second.outcome) == (Outcome.CREATED, Outcome.JOINED)
    assert second.proposal.id == first.proposal.id and second.proposal.count == 2
    assert second.proposal.draft == _DRAFT


def test_one_more_who_says_the_same_does_not_make_the_card_stale(world: World) -> None:
    first = _propose(world, _DRAFT, world.source(handoff=HandoffId("H1"))).proposal
    second = _propose(world, _DRAFT, world.source(handoff=HandoffId("H2"))).proposal
    assert proposals.shown_hash(first) == proposals.shown_hash(second)
    assert second.revision > first.revision


def test_the_same_source_counts_once_even_after_the_decision(world: World) -> None:
    source = world.source(handoff=HandoffId("H1"))
    made = _propose(world, _DRAFT, source).proposal
    again = _propose(world, _DRAFT, source)
    with world.sessions.begin() as session:
        proposals.drop(session, world.workspace, made.id, reason="votes turned", now=world.now)
    late = _propose(world, _DRAFT, source)
    assert again.outcome is late.outcome is Outcome.KNOWN_SOURCE
    assert again.proposal.count == 1 and late.proposal.state is ProposalState.DROPPED


def test_another_answer_to_the_same_question_is_another_proposal(world: World) -> None:
    first = _propose(world, _DRAFT, world.source(handoff=HandoffId("H1")))
    other = ProposalDraft(_DRAFT.question, "Ask your admin.")
    second = _propose(world, other, world.source(handoff=HandoffId("H2")))
    assert second.outcome is Outcome.CREATED and second.proposal.id != first.proposal.id


def test_other_words_join_where_the_caller_found_them_near(world: World) -> None:
    first = _propose(world, _DRAFT, world.source(handoff=HandoffId("H1"))).proposal
    with world.sessions.begin() as session:
        joined = proposals.propose(
            session,
            world.workspace,
            ProposalDraft("I forgot my password", _DRAFT.answer),
            Classified(ProposalKind.NEW_ENTRY, None, "for a test"),
            world.source(handoff=HandoffId("H2")),
            joins=first.id,
            **world.stamps,
        )
    assert joined.outcome is Outcome.JOINED and joined.proposal.count == 2


def test_two_who_propose_the_same_at_once_feed_one_proposal(world: World) -> None:
    barrier = threading.Barrier(4)
    made: list[Proposed] = []

    def propose(number: int) -> None:
        barrier.wait()
        made.append(_propose(world, _DRAFT, world.source(decision=DecisionId(f"D{number}"))))

    threads = [threading.Thread(target=propose, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.outcome for one in made) == ["created", "joined", "joined", "joined"]
    with world.sessions() as session:
        (waiting,) = proposals.waiting(session, world.workspace)
    assert waiting.count == 4


def test_a_private_source_does_not_make_a_public_text_private(world: World) -> None:
    _propose(world, _DRAFT, world.source(handoff=HandoffId("H1")))
    private = world.source(world.tom, privacy=Privacy.DIRECT, place=Place("D1", "1"))
    joined = _propose(world, _DRAFT, private).proposal
    assert joined.privacy is Privacy.OPEN and not joined.private


def test_each_list_shows_what_is_its_own(world: World) -> None:
    with world.sessions.begin() as session:
        entry = world.entry(session, "Where are exports?", "Under Reports.")
        phrasing = world.propose(session, "exports?", entry.answer, kind=ProposalKind.NEW_PHRASING, target=entry)
        new = world.propose(session)
        asked = world.propose(
            session, "Why was I charged twice?", "", needs_answer=True, source=world.source(origin=Origin.THUMBS_DOWN)
        )
        lists = (
            proposals.waiting_phrasings(session, world.workspace),
            proposals.waiting_others(session, world.workspace),
            proposals.needing_answer(session, world.workspace),
        )
        counts = proposals.counts(session, world.workspace)
        everything = proposals.waiting(session, world.workspace)
    assert lists == ((phrasing,), (new,), (asked,))
    assert (counts.phrasings, counts.others, counts.needs_answer) == (1, 1, 1)
    assert len(everything) == 3


def test_nothing_waits_without_a_question_and_an_answer(world: World) -> None:
    for draft in (ProposalDraft("", "An answer"), ProposalDraft("A question?", " ")):
        with pytest.raises(WrongState):
            _propose(world, draft, world.source())


def test_a_proposal_can_be_set_against_what_is_known_now(world: World) -> None:
    made = _propose(world, _DRAFT, world.source()).proposal
    with world.sessions.begin() as session:
        entry = world.entry(session, _DRAFT.question, "Ask Sam.")
        target = proposals.Target(entry.id, entry.version)
        kind = Classified(ProposalKind.CONFLICTS, target, "a near question has a different answer")
        typed = proposals.retype(session, world.workspace, made.id, kind, made.draft, now=world.now)
        proposals.drop(session, world.workspace, made.id, reason="for a test", now=world.now)
        with pytest.raises(WrongState):
            proposals.retype(session, world.workspace, made.id, kind, made.draft, now=world.now)
    assert (typed.kind, typed.target) == (ProposalKind.CONFLICTS, target)
    assert proposals.shown_hash(typed) != proposals.shown_hash(made)


def test_everything_a_reviewer_decides_on_is_in_the_shown_hash(world: World) -> None:
    with world.sessions.begin() as session:
        entry = world.entry(session, "Where are exports?", "Under Reports.")
        made = [
            world.propose(session, draft=draft, source=world.source(handoff=HandoffId(f"H{number}")))
            for number, draft in enumerate(
                (
                    ProposalDraft("A?", "one"),
                    ProposalDraft("B?", "one"),
                    ProposalDraft("A?", "two"),
                )
            )
        ]
        base = made[0]
        target = proposals.Target(entry.id, 1)

    variants = [
        base,
        replace(base, draft=replace(base.draft, question="B?")),
        replace(base, draft=replace(base.draft, answer="two")),
        replace(base, draft=replace(base.draft, phrasings=("C?",))),
        replace(base, draft=replace(base.draft, audience=Audience(frozenset({"channel:C1"})))),
        replace(base, kind=ProposalKind.CONFLICTS, target=target),
        replace(base, kind=ProposalKind.REPLACES, target=target),
        replace(base, kind=ProposalKind.REPLACES, target=proposals.Target(entry.id, 2)),
        replace(base, privacy=Privacy.CHANNEL),
        replace(base, needs_answer=True),
    ]
    assert len({proposals.shown_hash(variant) for variant in variants}) == len(variants)
    assert proposals.is_shown(base, proposals.shown_prefix(base))
    assert not proposals.is_shown(base, proposals.shown_hash(base)[:8])
    assert not proposals.is_shown(base, "")


def test_contact_details_are_pointed_out_to_the_reviewer(world: World) -> None:
    with world.sessions.begin() as session:
        made = world.propose(session, answer="Write to jane@example.com or use Settings.")
    assert [detail.text for detail in made.contact_details()["answer"]] == ["jane@example.com"]
    assert "question" not in made.contact_details()
    assert made.contact_details(Allowed.of(["example.com"])) == {}


def test_the_proposals_a_decision_speaks_for_are_found(world: World) -> None:
    made = _propose(world, _DRAFT, world.source(decision=DecisionId("D1"))).proposal
    _propose(world, replace(_DRAFT, answer="Else."), world.source(decision=DecisionId("D2")))
    with world.sessions() as session:
        assert proposals.of_decision(session, world.workspace, DecisionId("D1")) == (made,)
