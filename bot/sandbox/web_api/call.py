"""One call of the Web API: its arguments, its caller, and what every method needs to look things up.

The arguments of query, form and JSON body are one set, as Slack takes them (https://docs.slack.dev/apis/web-api).
"""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.sandbox import world
from bot.sandbox.acts import Acts
from bot.sandbox.rules import Rule, refuse
from bot.sandbox.socket_mode import SocketMode
from bot.sandbox.state import Channel, Message, State
from bot.sandbox.views import Views
from bot.sandbox.wire import Json, decoded, truth, whole


class TokenKind(StrEnum):
    """Whose token a call carries."""

    BOT = "bot"
    APP = "app"
    USER = "user"


@dataclass(frozen=True)
class Desk:
    """What the methods work on."""

    state: State
    acts: Acts
    views: Views
    socket_mode: SocketMode
    #: Address of this workspace, without a slash at the end.
    base_url: Callable[[], str]


@dataclass(frozen=True)
class Call:
    """One call."""

    #: Such as `chat.postMessage`.
    method: str
    args: Json
    token: TokenKind
    desk: Desk

    @property
    def state(self) -> State:
        """The workspace as it stands."""
        return self.desk.state

    @property
    def acts(self) -> Acts:
        """What can be done to messages."""
        return self.desk.acts

    # --- arguments ---

    def text(self, name: str, default: str = "") -> str:
        """An optional argument as text."""
        value = self.args.get(name)
        return default if value is None else str(value)

    def required(self, *names: str) -> str:
        """The first of `names` that is given, as text.

        Raises:
            Refused: if none is.
        """
        for name in names:
            if value := self.text(name):
                return value
        raise refuse(Rule.INVALID_ARGUMENTS, f"/{names[0]}")

    def value(self, name: str) -> Any:
        """An argument that may be JSON in text; None where it is missing or empty."""
        value = decoded(self.args.get(name))
        return None if value == "" else value

    def yes(self, name: str) -> bool:
        """An argument that means yes or no; no where it is missing."""
        return truth(self.args.get(name))

    # --- what the caller may do ---

    def need(self, *scopes: str) -> None:
        """Raise `Refused` unless the token was granted all of `scopes`."""
        granted = self.state.installation.scopes if self.token is TokenKind.BOT else world.APP_SCOPES
        if missing := [scope for scope in scopes if scope not in granted]:
            raise refuse(Rule.MISSING_SCOPE, needed=",".join(missing), provided=",".join(sorted(granted)))

    # --- what the arguments name ---

    def channel(self, name: str = "channel", *, scope: str = "", member: bool = False) -> Channel:
        """The channel that an argument names and the bot can see.

        Args:
            scope: what is done with it, such as `history`; the token needs that scope for the channel's type.
            member: whether the bot must be in it.
        """
        wanted = self.required(name)
        found = self.state.channels.get(wanted)
        if found is None or (found.is_private and world.BOT_USER not in found.members):
            raise refuse(Rule.CHANNEL_NOT_FOUND, f"/{name}")
        if scope:
            self.need(f"{found.scope}:{scope}")
        if member and world.BOT_USER not in found.members:
            raise refuse(Rule.NOT_IN_CHANNEL, f"/{name}")
        return found

    def writable(self, name: str = "channel") -> Channel:
        """The channel the bot writes to; a person's id or a channel's name stand for their channel."""
        wanted = self.required(name)
        by_name = {channel.name: channel for channel in self.state.channels.values() if channel.name}
        if wanted in self.state.people and wanted != world.BOT_USER:
            found = self.state.direct_channel(wanted)
        elif wanted.lstrip("#") in by_name:
            found = self._visible(by_name[wanted.lstrip("#")], name)
        else:
            found = self.channel(name)
        if world.BOT_USER not in found.members and "chat:write.public" not in self.state.installation.scopes:
            raise refuse(Rule.NOT_IN_CHANNEL, f"/{name}")
        if found.is_archived:
            raise refuse(Rule.IS_ARCHIVED, f"/{name}")
        return found

    def message(self, channel: Channel, name: str = "ts") -> Message:
        """The message that an argument names."""
        found = channel.messages.get(self.required(name))
        if found is None:
            raise refuse(Rule.MESSAGE_NOT_FOUND, f"/{name}")
        return found

    def person(self, name: str = "user") -> world.Person:
        """The person that an argument names."""
        found = self.state.people.get(self.required(name))
        if found is None:
            raise refuse(Rule.USER_NOT_FOUND, f"/{name}")
        return found

    # --- pages ---

    def page(self, items: Sequence[Any], *, default: int = 100, most: int = 1000) -> tuple[list[Any], str]:
        """One page of `items` (https://docs.slack.dev/apis/web-api/pagination).

        Returns: the items, and the cursor of the next page, empty after the last.
        """
        limit = min(max(whole(self.args.get("limit"), default), 1), most)
        start = _from_cursor(self.text("cursor"))
        end = start + limit
        return list(items[start:end]), (_to_cursor(end) if end < len(items) else "")

    def _visible(self, channel: Channel, name: str) -> Channel:
        if channel.is_private and world.BOT_USER not in channel.members:
            raise refuse(Rule.CHANNEL_NOT_FOUND, f"/{name}")
        return channel


#: What a method does with a call.
Run = Callable[[Call], Json]


@dataclass(frozen=True)
class Method:
    """One entry of the table of methods."""

    run: Run
    #: Scopes the token needs whatever the call is about.
    scopes: tuple[str, ...] = ()
    #: Kinds of token it takes.
    tokens: frozenset[TokenKind] = frozenset({TokenKind.BOT})


def _to_cursor(start: int) -> str:
    return base64.urlsafe_b64encode(json.dumps({"start": start}).encode()).decode()


def _from_cursor(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        return int(json.loads(base64.urlsafe_b64decode(cursor.encode()))["start"])
    except (ValueError, KeyError, TypeError) as error:
        raise refuse(Rule.BAD_CURSOR, "/cursor") from error
