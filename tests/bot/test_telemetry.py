"""Telemetry: decisions as spans with the names of the GenAI conventions, without anybody's words."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.semconv._incubating.attributes import error_attributes, gen_ai_attributes

from bot.telemetry import Observer, observing
from kb.ids import EntryId, WorkspaceId
from learning import genai
from learning.conversations import Place
from learning.ids import ConversationId, DecisionId
from learning.recorder import (
    AnswerDecision,
    DecisionKind,
    EvidenceItem,
    ModelUse,
    RecordedDecision,
    ToolCall,
    Turn,
    Versions,
)

WORDS = "zwiebelfisch"
AT = datetime(2026, 11, 20, 12, 0, 1, tzinfo=UTC)
GENERATED = AnswerDecision(
    place=Place("C1", "1.000001"),
    ts="1.000001",
    kind=DecisionKind.GENERATED,
    rule="written_from_evidence",
    question=WORDS,
    turns=(Turn("user", WORDS),),
    evidence=(EvidenceItem(EntryId("E1"), 1, 0.5, used=True), EvidenceItem(EntryId("E2"), 1, 0.4)),
    confidence=0.4,
    answer=WORDS,
    action="thread",
    calls=(ToolCall("balance", {"of": WORDS}),),
    model=ModelUse(WORDS, WORDS, "stop", 12, 34, 0.5),
    facts={"note": WORDS},
    versions=Versions("m", "p", 17, "e", "r", "c", "0.1.0", 3, {"prompt": "b"}),
    latency=timedelta(milliseconds=900),
    stages={"search": timedelta(milliseconds=100), "model": timedelta(milliseconds=700)},
    conversation=ConversationId("CONVERSATION"),
)


def recorded(decision: AnswerDecision) -> RecordedDecision:
    return RecordedDecision(WorkspaceId("T1"), DecisionId("D1"), AT, 2, decision)


@dataclass
class Exported:
    """What was exported so far."""

    observe: Observer
    memory: InMemorySpanExporter

    def spans(self) -> dict[str, ReadableSpan]:
        return {one.name: one for one in self.memory.get_finished_spans()}


@pytest.fixture
def exported() -> Iterator[Exported]:
    memory = InMemorySpanExporter()
    with observing(SimpleSpanProcessor(memory)) as observe:
        yield Exported(observe, memory)


def test_an_answer_is_a_span_with_its_search_and_its_model_call_inside(exported: Exported) -> None:
    exported.observe(recorded(GENERATED))
    spans = exported.spans()
    assert set(spans) == {"invoke_agent answerloop", "retrieval", "chat m"}
    whole, search, chat = (spans[name] for name in ("invoke_agent answerloop", "retrieval", "chat m"))
    assert whole.parent is None and search.parent == chat.parent == whole.context
    assert (whole.end_time or 0) - (whole.start_time or 0) == 900_000_000
    assert search.start_time == whole.start_time and chat.start_time == search.end_time
    told = dict(whole.attributes or {})
    assert told["gen_ai.operation.name"] == "invoke_agent" and told["gen_ai.agent.name"] == "answerloop"
    assert (told["gen_ai.request.model"], told["gen_ai.usage.input_tokens"]) == ("m", 12)
    assert (told["gen_ai.usage.output_tokens"], told["gen_ai.response.finish_reasons"]) == (34, ("stop",))
    assert told["gen_ai.conversation.id"] == "CONVERSATION"
    assert (told["answerloop.decision.rule"], told["answerloop.decision.confidence"]) == ("written_from_evidence", 0.4)
    assert told["answerloop.decision.entries"] == ("E1",) and told["answerloop.kb.version"] == 17
    assert (told["answerloop.instructions.version"], told["answerloop.experiment.prompt"]) == (3, "b")
    assert dict(chat.attributes or {})["gen_ai.operation.name"] == "chat"
    assert whole.instrumentation_scope is not None
    assert whole.instrumentation_scope.schema_url == f"https://opentelemetry.io/schemas/{genai.CONVENTION}"


@pytest.mark.parametrize("kind", list(DecisionKind))
def test_no_decision_gives_its_words_away(exported: Exported, kind: DecisionKind) -> None:
    exported.observe(recorded(replace(GENERATED, kind=kind)))
    spans = exported.spans().values()
    assert spans
    for one in spans:
        assert WORDS not in one.to_json()


def test_a_tool_call_and_a_model_message_of_one_run_share_a_trace(exported: Exported) -> None:
    run = replace(GENERATED, parent="run-1", stages={})
    exported.observe(recorded(replace(run, kind=DecisionKind.TOOL_CALL, rule="balance", answer="failed: ValueError")))
    exported.observe(recorded(replace(run, kind=DecisionKind.MODEL_MESSAGE, rule="model", ts="2")))
    exported.observe(recorded(replace(run, kind=DecisionKind.MODEL_MESSAGE, rule="model", ts="3", parent="run-2")))
    tool, chat, other = exported.memory.get_finished_spans()
    assert (tool.name, chat.name) == ("execute_tool balance", "chat m")
    assert dict(tool.attributes or {})["gen_ai.tool.name"] == "balance"
    assert dict(tool.attributes or {})["error.type"] == "ValueError"
    assert tool.context.trace_id == chat.context.trace_id != other.context.trace_id


def test_every_name_is_one_of_the_conventions() -> None:
    known = {
        value
        for module in (gen_ai_attributes, error_attributes)
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, str)
    }
    found = {
        name
        for kind in DecisionKind
        for span in genai.spans(recorded(replace(GENERATED, kind=kind, answer="failed: X")), agent="a", provider="p")
        for name in span.attributes
    }
    assert {name for name in found if not name.startswith("answerloop.")} <= known
    operations = {one.value for one in gen_ai_attributes.GenAiOperationNameValues}
    assert {genai.CHAT, genai.EXECUTE_TOOL, genai.INVOKE_AGENT, genai.RETRIEVAL} <= operations


def test_what_cannot_be_exported_is_logged_and_costs_nothing(
    exported: Exported, caplog: pytest.LogCaptureFixture
) -> None:
    broken = recorded(replace(GENERATED, latency=None))  # type: ignore[arg-type]
    with caplog.at_level(logging.ERROR):
        exported.observe(broken)
    assert "a decision was not exported" in caplog.text and WORDS not in caplog.text
