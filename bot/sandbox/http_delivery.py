"""Signed HTTP: events, interactions and commands posted to the app's request URL.

See https://docs.slack.dev/authentication/verifying-requests-from-slack for the signature and
https://docs.slack.dev/apis/events-api/#retries for the headers of a further try.
"""

import hashlib
import hmac
import json
from urllib.parse import urlencode

import httpx

from bot.sandbox import world
from bot.sandbox.faults import FaultKind, Faults
from bot.sandbox.state import State
from bot.sandbox.transport import Ack, Kind, Parcel, Timing
from bot.sandbox.wire import Json


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The value of `X-Slack-Signature` for a body sent at `timestamp` (seconds since the epoch)."""
    signed = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


class HttpDelivery:
    """Posts to one request URL."""

    name = "http"

    def __init__(self, url: str, state: State, timing: Timing, faults: Faults) -> None:
        self.url = url
        self._state = state
        self._timing = timing
        self._faults = faults
        # Proxies from the environment are not meant for a request URL on this machine.
        self._client = httpx.AsyncClient(trust_env=False)

    async def send(self, parcel: Parcel) -> Ack:
        """Post once; anything but 2xx in time does not count."""
        body, content_type = _encoded(parcel)
        timestamp = str(int(self._state.now()))
        spoilt = self._faults.take(FaultKind.BAD_SIGNATURE, event=_event_type(parcel))
        secret = "not-the-signing-secret" if spoilt else world.SIGNING_SECRET
        headers = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(secret, timestamp, body),
        }
        if parcel.attempt:
            headers |= {"X-Slack-Retry-Num": str(parcel.attempt), "X-Slack-Retry-Reason": parcel.reason}
        try:
            answer = await self._client.post(
                self.url, content=body, headers=headers, timeout=self._timing.ack.total_seconds()
            )
        except httpx.TimeoutException:
            return Ack(ok=False, reason="http_timeout")
        except httpx.HTTPError:
            return Ack(ok=False, reason="connection_failed")
        if not answer.is_success:
            return Ack(ok=False, reason="http_error", final=answer.headers.get("x-slack-no-retry") == "1")
        return Ack(ok=True, payload=_answer(answer))

    async def verify(self) -> bool:
        """Whether the app answers Slack's challenge, as a request URL must before it is used."""
        challenge = self._state.new_id("challenge")
        payload: Json = {"type": "url_verification", "token": world.VERIFICATION_TOKEN, "challenge": challenge}
        ack = await self.send(Parcel(Kind.EVENT, payload))
        answered = ack.payload or {}
        return ack.ok and challenge in (answered.get("challenge"), answered.get("text"))

    async def close(self) -> None:
        """Let go of the connections to the app."""
        await self._client.aclose()


def _encoded(parcel: Parcel) -> tuple[bytes, str]:
    if parcel.kind is Kind.EVENT:
        return json.dumps(parcel.payload).encode(), "application/json"
    fields = parcel.payload if parcel.kind is Kind.COMMAND else {"payload": json.dumps(parcel.payload)}
    return urlencode(fields).encode(), "application/x-www-form-urlencoded"


def _answer(answer: httpx.Response) -> Json | None:
    if answer.headers.get("content-type", "").startswith("application/json"):
        try:
            value = answer.json()
        except ValueError:
            return None
        return value if isinstance(value, dict) and value else None
    return {"text": answer.text} if answer.text else None


def _event_type(parcel: Parcel) -> str:
    return str((parcel.payload.get("event") or parcel.payload).get("type") or "")
