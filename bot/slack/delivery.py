"""Delivery: the calls that change something in Slack, each under the key of its effect.

Posting is at most once as far as Slack lets us see: the row is written before the call, the key travels in the
message's metadata, and a call that may have got through is looked for before it is made again. The window that
remains: Slack has accepted a post, the process died before the answer came, and Slack still does not show the message
in the thread's history when the look for it ends (`bot.slack.lookup`).
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot import effects
from bot.slack import errors, lookup
from kb.clock import Clock
from kb.database import Sessions
from kb.ids import WorkspaceId

log = logging.getLogger(__name__)

#: Kind of the effect of a streamed message.
STREAM = "stream"
#: What a view function returns: `text` for notifications and `blocks`.
Message = Mapping[str, Any]


@dataclass(frozen=True)
class Posted:
    """Where a message stands."""

    channel: str
    ts: str


class Delivery:
    """Posts, updates and streams messages as effects."""

    def __init__(
        self, client: WebClient, sessions: Sessions, clock: Clock, *, settle: timedelta = lookup.SETTLE
    ) -> None:
        """Put it together.

        Args:
            settle: how long after a call its message may still be missing from the history.
        """
        self._client = client
        self._sessions = sessions
        self._clock = clock
        self._settle = settle

    def post(
        self,
        workspace: WorkspaceId,
        key: str,
        channel: str,
        message: Message,
        *,
        thread: str | None = None,
        anew: bool = False,
    ) -> Posted | None:
        """Post `message` once under `key`; a second call finds the first one's message.

        Args:
            channel: a channel or DM id; not a user id, because what was posted there could not be found again.
            thread: ts of the thread's first message.
            anew: whether what Slack refused for good before is tried once more.

        Returns: where it stands, or None where Slack will never accept it (gone, archived, removed).
        """
        return self._post(workspace, key, channel, message, thread, anew=anew)[0]

    def _post(
        self, workspace: WorkspaceId, key: str, channel: str, message: Message, thread: str | None, *, anew: bool
    ) -> tuple[Posted | None, bool]:
        """As `post`, and whether it stands as an earlier try, that was cut off, has put it."""
        with self._sessions.begin() as session:
            effect = effects.begin(session, workspace, key, "post", channel, self._clock(), anew=anew)
        if effect.state is effects.EffectState.DONE:
            return (Posted(effect.channel, effect.ts) if effect.ts else None), False
        adopted = self._adopt(effect, channel, thread)
        ts = adopted or self._call_post(workspace, key, channel, message, thread)
        with self._sessions.begin() as session:
            effects.finish(session, workspace, key, self._clock(), ts)
        return (Posted(channel, ts) if ts else None), adopted is not None

    def begun(self, workspace: WorkspaceId, key: str) -> bool:
        """Whether an effect was begun, perhaps by a run that was cut off: what was begun is brought to its end."""
        with self._sessions() as session:
            return effects.find(session, workspace, key) is not None

    def post_all(
        self,
        workspace: WorkspaceId,
        key: str,
        channel: str,
        messages: Sequence[Message],
        *,
        thread: str | None = None,
    ) -> tuple[Posted, ...]:
        """Post the parts of a long message in order.

        Returns: where they stand; nothing of those that Slack will never accept.
        """
        posted: list[Posted | None] = []
        for number, message in enumerate(messages, start=1):
            part = key if number == len(messages) else f"{key}:part{number}"
            posted.append(self.post(workspace, part, channel, message, thread=thread))
        return tuple(one for one in posted if one is not None)

    def finish_stream(
        self, workspace: WorkspaceId, key: str, channel: str, message: Message, *, thread: str, bot_user: str
    ) -> Posted | None:
        """Show the finished answer in the message that was streamed under `key`; post it where none was begun."""
        with self._sessions() as session:
            effect = effects.find(session, workspace, key)
        if effect is None or effect.kind != STREAM:
            return self.post(workspace, key, channel, message, thread=thread)
        if effect.state is effects.EffectState.DONE:
            return Posted(channel, effect.ts) if effect.ts else None
        ts = effect.ts
        if ts is None and effect.attempts:
            ts = self._cut_off(workspace, effect, thread, bot_user)
        if ts is None:
            return self.post(workspace, key, channel, message, thread=thread)
        with self._sessions.begin() as session:
            effects.note_ts(session, workspace, key, ts)
        try:
            self._client.chat_stopStream(channel=channel, ts=ts)
        except SlackApiError as error:
            # Stopped by an earlier run; the update below still has to happen.
            if error.response.get("error") != "message_not_in_streaming_state":
                self._give_up_or_raise(error, key)
        self.update(workspace, key, message)
        with self._sessions.begin() as session:
            effects.finish(session, workspace, key, self._clock(), ts)
        return Posted(channel, ts)

    def _cut_off(self, workspace: WorkspaceId, effect: effects.Effect, thread: str, bot_user: str) -> str | None:
        """The bot's newest message in a thread that no effect knows: a stream whose beginning was cut off."""
        for _ in lookup.looks(effect.tried_at, self._clock(), self._settle):
            for message in reversed(lookup.since(self._client, effect.channel, thread, effect)):
                if message.get("user") != bot_user or message.get("metadata"):
                    continue
                with self._sessions() as session:
                    if effects.posted_at(session, workspace, effect.channel, message["ts"]) is None:
                        return str(message["ts"])
        return None

    def update(self, workspace: WorkspaceId, key: str, message: Message) -> None:
        """Show the message posted under `key` anew; nothing where it was never posted or is gone."""
        with self._sessions() as session:
            effect = effects.find(session, workspace, key)
        if effect is None or effect.ts is None:
            return
        try:
            self._client.chat_update(
                channel=effect.channel,
                ts=effect.ts,
                text=message["text"],
                blocks=message.get("blocks", []),
                metadata=lookup.metadata(key),
            )
        except SlackApiError as error:
            self._give_up_or_raise(error, key)

    def update_at(self, workspace: WorkspaceId, channel: str, ts: str, message: Message) -> None:
        """Show the bot's message at a channel and ts anew, whatever its key."""
        with self._sessions() as session:
            effect = effects.posted_at(session, workspace, channel, ts)
        if effect is not None:
            self.update(workspace, effect.key, message)

    def update_last(self, workspace: WorkspaceId, prefix: str, message: Message) -> None:
        """Show anew the last message whose key begins with `prefix`."""
        with self._sessions() as session:
            found = effects.find_all(session, workspace, prefix)
        if found:
            self.update(workspace, found[-1].key, message)

    def post_or_update(
        self, workspace: WorkspaceId, key: str, channel: str, message: Message, *, thread: str | None = None
    ) -> Posted | None:
        """Post the card the first time, redraw it afterwards: a card is a picture of the present state.

        One that was refused is posted where it may stand by now.
        """
        with self._sessions() as session:
            effect = effects.find(session, workspace, key)
        if effect is not None and effect.state is effects.EffectState.DONE and effect.ts:
            self.update(workspace, key, message)
            return Posted(effect.channel, effect.ts)
        posted, earlier = self._post(workspace, key, channel, message, thread, anew=True)
        if earlier:
            # What was cut off may have drawn the state before this one.
            self.update(workspace, key, message)
        return posted

    def delete(self, workspace: WorkspaceId, key: str) -> None:
        """Take back what was posted under `key`."""
        with self._sessions() as session:
            effect = effects.find(session, workspace, key)
        if effect is None or effect.ts is None:
            return
        try:
            self._client.chat_delete(channel=effect.channel, ts=effect.ts)
        except SlackApiError as error:
            self._give_up_or_raise(error, key)

    def whisper(self, channel: str, user: str, message: Message, *, thread: str | None = None) -> bool:
        """A hint that only `user` sees. Never for anything that matters: Slack may drop it.

        Returns: False where Slack does not show it, because the person is not there or the place is gone.
        """
        try:
            self._client.chat_postEphemeral(
                channel=channel, user=user, text=message["text"], blocks=message.get("blocks"), thread_ts=thread
            )
        except SlackApiError as error:
            if errors.may_pass(error):
                raise
            log.info("not whispered: %s", errors.code(error))
            return False
        return True

    def direct_channel(self, user: str) -> str:
        """The id of the direct message with `user`."""
        return str(self._client.conversations_open(users=user)["channel"]["id"])

    def set_status(self, channel: str, thread: str, status: str) -> None:
        """Show 'is thinking …' under a thread; a nicety, so that its failure is only noted."""
        try:
            self._client.assistant_threads_setStatus(channel_id=channel, thread_ts=thread, status=status)
        except SlackApiError as error:
            log.debug("no status shown: %s", error.response.get("error"))

    def permalink(self, channel: str, ts: str) -> str | None:
        """A link to a message, or None where it cannot be had."""
        try:
            return str(self._client.chat_getPermalink(channel=channel, message_ts=ts)["permalink"])
        except SlackApiError as error:
            log.info("no permalink: %s", error.response.get("error"))
            return None

    def _call_post(
        self, workspace: WorkspaceId, key: str, channel: str, message: Message, thread: str | None
    ) -> str | None:
        try:
            response = self._client.chat_postMessage(
                channel=channel,
                thread_ts=thread,
                text=message["text"],
                blocks=message.get("blocks"),
                metadata=lookup.metadata(key),
                unfurl_links=False,
                unfurl_media=False,
            )
        except SlackApiError as error:
            if errors.refused(error):
                with self._sessions.begin() as session:
                    effects.refused(session, workspace, key)
            self._give_up_or_raise(error, key)
            return None
        return str(response["ts"])

    def _adopt(self, effect: effects.Effect, channel: str, thread: str | None) -> str | None:
        """The message that an earlier try posted under this key, if there was one and Slack shows it."""
        if effect.tried_before is None:
            return None
        for _ in lookup.looks(effect.tried_before, self._clock(), self._settle):
            try:
                found = lookup.since(self._client, channel, thread, effect)
            except SlackApiError as error:
                self._give_up_or_raise(error, effect.key)
                return None
            for one in found:
                if lookup.key_of(one) == effect.key:
                    return str(one["ts"])
        return None

    def _give_up_or_raise(self, error: SlackApiError, key: str) -> None:
        if errors.code(error) not in errors.FINAL:
            raise error
        log.warning("Slack refused %s for good: %s", key, errors.code(error))
