"""A client for people at the local workspace: what somebody could do in Slack, as Python calls.

It uses the client side only, so that a test or the tour can do no more than a person; `Workspace` adds the control side
for faults and logs. Waiting is done on the server: a call returns as soon as something changed.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import httpx

from bot.sandbox.block_kit.interactive import elements
from bot.sandbox.client_shown import NothingCalled, OpenView, SandboxError, Shown, target
from bot.sandbox.wire import Json

__all__ = ["InvalidInput", "NothingCalled", "OpenView", "Person", "SandboxError", "Shown", "Workspace"]

Found = TypeVar("Found")

#: Seconds that waits last unless the workspace or they say otherwise.
PATIENCE = 15.0
#: Seconds after which a wait looks again although nothing was told.
LOOK_AGAIN = 0.25


class InvalidInput(SandboxError):
    """A modal was not accepted."""

    def __init__(self, errors: dict[str, str]) -> None:
        #: What is wrong, by block id.
        self.errors = errors
        super().__init__("the modal was not accepted: " + "; ".join(f"{k}: {v}" for k, v in errors.items()))


class Workspace:
    """The workspace at `base_url`."""

    def __init__(self, base_url: str, *, timeout: float = 40.0, patience: float = PATIENCE) -> None:
        """Reach it.

        Args:
            timeout: seconds that one request may take.
            patience: seconds that waits last unless they say otherwise.
        """
        # Proxies from the environment are not meant for this machine's own address.
        # No connection is closed for being one too many: the pool may close one that it just gave to another thread.
        limits = httpx.Limits(max_keepalive_connections=None)
        self._http = httpx.Client(base_url=base_url.rstrip("/"), timeout=timeout, limits=limits, trust_env=False)
        self.url = base_url.rstrip("/")
        self.patience = patience

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def __enter__(self) -> "Workspace":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- people ---

    def person(self, name: str) -> "Person":
        """The person with this handle or id.

        Raises:
            SandboxError: if there is none.
        """
        everyone = self.get("/client/people")["people"]
        for one in everyone:
            if name in (one["name"], one["id"]):
                return Person(self, one)
        raise SandboxError(f"there is no {name!r}; there are {', '.join(one['name'] for one in everyone)}")

    # --- control side ---

    def faults(self, kind: str, count: int = 1, **options: Any) -> None:
        """Let something go wrong `count` times; see `bot.sandbox.faults.FaultKind`.

        Args:
            options: `event` or `method` to choose what it happens to, `retry_after` in seconds.
        """
        self.post("/control/faults", {"kind": kind, "count": count, **options})

    def calls(self, method: str | None = None) -> list[Json]:
        """The Web API calls seen so far, oldest first."""
        return list(self.get("/control/calls", {"method": method} if method else {})["calls"])

    def deliveries(self) -> list[Json]:
        """Every try to deliver something to the app, oldest first."""
        return list(self.get("/control/deliveries")["deliveries"])

    def wait_connected(self, seconds: float | None = None) -> None:
        """Wait until the app holds a Socket Mode connection."""
        seconds = self.patience if seconds is None else seconds
        until(lambda: self.get("/control/state")["connections"] > 0, seconds, "the app did not connect")

    def wait_quiet(self, seconds: float | None = None) -> None:
        """Wait until every event is acknowledged."""
        seconds = self.patience if seconds is None else seconds
        until(lambda: self.get("/control/state")["under_way"] == 0, seconds, "events are still not acknowledged")

    def timing(self, **seconds: Any) -> None:
        """Change `ack`, `trigger` (seconds) or `retries` (a list of seconds)."""
        self.post("/control/timing", seconds)

    def deliver_to(self, request_url: str) -> None:
        """Deliver over signed HTTP to `request_url`, or over Socket Mode where it is empty."""
        self.post("/control/transport", {"request_url": request_url})

    def install(self, manifest: Mapping[str, Any]) -> None:
        """Grant the scopes and events that an app's manifest asks for."""
        self.post("/control/install", {"manifest": dict(manifest)})

    def add_person(self, name: str, **facts: Any) -> "Person":
        """A new person, in the `channels` named by id."""
        self.post("/control/people", {"name": name, **facts})
        return self.person(name)

    def add_channel(self, name: str, members: Sequence[str], **facts: Any) -> str:
        """A new channel with people and the bot named by id; returns its id."""
        made = self.post("/control/channels", {"name": name, "members": list(members), **facts})
        return str(made["channel"]["id"])

    def add_usergroup(self, handle: str, members: Sequence[str]) -> str:
        """A new user group; returns its id."""
        return str(self.post("/control/usergroups", {"handle": handle, "members": list(members)})["usergroup"]["id"])

    def members(self, channel: str, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> None:
        """Bring people into a channel, or take them out."""
        self.post("/control/members", {"channel": channel, "add": list(add), "remove": list(remove)})

    def reset(self) -> None:
        """Go back to the seed world."""
        self.post("/control/reset", {})

    # --- the wire ---

    def get(self, path: str, args: Mapping[str, Any] | None = None, token: str = "") -> Json:
        """Ask; raises `SandboxError` with what the workspace says."""
        return self._read(self._http.get(path, params=dict(args or {}), headers=_bearer(token)))

    def post(self, path: str, body: Mapping[str, Any], token: str = "") -> Json:
        """Do; raises `SandboxError` with what the workspace says."""
        return self._read(self._http.post(path, json=dict(body), headers=_bearer(token)))

    def download(self, path: str, token: str) -> bytes:
        """The bytes behind a path; raises `SandboxError` with what the workspace says."""
        response = self._http.get(path, headers=_bearer(token))
        if not response.is_success:
            self._read(response)
        return response.content

    def _read(self, response: httpx.Response) -> Json:
        try:
            answer: Json = response.json()
        except ValueError as error:
            raise SandboxError(f"{response.request.url}: {response.status_code} {response.text[:200]}") from error
        if answer.get("errors") and not answer.get("ok", True):
            raise InvalidInput(answer["errors"])
        if not answer.get("ok", True):
            raise SandboxError(f"{response.request.url.path}: {answer.get('detail') or answer.get('error')}")
        return answer


class Person:
    """Somebody at the workspace."""

    def __init__(self, workspace: Workspace, facts: Json) -> None:
        self.workspace = workspace
        self.id = str(facts["id"])
        self.name = str(facts["name"])
        self.token = str(facts["token"])

    # --- where ---

    @property
    def direct(self) -> str:
        """Id of the direct message with the bot."""
        return next(str(one["id"]) for one in self.channels() if one["is_im"])

    def channels(self) -> list[Json]:
        """The channels this person is in."""
        return list(self._get("/channels")["channels"])

    # --- talking ---

    def say(self, channel: str, text: str, thread: str | Shown | None = None) -> Shown:
        """Type `text` and send it; names after @ and # become mentions.

        Args:
            channel: name or id.
            thread: ts of a thread, or a message in it.
        """
        body: Json = {"channel": channel, "text": text}
        if thread is not None:
            body["thread_ts"] = thread.thread if isinstance(thread, Shown) else thread
        sent = self._post("/messages", body)
        return Shown(str(sent["channel"]), sent["message"])

    def edit(self, message: Shown, text: str) -> None:
        """Change an own message."""
        self._post("/messages/edit", {"channel": message.channel, "ts": message.ts, "text": text})

    def delete(self, message: Shown) -> None:
        """Delete an own message."""
        self._post("/messages/delete", {"channel": message.channel, "ts": message.ts})

    def react(self, message: Shown, name: str) -> None:
        """Add a reaction."""
        self._post("/reactions", {"channel": message.channel, "ts": message.ts, "name": name, "add": True})

    def unreact(self, message: Shown, name: str) -> None:
        """Take back a reaction."""
        self._post("/reactions", {"channel": message.channel, "ts": message.ts, "name": name, "add": False})

    # --- reading ---

    def messages(self, channel: str) -> list[Shown]:
        """What stands in a channel, oldest first, without replies."""
        return self._messages({"channel": channel})[0]

    def thread(self, message: Shown) -> list[Shown]:
        """A whole thread, oldest first, with the message that began it."""
        return self._messages({"channel": message.channel, "thread_ts": message.thread})[0]

    def whispers(self, channel: str) -> list[Shown]:
        """What only this person sees in a channel, oldest first."""
        raw = self._get("/messages", {"channel": channel})
        return [Shown(one["channel"], one) for one in raw["ephemeral"]]

    def see(self, channel: str, ts: str, thread_ts: str | None = None) -> Shown:
        """One message as it stands now."""
        found, _ = self._messages({"channel": channel} | ({"thread_ts": thread_ts} if thread_ts else {}))
        for message in found:
            if message.ts == ts:
                return message
        raise SandboxError(f"{self.name} sees no message {ts} in {channel}")

    def again(self, message: Shown) -> Shown:
        """The same message as it stands now."""
        return self.see(message.channel, message.ts, message.raw.get("thread_ts"))

    def wait_for_message(
        self,
        channel: str | Shown,
        fits: Callable[[Shown], bool] = lambda message: message.by_app,
        *,
        seconds: float | None = None,
    ) -> Shown:
        """Wait for a message that fits, in a channel or, given a message, in its thread; the newest one counts.

        Raises:
            SandboxError: with what was there instead.
        """
        args = (
            {"channel": channel.channel, "thread_ts": channel.thread}
            if isinstance(channel, Shown)
            else {"channel": channel}
        )

        def look() -> Shown | None:
            return next((one for one in reversed(self._messages(args)[0]) if fits(one)), None)

        def instead() -> str:
            seen = [f"  {one.user}: {one.text[:300]}" for one in self._messages(args)[0]]
            return "no such message came; there are:\n" + "\n".join(seen[-10:])

        return self.wait_for(look, seconds=seconds, otherwise=instead)

    def wait_for(
        self,
        look: Callable[[], Found | None],
        *,
        seconds: float | None = None,
        otherwise: str | Callable[[], str] = "it did not happen in time",
    ) -> Found:
        """Look until there is something; looks again whenever this person's client is told of a change.

        Raises:
            SandboxError: saying `otherwise`, after `seconds`.
        """
        seconds = self.workspace.patience if seconds is None else seconds
        deadline = time.monotonic() + seconds
        revision = int(self._get("/wait", {"after": 0, "seconds": 0})["revision"])
        while True:
            if found := look():
                return found
            left = deadline - time.monotonic()
            if left <= 0:
                why = otherwise if isinstance(otherwise, str) else otherwise()
                raise SandboxError(f"{self.name} waited {seconds:g} s: {why}")
            # A short wait at most: what is looked at may change without this person being told.
            answer = self._get("/wait", {"after": revision, "seconds": min(left, LOOK_AGAIN)})
            revision = int(answer["revision"])

    def file(self, file_id: str) -> bytes:
        """The content of a file that this person can see.

        Raises:
            SandboxError: if there is none.
        """
        return self.workspace.download(f"/client/files/{file_id}", self.token)

    # --- clicking ---

    def click(self, on: Shown | OpenView, what: str, choice: Any = None) -> None:
        """Use an element: a button, a menu, feedback buttons.

        Args:
            what: its action id, or the label that can be read on it (a button's, an option's, a thumb's).
            choice: what to choose: an option's value or label, a date, a feedback value.
        """
        block, element, chosen = target(on.blocks, what, choice)
        body: Json = {"action_id": element["action_id"], "block_id": block.get("block_id") or ""}
        if chosen is not None:
            body["value"] = chosen
        if isinstance(on, OpenView):
            body["view_id"] = on.id
        else:
            body |= {"channel": on.channel, "ts": on.ts}
        self._post("/actions", body)

    def shortcut(self, callback_id: str, message: Shown | None = None) -> None:
        """Use a shortcut, on a message or, without one, a global shortcut."""
        where: Json = {"channel": message.channel, "ts": message.ts} if message else {}
        self._post("/shortcuts", {"callback_id": callback_id} | where)

    def command(self, channel: str, command: str, text: str = "") -> None:
        """Use a slash command in a channel."""
        self._post("/commands", {"channel": channel, "command": command, "text": text})

    # --- views ---

    def views(self) -> list[OpenView]:
        """The modals on this person's screen, the top one last."""
        return [OpenView(one) for one in self._get("/views")["views"]]

    def wait_for_view(self, callback_id: str | None = None, *, seconds: float | None = None) -> OpenView:
        """Wait until the top modal is the one with this callback id, or until there is any."""

        def look() -> OpenView | None:
            stack = self.views()
            return stack[-1] if stack and callback_id in (None, stack[-1].callback_id) else None

        return self.wait_for(look, seconds=seconds, otherwise=f"no modal {callback_id or ''} opened")

    def submit(self, view: OpenView, values: Mapping[str, Any] | None = None) -> None:
        """Submit a modal.

        Args:
            values: by block id; for each either what to fill in (text, an option's value, a list of these), or an
                object of action id to that.

        Raises:
            InvalidInput: if the client or the app objects.
        """
        filled: Json = {}
        for block_id, given in (values or {}).items():
            block = next((one for one in view.blocks if one["block_id"] == block_id), None)
            if block is None:
                raise SandboxError(f"the modal has no block {block_id!r}: {[one['block_id'] for one in view.blocks]}")
            action_ids = [element["action_id"] for _, element in elements([block])]
            named = isinstance(given, dict) and set(given) <= set(action_ids)
            filled[block_id] = given if named else {action_ids[0]: given}
        self._post("/views/submit", {"view_id": view.id, "values": filled})

    def close_view(self, view: OpenView) -> None:
        """Close a modal without submitting it."""
        self._post("/views/close", {"view_id": view.id})

    def open_home(self, tab: str = "home") -> None:
        """Open the app's home tab, or its messages."""
        self._post("/home", {"tab": tab})

    def home(self) -> OpenView | None:
        """The app's home tab as it stands; None before the app published one."""
        view = self._get("/home")["view"]
        return OpenView(view) if view else None

    # --- the wire ---

    def _get(self, path: str, args: Mapping[str, Any] | None = None) -> Json:
        return self.workspace.get("/client" + path, args, self.token)

    def _post(self, path: str, body: Mapping[str, Any]) -> Json:
        return self.workspace.post("/client" + path, body, self.token)

    def _messages(self, args: Json) -> tuple[list[Shown], int]:
        answer = self._get("/messages", args)
        return [Shown(str(answer["channel"]), one) for one in answer["messages"]], int(answer["revision"])


def until(look: Callable[[], bool], seconds: float, otherwise: str) -> None:
    """Look every twentieth of a second until it is so; raises `SandboxError` saying `otherwise`."""
    deadline = time.monotonic() + seconds
    while not look():
        if time.monotonic() > deadline:
            raise SandboxError(f"{otherwise} within {seconds:g} s")
        time.sleep(0.05)


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}
