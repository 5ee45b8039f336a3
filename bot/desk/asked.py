"""A question as the desk has it before it, and which way its reply goes."""

from dataclasses import dataclass
from enum import StrEnum

from bot.agent import Turn
from kb.ids import EntryId
from learning.conversations import Conversation
from learning.ids import PersonId


@dataclass(frozen=True)
class Asked:
    """A question as the inbox kept it."""

    conversation: Conversation
    ts: str
    person: PersonId
    #: Slack user id of who asked.
    user: str
    #: Plain text, without the bot's mention.
    text: str
    #: The conversation before it, oldest first.
    turns: tuple[Turn, ...]
    #: Whether it was said to the bot: a mention, a direct message, or a reply in a conversation with it. Otherwise the
    #: bot reads every message of the channel.
    addressed: bool = True
    #: Where it is answered again: the ts of the question itself, and the entries whose answers were not enough.
    parent: str | None = None
    tried: frozenset[EntryId] = frozenset()


class Way(StrEnum):
    """Which way a reply goes."""

    THREAD = "thread"
    #: By direct message, because not everyone at the place of the question may read it.
    DIRECT = "direct"
    #: To staff, who send or discard it.
    DRAFT = "draft"


class Refusal(StrEnum):
    """Why the bot may not answer; the name of the rule in the decision's record."""

    #: People of other organisations may read the channel.
    SHARED_CHANNEL = "shared_channel"
    #: The asker is a guest or belongs to another organisation.
    OUTSIDER = "outsider"
    #: Staff are to send what it says here, and they could not see it.
    UNSEEN_DRAFTS = "unseen_drafts"
    #: Staff could not be shown what it would say.
    DRAFT_UNSEEN = "draft_unseen"
    #: Staff did not want to send what it would have said.
    DISCARDED = "discarded"
