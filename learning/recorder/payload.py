"""What was written, inside a record: redacted, as canonical JSON, sealed under the key of who asked.

Always: every string goes through the redactor here, whatever it is nested in, so that no caller can forget one.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from learning.audit import canonical
from learning.recorder.values import AnswerDecision, ModelUse, Tool, ToolCall, Turn
from learning.redaction import Redactor


def redacted(decision: AnswerDecision, redactor: Redactor) -> AnswerDecision:
    """The decision with every text of it redacted."""

    def clean(value: Any) -> Any:
        return _clean(value, redactor)

    model = decision.model
    return replace(
        decision,
        question=clean(decision.question),
        turns=tuple(Turn(turn.who, clean(turn.text)) for turn in decision.turns),
        answer=clean(decision.answer),
        calls=tuple(ToolCall(call.name, clean(call.arguments)) for call in decision.calls),
        facts=clean(decision.facts),
        model=replace(
            model,
            output=clean(model.output),
            reasoning=clean(model.reasoning),
            tools=tuple(Tool(tool.name, clean(tool.description), clean(tool.arguments)) for tool in model.tools),
        ),
    )


def pack(decision: AnswerDecision) -> str:
    """The texts of a redacted decision as canonical JSON."""
    texts = {
        "question": decision.question,
        "turns": [asdict(turn) for turn in decision.turns],
        "answer": decision.answer,
        "calls": [asdict(call) for call in decision.calls],
        "facts": dict(decision.facts),
        "output": decision.model.output,
        "reasoning": decision.model.reasoning,
        "tools": [asdict(tool) for tool in decision.model.tools],
    }
    return canonical(texts).decode()


def unpack(decision: AnswerDecision, packed: str | None) -> AnswerDecision:
    """The decision with its texts; without them where they cannot be read any more.

    Args:
        packed: as `pack` made it, in this or an earlier version; None where its key was destroyed.
    """
    if packed is None:
        return decision
    texts: Mapping[str, Any] = json.loads(packed)
    return replace(
        decision,
        question=texts["question"],
        turns=tuple(_turn(turn) for turn in texts["turns"]),
        answer=texts["answer"],
        calls=tuple(ToolCall(**call) for call in texts.get("calls", ())),
        facts=texts["facts"],
        model=_with_texts(decision.model, texts),
    )


def _with_texts(model: ModelUse, texts: Mapping[str, Any]) -> ModelUse:
    return replace(
        model,
        output=texts.get("output", ""),
        reasoning=texts.get("reasoning", ""),
        tools=tuple(Tool(**tool) for tool in texts.get("tools", ())),
    )


def _turn(turn: Any) -> Turn:
    """Version 1 did not say who spoke."""
    return Turn("", turn) if isinstance(turn, str) else Turn(**turn)


def _clean(value: Any, redactor: Redactor) -> Any:
    """A JSON value without personal data, whatever it was made of."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {_clean(str(name), redactor): _clean(inner, redactor) for name, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_clean(inner, redactor) for inner in value]
    # A half of a surrogate pair, as broken clients send it, is no text that could be kept.
    return redactor.redact(str(value).encode("utf-8", "replace").decode())
