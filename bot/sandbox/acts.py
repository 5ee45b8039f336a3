"""Acts: what people and the app do to messages. Each changes the state, tells the clients and sends the app its events.

The same acts serve the Web API and the client side, so that a message means the same whoever wrote it. Checks of what
the caller may do stand with the callers.
"""

import uuid

from bot.sandbox import objects, world
from bot.sandbox.delivery import Delivery
from bot.sandbox.state import Channel, Ephemeral, File, Message, State
from bot.sandbox.stream import Stream
from bot.sandbox.typed import typed
from bot.sandbox.wire import Json

#: What stands where a message with replies was deleted.
TOMBSTONE = "This message was deleted."


class Acts:
    """Everything that can happen to a message."""

    def __init__(self, state: State, stream: Stream, delivery: Delivery) -> None:
        self.state = state
        self.stream = stream
        self.delivery = delivery

    # --- messages ---

    def say(self, channel: Channel, person: world.Person, text: str, thread_ts: str | None = None) -> Message:
        """A person sends a message by typing `text`."""
        sent, blocks = typed(text, self.state)
        message = Message(
            ts=self.state.next_ts(),
            channel=channel.id,
            user=person.id,
            text=sent,
            blocks=blocks,
            team=person.team_id,
            thread_ts=thread_ts,
            client_msg_id=str(uuid.uuid4()),
        )
        return self.post(channel, message)

    def retype(self, channel: Channel, message: Message, text: str) -> None:
        """A person changes what they typed."""
        sent, blocks = typed(text, self.state)
        self.edit(channel, message, sent, blocks)

    def post(self, channel: Channel, message: Message) -> Message:
        """A new message stands in `channel`."""
        channel.messages[message.ts] = message
        if message.bot_id and (thread := message.thread_ts or message.ts):
            self.set_status(channel, thread, "")
        shown = objects.message(message, channel)
        self._show(channel, "message", {"channel": channel.id, "message": shown})
        self._show_parent(channel, message)
        event = objects.message(message, channel, metadata=True) | self._about(channel, message.ts)
        if message.team != world.TEAM.id:
            event |= {"user_team": message.team, "source_team": message.team}
        self.delivery.event(event, _subscription(channel), channel)
        if not channel.is_im and not message.bot_id and f"<@{world.BOT_USER}>" in message.text:
            self.delivery.event(_mention(event), "app_mention", channel)
        return message

    def edit(self, channel: Channel, message: Message, text: str, blocks: list[Json], *, silent: bool = False) -> None:
        """A message is shown with other content.

        Args:
            silent: without the note 'edited', as when a stream grows.
        """
        previous = objects.message(message, channel)
        message.text = text
        message.blocks = blocks
        if not silent:
            message.edited = {"user": message.user, "ts": self.state.next_ts()}
        self.changed(channel, message, previous)

    def changed(self, channel: Channel, message: Message, previous: Json) -> None:
        """Tell everyone that `message` is not what it was."""
        shown = objects.message(message, channel)
        self._show(channel, "message_changed", {"channel": channel.id, "message": shown})
        event: Json = {
            "type": "message",
            "subtype": "message_changed",
            "hidden": True,
            "message": objects.message(message, channel, metadata=True),
            "previous_message": previous,
        }
        self.delivery.event(event | self._about(channel, self.state.next_ts()), _subscription(channel), channel)

    def delete(self, channel: Channel, message: Message) -> None:
        """A message goes; where it began a thread, a tombstone stays."""
        previous = objects.message(message, channel)
        if any(channel.replies(message.ts)):
            message.text, message.blocks, message.subtype = TOMBSTONE, [], "tombstone"
            message.metadata, message.files, message.attachments = None, [], []
            message.user, message.reactions = "USLACKBOT", {}
        else:
            del channel.messages[message.ts]
        self._show(channel, "message_deleted", {"channel": channel.id, "deleted_ts": message.ts, "previous": previous})
        self._show_parent(channel, message)
        event: Json = {
            "type": "message",
            "subtype": "message_deleted",
            "hidden": True,
            "deleted_ts": message.ts,
            "previous_message": previous,
        }
        self.delivery.event(event | self._about(channel, self.state.next_ts()), _subscription(channel), channel)

    def grow(self, channel: Channel, message: Message, text: str) -> None:
        """A streamed message gets longer; clients see it, the app gets no event of its own stream."""
        message.text += text
        message.blocks = [message.blocks[0] | {"text": message.text}]
        self._show(channel, "message_changed", {"channel": channel.id, "message": objects.message(message, channel)})

    def whisper(self, channel: Channel, person: str, text: str, blocks: list[Json], thread_ts: str | None) -> Ephemeral:
        """The app says something that only `person` sees."""
        one = Ephemeral(self.state.next_ts(), channel.id, person, text, blocks, thread_ts)
        self.state.ephemerals.setdefault(person, []).append(one)
        self.stream.tell([person], "ephemeral", {"channel": channel.id, "message": objects.ephemeral(one)})
        return one

    def rewrite_whisper(self, one: Ephemeral, text: str, blocks: list[Json]) -> None:
        """What one person saw is replaced."""
        one.text, one.blocks = text, blocks
        self.stream.tell([one.user], "ephemeral", {"channel": one.channel, "message": objects.ephemeral(one)})

    def drop_whisper(self, one: Ephemeral) -> None:
        """What one person saw goes."""
        self.state.ephemerals[one.user].remove(one)
        self.stream.tell([one.user], "ephemeral_deleted", {"channel": one.channel, "ts": one.ts})

    # --- reactions ---

    def react(self, channel: Channel, message: Message, person: str, name: str) -> None:
        """`person` adds a reaction that is not there yet."""
        message.reactions.setdefault(name, []).append(person)
        self._reaction("reaction_added", channel, message, person, name)

    def unreact(self, channel: Channel, message: Message, person: str, name: str) -> None:
        """`person` takes back a reaction that is there."""
        message.reactions[name].remove(person)
        if not message.reactions[name]:
            del message.reactions[name]
        self._reaction("reaction_removed", channel, message, person, name)

    # --- channels and files ---

    def join(self, channel: Channel, person: str) -> None:
        """`person` comes into a channel."""
        channel.members.append(person)
        self._show(channel, "channel", {"channel": channel.id})
        event: Json = {
            "type": "member_joined_channel",
            "user": person,
            "channel": channel.id,
            "channel_type": "G" if channel.is_private else "C",
            "team": world.TEAM.id,
            "event_ts": self.state.next_ts(),
        }
        self.delivery.event(event, "member_joined_channel", channel)

    def share(self, channel: Channel, files: list[File], comment: str, thread_ts: str | None, user: str) -> Message:
        """Files are shown in a channel, with a comment."""
        for file in files:
            file.channels.append(channel.id)
        message = Message(
            ts=self.state.next_ts(),
            channel=channel.id,
            user=user,
            text=comment,
            blocks=[],
            thread_ts=thread_ts,
            bot_id=world.BOT_ID if user == world.BOT_USER else None,
            subtype="file_share",
            files=[objects.file(file) for file in files],
        )
        return self.post(channel, message)

    def set_status(self, channel: Channel, thread_ts: str, status: str) -> None:
        """Show or take away what the app says it is doing in a thread."""
        key = (channel.id, thread_ts)
        if not status and key not in self.state.statuses:
            return
        if status:
            self.state.statuses[key] = (status, self.state.now())
        else:
            del self.state.statuses[key]
        self._show(channel, "status", {"channel": channel.id, "thread_ts": thread_ts, "status": status})

    # --- how it is told ---

    def _about(self, channel: Channel, ts: str) -> Json:
        return {"channel": channel.id, "ts": ts, "event_ts": ts, "channel_type": channel.kind}

    def _show(self, channel: Channel, event: str, data: Json) -> None:
        self.stream.tell([one for one in channel.members if one != world.BOT_USER], event, data)

    def _show_parent(self, channel: Channel, reply: Message) -> None:
        """The message that began a thread shows how many replies it has."""
        parent = channel.messages.get(reply.thread_ts or "")
        if parent is not None and parent.ts != reply.ts:
            shown = objects.message(parent, channel)
            self._show(channel, "message_changed", {"channel": channel.id, "message": shown})

    def _reaction(self, kind: str, channel: Channel, message: Message, person: str, name: str) -> None:
        data: Json = {"channel": channel.id, "ts": message.ts, "reactions": objects.reactions(message)}
        self._show(channel, "reaction", data | {"user": person, "name": name, "added": kind == "reaction_added"})
        event: Json = {
            "type": kind,
            "user": person,
            "reaction": name,
            "item": {"type": "message", "channel": channel.id, "ts": message.ts},
            "item_user": message.user,
            "event_ts": self.state.next_ts(),
        }
        self.delivery.event(event, kind, channel)


def _subscription(channel: Channel) -> str:
    return {"im": "message.im", "group": "message.groups", "channel": "message.channels"}[channel.kind]


def _mention(event: Json) -> Json:
    """The same message as `app_mention` carries it: without the channel's type."""
    mention = event | {"type": "app_mention"}
    mention.pop("channel_type")
    return mention
