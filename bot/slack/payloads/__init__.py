"""What Slack says to us, as frozen values. Every parse function is total: any JSON gives a value or None, never an
error.

All functions take the whole body of a request (Bolt's `body`). None means: not ours, or not readable; it is
acknowledged and nothing else happens.
"""

from bot.slack.payloads.events import (
    HomeOpened,
    IncomingMessage,
    MessageDeleted,
    MessageEdited,
    Reaction,
    ReactionMeaning,
    mentions,
    parse_deletion,
    parse_edit,
    parse_home,
    parse_message,
    parse_reaction,
    parse_reply,
)
from bot.slack.payloads.interactions import (
    Asker,
    ButtonClick,
    Command,
    FeedbackClick,
    FormSubmission,
    Shortcut,
    parse_asker,
    parse_click,
    parse_command,
    parse_feedback,
    parse_shortcut,
    parse_submission,
)
from bot.slack.payloads.origin import (
    Origin,
    origin_of,
    workspace_id,
)
from bot.slack.payloads.state import (
    NO_STATE,
    FormState,
    read_state,
)
from bot.slack.payloads.untrusted import said_at

__all__ = [
    "NO_STATE",
    "Asker",
    "ButtonClick",
    "Command",
    "FeedbackClick",
    "FormState",
    "FormSubmission",
    "HomeOpened",
    "IncomingMessage",
    "MessageDeleted",
    "MessageEdited",
    "Origin",
    "Reaction",
    "ReactionMeaning",
    "Shortcut",
    "mentions",
    "origin_of",
    "parse_asker",
    "parse_click",
    "parse_command",
    "parse_deletion",
    "parse_edit",
    "parse_feedback",
    "parse_home",
    "parse_message",
    "parse_reaction",
    "parse_reply",
    "parse_shortcut",
    "parse_submission",
    "read_state",
    "said_at",
    "workspace_id",
]
