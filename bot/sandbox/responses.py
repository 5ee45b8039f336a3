"""Response URLs: how an app answers an interaction without a token.

At most five times within thirty minutes (https://docs.slack.dev/interactivity/handling-user-interaction).
"""

import json
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.sandbox import world
from bot.sandbox.acts import Acts
from bot.sandbox.block_kit import MESSAGE, checked_blocks, with_ids
from bot.sandbox.rules import Refused, Rule, refuse
from bot.sandbox.state import Ephemeral, Message, ResponseUrl
from bot.sandbox.wire import Json, truth

LIFETIME_SECONDS = 30 * 60


class Responses:
    """Gives out response URLs and takes what is posted to them."""

    def __init__(self, acts: Acts, base_url: Callable[[], str]) -> None:
        self._acts = acts
        self._base_url = base_url

    def url(self, person: str, channel: str, message_ts: str | None, thread_ts: str | None) -> str:
        """A new response URL for what `person` did."""
        state = self._acts.state
        one = ResponseUrl(state.new_id("R"), person, channel, message_ts, thread_ts, state.now() + LIFETIME_SECONDS)
        state.response_urls[one.id] = one
        return f"{self._base_url()}/response/{one.id}"

    async def endpoint(self, request: Request) -> Response:
        """Serve one post to a response URL."""
        try:
            body = json.loads(await request.body() or b"{}")
        except ValueError:
            body = None
        if not isinstance(body, dict):
            return PlainTextResponse("invalid_payload", 400)
        try:
            self.answer(str(request.path_params["id"]), body)
        except Refused as refused:
            status = 404 if refused.error in ("expired_url", "used_url") else 400
            messages = [str(problem) for problem in refused.problems]
            return JSONResponse({"ok": False, "error": refused.error, "messages": messages}, status)
        return PlainTextResponse("ok")

    def answer(self, url_id: str, body: Json) -> None:
        """Do what a post says: say something, or replace or delete the message it came from."""
        one = self._acts.state.response_urls.get(url_id)
        if one is None or one.expires < self._acts.state.now():
            raise refuse(Rule.RESPONSE_URL_EXPIRED)
        if one.uses_left < 1:
            raise refuse(Rule.RESPONSE_URL_USED)
        raw = body.get("blocks")
        blocks = with_ids(checked_blocks(raw, MESSAGE, "/blocks"), self._acts.state) if raw else []
        one.uses_left -= 1
        if truth(body.get("delete_original")):
            self._delete(one)
        elif truth(body.get("replace_original")) and one.message_ts:
            self._replace(one, str(body.get("text") or ""), blocks)
        else:
            self._say(one, body, blocks)

    def _say(self, one: ResponseUrl, body: Json, blocks: list[Json]) -> None:
        channel = self._acts.state.channels[one.channel]
        text = str(body.get("text") or "")
        if not text and not blocks:
            raise refuse(Rule.NO_TEXT, "/text")
        thread_ts = body.get("thread_ts") or None
        if body.get("response_type") != "in_channel":
            self._acts.whisper(channel, one.user, text, blocks, thread_ts or one.thread_ts)
            return
        message = Message(
            ts=self._acts.state.next_ts(),
            channel=channel.id,
            user=world.BOT_USER,
            text=text,
            blocks=blocks,
            thread_ts=thread_ts,
            bot_id=world.BOT_ID,
        )
        self._acts.post(channel, message)

    def _replace(self, one: ResponseUrl, text: str, blocks: list[Json]) -> None:
        channel = self._acts.state.channels[one.channel]
        if whispered := self._whispered(one):
            self._acts.rewrite_whisper(whispered, text, blocks)
        elif message := channel.messages.get(one.message_ts or ""):
            self._acts.edit(channel, message, text, blocks)

    def _delete(self, one: ResponseUrl) -> None:
        channel = self._acts.state.channels[one.channel]
        if whispered := self._whispered(one):
            self._acts.drop_whisper(whispered)
        elif message := channel.messages.get(one.message_ts or ""):
            self._acts.delete(channel, message)

    def _whispered(self, one: ResponseUrl) -> Ephemeral | None:
        mine = self._acts.state.ephemerals.get(one.user, [])
        return next((whisper for whisper in mine if whisper.ts == one.message_ts), None)
