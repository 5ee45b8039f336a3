"""The workspace as it stands: people, channels, messages, views, triggers and files, all in memory.

Everything here runs on one event loop, so that a change needs no lock. Timestamps are unique across the workspace and
only grow, as Slack's are within a channel.
"""

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bot.sandbox import world
from bot.sandbox.wire import Json

#: Seconds since the epoch.
Now = Callable[[], float]


@dataclass
class Message:
    """One message in a channel."""

    ts: str
    channel: str
    #: Author; the bot's user id for the app's messages.
    user: str
    text: str
    blocks: list[Json]
    #: The author's organisation.
    team: str = world.TEAM.id
    thread_ts: str | None = None
    bot_id: str | None = None
    subtype: str | None = None
    client_msg_id: str | None = None
    metadata: Json | None = None
    files: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    #: Emoji name to the ids of those who reacted, in order.
    reactions: dict[str, list[str]] = field(default_factory=dict)
    #: When and by whom it was last edited.
    edited: Json | None = None
    #: Still growing by chat.appendStream.
    streaming: bool = False
    #: `in_progress` or `completed` for a message that was streamed.
    streaming_state: str | None = None
    #: What was chosen in its interactive elements, by person: block id to action id to state value.
    chosen: dict[str, Json] = field(default_factory=dict)


@dataclass
class Channel:
    """One channel or direct message."""

    id: str
    name: str
    members: list[str]
    is_private: bool = False
    is_im: bool = False
    is_ext_shared: bool = False
    is_archived: bool = False
    #: By ts, oldest first.
    messages: dict[str, Message] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """`channel`, `group` or `im`, as events name it."""
        if self.is_im:
            return "im"
        return "group" if self.is_private else "channel"

    @property
    def scope(self) -> str:
        """The family of scopes that covers it: `channels`, `groups` or `im`."""
        return "im" if self.is_im else "groups" if self.is_private else "channels"

    def replies(self, thread_ts: str) -> Iterator[Message]:
        """The replies in a thread, oldest first, without the message that began it."""
        return (one for one in self.messages.values() if one.thread_ts == thread_ts and one.ts != thread_ts)


@dataclass
class Group:
    """A user group."""

    id: str
    handle: str
    name: str
    members: list[str]


@dataclass
class Ephemeral:
    """A message that one person sees."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: list[Json]
    thread_ts: str | None = None


@dataclass
class View:
    """A modal or home tab shown to one person."""

    id: str
    user: str
    #: The definition as the app sent it, with block ids filled in.
    body: Json
    hash: str
    root_view_id: str
    previous_view_id: str | None = None
    #: Block id to action id to state value.
    values: Json = field(default_factory=dict)

    @property
    def external_id(self) -> str:
        """The app's own name for it; empty where it gave none."""
        return str(self.body.get("external_id") or "")


@dataclass
class Trigger:
    """A person's act that lets the app open one view."""

    id: str
    user: str
    #: Seconds since the epoch after which it is void.
    expires: float
    #: The modal the act was done in, if any.
    view_id: str | None = None
    used: bool = False


@dataclass
class ResponseUrl:
    """Where the app can answer an interaction without a token."""

    id: str
    user: str
    channel: str
    #: The message the interaction was on, if any.
    message_ts: str | None
    thread_ts: str | None
    expires: float
    uses_left: int = 5


@dataclass
class File:
    """An uploaded file."""

    id: str
    name: str
    title: str
    size: int
    content: bytes | None = None
    user: str = world.BOT_USER
    #: Ids of the channels where it was shared.
    channels: list[str] = field(default_factory=list)


@dataclass
class Installation:
    """What the app may do and hears, as its manifest said."""

    scopes: frozenset[str] = world.BOT_SCOPES
    events: frozenset[str] = world.BOT_EVENTS
    #: Slash commands and callback ids of shortcuts that people are offered; whatever they try where it is None.
    commands: frozenset[str] | None = None
    shortcuts: frozenset[str] | None = None


class State:
    """The whole workspace."""

    def __init__(self, now: Now = time.time) -> None:
        self.now = now
        self._last_ts = 0
        self.reset()

    def reset(self) -> None:
        """Go back to the seed world."""
        self.people: dict[str, world.Person] = {person.id: person for person in (*world.PEOPLE, world.BOT)}
        self.teams: dict[str, world.Team] = {team.id: team for team in (world.TEAM, world.PARTNER)}
        self.channels: dict[str, Channel] = {
            seed.id: Channel(seed.id, seed.name, list(seed.members), seed.is_private, is_ext_shared=seed.is_ext_shared)
            for seed in world.CHANNELS
        }
        for person in world.PEOPLE:
            self.direct_channel(person.id)
        self.groups: dict[str, Group] = {
            seed.id: Group(seed.id, seed.handle, seed.name, list(seed.members)) for seed in world.GROUPS
        }
        self.installation = Installation()
        self.ephemerals: dict[str, list[Ephemeral]] = {}
        self.views: dict[str, View] = {}
        #: Person to the ids of the modals on their screen, lowest first.
        self.stacks: dict[str, list[str]] = {}
        self.homes: dict[str, View] = {}
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.files: dict[str, File] = {}
        #: (channel, thread) to the status shown there, such as 'is thinking …', and since when.
        self.statuses: dict[tuple[str, str], tuple[str, float]] = {}
        #: Channel to the suggested prompts shown there.
        self.prompts: dict[str, Json] = {}

    def next_ts(self) -> str:
        """A timestamp later than all before it, such as `1700000000.000100`."""
        self._last_ts = max(int(self.now() * 1_000_000), self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def new_id(self, prefix: str) -> str:
        """An id of Slack's form: `prefix` and ten capital letters and digits."""
        return prefix + secrets.token_hex(5).upper()

    def direct_channel(self, person: str) -> Channel:
        """The direct message between `person` and the bot, made when first asked for."""
        channel_id = "D" + person[1:]
        if channel_id not in self.channels:
            self.channels[channel_id] = Channel(channel_id, "", [person, world.BOT_USER], is_private=True, is_im=True)
        return self.channels[channel_id]

    def person_by_token(self, token: str) -> world.Person | None:
        """Who holds a client's token."""
        return next((one for one in self.people.values() if one.token == token and not one.is_bot), None)

    def stack(self, person: str) -> list[View]:
        """The modals on a person's screen, lowest first."""
        return [self.views[view_id] for view_id in self.stacks.get(person, [])]
