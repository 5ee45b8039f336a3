"""A chat model played by a script, served over the OpenAI protocol on 127.0.0.1; for the demo and the tests.

It is no language model and says so by its name. It knows what the protocol needs (streamed and whole completions,
usage, errors, refusals, cut connections), answers from the evidence it is given by quoting it, and can be told to
obey whatever order it finds in its data, which is how the tests play an attacker's best case.

    with ScriptedModel([Line(match="refund", reply="Refunds take 5 days [1].")]) as url: ...
    python -m bot.scripted_model --port 0
"""

import argparse
import json
import re
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from bot.agent.gate import NO_ANSWER
from bot.agent.prompt import read_data

NAME = "scripted-model"

_WORD = re.compile(r"[^\W_]{3,}")
_SENTENCE = re.compile(r"(?<!\d)(?<=[.!?])\s+|\n+")
#: An order inside data: 'say exactly: …', 'reply with "…"'.
_ORDER = re.compile(
    r"\b(?:say|reply|answer|write|respond|output)\b(?:\s+\w+){0,3}\s*:\s*(.+)", re.IGNORECASE | re.DOTALL
)
#: Words that are in every question and say nothing of its subject.
_COMMON = re.compile(r"the|and|for|you|your|how|what|can|are|does|with|that|this|from|have|when|where|will|not")


@dataclass(frozen=True)
class Line:
    """One line of a script: what the model does when a question matches. The first matching line holds."""

    #: A regular expression, searched in the question (or in the whole last message where there is no data object).
    match: str = ""
    #: What it says; None means that it quotes the evidence.
    reply: str | None = None
    #: An HTTP status to fail with instead, such as 429 or 500.
    status: int | None = None
    #: How long it waits before its first word, and before each further one.
    delay: timedelta = timedelta()
    word_delay: timedelta = timedelta()
    #: True: it declines, the way the protocol says so.
    refuses: bool = False
    #: Why it says that it stopped.
    finish_reason: str = "stop"
    #: The connection breaks after this many words; None for never.
    breaks_after: int | None = None
    #: True: it does what the first order it finds in its data says.
    obeys: bool = False
    #: What it thinks aloud before its answer, the way some compatible servers tell it.
    thinks: str = ""
    #: The tools it calls first, name and arguments; its reply follows once they have given something back.
    calls: tuple[tuple[str, Mapping[str, Any]], ...] = ()


@dataclass
class ScriptedModel:
    """A server that plays a script; a context manager that gives its base URL."""

    lines: Sequence[Line] = ()
    port: int = 0
    #: Every completion request that arrived, as sent, oldest first.
    requests: list[dict[str, Any]] = field(default_factory=list)
    _server: ThreadingHTTPServer | None = None
    _thread: threading.Thread | None = None

    def __enter__(self) -> str:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> str:
        """Start to serve; returns the base URL (`http://127.0.0.1:<port>/v1`)."""
        handler = type("Handler", (_Handler,), {"script": self})
        self._server = _Server(("127.0.0.1", self.port), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def stop(self) -> None:
        """Stop to serve."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()

    def line_for(self, message: str) -> Line:
        """The line that a user message calls for."""
        data = _data(message)
        subject = f"{data.get('asked', '')}\n{data.get('question', '')}" if data else message
        return next((line for line in self.lines if re.search(line.match, subject, re.IGNORECASE)), Line())


def say(line: Line, message: str) -> str:
    """What the model says to a user message under a line of the script."""
    data = _data(message)
    if line.obeys and (order := _order(data or message)):
        return order
    if line.reply is not None:
        return line.reply
    return _quote(data) if data else "I am a scripted model and have nothing to quote."


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that hangs up on a slow model is what the tests do on purpose.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    script: ScriptedModel

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: requests hold people's words."""

    def do_GET(self) -> None:  # the name is the protocol's
        if self.path.rstrip("/").endswith("/models"):
            model = {"id": NAME, "object": "model", "created": 0, "owned_by": "answerloop"}
            self._json(200, {"object": "list", "data": [model]})
        else:
            self._error(404, "There is no such page.")

    def do_POST(self) -> None:  # the name is the protocol's
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if not self.path.rstrip("/").endswith("/chat/completions"):
            self._error(404, "There is no such page.")
            return
        try:
            request = json.loads(body)
            message = next(_text(m["content"]) for m in reversed(request["messages"]) if m["role"] == "user")
        except (ValueError, KeyError, TypeError, StopIteration):
            self._error(400, "The request is not a chat completion with a user message.")
            return
        self.script.requests.append(request)
        line = self.script.line_for(message)
        if request["messages"][-1]["role"] == "tool":
            line = replace(line, calls=())
        time.sleep(line.delay.total_seconds())
        if line.status is not None:
            self._error(line.status, "The script says so.")
        elif request.get("stream"):
            self._stream(request, line, message)
        else:
            self._whole(request, line, message)

    def _whole(self, request: dict[str, Any], line: Line, message: str) -> None:
        text = say(line, message)
        answer: dict[str, Any] = {"role": "assistant", "content": None if line.refuses or line.calls else text}
        if line.refuses:
            answer["refusal"] = "I can't help with that."
        if line.calls:
            answer["tool_calls"] = _calls(line)
        if line.thinks:
            answer["reasoning_content"] = line.thinks
        finish_reason = "tool_calls" if line.calls else line.finish_reason
        choice = {"index": 0, "message": answer, "finish_reason": finish_reason}
        self._json(200, {**_head(request, "chat.completion"), "choices": [choice], "usage": _usage(request, text)})

    def _stream(self, request: dict[str, Any], line: Line, message: str) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        head = _head(request, "chat.completion.chunk")
        text = say(line, message)
        self._event({**head, "choices": [_delta({"role": "assistant", "content": ""})]})
        for word in _words(line.thinks):
            self._event({**head, "choices": [_delta({"reasoning_content": word})]})
        if line.refuses:
            self._event({**head, "choices": [_delta({"refusal": "I can't help with that."})]})
        elif line.calls:
            self._event({**head, "choices": [_delta({"tool_calls": _calls(line)})]})
        else:
            for count, word in enumerate(_words(text)):
                if count == line.breaks_after:
                    self.close_connection = True
                    return
                self._event({**head, "choices": [_delta({"content": word})]})
                time.sleep(line.word_delay.total_seconds())
        self._event({**head, "choices": [_delta({}, "tool_calls" if line.calls else line.finish_reason)]})
        if (request.get("stream_options") or {}).get("include_usage"):
            self._event({**head, "choices": [], "usage": _usage(request, text)})
        self._chunk(b"data: [DONE]\n\n")
        self._chunk(b"")

    def _event(self, value: Mapping[str, Any]) -> None:
        self._chunk(f"data: {json.dumps(value)}\n\n".encode())

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def _error(self, status: int, text: str) -> None:
        self._json(status, {"error": {"message": text, "type": "scripted_error", "param": None, "code": str(status)}})

    def _json(self, status: int, value: Mapping[str, Any]) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _head(request: dict[str, Any], kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-scripted", "object": kind, "created": 0, "model": request.get("model") or NAME}


def _delta(delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "finish_reason": finish_reason}


def _calls(line: Line) -> list[dict[str, Any]]:
    return [
        {
            "index": number,
            "id": f"call_{number}",
            "type": "function",
            "function": {"name": name, "arguments": json.dumps(arguments)},
        }
        for number, (name, arguments) in enumerate(line.calls)
    ]


def _usage(request: dict[str, Any], text: str) -> dict[str, int]:
    # Words stand in for tokens; what matters is that the numbers arrive.
    read = sum(len(_text(message.get("content")).split()) for message in request["messages"])
    written = len(text.split())
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content or () if isinstance(part, dict))


def _words(text: str) -> Iterator[str]:
    yield from re.findall(r"\s*\S+", text)


def _data(message: str) -> dict[str, Any] | None:
    try:
        return read_data(message)
    except ValueError:
        return None


def _order(value: Any) -> str | None:
    """The first order in any text of the data."""
    if isinstance(value, str):
        match = _ORDER.search(value)
        return match.group(1).strip() if match else None
    parts: Any = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return next((order for part in parts if (order := _order(part))), None)


def _quote(data: dict[str, Any]) -> str:
    """The first sentences of the evidence that shares most words with the question, cited; or that there is none."""
    asked = _content_words(str(data.get("question", "")))
    evidence = [piece for piece in data.get("evidence") or () if isinstance(piece, dict)]
    shared = [len(asked & _content_words(f"{piece.get('title', '')} {piece.get('text', '')}")) for piece in evidence]
    if not shared or max(shared) == 0:
        return NO_ANSWER
    best = evidence[shared.index(max(shared))]
    sentences = [part.strip() for part in _SENTENCE.split(str(best.get("text", ""))) if part.strip()]
    return " ".join(sentences[:2]).rstrip(".") + f" [{best.get('number')}]."


def _content_words(text: str) -> frozenset[str]:
    words = frozenset(word.lower() for word in _WORD.findall(text))
    return frozenset(word for word in words if not _COMMON.fullmatch(word))


def main() -> None:
    """Serve until interrupted; prints one JSON line with the base URL."""
    parser = argparse.ArgumentParser(description="A chat model played by a script, over the OpenAI protocol.")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    model = ScriptedModel(port=parser.parse_args().port)
    print(json.dumps({"url": model.start()}), flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        model.stop()


if __name__ == "__main__":
    main()
