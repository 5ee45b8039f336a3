"""A LangChain callback handler that records any agent's decisions: what its models said and which tools it called.

Always: each run is recorded once, under its run id, redacted like every other decision; failing to record never stops
the agent (LangChain logs what a handler raises); nothing is kept of a run that neither ended nor failed.
"""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGeneration, LLMResult

from kb.clock import Clock
from learning.conversations import Place
from learning.ids import PersonId
from learning.recorder import AnswerDecision, DecisionKind, Turn, Versions

#: Keeps a decision; committing is its business.
Keep = Callable[[AnswerDecision], object]


@dataclass(frozen=True)
class _Run:
    kind: DecisionKind
    #: The tool's name, or `model`.
    rule: str
    asked: str
    turns: tuple[str, ...]
    model: str
    began: datetime


class DecisionRecorder(BaseCallbackHandler):
    """Give one to an agent as `config={"callbacks": [recorder]}`; one per thread of conversation."""

    def __init__(self, keep: Keep, *, place: Place, asker: PersonId | None, code: str, clock: Clock) -> None:
        """Take where decisions go.

        Args:
            keep: keeps one decision, such as `LearningLoop.record`.
            place: where the agent is talking; opaque.
            asker: whom it talks to, if that is known.
            code: version of the agent.
        """
        super().__init__()
        self._keep = keep
        self._place = place
        self._asker = asker
        self._code = code
        self._clock = clock
        self._runs: dict[UUID, _Run] = {}
        self._lock = threading.Lock()

    def on_chat_model_start(
        self, serialized: dict[str, Any], messages: list[list[BaseMessage]], *, run_id: UUID, **kwargs: Any
    ) -> None:
        """Remember what a model is asked."""
        texts = [str(message.text) for message in messages[0]] if messages else []
        self._begin(run_id, DecisionKind.MODEL_MESSAGE, "model", texts, _model_name(kwargs))

    def on_llm_start(self, serialized: dict[str, Any], prompts: list[str], *, run_id: UUID, **kwargs: Any) -> None:
        """Remember what a plain model is asked."""
        self._begin(run_id, DecisionKind.MODEL_MESSAGE, "model", prompts, _model_name(kwargs))

    def on_llm_end(self, response: LLMResult, *, run_id: UUID, **kwargs: Any) -> None:
        """Record what a model said, tool calls included."""
        said = response.generations[0][0] if response.generations and response.generations[0] else None
        if said is None:
            self._end(run_id, "")
            return
        calls = getattr(said.message, "tool_calls", ()) if isinstance(said, ChatGeneration) else ()
        asked = [f"{call['name']}({_json(call['args'])})" for call in calls]
        self._end(run_id, "\n".join(part for part in (said.text, *asked) if part))

    def on_llm_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """Record that a model failed; the kind of error only, because its text may hold anything."""
        self._end(run_id, f"failed: {type(error).__name__}")

    def on_tool_start(self, serialized: dict[str, Any], input_str: str, *, run_id: UUID, **kwargs: Any) -> None:
        """Remember with what a tool is called."""
        name = str((serialized or {}).get("name") or kwargs.get("name") or "tool")
        self._begin(run_id, DecisionKind.TOOL_CALL, name, [input_str], "")

    def on_tool_end(self, output: Any, *, run_id: UUID, **kwargs: Any) -> None:
        """Record what a tool gave back."""
        content = getattr(output, "content", output)
        self._end(run_id, content if isinstance(content, str) else _json(content))

    def on_tool_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """Record that a tool failed; the kind of error only."""
        self._end(run_id, f"failed: {type(error).__name__}")

    def _begin(self, run: UUID, kind: DecisionKind, rule: str, texts: list[str], model: str) -> None:
        asked, turns = (texts[-1], tuple(texts[:-1])) if texts else ("", ())
        with self._lock:
            self._runs[run] = _Run(kind, rule, asked, turns, model, self._clock())

    def _end(self, run_id: UUID, answer: str) -> None:
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
            turns=tuple(Turn("", text) for text in run.turns),
            answer=answer,
            versions=Versions(model=run.model, code=self._code),
            latency=self._clock() - run.began,
            asker=self._asker,
        )
        self._keep(decision)


def _model_name(details: Mapping[str, Any]) -> str:
    metadata: Mapping[str, Any] = details.get("metadata") or {}
    invocation: Mapping[str, Any] = details.get("invocation_params") or {}
    return str(metadata.get("ls_model_name") or invocation.get("model") or invocation.get("model_name") or "")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
