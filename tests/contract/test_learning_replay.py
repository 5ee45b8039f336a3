"""Replays on every engine: dry, kept apart, resumed without repeating, and gone with the person who asked."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from threading import Event

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from langchain.agents import create_agent
from langchain_core.tools import tool
from learning_world import World
from sqlalchemy import insert, text

from bot.models import chat_model
from bot.scripted_model import Line, ScriptedModel
from kb.database import Base, Sessions, make_sessions, read_only
from kb.errors import ReadOnly
from kb.ids import EntryId, new_ulid
from learning import LearningLoop, erasure, recorder
from learning.conversations import Place
from learning.errors import Unknown
from learning.ids import DecisionId, PersonId
from learning.recorder import SCHEMA_VERSION, AnswerDecision, DecisionKind, ModelUse, RecordedDecision, ToolCall
from learning.redaction import redactor_for
from learning.replay import (
    AWAY_AFTER,
    NOT_RECORDED,
    Attempt,
    Hazard,
    ModelReplay,
    NotReplayed,
    Replayer,
    Replays,
    RunId,
    RunReader,
    State,
    run_reader,
    store,
)
from learning.tables import DecisionRow

RAW = ("petra@kraut.example", "+49 30 901820", "4111 1111 1111 1111", "xoxb-123456789012-abcdefABCDEF")
WORDS = "zwiebelfisch"
PIECES = st.sampled_from(
    [
        *RAW,
        *(
            "DE89370400440532013000",
            "536-22-8741",
            "10.1.2.3",
            "00:1b:44:11:3a:b7",
            "<@U012ABCDEF>",
            "<mailto:x@y.org|x>",
        ),
        *("https://u:p@h.example/a?token=b", "password is hunter22", "PIN 4931", "call", "order", "is", ":"),
        *("[1]", "**", "`", "\n"),
    ]
)


@pytest.fixture
def world(sessions: Sessions) -> World:
    return World(sessions)


def replays(world: World) -> Replays:
    with world.sessions.begin() as session:
        redactor = redactor_for(session, world.workspace, world.vault, now=world.now)
    return Replays(
        workspace=world.workspace,
        sessions=world.sessions,
        vault=world.vault,
        redactor=redactor,
        clock=lambda: world.now,
        ids=new_ulid,
        similarity=lambda one, other: 0.5,
    )


def run_of(world: World) -> RunReader:
    """Reads agents' runs on connections that only read."""
    reads = make_sessions(read_only(world.sessions.kw["bind"], pool_size=1))
    return run_reader(reads, world.workspace, world.vault)


def recorded(world: World, count: int, **facts: object) -> list[DecisionId]:
    """So many questions, each with an answer of its own."""
    with world.sessions.begin() as session:
        return [
            world.decision(
                session, new_ulid(), evidence=(EntryId("E1"),), question=f"Question {number}?", answer="Yes.", **facts
            ).id
            for number in range(count)
        ]


def said(there: Replays, run: RunId, decision: DecisionId) -> AnswerDecision:
    """What was decided again in a case."""
    sides = there.sides(run, decision)
    assert sides is not None
    return sides[1]


def saying(answer: str = "Yes.", asked: list[str] | None = None, **changes: object) -> Replayer:
    """Answers everything alike, and notes what it was asked."""

    def decide(one: RecordedDecision) -> Attempt:
        if asked is not None:
            asked.append(one.id)
        return Attempt(one.decision, replace(one.decision, answer=answer, **changes))  # type: ignore[arg-type]

    return decide


def failing(error: Callable[[], Exception], *, of: Sequence[DecisionId], asked: list[str] | None = None) -> Replayer:
    """As `saying`, but for some."""
    well = saying(asked=asked)

    def decide(one: RecordedDecision) -> Attempt:
        if one.id in of:
            raise error()
        return well(one)

    return decide


def in_tables(world: World) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the workspace, by table."""
    with world.sessions() as session:
        return {
            table.name: sorted(
                (tuple(row) for row in session.execute(table.select().where(table.c.workspace == world.workspace))),
                key=repr,
            )
            for table in Base.metadata.sorted_tables
        }


# --- dry ---


def test_a_replay_changes_nothing_but_its_own_tables(world: World) -> None:
    made = recorded(world, 5)
    there = replays(world)
    before = in_tables(world)
    run = there.begin(made, setup={"model": "other"})
    there.carry_on(run.id, saying("No."))
    there.verdict(run.id)
    after = in_tables(world)
    changed = {name for name, rows in after.items() if rows != before[name]}
    assert changed == {"replay_runs", "replay_cases"}
    assert len(after["replay_cases"]) == 5


def test_a_replayer_that_tries_to_write_is_refused_by_the_database_and_named(world: World) -> None:
    made = recorded(world, 1)
    engine = read_only(world.sessions.kw["bind"])
    sessions = make_sessions(engine)
    there = replays(world)

    def writes(one: RecordedDecision) -> Attempt:
        with sessions.begin() as session:
            redactor = there.redactor
            again = replace(one.decision, ts="again")
            recorder.record(session, world.workspace, again, redactor=redactor, vault=world.vault, **world.stamps)
        raise AssertionError("a replayer has written")

    with world.sessions() as session:
        one = recorder.one(session, world.workspace, made[0], vault=world.vault)
    with pytest.raises(ReadOnly, match="only reads"):
        writes(one)
    run = there.begin(made, setup={})
    there.carry_on(run.id, writes)
    [case] = there.cases(run.id)
    assert (case.state, case.reason) == (State.FAILED, "It went wrong (ReadOnly).")
    engine.dispose()


# --- a run ---


def test_pairs_are_kept_with_what_differs_and_what_was_said_again(world: World) -> None:
    made = recorded(world, 3)
    there = replays(world)
    run = there.begin(made, setup={"model": "other"}, text="Be brief.")
    use = ModelUse(tokens_in=7, tokens_out=3, cost=0.5)
    progress = there.carry_on(run.id, saying("No.", model=use))
    assert (progress.total, progress.done, progress.waiting, progress.stopped) == (3, 3, 0, False)
    assert [one.decision for one in there.cases(run.id)] == made
    for case in there.cases(run.id):
        assert case.difference is not None and not case.difference.agrees and case.difference.agreement == 0.5
        assert [one.answer for one in there.sides(run.id, case.decision) or ()] == ["Yes.", "No."]
    found = there.verdict(run.id)
    assert (found.complete, found.tokens_in, found.cost) == (True, 21, 1.5)
    assert (there.run(run.id).setup, there.run(run.id).text) == ({"model": "other"}, "Be brief.")


def test_nothing_is_begun_where_a_decision_is_not_known(world: World) -> None:
    there = replays(world)
    known = recorded(world, 1)
    before = in_tables(world)
    with pytest.raises(Unknown, match="no decision 'nonsense'"):
        there.begin([*known, DecisionId("nonsense")], setup={})
    with pytest.raises(Unknown, match="no replay 'nonsense'"):
        there.carry_on(RunId("nonsense"), saying())
    assert in_tables(world) == before


def test_a_run_that_was_stopped_goes_on_and_repeats_nothing(world: World) -> None:
    made = recorded(world, 12)
    there = replays(world)
    run = there.begin([*made, made[0]], setup={})
    asked: list[str] = []
    stop = Event()

    def decide(one: RecordedDecision) -> Attempt:
        if len(asked) == 4:
            stop.set()
        return saying(asked=asked)(one)

    told: list[tuple[int, int]] = []
    progress = there.carry_on(
        run.id, decide, at_once=2, stop=stop, report=lambda done, total: told.append((done, total))
    )
    assert progress.stopped and progress.done == len(asked) < 12 and progress.waiting == 12 - len(asked)
    assert told[0] == (0, 12) and told[-1] == (len(asked), 12)
    # Another process, later.
    assert replays(world).carry_on(run.id, saying(asked=asked)).done == 12
    assert sorted(asked) == sorted(made), "each was asked once"
    assert replays(world).carry_on(run.id, saying(asked=asked)).done == 12
    assert len(asked) == 12


def test_what_was_kept_first_stands(world: World) -> None:
    made = recorded(world, 1)
    there = replays(world)
    run = there.begin(made, setup={})
    there.carry_on(run.id, saying("First."))
    with world.sessions.begin() as session:
        why = NotReplayed("late", passing=True)
        store.miss(session, world.workspace, run.id, made[0], why, now=world.now)
    assert [one.state for one in there.cases(run.id)] == [State.DONE]
    assert said(there, run.id, made[0]).answer == "First."


def test_what_may_pass_is_tried_again_and_what_cannot_be_is_not(world: World) -> None:
    made = recorded(world, 4)
    there = replays(world)
    run = there.begin(made, setup={})

    def decide(one: RecordedDecision) -> Attempt:
        if one.id == made[1]:
            raise NotReplayed("The model did not answer in time.", passing=True)
        if one.id == made[2]:
            raise NotReplayed("Nobody was allowed an answer.")
        return saying()(one)

    there.carry_on(run.id, decide)
    assert [one.state for one in there.cases(run.id)] == [State.DONE, State.FAILED, State.MISSING, State.DONE]
    found = there.verdict(run.id)
    assert not found.complete and found.agrees is not None and found.agrees.estimate == 0.5, "missing is no pass"
    assert found.missing == {"The model did not answer in time.": 1, "Nobody was allowed an answer.": 1}
    asked: list[str] = []
    there.carry_on(run.id, saying(asked=asked))
    assert asked == [made[1]]
    assert [one.state for one in there.cases(run.id)] == [State.DONE, State.DONE, State.MISSING, State.DONE]


def test_an_error_costs_one_case_and_its_words_are_kept_nowhere(world: World) -> None:
    made = recorded(world, 3)
    there = replays(world)
    run = there.begin(made, setup={})
    progress = there.carry_on(run.id, failing(lambda: RuntimeError(WORDS), of=made[:1]))
    assert (progress.done, progress.failed, progress.why) == (2, 1, "")
    assert WORDS not in repr(in_tables(world)["replay_cases"])


def test_where_the_model_is_away_the_rest_waits(world: World) -> None:
    made = recorded(world, 20)
    there = replays(world)
    run = there.begin(made, setup={})
    asked: list[str] = []

    def away(one: RecordedDecision) -> Attempt:
        asked.append(one.id)
        raise NotReplayed("The model did not answer in time.", passing=True)

    progress = there.carry_on(run.id, away, at_once=2)
    assert progress.stopped and "did not answer in time" in progress.why and len(asked) <= AWAY_AFTER + 1
    assert there.carry_on(run.id, saying()).done == 20


# --- records that cannot be replayed ---


def in_another_shape(world: World, packed: str, schema_version: int) -> DecisionId:
    """A record that another version of the program wrote."""
    [like] = recorded(world, 1)
    made = DecisionId(new_ulid())
    with world.sessions.begin() as session:
        row = session.get(DecisionRow, (world.workspace, like))
        assert row is not None
        values = {column.key: getattr(row, column.key) for column in DecisionRow.__table__.columns}
        sealed = world.vault.encrypt(
            session, world.workspace, PersonId(row.asker or ""), packed, bound_to=f"decision|{made}", now=world.now
        )
        changes = {"id": made, "ts": str(made), "payload": sealed, "schema_version": schema_version}
        session.execute(insert(DecisionRow), [{**values, **changes}])
    return made


def test_records_of_other_shapes_are_named_one_by_one_and_the_others_go_on(world: World) -> None:
    first = '{"question": "And now?", "turns": ["before it"], "answer": "Yes.", "facts": {}}'
    of_old = in_another_shape(world, first, 1)
    unreadable = in_another_shape(world, '{"words": "in another place"}', 1)
    no_json = in_another_shape(world, "neither this nor that", 2)
    of_tomorrow = in_another_shape(world, first, SCHEMA_VERSION + 1)
    [well] = recorded(world, 1)
    there = replays(world)
    run = there.begin([of_old, unreadable, no_json, of_tomorrow, well], setup={})
    there.carry_on(run.id, saying())
    found = {one.decision: (one.state, one.reason) for one in there.cases(run.id)}
    assert found[of_old] == found[well] == (State.DONE, "")
    for one in (unreadable, no_json):
        assert found[one] == (State.MISSING, "Its record has a shape that this version cannot read.")
    state, reason = found[of_tomorrow]
    assert state is State.MISSING and f"shape {SCHEMA_VERSION + 1}" in reason and "newer" in reason


def test_a_record_that_was_changed_is_not_replayed(world: World) -> None:
    [like] = recorded(world, 1)
    made = DecisionId(new_ulid())
    with world.sessions.begin() as session:
        row = session.get(DecisionRow, (world.workspace, like))
        assert row is not None
        values = {column.key: getattr(row, column.key) for column in DecisionRow.__table__.columns}
        session.execute(insert(DecisionRow), [{**values, "id": made, "ts": str(made)}])
    there = replays(world)
    run = there.begin([made], setup={})
    there.carry_on(run.id, saying())
    [case] = there.cases(run.id)
    assert case.state is State.MISSING and "changed outside of this program" in case.reason


# --- people's words ---


def test_no_detail_survives_in_what_is_kept_of_a_replay(world: World) -> None:
    made = recorded(world, 1)
    there = replays(world)
    run = there.begin(made, setup={})
    words = f"Write to {RAW[0]}, call {RAW[1]}, pay with {RAW[2]}, and use {RAW[3]}."
    calls = (ToolCall("mail", {"to": [RAW[0]], RAW[0]: {"deep": words}}),)
    use = ModelUse(output=words, reasoning=words)
    there.carry_on(run.id, saying(words, calls=calls, model=use, facts={"note": words}, question=words))
    after = said(there, run.id, made[0])
    assert "[EMAIL_" in after.answer
    texts = [after.answer, after.question, after.model.output, after.model.reasoning, repr(after.calls)]
    for text_kept in (*texts, repr(after.facts), repr(in_tables(world)["replay_cases"])):
        assert not there.redactor.redaction(text_kept).spans
        assert not any(raw in text_kept for raw in RAW)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(PIECES, max_size=12).map(" ".join), min_size=1, max_size=4))
def test_no_string_that_a_recogniser_matches_survives(sessions: Sessions, texts: list[str]) -> None:
    world = World(sessions)
    made = recorded(world, len(texts))
    there = replays(world)
    run = there.begin(made, setup={})
    words = dict(zip(made, texts, strict=True))
    there.carry_on(run.id, lambda one: saying(words[one.id], question=words[one.id])(one))
    for one in made:
        after = said(there, run.id, one)
        for kept in (after.answer, after.question):
            assert not there.redactor.redaction(kept).spans, kept


def test_what_was_said_again_stands_nowhere_in_clear(world: World) -> None:
    made = recorded(world, 2)
    there = replays(world)
    run = there.begin(made, setup={}, text=f"Mind the {WORDS}.")
    there.carry_on(run.id, saying(f"It is a {WORDS}."))
    kept = in_tables(world)
    assert WORDS not in repr(kept["replay_cases"]) + repr(kept["replay_runs"])


def test_forgetting_a_person_reaches_what_was_replayed_of_them(world: World) -> None:
    theirs, others = recorded(world, 2), recorded(world, 1, asker=world.sam)
    there = replays(world)
    run = there.begin([*theirs, *others], setup={})
    there.carry_on(run.id, saying(WORDS))
    counted = there.verdict(run.id)
    with world.sessions.begin() as session:
        forgotten = erasure.forget(session, world.workspace, world.uma, vault=world.vault, now=world.now)
    assert forgotten.replays == 2
    with world.sessions() as session:
        left = "select count(*) from replay_cases where workspace = :w and payload is not null"
        assert session.scalar(text(left), {"w": world.workspace}) == 1
    assert [there.sides(run.id, one) for one in theirs] == [None, None]
    assert said(there, run.id, others[0]).answer == WORDS
    assert there.verdict(run.id) == counted, "what is counted stays"


def test_nothing_is_kept_of_somebody_who_was_erased_meanwhile(world: World) -> None:
    made = recorded(world, 2)
    there = replays(world)
    run = there.begin(made, setup={})

    def decide(one: RecordedDecision) -> Attempt:
        with world.sessions.begin() as session:
            erasure.forget(session, world.workspace, world.uma, vault=world.vault, now=world.now)
        return saying(WORDS)(one)

    there.carry_on(run.id, decide, at_once=1)
    assert Counter(one.reason for one in there.cases(run.id)) == {store.ERASED: 2}
    with world.sessions() as session:
        keys = text("select count(*) from person_keys where workspace = :w and person = :p")
        assert session.scalar(keys, {"w": world.workspace, "p": world.uma}) == 0, "a key was made for who is gone"


# --- workspaces ---


def test_two_workspaces_replays_never_meet(world: World) -> None:
    """Every query, asked in the one for what stands in the other."""
    other = World(world.sessions)
    other.vault = world.vault
    made, theirs = recorded(world, 2), recorded(other, 1)
    here, there = replays(world), replays(other)
    run = here.begin(made, setup={"whose": "ours"})
    here.carry_on(run.id, saying())
    with pytest.raises(Unknown):
        there.begin(made, setup={})
    with pytest.raises(Unknown):
        there.run(run.id)
    with pytest.raises(Unknown):
        there.carry_on(run.id, saying())
    with pytest.raises(Unknown):
        there.sides(run.id, made[0])
    assert there.cases(run.id) == () and there.progress(run.id).total == 0 and there.verdict(run.id).cases == 0
    with world.sessions.begin() as session:
        away = (session, other.workspace)
        assert store.newest(*away, vault=world.vault) == () == store.to_try(*away, run.id)
        assert store.miss(*away, run.id, made[0], NotReplayed("no"), now=world.now)
        ours = recorder.one(session, world.workspace, made[0], vault=world.vault)
        assert store.sides(*away, run.id, ours, vault=world.vault) is None
        erasure.forget(session, other.workspace, other.uma, vault=world.vault, now=world.now)
    assert [one.state for one in here.cases(run.id)] == [State.DONE] * 2
    assert here.sides(run.id, made[0]) is not None
    assert there.begin(theirs, setup={}).workspace == other.workspace


# --- agents that are not ours ---

CHARGED: list[int] = []
THEN = (Line(match="charge", calls=(("charge", {"amount": 5, "mail": RAW[0]}),), reply="I charged 5 €."),)
NOW = (
    Line(match="charge me", calls=(("charge", {"amount": 50, "mail": RAW[0]}),), reply="I charged 50 €."),
    Line(match="charge him", calls=(("charge", {"amount": 5, "mail": RAW[0]}),), reply="I charged 5 €."),
    Line(match="charge her", refuses=True),
    Line(match="charge them", status=500),
)


@tool
def charge(amount: int, mail: str) -> str:
    """Charge an account."""
    CHARGED.append(amount)
    return f"{mail} paid {amount} €"


@pytest.fixture
def agent(world: World) -> Iterator[tuple[LearningLoop, Place]]:
    """An agent with a tool whose run is in the record."""
    loop = LearningLoop(
        workspace=world.workspace,
        sessions=world.sessions,
        vault=world.vault,
        knowledge=world.knowledge,  # type: ignore[arg-type]  # nothing is searched here
        clock=lambda: world.now,
    )
    place = Place("agent", new_ulid())
    with ScriptedModel(THEN) as url:
        client = chat_model(name="then", base_url=url)
        graph = create_agent(client, [charge], system_prompt="Be kind.")
        for whom in ("me", "him", "her", "them"):
            world.wait(seconds=1)
            recording = loop.callback(place, asker=world.uma)
            graph.invoke({"messages": [("user", f"charge {whom}")]}, config={"callbacks": [recording]})
    yield loop, place


def test_an_agents_tools_give_what_is_recorded_and_are_not_run(world: World, agent: tuple[LearningLoop, Place]) -> None:
    loop, _ = agent
    with world.sessions() as session:
        every = recorder.newest(session, world.workspace, vault=world.vault)[::-1]
    made = [one for one in every if one.kind is DecisionKind.MODEL_MESSAGE and one.decision.calls]
    tool_call = next(one.id for one in every if one.kind is DecisionKind.TOOL_CALL)
    assert len(made) == 4
    charged = len(CHARGED)
    there = replays(world)
    with ScriptedModel(NOW) as url:
        client = chat_model(name="now", base_url=url, max_retries=0)
        assert client is not None
        decide = ModelReplay(client, name="now", run_of=run_of(world), redactor=there.redactor, instructions="Be kind.")
        run = loop.replays().begin([*(one.id for one in made), tool_call], setup={"model": "now"})
        there.carry_on(run.id, decide, at_once=1)
    assert len(CHARGED) == charged, "a tool was run"
    me, him, her, them, alone = there.cases(run.id)
    assert me.difference is not None and (me.difference.tools, me.difference.agrees) == (1, False)
    before, after = there.sides(run.id, me.decision) or (None, None)
    assert before is not None and after is not None
    assert (before.calls[0].arguments["amount"], after.calls[0].arguments["amount"]) == (5, 50)
    assert (before.answer, after.answer) == ("I charged 5 €.", "I charged 50 €.")
    assert him.difference is not None and him.difference.tools == 0 and him.difference.agrees
    assert him.difference.intents == ("charge", "charge") and him.difference.same_text
    assert her.difference is not None and her.difference.rules == ("model", "refused")
    assert them.state is State.FAILED and them.reason.startswith("The model failed (")
    assert alone.state is State.MISSING and "not by itself" in alone.reason
    assert there.verdict(run.id).tools == (me.decision, her.decision)


def test_a_call_that_was_not_made_then_is_told_that_it_is_not_recorded(
    world: World, agent: tuple[LearningLoop, Place]
) -> None:
    there = replays(world)
    with world.sessions() as session:
        every = recorder.newest(session, world.workspace, vault=world.vault)[::-1]
    first = {one.decision.question: one for one in every if one.decision.calls and one.decision.model.tools}
    model = ScriptedModel(NOW)
    with model as url:
        client = chat_model(name="now", base_url=url, max_retries=0)
        assert client is not None
        decide = ModelReplay(client, name="now", run_of=run_of(world), redactor=there.redactor, instructions="x")
        decide(first["charge me"])
        [wrong] = [one["content"] for one in model.requests[-1]["messages"] if one["role"] == "tool"]
        decide(first["charge him"])
        [right] = [one["content"] for one in model.requests[-1]["messages"] if one["role"] == "tool"]
        bare = ModelReplay(client, name="now", run_of=run_of(world), redactor=there.redactor)
        with pytest.raises(NotReplayed, match="only the hash is recorded"):
            bare(first["charge me"])
    assert wrong == NOT_RECORDED and right.endswith("paid 5 €") and RAW[0] not in right


def test_a_detail_that_nothing_gave_the_model_is_a_hazard(world: World) -> None:
    with world.sessions.begin() as session:
        given = {"kind": DecisionKind.MODEL_MESSAGE, "answer": "Hello.", "question": "hi", "evidence": ()}
        made = world.decision(session, "1", **given)
    there = replays(world)
    with ScriptedModel([Line(match="hi", reply=f"Write to {RAW[0]}.")]) as url:
        client = chat_model(name="now", base_url=url)
        assert client is not None
        decide = ModelReplay(client, name="now", run_of=run_of(world), redactor=there.redactor)
        run = there.begin([made.id], setup={})
        there.carry_on(run.id, decide)
    assert there.verdict(run.id).became_unsafe == (made.id,)
    [case] = there.cases(run.id)
    assert case.difference is not None and case.difference.hazards[1] == {Hazard.DISCLOSES}


def test_the_decision_that_is_replayed_is_what_was_recorded(world: World) -> None:
    [made] = recorded(world, 1)
    seen: list[AnswerDecision] = []

    def look(one: RecordedDecision) -> Attempt:
        seen.append(one.decision)
        return saying()(one)

    there = replays(world)
    there.carry_on(there.begin([made], setup={}).id, look)
    with world.sessions() as session:
        assert seen == [recorder.one(session, world.workspace, made, vault=world.vault).decision]
