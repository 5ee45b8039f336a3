"""The Web API: one table of methods, and the way every call goes through it.

A call is checked in Slack's order (method, token, kind of token, rate, scopes) and then run; what a rule forbids is
answered `ok: false` with the rule's error, and every call is kept in a log for tests to read.
"""

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse

from bot.sandbox import world
from bot.sandbox.faults import FaultKind, Faults
from bot.sandbox.rules import Refused, Rule, refuse
from bot.sandbox.state import State
from bot.sandbox.web_api import (
    assistant,
    chat,
    connection,
    conversations,
    files,
    modals,
    people,
    reactions,
    streaming,
)
from bot.sandbox.web_api.call import Call, Desk, Method, TokenKind
from bot.sandbox.wire import Json

#: Every method the workspace knows.
METHODS: Mapping[str, Method] = {
    **assistant.METHODS,
    **chat.METHODS,
    **connection.METHODS,
    **conversations.METHODS,
    **files.METHODS,
    **modals.METHODS,
    **people.METHODS,
    **reactions.METHODS,
    **streaming.METHODS,
}
#: How many calls the log keeps.
LOG_SIZE = 20_000


@dataclass(frozen=True)
class Called:
    """One call as the log keeps it, without its token."""

    #: Seconds since the epoch.
    at: float
    method: str
    args: Json
    #: The error it was answered with; empty where it was right.
    error: str


class WebApi:
    """Answers `/api/{method}`."""

    def __init__(self, desk: Desk, faults: Faults) -> None:
        self.log: deque[Called] = deque(maxlen=LOG_SIZE)
        self._desk = desk
        self._faults = faults

    async def endpoint(self, request: Request) -> JSONResponse:
        """Serve one call."""
        method = str(request.path_params["method"])
        args = await _arguments(request)
        token = _token(request, args)
        headers: dict[str, str] = {}
        status = 200
        try:
            answer, headers = self._answer(method, args, token)
        except Refused as refused:
            answer = _refusal(refused)
            if refused.error == Rule.RATE_LIMITED.error:
                status, headers = 429, {"Retry-After": str(answer.pop("retry_after", 1))}
        self.log.append(Called(self._desk.state.now(), method, args, str(answer.get("error") or "")))
        return JSONResponse(answer, status, headers)

    def _answer(self, method: str, args: Json, token: str) -> tuple[Json, dict[str, str]]:
        entry = METHODS.get(method)
        if entry is None:
            raise refuse(Rule.UNKNOWN_METHOD)
        kind = TokenKind.BOT if method in connection.OPEN_METHODS and not token else _kind(token, self._desk.state)
        if kind not in entry.tokens:
            raise refuse(Rule.WRONG_TOKEN_TYPE)
        if fault := self._faults.take(FaultKind.RATE_LIMIT, method=method):
            raise refuse(Rule.RATE_LIMITED, retry_after=fault.retry_after)
        call = Call(method, args, kind, self._desk)
        call.need(*entry.scopes)
        granted = self._desk.state.installation.scopes if kind is TokenKind.BOT else world.APP_SCOPES
        return {"ok": True} | entry.run(call), {"x-oauth-scopes": ",".join(sorted(granted))}


def _refusal(refused: Refused) -> Json:
    messages = [str(problem) for problem in refused.problems]
    return {
        "ok": False,
        "error": refused.error,
        **refused.extra,
        "errors": messages,
        "response_metadata": {"messages": messages},
    }


def _kind(token: str, state: State) -> TokenKind:
    if not token:
        raise refuse(Rule.NOT_AUTHED)
    if token == world.BOT_TOKEN:
        return TokenKind.BOT
    if token == world.APP_TOKEN:
        return TokenKind.APP
    if state.person_by_token(token):
        return TokenKind.USER
    raise refuse(Rule.INVALID_AUTH)


def _token(request: Request, args: Json) -> str:
    """The token of a call, taken out of its arguments."""
    given = str(args.pop("token", "") or "")
    return request.headers.get("authorization", "").removeprefix("Bearer ").strip() or given


async def _arguments(request: Request) -> Json:
    """Query and body together."""
    args: Json = dict(request.query_params)
    body = await request.body()
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            sent = json.loads(body or b"{}")
        except ValueError:
            sent = {}
        args |= sent if isinstance(sent, dict) else {}
    else:
        args |= dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    return args
