"""The record of decisions and what people say of them, on every engine."""

from dataclasses import replace
from datetime import timedelta

import pytest
from learning_world import World
from sqlalchemy.orm import Session

from kb.database import Sessions
from kb.ids import EntryId, new_ulid
from learning import feedback, recorder
from learning.conversations import Place
from learning.errors import Unknown
from learning.feedback import Rating, Reason
from learning.ids import DecisionId
from learning.recorder import (
    AnswerDecision,
    DecisionKind,
    EvidenceItem,
    ModelUse,
    RecordedDecision,
    Tool,
    ToolCall,
    Turn,
    Versions,
)
from learning.redaction import redactor_for


@pytest.fixture
def world(sessions: Sessions) -> World:
    return World(sessions)


def _decision(ts: str = "100.000001", **changes: object) -> AnswerDecision:
    made = AnswerDecision(
        place=Place("C1", "100.000001"),
        ts=ts,
        kind=DecisionKind.VERBATIM,
        rule="confident",
        question="My mail is uma@example.com, how do I reset?",
        turns=(Turn("user", "Call me on +49 30 901820"),),
        evidence=(
            EvidenceItem(EntryId("E1"), 3, 0.8, {"maximum": 0.7}, used=True),
            EvidenceItem(EntryId("E2"), 1, 0.2, {"maximum": 0.1}),
        ),
        confidence=0.93,
        signals={"margin": 0.3},
        answer="Write to help@example.com",
        action="thread",
        calls=(ToolCall("balance", {"account": {"mail": "uma@example.com"}, "bob@example.com": [1, 2.5, None, True]}),),
        model=ModelUse(
            output="Write to help@example.com [1]. Or call +49 30 901820.",
            reasoning="The person is uma@example.com.",
            finish_reason="stop",
            tokens_in=12,
            tokens_out=34,
            cost=0.00125,
            tools=(Tool("balance", "Ask bob@example.com", {"type": "object"}),),
        ),
        facts={"removed_citations": 1, "note": "bob@example.com"},
        versions=Versions("m", "p" * 64, 17, "e", "r", "c", "0.1.0", 3, {"prompt": "b"}),
        latency=timedelta(milliseconds=321),
        stages={"search": timedelta(milliseconds=21), "model": timedelta(milliseconds=300)},
        parent="100.000000",
    )
    return replace(made, **changes)


def _record(world: World, session: Session, decision: AnswerDecision) -> RecordedDecision:
    redactor = redactor_for(session, world.workspace, world.vault, now=world.now)
    return recorder.record(session, world.workspace, decision, redactor=redactor, vault=world.vault, **world.stamps)


def test_a_message_is_recorded_once_and_the_first_record_stands(world: World) -> None:
    with world.sessions.begin() as session:
        first = _record(world, session, _decision())
        again = _record(world, session, _decision(kind=DecisionKind.ABSTAINED, answer="something else"))
    assert again == first
    assert first.schema_version == recorder.SCHEMA_VERSION


def test_what_is_read_is_what_was_recorded(world: World) -> None:
    with world.sessions.begin() as session:
        first = _record(world, session, _decision(asker=world.uma))
        assert recorder.one(session, world.workspace, first.id, vault=world.vault) == first
        assert recorder.for_question(session, world.workspace, "C1", "100.000001", vault=world.vault) == first


def test_every_text_of_a_record_is_redacted_and_everything_else_is_kept(world: World) -> None:
    with world.sessions.begin() as session:
        made = _record(world, session, _decision()).id
        recorded = recorder.one(session, world.workspace, made, vault=world.vault).decision
    assert "example.com" not in repr(recorded) and "901820" not in repr(recorded)
    assert "how do I reset?" in recorded.question
    given = _decision()
    texts = {name: getattr(given, name) for name in ("question", "turns", "answer", "calls", "facts")}
    model = replace(recorded.model, output=given.model.output, reasoning=given.model.reasoning, tools=given.model.tools)
    assert replace(recorded, **texts, model=model) == given
    [call] = recorded.calls
    assert [value for name, value in call.arguments.items() if name != "account"] == [[1, 2.5, None, True]]
    assert (recorded.facts["removed_citations"], recorded.model.tools[0].arguments) == (1, {"type": "object"})


def test_what_no_json_can_hold_is_recorded_all_the_same(world: World) -> None:
    odd = ToolCall("odd", {"half": "\ud800", "endless": float("inf"), "set": {1}, "date": world.now, "nul": "a\x00b"})
    decision = _decision(calls=(odd,), signals={"margin": float("nan"), "top": 0.5}, rule="r" * 300)
    with world.sessions.begin() as session:
        made = _record(world, session, decision).id
        found = recorder.one(session, world.workspace, made, vault=world.vault).decision
    assert found.signals == {"top": 0.5} and found.rule == "r" * 255
    assert found.calls[0].arguments["set"] == [1] and found.calls[0].arguments["nul"] == "a\x00b"


def test_a_bots_message_leads_to_its_decision(world: World) -> None:
    with world.sessions.begin() as session:
        recorded = _record(world, session, _decision())
        place = Place("C1", "100.000001")
        for _ in range(2):
            recorder.posted(session, world.workspace, recorded.id, place=place, ts="100.000009", now=world.now)
        assert recorder.for_post(session, world.workspace, "C1", "100.000009", vault=world.vault) == recorded
        assert recorder.for_post(session, world.workspace, "C1", "100.000001", vault=world.vault) is None
        assert [post.ts for post in recorder.posts_of(session, world.workspace, recorded.id)] == ["100.000009"]


def test_who_got_an_answer_is_found_and_who_merely_came_near_it_is_not(world: World) -> None:
    with world.sessions.begin() as session:
        _record(world, session, _decision("100.000001"))
        world.wait(days=31)
        late = _record(world, session, _decision("100.000002"))
        since = world.now - timedelta(days=30)
        asked = (session, world.workspace)
        using = recorder.decisions_using(*asked, EntryId("E1"), vault=world.vault, since=since)
        near = recorder.decisions_using(*asked, EntryId("E2"), vault=world.vault, since=since)
    assert [found.id for found in using] == [late.id]
    assert near == ()


def test_a_persons_last_vote_counts_and_all_are_remembered(world: World) -> None:
    with world.sessions.begin() as session:
        decision = _record(world, session, _decision()).id

        def vote(person: str, rating: Rating | None) -> feedback.VoteChange:
            world.wait(seconds=1)
            return feedback.vote(
                session, world.workspace, decision, getattr(world, person), rating, via="button", **world.stamps
            )

        assert vote("uma", Rating.UP).changed
        assert not vote("uma", Rating.UP).changed
        changed = vote("uma", Rating.DOWN)
        vote("tom", Rating.UP)
        vote("tom", None)
        tally = feedback.tally(session, world.workspace, decision)
        history = feedback.history(session, world.workspace, decision)
    assert (changed.before, changed.after) == (Rating.UP, Rating.DOWN)
    assert (tally.up, tally.down) == (0, 1)
    assert len(history) == 4


def test_a_vote_that_arrives_late_does_not_undo_a_newer_one(world: World) -> None:
    with world.sessions.begin() as session:
        decision = _record(world, session, _decision()).id
        newer, older = world.now + timedelta(seconds=5), world.now
        key = (session, world.workspace, decision, world.uma)
        feedback.vote(*key, Rating.DOWN, via="button", now=newer, ids=new_ulid)
        late = feedback.vote(*key, Rating.UP, via="button", now=older, ids=new_ulid)
        live = feedback.live_vote(*key)
    assert not late.changed and live is Rating.DOWN


def test_removing_an_old_thumb_leaves_the_newer_vote(world: World) -> None:
    with world.sessions.begin() as session:
        decision = _record(world, session, _decision()).id
        key = (session, world.workspace, decision, world.uma)
        feedback.vote(*key, Rating.DOWN, via="button", **world.stamps)
        kept = feedback.withdraw(*key, Rating.UP, via="reaction", **world.stamps)
        gone = feedback.withdraw(*key, Rating.DOWN, via="reaction", **world.stamps)
        live = feedback.live_vote(*key)
    assert not kept.changed and gone.changed and live is None


def test_a_thumb_that_arrives_after_its_own_removal_counts_no_more(world: World) -> None:
    with world.sessions.begin() as session:
        decision = _record(world, session, _decision()).id
        key = (session, world.workspace, decision, world.uma)
        removed = world.now + timedelta(seconds=5)
        feedback.withdraw(*key, Rating.UP, via="reaction", now=removed, ids=new_ulid)
        late = feedback.vote(*key, Rating.UP, via="reaction", now=world.now, ids=new_ulid)
        again = feedback.vote(*key, Rating.UP, via="reaction", now=removed + timedelta(seconds=5), ids=new_ulid)
    assert not late.changed and again.after is Rating.UP


def test_a_form_sent_twice_is_one_redacted_explanation(world: World) -> None:
    with world.sessions.begin() as session:
        decision = _record(world, session, _decision()).id
        redactor = redactor_for(session, world.workspace, world.vault, now=world.now)
        for _ in range(2):
            feedback.explain(
                session,
                world.workspace,
                decision,
                world.uma,
                reason=Reason.INCORRECT,
                comment="ask bob@example.com",
                correction="It is 5 days",
                redactor=redactor,
                **world.stamps,
            )
        told = feedback.explanations(session, world.workspace, decision)
    assert [(one.reason, one.correction) for one in told] == [(Reason.INCORRECT, "It is 5 days")]
    assert "bob@" not in told[0].comment


def test_feedback_on_an_unknown_answer_is_refused(world: World) -> None:
    with world.sessions.begin() as session, pytest.raises(Unknown):
        feedback.vote(
            session, world.workspace, DecisionId(new_ulid()), world.uma, Rating.UP, via="button", **world.stamps
        )
