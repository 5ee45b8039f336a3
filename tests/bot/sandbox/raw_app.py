"""An app without a framework: Web API calls as they travel, and envelopes that are acknowledged by hand."""

import json
import time
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import Any

import httpx
from websockets.sync.client import ClientConnection, connect

from bot.sandbox import world

Json = dict[str, Any]


class Slack:
    """The Web API as an app calls it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.Client(base_url=url, trust_env=False, timeout=10)

    def __enter__(self) -> "Slack":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def call(self, method: str, args: Json | None = None, *, token: str | None = world.BOT_TOKEN) -> Json:
        """Call with a JSON body; the answer as it is, right or wrong."""
        answer: Json = self.respond(method, args, token=token).json()
        return answer

    def form(self, method: str, args: Json) -> Json:
        """Call with a form body, JSON values as text, as the SDK does for some methods."""
        data = {key: json.dumps(value) if isinstance(value, dict | list) else str(value) for key, value in args.items()}
        headers = {"Authorization": f"Bearer {world.BOT_TOKEN}"}
        answer: Json = self._http.post(f"/api/{method}", data=data, headers=headers).json()
        return answer

    def respond(self, method: str, args: Json | None = None, *, token: str | None = world.BOT_TOKEN) -> httpx.Response:
        """Call with a JSON body; the whole HTTP response."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self._http.post(f"/api/{method}", json=args or {}, headers=headers)

    def post(self, channel: str, text: str = "hello", **args: Any) -> str:
        """Post as the bot; returns the ts."""
        answer = self.call("chat.postMessage", {"channel": channel, "text": text, **args})
        assert answer["ok"], answer
        return str(answer["ts"])

    def send(self, url: str, body: Json) -> httpx.Response:
        """Post to a response URL or an upload URL."""
        return self._http.post(url, json=body)

    def upload(self, url: str, content: bytes) -> None:
        """Send the bytes of a file."""
        self._http.post(url, content=content).raise_for_status()

    def ticket(self) -> str:
        """The address for one connection."""
        answer = self.call("apps.connections.open", token=world.APP_TOKEN)
        assert answer["ok"], answer
        return str(answer["url"])


class RawApp:
    """One Socket Mode connection."""

    def __init__(self, slack: Slack) -> None:
        self._slack = slack
        #: Envelopes taken so far, acknowledged or not.
        self.envelopes: list[Json] = []

    def __enter__(self) -> "RawApp":
        self._stack = ExitStack()
        self._socket: ClientConnection = self._stack.enter_context(connect(self._slack.ticket(), proxy=None))
        self.hello: Json = json.loads(self._socket.recv(5))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        with suppress(OSError):
            self._stack.close()

    def drop(self) -> None:
        """Lose the connection without a word."""
        self._socket.socket.close()

    def take(self, *, ack: bool = True, payload: Json | None = None, seconds: float = 5.0) -> Json:
        """The next message; an envelope is acknowledged, with `payload` if given, unless `ack` says no."""
        message: Json = json.loads(self._socket.recv(seconds))
        if "envelope_id" in message:
            self.envelopes.append(message)
            if ack:
                self.ack(message, payload)
        return message

    def ack(self, envelope: Json, payload: Json | None = None) -> None:
        """Acknowledge an envelope."""
        answer: Json = {"envelope_id": envelope["envelope_id"]}
        self._socket.send(json.dumps(answer | ({"payload": payload} if payload is not None else {})))

    def take_event(self, kind: str, *, ack: bool = True, seconds: float = 5.0) -> Json:
        """The next event of this type; those before it are acknowledged."""
        deadline = time.monotonic() + seconds
        while True:
            envelope = self.take(ack=False, seconds=max(0.01, deadline - time.monotonic()))
            event = envelope.get("payload", {}).get("event", {})
            found = event.get("subtype", event.get("type")) == kind
            if ack or not found:
                self.ack(envelope)
            if found:
                return envelope

    def quiet(self, seconds: float = 0.3) -> bool:
        """Whether nothing comes for a while."""
        try:
            self.take(seconds=seconds)
        except TimeoutError:
            return True
        return False
