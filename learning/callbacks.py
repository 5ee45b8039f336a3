"""A LangChain callback handler that records any agent's decisions: what its models said and which tools it called.

Always: each run is recorded once, under its run id, redacted like every other decision; failing to record never stops
the agent, and is logged without anybody's words; nothing is kept of a run that neither ended nor failed.
"""

import hashlib
import json
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, Generation, LLMResult

from kb.clock import Clock
from learning.conversations import Place
from learning.ids import PersonId
from learning.recorder import AnswerDecision, DecisionKind, ModelUse, Tool, ToolCall, Turn, Versions

log = logging.getLogger(__name__)

#: Keeps a decision; committing is its business.
Keep = Callable[[AnswerDecision], object]
#: What a million tokens read and a million tokens written cost.
Price = tuple[float, float]

#: In which part somebody speaks, by the type of LangChain's message.
_PARTS = {"human": "user", "ai": "bot"}
_MILLION = 1_000_000


@dataclass(frozen=True)
class _Run:
    kind: DecisionKind
    #: The tool's name, or `model`.
    rule: str
    asked: str
    began: datetime
    #: The agent's run that it belongs to.
    parent: str | None
    turns: tuple[Turn, ...] = ()
    calls: tuple[ToolCall, ...] = ()
    tools: tuple[Tool, ...] = ()
    model: str = ""
    prompt_hash: str = ""


@dataclass(frozen=True)
class _Said:
    """What came of a run."""

    answer: str
    calls: tuple[ToolCall, ...] | None = None
    use: ModelUse = field(default_factory=ModelUse)


class DecisionRecorder(BaseCallbackHandler):
    """Give one to an agent as `config={"callbacks": [recorder]}`; one per thread of conversation."""

    def __init__(
        self,
        keep: Keep,
        *,
        place: Place,
        asker: PersonId | None,
        code: str,
        clock: Clock,
        instructions: int = 0,
        tags: Mapping[str, str] | None = None,
        prices: Mapping[str, Price] | None = None,
    ) -> None:
        """Take where decisions go.

        Args:
            keep: keeps one decision, such as `LearningLoop.record`.
            place: where the agent is talking; opaque.
            asker: whom it talks to, if that is known.
            code: version of the agent.
            instructions: version of the agent's system text; 0 where it has none.
            tags: experiment to the arm that the conversation is in.
            prices: by name of the model.
        """
        super().__init__()
        self._keep = keep
        self._place = place
        self._asker = asker
        self._versions = Versions(code=code, instructions=instructions, tags=dict(tags or {}))
        self._prices = dict(prices or {})
        self._clock = clock
        self._runs: dict[UUID, _Run] = {}
        #: The outermost run to which each running one belongs.
        self._outermost: dict[UUID, UUID] = {}
        self._lock = threading.Lock()

    def on_chain_start(
        self,
        serialized: dict[str, Any],
        inputs: dict[str, Any],
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        **kwargs: Any,
    ) -> None:
        """Remember to which run of the agent a step belongs."""
        with self._lock:
            self._outermost[run_id] = self._root(parent_run_id) or run_id

    def on_chain_end(self, outputs: dict[str, Any], *, run_id: UUID, **kwargs: Any) -> None:
        """A step is done."""
        with self._lock:
            self._outermost.pop(run_id, None)

    def on_chain_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """A step failed."""
        with self._lock:
            self._outermost.pop(run_id, None)

    def on_chat_model_start(
        self,
        serialized: dict[str, Any],
        messages: list[list[BaseMessage]],
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        **kwargs: Any,
    ) -> None:
        """Remember what a model is asked, and what it is offered."""
        given = messages[0] if messages else []
        system = "\n".join(str(message.text) for message in given if message.type == "system")
        *before, last = [_turn(message) for message in given if message.type != "system"] or [Turn("", "")]
        run = _Run(
            DecisionKind.MODEL_MESSAGE,
            "model",
            last.text,
            self._clock(),
            self._parent(parent_run_id),
            turns=tuple(before),
            tools=_tools(kwargs),
            model=_model_name(kwargs),
            prompt_hash=hashlib.sha256(system.encode("utf-8", "replace")).hexdigest() if system else "",
        )
        self._begin(run_id, run)

    def on_llm_start(
        self,
        serialized: dict[str, Any],
        prompts: list[str],
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        **kwargs: Any,
    ) -> None:
        """Remember what a plain model is asked."""
        asked = prompts[-1] if prompts else ""
        parent, model = self._parent(parent_run_id), _model_name(kwargs)
        self._begin(run_id, _Run(DecisionKind.MODEL_MESSAGE, "model", asked, self._clock(), parent, model=model))

    def on_llm_end(self, response: LLMResult, *, run_id: UUID, **kwargs: Any) -> None:
        """Record what a model said, tool calls included."""
        said = response.generations[0][0] if response.generations and response.generations[0] else None
        self._end(run_id, _Said("") if said is None else _said(said))

    def on_llm_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """Record that a model failed; the kind of error only, because its text may hold anything."""
        self._end(run_id, _Said(f"failed: {type(error).__name__}"))

    def on_tool_start(
        self,
        serialized: dict[str, Any],
        input_str: str,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        inputs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Remember with what a tool is called."""
        name = str((serialized or {}).get("name") or kwargs.get("name") or "tool")
        parent, calls = self._parent(parent_run_id), (ToolCall(name, dict(inputs or {"input": input_str})),)
        self._begin(run_id, _Run(DecisionKind.TOOL_CALL, name, input_str, self._clock(), parent, calls=calls))

    def on_tool_end(self, output: Any, *, run_id: UUID, **kwargs: Any) -> None:
        """Record what a tool gave back."""
        content = getattr(output, "content", output)
        self._end(run_id, _Said(content if isinstance(content, str) else _json(content)))

    def on_tool_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """Record that a tool failed; the kind of error only."""
        self._end(run_id, _Said(f"failed: {type(error).__name__}"))

    def _root(self, run: UUID | None) -> UUID | None:
        return None if run is None else self._outermost.get(run, run)

    def _parent(self, run: UUID | None) -> str | None:
        with self._lock:
            root = self._root(run)
        return None if root is None else str(root)

    def _begin(self, run_id: UUID, run: _Run) -> None:
        with self._lock:
            self._runs[run_id] = run

    def _end(self, run_id: UUID, said: _Said) -> None:
        with self._lock:
            run = self._runs.pop(run_id, None)
        if run is None:
            return
        decision = AnswerDecision(
            place=self._place,
            ts=str(run_id),
            kind=run.kind,
            rule=run.rule,
            question=run.asked,
            turns=run.turns,
            answer=said.answer,
            calls=run.calls if said.calls is None else said.calls,
            model=replace(said.use, tools=run.tools, cost=self._cost(run.model, said.use)),
            versions=replace(self._versions, model=run.model, prompt_hash=run.prompt_hash),
            latency=self._clock() - run.began,
            asker=self._asker,
            parent=run.parent,
        )
        try:
            self._keep(decision)
        except Exception as error:  # LangChain would log the error's own words, which may be somebody's
            log.error("a decision of an agent is not recorded: %s", type(error).__name__)

    def _cost(self, model: str, use: ModelUse) -> float | None:
        price = self._prices.get(model)
        if price is None or use.tokens_in is None or use.tokens_out is None:
            return None
        return (use.tokens_in * price[0] + use.tokens_out * price[1]) / _MILLION


def _turn(message: BaseMessage) -> Turn:
    calls = message.tool_calls if isinstance(message, AIMessage) else ()
    parts = [str(message.text), *(f"{call['name']}({_json(call['args'])})" for call in calls)]
    return Turn(_PARTS.get(message.type, message.type), "\n".join(part for part in parts if part))


def _said(generation: Generation) -> _Said:
    """What a model gave back: its words, the tools it calls, and what it used."""
    information: Mapping[str, Any] = generation.generation_info or {}
    message = generation.message if isinstance(generation, ChatGeneration) else None
    if not isinstance(message, AIMessage):
        use = ModelUse(output=generation.text, finish_reason=_word(information.get("finish_reason")))
        return _Said(generation.text, use=use)
    facts = {**information, **message.response_metadata}
    usage = message.usage_metadata
    use = ModelUse(
        output=str(message.text),
        reasoning=_reasoning(message),
        finish_reason=_word(facts.get("finish_reason") or facts.get("stop_reason")),
        tokens_in=usage["input_tokens"] if usage else None,
        tokens_out=usage["output_tokens"] if usage else None,
    )
    calls = tuple(ToolCall(call["name"], dict(call["args"])) for call in message.tool_calls)
    return _Said(_turn(message).text, calls, use)


def _reasoning(message: AIMessage) -> str:
    aloud = message.additional_kwargs.get("reasoning_content")
    if isinstance(aloud, str):
        return aloud
    blocks = [block for block in message.content_blocks if block["type"] == "reasoning"]
    return "\n".join(str(block.get("reasoning", "")) for block in blocks)


def _tools(details: Mapping[str, Any]) -> tuple[Tool, ...]:
    """The tools a model is offered, in whichever of the usual shapes its client sends them."""
    offered: Sequence[Any] = (details.get("invocation_params") or {}).get("tools") or ()
    found = []
    for one in offered:
        told = one.get("function", one) if isinstance(one, Mapping) else {}
        arguments = told.get("parameters") or told.get("input_schema") or {}
        if told.get("name"):
            found.append(Tool(str(told["name"]), str(told.get("description") or ""), arguments))
    return tuple(found)


def _model_name(details: Mapping[str, Any]) -> str:
    metadata: Mapping[str, Any] = details.get("metadata") or {}
    invocation: Mapping[str, Any] = details.get("invocation_params") or {}
    return str(metadata.get("ls_model_name") or invocation.get("model") or invocation.get("model_name") or "")


def _word(value: object) -> str | None:
    return None if value is None else str(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
