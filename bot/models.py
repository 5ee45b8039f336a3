"""The chat model that writes answers, or none: without a key or a base URL nothing is ever written.

The client is imported only when a model is wanted, so that commands that need none start without it.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.outputs import ChatGenerationChunk
    from langchain_openai import ChatOpenAI

#: Servers with a base URL of their own often need no key, but the client insists on one.
_NO_KEY = "none"


def chat_model(
    *,
    name: str,
    base_url: str = "",
    api_key: SecretStr | str = "",
    timeout: timedelta = timedelta(seconds=30),
    max_retries: int = 1,
    max_tokens: int = 800,
    report_usage: bool | None = None,
) -> "BaseChatModel | None":
    """A chat model over the OpenAI protocol, or None where neither a key nor a base URL is set.

    Args:
        name: the model's name, as the server knows it.
        base_url: any OpenAI-compatible server; empty means OpenAI's own.
        api_key: its key; may be empty where the server asks for none.
        timeout: longest silence of the server before a try is given up; a whole answer has the agent's deadline
            besides.
        max_retries: further tries where the server is overloaded or cannot be reached.
        max_tokens: longest answer.
        report_usage: whether to ask for token counts in streams; None asks OpenAI's own server only, because some
            compatible servers refuse a request that does.
    """
    key = api_key.get_secret_value() if isinstance(api_key, SecretStr) else api_key
    if not key and not base_url:
        return None
    return _client()(
        model=name,
        base_url=base_url or None,
        api_key=SecretStr(key or _NO_KEY),
        timeout=timeout.total_seconds(),
        max_retries=max_retries,
        max_completion_tokens=max_tokens,
        stream_usage=report_usage,
        # The answers API keeps what it is sent; the chat protocol is also what compatible servers speak.
        use_responses_api=False,
    )


def _client() -> "type[ChatOpenAI]":
    """The client, which drops what compatible servers add to the protocol: the text that a model thinks aloud."""
    from langchain_openai import ChatOpenAI

    class Client(ChatOpenAI):
        def _convert_chunk_to_generation_chunk(
            self, chunk: dict[str, Any], default_chunk_class: type, base_generation_info: dict[str, Any] | None
        ) -> "ChatGenerationChunk | None":
            made = super()._convert_chunk_to_generation_chunk(chunk, default_chunk_class, base_generation_info)
            first: dict[str, Any] = next(iter(chunk.get("choices") or ()), {})
            thought = (first.get("delta") or {}).get("reasoning_content")
            if made is not None and isinstance(thought, str):
                made.message.additional_kwargs["reasoning_content"] = thought
            return made

    return Client
