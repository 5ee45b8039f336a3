"""The events we subscribe to: messages, their edits and deletions, reactions, and App Home."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.slack.payloads.origin import Origin, read_origin
from bot.slack.payloads.untrusted import dig, first, items, moment, text, timestamp

#: Subtypes under which people speak; every other subtype (joins, topics, bot messages) is housekeeping.
_SPEECH: Final = frozenset({"", "file_share", "thread_broadcast", "me_message"})
#: What a channel id's first letter says where Slack leaves the type out; anything else counts as private.
_CHANNEL_TYPES: Final = {"D": "im", "G": "group", "C": "channel"}


@dataclass(frozen=True)
class IncomingMessage:
    """A message that was just posted, by a person or by an app."""

    origin: Origin
    #: Only recorded: one message arrives under several event ids, so (channel, ts) is its identity.
    event_id: str
    channel: str
    #: `im`, `mpim`, `group` (private) or `channel`; taken from the id's first letter where Slack leaves it out.
    channel_type: str
    ts: str
    #: The ts of the thread's first message; None outside a thread.
    thread_ts: str | None
    #: Slack user id of the author; empty for some app messages.
    user: str
    text: str
    subtype: str
    #: Empty for people.
    bot_id: str
    edited: bool
    #: How many files hang on it.
    files: int
    #: Whether people of another organisation may read the channel; unknown counts as shared.
    shared: bool
    #: Whether the author belongs to another team than the one that installed the app.
    foreign: bool
    #: Whether the text mentions the bot user of this installation.
    mentions_bot: bool

    @property
    def thread(self) -> str:
        """The ts of the thread it belongs to or begins."""
        return self.thread_ts or self.ts

    @property
    def private(self) -> bool:
        """Whether only some people of the workspace can read it."""
        return self.channel_type != "channel"

    @property
    def direct(self) -> bool:
        """Whether it was said to the bot alone."""
        return self.channel_type == "im"

    @property
    def spoken(self) -> bool:
        """Whether a person said it: not an app, not housekeeping."""
        return not self.bot_id and bool(self.user) and self.subtype in _SPEECH


@dataclass(frozen=True)
class MessageEdited:
    """The text of a message changed."""

    origin: Origin
    event_id: str
    channel: str
    ts: str
    thread_ts: str | None
    user: str
    bot_id: str
    #: The new text.
    text: str
    #: The message as it reads now, where it was this change that brought the bot's mention in.
    addressed: IncomingMessage | None = None


@dataclass(frozen=True)
class MessageDeleted:
    """A message was taken back."""

    origin: Origin
    event_id: str
    channel: str
    #: The ts of the message that is gone.
    ts: str


class ReactionMeaning(StrEnum):
    """What a reaction says to the bot."""

    UP = "up"
    DOWN = "down"
    DONE = "done"
    OTHER = "other"


_REACTIONS: Final = {
    "+1": ReactionMeaning.UP,
    "thumbsup": ReactionMeaning.UP,
    "-1": ReactionMeaning.DOWN,
    "thumbsdown": ReactionMeaning.DOWN,
    "white_check_mark": ReactionMeaning.DONE,
    "heavy_check_mark": ReactionMeaning.DONE,
    "ballot_box_with_check": ReactionMeaning.DONE,
}


@dataclass(frozen=True)
class Reaction:
    """A person put an emoji on a message, or took it off."""

    origin: Origin
    event_id: str
    added: bool
    meaning: ReactionMeaning
    #: Who reacted.
    user: str
    channel: str
    #: The ts of the message that carries it.
    ts: str
    #: Whose message it is; empty for some app messages.
    item_user: str
    #: When it was done, by Slack's clock: events may arrive in another order. None where Slack does not say.
    at: datetime | None = None


@dataclass(frozen=True)
class HomeOpened:
    """A person opened the app's home or its messages."""

    origin: Origin
    event_id: str
    user: str
    #: The direct message channel with the bot.
    channel: str
    #: `home` or `messages`.
    tab: str


def parse_message(body: object, bot_user: str = "") -> IncomingMessage | None:
    """A new message, from `message` or `app_mention` alike; None for edits, deletions and anything else.

    Args:
        body: the request's body.
        bot_user: the bot's user id; taken from the event's authorization where it is left out.
    """
    event = dig(body, "event")
    origin, channel, ts = read_origin(body), text(event, "channel"), timestamp(event, "ts")
    hidden = text(event, "subtype") in {"message_changed", "message_deleted", "message_replied"}
    if origin is None or text(event, "type") not in {"message", "app_mention"} or hidden or not channel or not ts:
        return None
    said = text(event, "text")
    bot = bot_user or _authorized_bot(body)
    teams = {text(event, key) for key in ("user_team", "source_team", "team")} - {""}
    return IncomingMessage(
        origin=origin,
        event_id=text(body, "event_id"),
        channel=channel,
        channel_type=text(event, "channel_type") or _CHANNEL_TYPES.get(channel[0], "group"),
        ts=ts,
        thread_ts=timestamp(event, "thread_ts") or None,
        user=text(event, "user"),
        text=said,
        subtype=text(event, "subtype"),
        bot_id=text(event, "bot_id"),
        edited=isinstance(dig(event, "edited"), dict),
        files=len(items(event, "files")),
        shared=dig(body, "is_ext_shared_channel") is not False,
        foreign=bool(teams - {origin.team, origin.enterprise}),
        mentions_bot=bool(bot) and mentions(said, bot),
    )


def parse_reply(origin: Origin, channel: str, message: object, bot_user: str) -> IncomingMessage | None:
    """A message as `conversations.replies` gives it, read as the event that it arrives by."""
    event = {**message, "channel": channel} if isinstance(message, dict) else None
    return parse_message({"team_id": origin.team, "enterprise_id": origin.enterprise, "event": event}, bot_user)


def mentions(said: str, bot_user: str) -> bool:
    """Whether a message's text mentions the bot."""
    return re.search(rf"<@{re.escape(bot_user)}(\|[^<>]*)?>", said) is not None


def parse_edit(body: object, bot_user: str = "") -> MessageEdited | None:
    """An edit that changed the text; None for unfurled links and other silent updates, which Slack sends alike.

    Args:
        body: the request's body.
        bot_user: the bot's user id; taken from the event's authorization where it is left out.
    """
    event = dig(body, "event")
    origin, message = read_origin(body), dig(event, "message")
    channel, ts = text(event, "channel"), timestamp(message, "ts")
    if origin is None or text(event, "subtype") != "message_changed" or not channel or not ts:
        return None
    silent = dig(message, "text") == dig(event, "previous_message", "text")
    if silent or text(message, "subtype") == "tombstone":
        return None
    bot = bot_user or _authorized_bot(body)
    now = parse_reply(origin, channel, message, bot)
    called = bool(bot) and not mentions(text(event, "previous_message", "text"), bot)
    return MessageEdited(
        origin=origin,
        event_id=text(body, "event_id"),
        channel=channel,
        ts=ts,
        thread_ts=timestamp(message, "thread_ts") or None,
        user=text(message, "user"),
        bot_id=text(message, "bot_id"),
        text=text(message, "text"),
        addressed=now if called and now is not None and now.mentions_bot else None,
    )


def parse_deletion(body: object) -> MessageDeleted | None:
    """A deletion, also of a thread's first message, which Slack reports as a change into a tombstone."""
    event = dig(body, "event")
    origin, channel, subtype = read_origin(body), text(event, "channel"), text(event, "subtype")
    ts = ""
    if subtype == "message_deleted":
        ts = timestamp(event, "deleted_ts") or timestamp(event, "previous_message", "ts")
    elif subtype == "message_changed" and text(event, "message", "subtype") == "tombstone":
        ts = timestamp(event, "message", "ts")
    if origin is None or not channel or not ts:
        return None
    return MessageDeleted(origin, text(body, "event_id"), channel, ts)


def parse_reaction(body: object) -> Reaction | None:
    """A reaction on a message, added or removed, with aliases and skin tones of a thumb folded into one meaning."""
    event = dig(body, "event")
    origin, kind, user = read_origin(body), text(event, "type"), text(event, "user")
    channel, ts = text(event, "item", "channel"), timestamp(event, "item", "ts")
    if origin is None or kind not in {"reaction_added", "reaction_removed"} or not (user and channel and ts):
        return None
    name = text(event, "reaction").partition("::")[0]
    return Reaction(
        origin=origin,
        event_id=text(body, "event_id"),
        added=kind == "reaction_added",
        meaning=_REACTIONS.get(name, ReactionMeaning.OTHER),
        user=user,
        channel=channel,
        ts=ts,
        item_user=text(event, "item_user"),
        at=moment(event, "event_ts"),
    )


def parse_home(body: object) -> HomeOpened | None:
    """Somebody opened the app's home tab or its messages tab."""
    event = dig(body, "event")
    origin, user = read_origin(body), text(event, "user")
    if origin is None or text(event, "type") != "app_home_opened" or not user:
        return None
    return HomeOpened(origin, text(body, "event_id"), user, text(event, "channel"), text(event, "tab") or "home")


def _authorized_bot(body: object) -> str:
    """The bot user of the installation; the authorization is of a bot for every event we subscribe to."""
    authorization = first(body, "authorizations")
    return text(authorization, "user_id") if dig(authorization, "is_bot") is not False else ""
