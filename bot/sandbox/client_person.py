"""A person's seat at the workspace: what they see, and what they may do to messages."""

from bot.sandbox import objects, world
from bot.sandbox.acts import Acts
from bot.sandbox.rules import Rule, refuse
from bot.sandbox.state import Channel, Ephemeral, File, Message, View
from bot.sandbox.web_api.reactions import emoji_name
from bot.sandbox.wire import Json

#: How long a message may be that a person types (https://docs.slack.dev/reference/methods/chat.postMessage).
LONGEST_TEXT = 40_000
#: After how long a status goes by itself (https://docs.slack.dev/reference/methods/assistant.threads.setStatus).
STATUS_SECONDS = 120.0


class ClientError(Exception):
    """A person asked for something that their client cannot do; the message says why."""


class Seat:
    """One person's view of the workspace."""

    def __init__(self, person: world.Person, acts: Acts) -> None:
        self.person = person
        self._acts = acts
        self._state = acts.state

    # --- what they see ---

    def channels(self) -> list[Channel]:
        """The channels and direct messages they are in."""
        return [channel for channel in self._state.channels.values() if self.person.id in channel.members]

    def shown(self, channel: Channel) -> Json:
        """A channel as their client lists it."""
        latest = next(reversed(channel.messages), None)
        return {
            "id": channel.id,
            "name": world.BOT.name if channel.is_im else channel.name,
            "is_private": channel.is_private,
            "is_im": channel.is_im,
            "is_ext_shared": channel.is_ext_shared,
            "members": list(channel.members),
            "latest": latest,
        }

    def channel(self, args: Json) -> Channel:
        """The channel that `channel` names, by id or by name.

        Raises:
            ClientError: if they are in no such channel.
        """
        wanted = str(args.get("channel") or "").lstrip("#")
        for channel in self.channels():
            if wanted and wanted in (channel.id, channel.name):
                return channel
        raise ClientError(f"{self.person.name} is in no channel {wanted!r}")

    def message(self, channel: Channel, args: Json) -> Message:
        """The message that `ts` names."""
        found = channel.messages.get(str(args.get("ts") or ""))
        if found is None:
            raise ClientError(f"there is no message {args.get('ts')!r} in {channel.name or channel.id}")
        return found

    def clickable(self, channel: Channel, args: Json) -> Message | Ephemeral:
        """The message that `ts` names, among those only this person sees too."""
        for one in self._state.ephemerals.get(self.person.id, []):
            if one.ts == args.get("ts") and one.channel == channel.id:
                return one
        return self.message(channel, args)

    def messages(self, channel: Channel, thread_ts: str) -> list[Json]:
        """The messages of a channel, or of one thread, oldest first, without the app's metadata."""
        if thread_ts:
            first = channel.messages.get(thread_ts)
            found = ([first] if first else []) + list(channel.replies(thread_ts))
        else:
            found = [one for one in channel.messages.values() if one.thread_ts in (None, one.ts)]
        return [objects.message(one, channel) for one in found]

    def ephemerals(self, channel: Channel, thread_ts: str) -> list[Json]:
        """What only they see there."""
        mine = self._state.ephemerals.get(self.person.id, [])
        return [
            objects.ephemeral(one)
            for one in mine
            if one.channel == channel.id and (not thread_ts or one.thread_ts == thread_ts)
        ]

    def status(self, channel: Channel, thread_ts: str) -> str:
        """What the app says it is doing in a thread."""
        status, since = self._state.statuses.get((channel.id, thread_ts), ("", 0.0))
        return status if self._state.now() - since < STATUS_SECONDS else ""

    def view(self, args: Json) -> View:
        """The modal or home tab that `view_id` names."""
        found = self._state.views.get(str(args.get("view_id") or ""))
        if found is None or found.user != self.person.id:
            raise ClientError(f"{self.person.name} has no open view {args.get('view_id')!r}")
        return found

    def file(self, file_id: str) -> File:
        """A file shared where they can see it."""
        mine = {channel.id for channel in self.channels()}
        found = self._state.files.get(file_id)
        if found is None or found.content is None or not mine.intersection(found.channels):
            raise ClientError(f"there is no file {file_id!r}")
        return found

    # --- what they do ---

    def say(self, args: Json) -> Message:
        """Send what they typed."""
        channel = self.channel(args)
        text = self._typed(args)
        thread_ts = str(args.get("thread_ts") or "") or None
        if thread_ts is not None:
            first = channel.messages.get(thread_ts)
            if first is None:
                raise ClientError(f"there is no thread {thread_ts!r} in {channel.name or channel.id}")
            thread_ts = first.thread_ts or first.ts
        return self._acts.say(channel, self.person, text, thread_ts)

    def edit(self, args: Json) -> None:
        """Change one of their own messages."""
        channel = self.channel(args)
        message = self._own(channel, args)
        self._acts.retype(channel, message, self._typed(args))

    def delete(self, args: Json) -> None:
        """Delete one of their own messages."""
        channel = self.channel(args)
        self._acts.delete(channel, self._own(channel, args))

    def react(self, args: Json, *, add: bool) -> None:
        """Add or take back a reaction."""
        channel = self.channel(args)
        message = self.message(channel, args)
        name = emoji_name(str(args.get("name") or ""))
        there = self.person.id in message.reactions.get(name, [])
        if add and there:
            raise refuse(Rule.ALREADY_REACTED, "/name")
        if not add and not there:
            raise refuse(Rule.NO_REACTION, "/name")
        if add:
            self._acts.react(channel, message, self.person.id, name)
        else:
            self._acts.unreact(channel, message, self.person.id, name)

    def join(self, args: Json) -> None:
        """Walk into a public channel."""
        wanted = str(args.get("channel") or "").lstrip("#")
        for channel in self._state.channels.values():
            if wanted in (channel.id, channel.name) and not channel.is_private:
                if self.person.is_restricted or self.person.team_id != world.TEAM.id:
                    raise ClientError("guests and people of other organisations cannot join by themselves")
                if self.person.id not in channel.members:
                    self._acts.join(channel, self.person.id)
                return
        raise ClientError(f"there is no public channel {wanted!r}")

    def open_home(self, tab: str) -> None:
        """Open the app's home: its home tab, or its messages."""
        channel = self._state.direct_channel(self.person.id)
        home = self._state.homes.get(self.person.id)
        event: Json = {
            "type": "app_home_opened",
            "user": self.person.id,
            "channel": channel.id,
            "tab": tab,
            "event_ts": self._state.next_ts(),
        }
        if home is not None and tab == "home":
            event["view"] = objects.view(home)
        self._acts.delivery.event(event, "app_home_opened")

    def _own(self, channel: Channel, args: Json) -> Message:
        message = self.message(channel, args)
        if message.user != self.person.id:
            raise ClientError("only its author changes or deletes a message")
        return message

    def _typed(self, args: Json) -> str:
        text = str(args.get("text") or "")
        if not text.strip():
            raise ClientError("there is nothing to send: text is empty")
        if len(text) > LONGEST_TEXT:
            raise ClientError(f"a message has at most {LONGEST_TEXT:,} characters")
        return text
