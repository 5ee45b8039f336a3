"""The client side: what a person's Slack client can do, authenticated by that person's token.

A person sees and touches only the channels they are in, and changes only their own messages.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.sandbox import objects, world
from bot.sandbox.acts import Acts
from bot.sandbox.block_kit.interactive import NoSuchChoice
from bot.sandbox.client_person import ClientError, Seat
from bot.sandbox.interactions import Interactions, InvalidInput, Unanswered
from bot.sandbox.rules import Refused
from bot.sandbox.stream import Stream
from bot.sandbox.views import Views
from bot.sandbox.wire import Json, truth, whole

#: What serves one request of one person.
Serve = Callable[[Seat, Json], Awaitable[Json]]

#: Longest wait for a change, in seconds.
LONGEST_WAIT = 30.0


class ClientApi:
    """Answers `/client/…`."""

    def __init__(self, acts: Acts, views: Views, interactions: Interactions, stream: Stream) -> None:
        self._acts = acts
        self._views = views
        self._interactions = interactions
        self._stream = stream

    def routes(self) -> list[Route]:
        """All routes of the client side."""
        gets: dict[str, Serve] = {
            "/channels": self._channels,
            "/messages": self._messages,
            "/permalink": self._permalink,
            "/views": self._open_views,
            "/home": self._home,
            "/wait": self._wait,
        }
        posts: dict[str, Serve] = {
            "/messages": self._say,
            "/messages/edit": self._edit,
            "/messages/delete": self._delete,
            "/reactions": self._react,
            "/actions": self._act,
            "/views/submit": self._submit,
            "/views/close": self._close,
            "/shortcuts": self._shortcut,
            "/commands": self._command,
            "/home": self._open_home,
            "/channels/join": self._join,
        }
        return [
            Route("/client/people", self._people, methods=["GET"]),
            Route("/client/stream", self._sse, methods=["GET"]),
            Route("/client/files/{id}", self._file, methods=["GET"]),
            *(Route(f"/client{path}", self._serve(serve), methods=["GET"]) for path, serve in gets.items()),
            *(Route(f"/client{path}", self._serve(serve), methods=["POST"]) for path, serve in posts.items()),
        ]

    def _serve(self, serve: Serve) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                answer = await serve(self._seat(request), await _arguments(request))
            except InvalidInput as invalid:
                return JSONResponse({"ok": False, "error": "invalid_input", "errors": invalid.errors})
            except (ClientError, NoSuchChoice) as error:
                return JSONResponse({"ok": False, "error": str(error)}, 400)
            except Refused as refused:
                return JSONResponse({"ok": False, "error": refused.error, "detail": str(refused)}, 400)
            except Unanswered as error:
                return JSONResponse({"ok": False, "error": str(error)}, 504)
            return JSONResponse({"ok": True} | answer)

        return endpoint

    def _seat(self, request: Request) -> Seat:
        token = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        token = token or request.query_params.get("token", "")
        person = self._acts.state.person_by_token(token)
        if person is None:
            raise ClientError("no such person: take a token from GET /client/people and send it as a bearer token")
        return Seat(person, self._acts)

    # --- looking ---

    async def _people(self, request: Request) -> Response:
        people = [
            {
                "id": one.id,
                "name": one.name,
                "real_name": one.real_name,
                "token": one.token,
                "tz": one.tz,
                "is_admin": one.is_admin,
                "is_restricted": one.is_restricted,
                "team_id": one.team_id,
            }
            for one in self._acts.state.people.values()
            if not one.is_bot
        ]
        bot = {
            "user_id": world.BOT_USER,
            "bot_id": world.BOT_ID,
            "app_id": world.APP_ID,
            "name": world.BOT.name,
            "real_name": world.BOT.real_name,
        }
        groups = [objects.group(group) for group in self._acts.state.groups.values()]
        return JSONResponse({"people": people, "team": objects.team(world.TEAM), "bot": bot, "usergroups": groups})

    async def _channels(self, seat: Seat, args: Json) -> Json:
        return {"channels": [seat.shown(channel) for channel in seat.channels()]}

    async def _messages(self, seat: Seat, args: Json) -> Json:
        channel = seat.channel(args)
        thread_ts = str(args.get("thread_ts") or "")
        revision = self._stream.revision(seat.person.id)
        return {
            "channel": channel.id,
            "messages": seat.messages(channel, thread_ts),
            "ephemeral": seat.ephemerals(channel, thread_ts),
            "status": seat.status(channel, thread_ts),
            "prompts": self._acts.state.prompts.get(channel.id),
            "revision": revision,
        }

    async def _permalink(self, seat: Seat, args: Json) -> Json:
        channel = seat.channel(args)
        return {"permalink": objects.permalink(channel.id, seat.message(channel, args))}

    async def _wait(self, seat: Seat, args: Json) -> Json:
        after = whole(args.get("after"), 0)
        try:
            seconds = min(float(args.get("seconds") or 0), LONGEST_WAIT)
        except (TypeError, ValueError) as error:
            raise ClientError("seconds must be a number") from error
        return {"revision": await self._stream.wait(seat.person.id, after, seconds)}

    async def _sse(self, request: Request) -> Response:
        try:
            seat = self._seat(request)
        except ClientError as error:
            return JSONResponse({"ok": False, "error": str(error)}, 400)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(self._stream.lines(seat.person.id), media_type="text/event-stream", headers=headers)

    async def _file(self, request: Request) -> Response:
        try:
            file = self._seat(request).file(str(request.path_params["id"]))
        except ClientError as error:
            return JSONResponse({"ok": False, "error": str(error)}, 404)
        # Never rendered by a browser as a page of this workspace.
        headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
        return Response(file.content, media_type="application/octet-stream", headers=headers)

    # --- talking ---

    async def _say(self, seat: Seat, args: Json) -> Json:
        channel = seat.channel(args)
        message = seat.say(args)
        return {"ts": message.ts, "channel": channel.id, "message": objects.message(message, channel)}

    async def _edit(self, seat: Seat, args: Json) -> Json:
        seat.edit(args)
        return {}

    async def _delete(self, seat: Seat, args: Json) -> Json:
        seat.delete(args)
        return {}

    async def _react(self, seat: Seat, args: Json) -> Json:
        seat.react(args, add="add" not in args or truth(args["add"]))
        return {}

    async def _join(self, seat: Seat, args: Json) -> Json:
        seat.join(args)
        return {}

    # --- interacting ---

    async def _act(self, seat: Seat, args: Json) -> Json:
        action_id, block_id = str(args.get("action_id") or ""), str(args.get("block_id") or "")
        given = _given(args)
        if args.get("view_id"):
            view = seat.view(args)
            filled = _filled(args) if "values" in args else None
            await self._interactions.click_view(seat.person, view, action_id, block_id, given, filled)
        else:
            channel = seat.channel(args)
            on = seat.clickable(channel, args)
            await self._interactions.click(seat.person, channel, on, action_id, block_id, given)
        return {}

    async def _open_views(self, seat: Seat, args: Json) -> Json:
        return {"views": [objects.view(view) for view in self._acts.state.stack(seat.person.id)]}

    async def _submit(self, seat: Seat, args: Json) -> Json:
        await self._interactions.submit(seat.person, seat.view(args), _filled(args))
        return {}

    async def _close(self, seat: Seat, args: Json) -> Json:
        await self._interactions.close(seat.person, seat.view(args))
        return {}

    async def _shortcut(self, seat: Seat, args: Json) -> Json:
        callback_id = str(args.get("callback_id") or "")
        offered = self._acts.state.installation.shortcuts
        if offered is not None and callback_id not in offered:
            raise ClientError(f"the app has no shortcut {callback_id!r}")
        if not args.get("ts"):
            await self._interactions.global_shortcut(seat.person, callback_id)
            return {}
        channel = seat.channel(args)
        await self._interactions.shortcut(seat.person, callback_id, channel, seat.message(channel, args))
        return {}

    async def _command(self, seat: Seat, args: Json) -> Json:
        command = str(args.get("command") or "")
        if not command.startswith("/"):
            raise ClientError("a command begins with a slash")
        offered = self._acts.state.installation.commands
        if offered is not None and command not in offered:
            raise ClientError(f"{command} is not a command of the app")
        await self._interactions.command(seat.person, seat.channel(args), command, str(args.get("text") or ""))
        return {}

    async def _home(self, seat: Seat, args: Json) -> Json:
        home = self._acts.state.homes.get(seat.person.id)
        return {"view": objects.view(home) if home else None}

    async def _open_home(self, seat: Seat, args: Json) -> Json:
        tab = str(args.get("tab") or "home")
        if tab not in ("home", "messages"):
            raise ClientError("tab is home or messages")
        seat.open_home(tab)
        return {}


def _filled(args: Json) -> Json:
    """What stands in the inputs of a view: block id to action id to state value."""
    values = args.get("values")
    if not isinstance(values, dict) or not all(isinstance(one, dict) for one in values.values()):
        raise ClientError("values must be an object: block id to action id to what was filled in")
    return values


def _given(args: Json) -> Any:
    """What was chosen, under whichever of the names a client uses for it."""
    for name in ("value", "selected_option", "selected_options", "selected", "feedback"):
        if args.get(name) is not None:
            return args[name]
    state = {key: value for key, value in args.items() if key.startswith("selected_") or key == "rich_text_value"}
    return state or None


async def _arguments(request: Request) -> Json:
    args: Json = dict(request.query_params)
    body = await request.body()
    if body:
        try:
            sent = json.loads(body)
        except ValueError as error:
            raise ClientError("the body must be JSON") from error
        if not isinstance(sent, dict):
            raise ClientError("the body must be a JSON object")
        args |= sent
    return args
