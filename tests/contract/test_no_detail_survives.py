"""No string that a recogniser matches survives in what is kept of a decision, in any field, on every engine.

The same is held for replays in `test_learning_replay`, and for what is logged in `tests/bot/test_logs`.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from learning_world import World

from bot.records import plain
from kb.database import Sessions
from kb.ids import new_ulid
from learning import feedback, genai, recorder
from learning.conversations import Place
from learning.errors import LearningError
from learning.feedback import Reason
from learning.recorder import AnswerDecision, DecisionKind, ModelUse, RecordedDecision, Tool, ToolCall, Turn
from learning.redaction import Redactor, redactor_for

DETAILS = (
    "petra@kraut.example",
    "+49 30 901820",
    "4111 1111 1111 1111",
    "xoxb-" + "123456789012-abcdefABCDEF",
    "DE89370400440532013000",
    "536-22-8741",
    "10.1.2.3",
    "00:1b:44:11:3a:b7",
    "<@U012ABCDEF>",
    "<mailto:x@y.org|x>",
    "https://u:p@h.example/a?token=b",
    "password is hunter22",
    "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----",
)
PIECES = st.sampled_from([*DETAILS, "PIN 4931", "call", "order", "is", "my", ":", "[1]", "**", "\n", "<", "|"])
TEXTS = st.lists(PIECES, max_size=10).map(" ".join)
#: What a record says in words of ours or of the operator's, and numbers and ids.
_NO_WORDS = {"id", "workspace", "at", "ts", "channel", "thread", "versions", "otel", "evidence", "conversation"}


def decision(text: str, ts: str) -> AnswerDecision:
    """A decision in which the same text stands wherever one can."""
    return AnswerDecision(
        place=Place("C1", "1"),
        ts=ts,
        kind=DecisionKind.TOOL_CALL,
        rule="mail",
        question=text,
        turns=(Turn("user", text), Turn("bot", text)),
        answer=text,
        calls=(ToolCall("mail", {"to": [text, {"deep": text, text: 1}], text: text}),),
        model=ModelUse(output=text, reasoning=text, tools=(Tool("mail", text, {"enum": [text]}),)),
        facts={"note": text},
        stages={},
    )


def record(world: World, text: str) -> tuple[RecordedDecision, Redactor]:
    with world.sessions.begin() as session:
        redactor = redactor_for(session, world.workspace, world.vault, now=world.now)
        made = recorder.record(
            session, world.workspace, decision(text, new_ulid()), redactor=redactor, vault=world.vault, **world.stamps
        )
        feedback.explain(
            session,
            world.workspace,
            made.id,
            world.sam,
            reason=Reason.OTHER,
            comment=text,
            correction=text,
            redactor=redactor,
            **world.stamps,
        )
    return made, redactor


def strings(value: object) -> Iterator[str]:
    """Every string in a JSON value, names included."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield str(name)
            yield from strings(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from strings(inner)
    elif isinstance(value, str):
        yield value


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS)
def test_in_records_and_what_is_exported_of_them(sessions: Sessions, text: str) -> None:
    world = World(sessions)
    made, redactor = record(world, text)
    with world.sessions() as session:
        read = recorder.one(session, world.workspace, made.id, vault=world.vault)
        told = feedback.explanations(session, world.workspace, made.id)
    assert read == made
    exported = json.loads(json.dumps(plain(read)))
    kept = [one for name, value in exported.items() if name not in _NO_WORDS for one in strings(value)]
    kept += [one for each in told for one in (each.comment, each.correction)]
    spans = genai.spans(read, agent="a", provider="p")
    kept += [value for span in spans for value in span.attributes.values() if isinstance(value, str) and " " in value]
    for one in kept:
        assert not redactor.redaction(one).spans, one


@pytest.mark.parametrize("detail", DETAILS)
def test_each_of_them_is_gone_to_the_letter(sessions: Sessions, detail: str) -> None:
    world = World(sessions)
    made, _ = record(world, f"It is {detail} you know.")
    with world.sessions() as session:
        told = feedback.explanations(session, world.workspace, made.id)
    secret = detail.removeprefix("password is ")
    kept = [*strings(asdict(made.decision)), *(one for each in told for one in (each.comment, each.correction))]
    assert sum("you know." in one for one in kept) > 10
    assert not [one for one in kept if secret in one]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS.filter(bool))
def test_where_recording_itself_fails(sessions: Sessions, text: str) -> None:
    """What failed is told by its kind; its own words, which may be anybody's, are kept nowhere."""
    world = World(sessions)
    told: list[str] = []

    def broken() -> Redactor:
        raise LearningError(text)

    with world.sessions.begin() as session:
        made = recorder.record_safely(
            session,
            world.workspace,
            decision(text, new_ulid()),
            redactor=broken,
            vault=world.vault,
            on_failure=lambda what, error: told.append(what),
            **world.stamps,
        )
    assert made is not None and told == ["a decision is recorded without its texts and evidence"]
    found = made.decision
    assert found.facts == {"recorder_failed": "LearningError"}
    assert not any((found.question, found.turns, found.answer, found.calls, found.model.output, found.model.tools))
