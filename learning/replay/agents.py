"""Replaying an agent that is not ours, recorded by the callback handler: its model is asked again, its tools are not.

From a recorded message of its model on, another model takes the agent's part: where it calls a tool it gets what that
tool gave back to the same call then, or 'not recorded', until it answers in words. What tools said before that message
comes to the model as words: the record keeps those, not the provider's ids of calls.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from kb.database import Sessions, reading
from kb.ids import WorkspaceId
from learning import recorder
from learning.conversations import Place
from learning.encryption import Vault
from learning.recorder import AnswerDecision, DecisionKind, ModelUse, RecordedDecision, ToolCall
from learning.recorder.payload import redacted
from learning.redaction import Redactor
from learning.replay.dry import Dry
from learning.replay.estimate import Price
from learning.replay.safety import hazards
from learning.replay.tools import RecordedTools
from learning.replay.values import Attempt, NotReplayed

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage, BaseMessage

#: How often a model may ask for tools before it has to answer.
MOST_STEPS = 8
#: Rules of what was decided again: it answered, it declined, it never came to an answer.
ANSWERED, REFUSED, UNFINISHED = "model", "refused", "unfinished"


@dataclass
class _Spoken:
    """What the model has said so far."""

    words: str = ""
    calls: list[ToolCall] = field(default_factory=list)
    results: list[str] = field(default_factory=list)
    tokens: list[tuple[int, int]] = field(default_factory=list)
    finish_reason: str | None = None
    rule: str = UNFINISHED


#: Reads everything that was recorded in the agent's run that a decision belongs to, oldest first.
RunReader = Callable[[RecordedDecision], Sequence[RecordedDecision]]


def run_reader(sessions: Sessions, workspace: WorkspaceId, vault: Vault) -> RunReader:
    """What reads the run that a decision belongs to; the decision alone where it belongs to none.

    Args:
        sessions: better of connections that only read (`kb.database.read_only`), as a replayer holds what this gives.
    """

    def run_of(recorded: RecordedDecision) -> Sequence[RecordedDecision]:
        parent = recorded.decision.parent
        if parent is None:
            return (recorded,)
        with reading(sessions) as session:
            return recorder.under(session, workspace, recorded.decision.place, parent, vault=vault)

    return run_of


class ModelReplay(Dry):
    """Decides a recorded message of an agent's model again, with another model or other instructions."""

    def __init__(
        self,
        model: "BaseChatModel",
        *,
        name: str,
        run_of: RunReader,
        redactor: Redactor,
        instructions: str = "",
        price: Price | None = None,
    ) -> None:
        """Take the model.

        Args:
            model: any LangChain chat model.
            name: what it is called.
            run_of: as `run_reader` makes it.
            redactor: of the workspace.
            instructions: the system text; the record holds only its hash.
            price: of the model.
        """
        self._model = model
        self._name = name
        self._run_of = run_of
        self._redactor = redactor
        self._instructions = instructions
        self._price = price

    def __call__(self, recorded: RecordedDecision) -> Attempt:
        """Decide again.

        Raises:
            NotReplayed: it is no message of a model, its instructions are not given, or the model failed.
        """
        first = recorded.decision
        if recorded.kind is not DecisionKind.MODEL_MESSAGE:
            raise NotReplayed("It is replayed with the message of the model that it came from, not by itself.")
        if first.versions.prompt_hash and not self._instructions:
            raise NotReplayed("Of its agent's instructions only the hash is recorded; give their text as well.")
        run = [one for one in self._run_of(recorded) if one.at >= recorded.at] or [recorded]
        made = [one for one in run if one.kind is DecisionKind.TOOL_CALL]
        before = _as_one(first, [one.decision for one in run if one.kind is DecisionKind.MODEL_MESSAGE])
        spoken = self._speak(first, RecordedTools(made))
        after = redacted(self._decision(first, spoken), self._redactor)
        given = "\n".join((first.question, *(turn.text for turn in first.turns)))
        then = "\n".join((given, *(one.decision.answer for one in made)))
        now = "\n".join((given, *spoken.results))
        return Attempt(before, after, _intent(before), _intent(after), hazards(before, then), hazards(after, now))

    def _speak(self, first: AnswerDecision, tools: RecordedTools) -> _Spoken:
        from langchain_core.messages import ToolMessage

        offered = [
            {
                "type": "function",
                "function": {"name": one.name, "description": one.description, "parameters": dict(one.arguments)},
            }
            for one in first.model.tools
        ]
        model: Any = self._model.bind_tools(offered) if offered else self._model
        messages, spoken = _messages(first, self._instructions), _Spoken()
        for _ in range(MOST_STEPS):
            said = _ask(model, messages)
            _take(spoken, said)
            if not said.tool_calls:
                break
            messages.append(said)
            for call in said.tool_calls:
                result = tools.result(ToolCall(call["name"], self._clean(call["args"])))
                spoken.results.append(result)
                messages.append(ToolMessage(result, tool_call_id=call["id"] or call["name"]))
        return spoken

    def _clean(self, arguments: Any) -> dict[str, Any]:
        """Arguments as the record would hold them, so that the same call is found."""
        nowhere = Place("", "")
        call = AnswerDecision(nowhere, "", DecisionKind.TOOL_CALL, "", "", calls=(ToolCall("", dict(arguments)),))
        return dict(redacted(call, self._redactor).calls[0].arguments)

    def _decision(self, first: AnswerDecision, spoken: _Spoken) -> AnswerDecision:
        read, written = (sum(one[side] for one in spoken.tokens) for side in (0, 1))
        known = bool(spoken.tokens)
        hashed = hashlib.sha256(self._instructions.encode()).hexdigest() if self._instructions else ""
        return replace(
            first,
            rule=spoken.rule,
            answer=spoken.words,
            calls=tuple(spoken.calls),
            model=ModelUse(
                output=spoken.words,
                finish_reason=spoken.finish_reason,
                tokens_in=read if known else None,
                tokens_out=written if known else None,
                cost=self._price.of(read, written) if known and self._price is not None else None,
                tools=first.model.tools,
            ),
            versions=replace(first.versions, model=self._name, prompt_hash=hashed),
        )


def _as_one(first: AnswerDecision, said: Sequence[AnswerDecision]) -> AnswerDecision:
    """A message of a model and what followed in its run, as one decision: every call, and the words at the end."""
    last = said[-1] if said else first
    return replace(first, calls=tuple(call for one in said for call in one.calls), answer=_words(last))


def _words(said: AnswerDecision) -> str:
    """What a model said without the calls that the record writes under its words."""
    return said.model.output if said.calls else said.answer


def _intent(decision: AnswerDecision) -> str:
    """What the model set out to do: call tools, by name, or answer."""
    return ", ".join(dict.fromkeys(call.name for call in decision.calls)) or "answer"


def _messages(first: AnswerDecision, instructions: str) -> "list[BaseMessage]":
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

    made: list[BaseMessage] = [SystemMessage(instructions)] if instructions else []
    for turn in first.turns:
        if turn.who == "bot":
            made.append(AIMessage(turn.text))
        else:
            made.append(HumanMessage(turn.text if turn.who in ("user", "") else f"({turn.who}) {turn.text}"))
    return [*made, HumanMessage(first.question)]


def _ask(model: Any, messages: "Sequence[BaseMessage]") -> "AIMessage":
    from langchain_core.messages import AIMessage

    try:
        said = model.invoke(list(messages))
    except Exception as error:  # the rim: a client may raise anything, and its words may be somebody's
        late = any("timeout" in kind.__name__.lower() for kind in type(error).__mro__)
        why = "The model did not answer in time." if late else f"The model failed ({type(error).__name__})."
        raise NotReplayed(why, passing=True) from None
    if not isinstance(said, AIMessage):
        raise NotReplayed("The model gave back no message.", passing=True)
    return said


def _take(spoken: _Spoken, said: "AIMessage") -> None:
    spoken.words = str(said.text)
    spoken.calls += [ToolCall(call["name"], dict(call["args"])) for call in said.tool_calls]
    if said.usage_metadata:
        spoken.tokens.append((said.usage_metadata["input_tokens"], said.usage_metadata["output_tokens"]))
    finish = said.response_metadata.get("finish_reason") or said.response_metadata.get("stop_reason")
    spoken.finish_reason = None if finish is None else str(finish)
    if not said.tool_calls:
        refused = bool(said.additional_kwargs.get("refusal")) or finish == "content_filter"
        spoken.rule = REFUSED if refused or not spoken.words.strip() else ANSWERED
