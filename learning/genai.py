"""OpenTelemetry's names for what a record holds: its conventions for generative AI, in one place, with their version.

All of these names are still 'in development' there, so nothing else of ours mentions them. What the conventions have no
name for stands under `answerloop.`. Words never become attributes: they stay in the record.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from learning.recorder import DecisionKind, RecordedDecision

#: The version of the semantic conventions that the names below are from.
CONVENTION: Final = "1.41.0"
SCHEMA_URL: Final = f"https://opentelemetry.io/schemas/{CONVENTION}"

OPERATION: Final = "gen_ai.operation.name"
PROVIDER: Final = "gen_ai.provider.name"
MODEL: Final = "gen_ai.request.model"
FINISH_REASONS: Final = "gen_ai.response.finish_reasons"
TOKENS_IN: Final = "gen_ai.usage.input_tokens"
TOKENS_OUT: Final = "gen_ai.usage.output_tokens"
CONVERSATION: Final = "gen_ai.conversation.id"
AGENT: Final = "gen_ai.agent.name"
AGENT_VERSION: Final = "gen_ai.agent.version"
TOOL: Final = "gen_ai.tool.name"
ERROR: Final = "error.type"

CHAT: Final = "chat"
EXECUTE_TOOL: Final = "execute_tool"
INVOKE_AGENT: Final = "invoke_agent"
RETRIEVAL: Final = "retrieval"

#: What an attribute may hold.
Value = str | int | float | bool | Sequence[str]

#: Before what a model or tool that failed gave back, which is the kind of its error.
_FAILED: Final = "failed: "


@dataclass(frozen=True)
class Span:
    """A stretch of time and what happened in it."""

    name: str
    begin: datetime
    end: datetime
    attributes: dict[str, Value]


def spans(found: RecordedDecision, *, agent: str, provider: str = "") -> tuple[Span, ...]:
    """A record as spans: what was decided, and inside it the search and the model call that it took.

    Args:
        agent: the name of the agent that decided.
        provider: who serves the model, in the words of the conventions; empty where that is not known.
    """
    decision = found.decision
    begin = found.at - decision.latency
    operation, subject = _operation(found, agent)
    whole = Span(f"{operation} {subject}".strip(), begin, found.at, attributes(found, agent=agent, provider=provider))
    inner: list[Span] = []
    at = begin
    for stage, took in decision.stages.items():
        end = min(at + took, found.at)
        if stage == "search":
            inner.append(Span(RETRIEVAL, at, end, {OPERATION: RETRIEVAL, **_conversation(found)}))
        elif stage == "model" and decision.versions.model:
            named = {OPERATION: CHAT, **_conversation(found), **_model(found, provider)}
            inner.append(Span(f"{CHAT} {decision.versions.model}", at, end, named))
        at = end
    return (whole, *inner)


def attributes(found: RecordedDecision, *, agent: str, provider: str = "") -> dict[str, Value]:
    """What is known of a decision, by the names of the conventions and our own; empty values are left out."""
    decision, versions = found.decision, found.decision.versions
    operation, _ = _operation(found, agent)
    told: dict[str, Value | None] = {
        OPERATION: operation,
        AGENT: agent,
        AGENT_VERSION: versions.code,
        TOOL: decision.rule if found.kind is DecisionKind.TOOL_CALL else "",
        ERROR: decision.answer.removeprefix(_FAILED) if decision.answer.startswith(_FAILED) else "",
        **_conversation(found),
        **_model(found, provider),
        "answerloop.decision.id": found.id,
        "answerloop.decision.kind": str(found.kind),
        "answerloop.decision.action": decision.action,
        "answerloop.decision.rule": decision.rule,
        "answerloop.decision.confidence": decision.confidence,
        "answerloop.decision.entries": [item.entry for item in found.used],
        "answerloop.decision.cost": decision.model.cost,
        "answerloop.record.schema_version": found.schema_version,
        "answerloop.workspace": found.workspace,
        "answerloop.kb.version": versions.kb_version,
        "answerloop.embedding": versions.embedding,
        "answerloop.ranking": versions.ranking,
        "answerloop.calibration": versions.calibration,
        "answerloop.instructions.version": versions.instructions,
        "answerloop.prompt.hash": versions.prompt_hash,
        **{f"answerloop.experiment.{name}": arm for name, arm in versions.tags.items()},
    }
    return _known(told)


def _operation(found: RecordedDecision, agent: str) -> tuple[str, str]:
    """What was done, and on what, in the words of the conventions."""
    match found.kind:
        case DecisionKind.TOOL_CALL:
            return EXECUTE_TOOL, found.decision.rule
        case DecisionKind.MODEL_MESSAGE:
            return CHAT, found.decision.versions.model
        case _:
            return INVOKE_AGENT, agent


def _conversation(found: RecordedDecision) -> dict[str, Value]:
    return {CONVERSATION: found.decision.conversation or found.decision.place.thread}


def _model(found: RecordedDecision, provider: str) -> dict[str, Value]:
    use, model = found.decision.model, found.decision.versions.model
    if not model:
        return {}
    told: dict[str, Value | None] = {
        PROVIDER: provider,
        MODEL: model,
        FINISH_REASONS: [use.finish_reason] if use.finish_reason else None,
        TOKENS_IN: use.tokens_in,
        TOKENS_OUT: use.tokens_out,
    }
    return _known(told)


def _known(told: Mapping[str, Value | None]) -> dict[str, Value]:
    return {name: value for name, value in told.items() if value is not None and value not in ("", [])}


def inside(found: RecordedDecision) -> str | None:
    """What names the run that a decision was made in, the same for all of them; None where it stands for itself."""
    decision = found.decision
    if decision.parent is None:
        return None
    return "\x1f".join((found.workspace, decision.place.channel, decision.place.thread, decision.parent))
