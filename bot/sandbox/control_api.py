"""The control side: what a test or the demo's operator does to the workspace, and no person could.

Faults, new people and channels, the app's installation, and the logs of calls and deliveries.
"""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox import world
from bot.sandbox.acts import Acts
from bot.sandbox.delivery import Delivery
from bot.sandbox.faults import Fault, FaultKind, Faults
from bot.sandbox.http_delivery import HttpDelivery
from bot.sandbox.socket_mode import SocketMode
from bot.sandbox.state import Channel, Group, Installation
from bot.sandbox.transport import Timing
from bot.sandbox.web_api import WebApi
from bot.sandbox.wire import Json


class ControlError(Exception):
    """The operator asked for something that makes no sense; the message says what."""


class ControlApi:
    """Answers `/control/…`."""

    def __init__(
        self,
        acts: Acts,
        delivery: Delivery,
        faults: Faults,
        timing: Timing,
        socket_mode: SocketMode,
        web_api: WebApi,
        http: Callable[[str], HttpDelivery],
    ) -> None:
        self._acts = acts
        self._delivery = delivery
        self._faults = faults
        self._timing = timing
        self._socket_mode = socket_mode
        self._web_api = web_api
        self._http = http

    def routes(self) -> list[Route]:
        """All routes of the control side."""
        return [
            Route("/control/faults", self._endpoint, methods=["GET", "POST"], name="faults"),
            *(
                Route(f"/control/{name}", self._endpoint, methods=["POST"], name=name)
                for name in (
                    "people",
                    "channels",
                    "usergroups",
                    "members",
                    "install",
                    "timing",
                    "transport",
                    "reset",
                )
            ),
            *(
                Route(f"/control/{name}", self._endpoint, methods=["GET"], name=name)
                for name in ("calls", "deliveries", "state")
            ),
        ]

    async def _endpoint(self, request: Request) -> Response:
        name = request.url.path.rsplit("/", 1)[-1]
        try:
            args = dict(request.query_params) | (json.loads(await request.body() or b"{}"))
            return JSONResponse({"ok": True} | await self._serve(name, request.method, args))
        except (ControlError, ValueError, KeyError, TypeError) as error:
            return JSONResponse({"ok": False, "error": f"{type(error).__name__}: {error}"}, 400)

    async def _serve(self, name: str, method: str, args: Json) -> Json:
        match name, method:
            case "faults", "GET":
                return {"waiting": self._faults.shown()}
            case "faults", _:
                return await self._fault(args)
            case "people", _:
                return self._person(args)
            case "channels", _:
                return self._channel(args)
            case "usergroups", _:
                return self._group(args)
            case "members", _:
                return self._members(args)
            case "install", _:
                return self._install(args)
            case "timing", _:
                return self._set_timing(args)
            case "transport", _:
                return await self._transport(args)
            case "calls", _:
                wanted = args.get("method")
                calls = [asdict(one) for one in self._web_api.log if wanted in (None, one.method)]
                return {"calls": calls}
            case "deliveries", _:
                return {"deliveries": [asdict(one) for one in self._delivery.log]}
            case "state", _:
                return {"connections": self._socket_mode.count, "under_way": self._delivery.busy}
            case _:
                return self._reset()

    async def _fault(self, args: Json) -> Json:
        kind = FaultKind(args["kind"])
        if kind is FaultKind.REFRESH:
            await self._socket_mode.refresh()
            return {}
        self._faults.request(
            Fault(
                kind,
                count=int(args.get("count") or 1),
                method=str(args.get("method") or ""),
                event=str(args.get("event") or ""),
                retry_after=int(args.get("retry_after") or 1),
            )
        )
        return {}

    def _person(self, args: Json) -> Json:
        name = str(args["name"])
        person = world.Person(
            id=str(args.get("id") or "U0" + name.upper()),
            name=name,
            real_name=str(args.get("real_name") or name.capitalize()),
            tz=str(args.get("tz") or "UTC"),
            team_id=str(args.get("team_id") or world.TEAM.id),
            is_admin=bool(args.get("is_admin")),
            is_restricted=bool(args.get("is_restricted")),
        )
        self._acts.state.people[person.id] = person
        self._acts.state.direct_channel(person.id)
        for channel_id in args.get("channels") or []:
            self._acts.join(self._acts.state.channels[channel_id], person.id)
        return {"person": asdict(person) | {"token": person.token}}

    def _channel(self, args: Json) -> Json:
        name = str(args["name"])
        channel = Channel(
            id=str(args.get("id") or "C0" + name.upper().replace("-", "")),
            name=name,
            members=self._known(args.get("members") or []),
            is_private=bool(args.get("is_private")),
            is_ext_shared=bool(args.get("is_ext_shared")),
            is_archived=bool(args.get("is_archived")),
        )
        before = self._acts.state.channels.get(channel.id)
        if before is not None:
            channel.messages = before.messages
        self._acts.state.channels[channel.id] = channel
        self._acts.stream.tell(channel.members, "channel", {"channel": channel.id})
        return {"channel": {"id": channel.id, "name": channel.name, "members": channel.members}}

    def _group(self, args: Json) -> Json:
        handle = str(args["handle"])
        group = Group(
            id=str(args.get("id") or "S0" + handle.upper().replace("-", "")),
            handle=handle,
            name=str(args.get("name") or handle),
            members=self._known(args.get("members") or []),
        )
        self._acts.state.groups[group.id] = group
        return {"usergroup": asdict(group)}

    def _members(self, args: Json) -> Json:
        """Bring people into a channel, or take them out."""
        channel = self._acts.state.channels[args["channel"]]
        for person in self._known(args.get("add") or []):
            if person not in channel.members:
                self._acts.join(channel, person)
        for person in args.get("remove") or []:
            if person in channel.members:
                channel.members.remove(person)
        self._acts.stream.tell(channel.members, "channel", {"channel": channel.id})
        return {"members": channel.members}

    def _install(self, args: Json) -> Json:
        """Install the app as its manifest says: scopes, subscribed events, commands, shortcuts."""
        manifest = args.get("manifest") or {}
        scopes = args.get("scopes") or manifest["oauth_config"]["scopes"]["bot"]
        events = args.get("events") or manifest["settings"]["event_subscriptions"]["bot_events"]
        features = manifest.get("features")
        commands = shortcuts = None
        if features is not None:
            commands = frozenset(one["command"] for one in features.get("slash_commands") or [])
            shortcuts = frozenset(one["callback_id"] for one in features.get("shortcuts") or [])
        self._acts.state.installation = Installation(frozenset(scopes), frozenset(events), commands, shortcuts)
        return {"scopes": sorted(scopes), "events": sorted(events)}

    def _set_timing(self, args: Json) -> Json:
        """Change how patient the workspace is; all values are seconds."""
        if "ack" in args:
            self._timing.ack = timedelta(seconds=float(args["ack"]))
        if "trigger" in args:
            self._timing.trigger = timedelta(seconds=float(args["trigger"]))
        if "retries" in args:
            self._timing.retries = tuple(timedelta(seconds=float(one)) for one in args["retries"])
        return {}

    async def _transport(self, args: Json) -> Json:
        """Deliver over signed HTTP to `request_url`, or over Socket Mode where it is empty."""
        url = str(args.get("request_url") or "")
        if not url:
            self._delivery.transport = self._socket_mode
            return {"transport": self._socket_mode.name}
        http = self._http(url)
        if not await http.verify():
            raise ControlError("the request URL did not answer the challenge of url_verification")
        self._delivery.transport = http
        return {"transport": http.name}

    def _reset(self) -> Json:
        """Go back to the seed world; connections stay."""
        self._acts.state.reset()
        self._faults.clear()
        self._delivery.forget()
        self._web_api.log.clear()
        return {}

    def _known(self, people: list[Any]) -> list[str]:
        unknown = [one for one in people if one not in self._acts.state.people]
        if unknown:
            raise ControlError(f"unknown people: {', '.join(map(str, unknown))}")
        return [str(one) for one in people]
