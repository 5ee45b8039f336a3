"""The call to a chat model: streams its text, keeps to a deadline, and gives every failure one of three names.

This is the rim between the agent and a service that may do anything. Nothing the model or its client raises passes
through: it becomes `ModelFailed`, so that the agent always has a reason to give and never falls silent.
"""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.agent.prompt import Prompt
from bot.agent.reply import Rule, Tokens
from bot.errors import BotError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessageChunk

log = logging.getLogger(__name__)

#: Words in the names of exceptions by which clients say that time ran out.
_TIMEOUT_NAMES = ("timeout", "timedout")


class ModelFailed(BotError):
    """The chat model gave no usable answer; `rule` says which way it failed."""

    def __init__(self, rule: Rule, message: str) -> None:
        super().__init__(message)
        self.rule = rule


@dataclass(frozen=True)
class Piece:
    """One piece of a model's stream."""

    #: The next text; may be empty.
    text: str
    #: The provider's word for why the model stopped; None until it does.
    finish_reason: str | None = None
    #: What was used, in the piece that reports it.
    tokens: Tokens | None = None
    #: What it thinks aloud, where the provider tells it apart from the text.
    reasoning: str = ""


def stream(
    model: "BaseChatModel",
    prompt: Prompt,
    *,
    deadline: timedelta,
    monotonic: Callable[[], float] = time.monotonic,
) -> Iterator[Piece]:
    """The model's text as it comes.

    Args:
        model: any LangChain chat model.
        prompt: what to send.
        deadline: for the whole stream. Checked whenever something arrives; silence is bounded by the client's own
            timeout.
        monotonic: seconds that only ever grow.

    Raises:
        ModelFailed: it refused, timed out, could not be reached, or broke off.
    """
    from langchain_core.messages import HumanMessage, SystemMessage

    ends = monotonic() + deadline.total_seconds()
    finish: str | None = None
    wrote = False
    chunks = None
    try:
        chunks = model.stream([SystemMessage(prompt.instructions), HumanMessage(prompt.data)])
        for chunk in chunks:
            if monotonic() > ends:
                raise ModelFailed(Rule.MODEL_TIMED_OUT, f"The model took longer than {deadline.total_seconds():g} s.")
            piece = _piece(chunk)
            finish = piece.finish_reason or finish
            wrote = wrote or bool(piece.text.strip())
            yield piece
    except ModelFailed:
        raise
    except Exception as error:  # the rim: whatever a client raises becomes a named failure
        raise _named(error) from error
    finally:
        if chunks is not None and hasattr(chunks, "close"):
            chunks.close()
    if not wrote:
        # In a stream the client drops the field that a refusal comes in: what is left of it is an end without words.
        raise ModelFailed(Rule.MODEL_REFUSED, f"The model ended ({finish}) and wrote nothing.")


def model_name(model: "BaseChatModel") -> str:
    """The model's name as configured."""
    return str(getattr(model, "model_name", None) or getattr(model, "model", None) or type(model).__name__)


def _piece(chunk: "AIMessageChunk") -> Piece:
    if chunk.additional_kwargs.get("refusal"):
        raise ModelFailed(Rule.MODEL_REFUSED, "The model declined to answer.")
    finish = chunk.response_metadata.get("finish_reason") or chunk.response_metadata.get("stop_reason")
    if finish == "content_filter":
        raise ModelFailed(Rule.MODEL_REFUSED, "The provider's filter stopped the model.")
    usage = chunk.usage_metadata
    tokens = Tokens(input=usage["input_tokens"], output=usage["output_tokens"]) if usage else None
    return Piece(text=str(chunk.text), finish_reason=finish, tokens=tokens, reasoning=_reasoning(chunk))


def _reasoning(chunk: "AIMessageChunk") -> str:
    if isinstance(chunk.content, str):
        return str(chunk.additional_kwargs.get("reasoning_content") or "")
    blocks = [block for block in chunk.content_blocks if block["type"] == "reasoning"]
    return "".join(str(block.get("reasoning", "")) for block in blocks)


def _named(error: Exception) -> ModelFailed:
    names = [kind.__name__.lower() for kind in type(error).__mro__]
    timed_out = any(part in name for part in _TIMEOUT_NAMES for name in names)
    refused = any("contentfilter" in name or "refusal" in name for name in names)
    # The cause's text can quote the prompt, so only its type is logged.
    log.warning("The chat model failed: %s", type(error).__name__)
    if timed_out:
        return ModelFailed(Rule.MODEL_TIMED_OUT, "The model did not answer in time.")
    if refused:
        return ModelFailed(Rule.MODEL_REFUSED, "The provider's filter stopped the model.")
    return ModelFailed(Rule.MODEL_FAILED, f"The model failed ({type(error).__name__}).")
