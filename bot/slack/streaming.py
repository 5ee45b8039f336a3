"""A streamed answer: text appears while a model writes it, and the message is finished when the decision stands.

The stream's ts is stored before any text is appended. If the process dies, the next run does not stream again:
`Delivery.finish_stream` finds the message by its ts, or (where the very call that began it was cut off) as the bot's
newest message in the thread that no effect knows, and shows the finished answer in it.
"""

import time

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot import effects
from bot.slack.delivery import STREAM
from bot.slack.errors import refused
from bot.slack.text import safe_markdown
from kb.clock import Clock
from kb.database import Sessions
from kb.ids import WorkspaceId

#: Slack counts every append as a call; text is gathered for this long.
SECONDS_BETWEEN_APPENDS = 0.4
#: Longest text of one append.
LONGEST_APPEND = 12_000


class Stream:
    """Appends text to one message, beginning it with the first text."""

    def __init__(
        self,
        client: WebClient,
        sessions: Sessions,
        clock: Clock,
        workspace: WorkspaceId,
        key: str,
        *,
        channel: str,
        thread: str,
        recipient_user: str,
        recipient_team: str,
    ) -> None:
        self._client = client
        self._sessions = sessions
        self._clock = clock
        self._workspace = workspace
        self._key = key
        self._channel = channel
        self._thread = thread
        self._recipient = (recipient_user, recipient_team)
        self._ts: str | None = None
        self._gathered = ""
        self._appended_at = 0.0
        self._silent = False

    def write(self, text: str) -> None:
        """Show more text. Once Slack refuses a stream, the answer is posted whole at the end instead."""
        self._gathered += text
        if self._silent or time.monotonic() - self._appended_at < SECONDS_BETWEEN_APPENDS:
            return
        try:
            self._append()
        except (SlackApiError, OSError):
            self._silent = True

    def _append(self) -> None:
        # A mention must not slip through by arriving in two halves.
        part = self._gathered[:LONGEST_APPEND].rstrip("<")
        if not part:
            return
        self._gathered = self._gathered[len(part) :]
        if self._ts is None:
            self._begin()
        if self._ts is not None:
            self._client.chat_appendStream(channel=self._channel, ts=self._ts, markdown_text=safe_markdown(part))
            self._appended_at = time.monotonic()

    def _begin(self) -> None:
        with self._sessions.begin() as session:
            effect = effects.begin(session, self._workspace, self._key, STREAM, self._channel, self._clock())
        if effect.attempts > 1 or effect.state is effects.EffectState.DONE:
            self._silent = True  # an earlier run began one; it is finished, not begun again
            return
        user, team = self._recipient
        try:
            response = self._client.chat_startStream(
                channel=self._channel, thread_ts=self._thread, recipient_user_id=user, recipient_team_id=team
            )
        except SlackApiError as error:
            if refused(error):
                with self._sessions.begin() as session:
                    effects.refused(session, self._workspace, self._key)
            raise
        self._ts = str(response["ts"])
        with self._sessions.begin() as session:
            effects.note_ts(session, self._workspace, self._key, self._ts)
