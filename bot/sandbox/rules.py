"""The rules of Slack that the local workspace enforces, each with the page where Slack says so.

A refusal anywhere in the workspace is a `Refused` with one of these rules; no other error code leaves the Web API.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

#: Where the pages live.
DOCS = "https://docs.slack.dev"


@dataclass(frozen=True)
class Ruling:
    """One rule of Slack."""

    #: What `error` says in the answer.
    error: str
    #: Path of the page under `DOCS`.
    page: str
    #: The rule in one sentence.
    says: str


_BLOCKS = "/reference/block-kit/blocks"
_ELEMENTS = "/reference/block-kit/block-elements"
_OBJECTS = "/reference/block-kit/composition-objects"
_METHODS = "/reference/methods"


class Rule(Enum):
    """All rules; each value says its error code, its page and what it demands."""

    # --- calls and tokens ---
    UNKNOWN_METHOD = Ruling("unknown_method", "/apis/web-api", "the method exists")
    NOT_AUTHED = Ruling("not_authed", f"{_METHODS}/auth.test", "a call carries a token")
    INVALID_AUTH = Ruling("invalid_auth", f"{_METHODS}/auth.test", "the token is one that Slack gave out")
    WRONG_TOKEN_TYPE = Ruling(
        "not_allowed_token_type", f"{_METHODS}/apps.connections.open", "the method takes this kind of token"
    )
    MISSING_SCOPE = Ruling("missing_scope", "/reference/scopes", "the token was granted what the method needs")
    RATE_LIMITED = Ruling("ratelimited", "/apis/web-api/rate-limits", "calls stay below the method's rate")
    INVALID_ARGUMENTS = Ruling("invalid_arguments", "/apis/web-api", "required arguments are there and well formed")
    BAD_CURSOR = Ruling("invalid_cursor", "/apis/web-api/pagination", "a cursor is one that an earlier page gave")
    TOO_MANY_SOCKETS = Ruling(
        "too_many_websockets", f"{_METHODS}/apps.connections.open", "at most 10 connections are open at once"
    )

    # --- channels, people, messages ---
    CHANNEL_NOT_FOUND = Ruling("channel_not_found", f"{_METHODS}/conversations.info", "the caller can see the channel")
    NOT_IN_CHANNEL = Ruling("not_in_channel", f"{_METHODS}/chat.postMessage", "the caller is in the channel")
    IS_ARCHIVED = Ruling("is_archived", f"{_METHODS}/chat.postMessage", "the channel is not archived")
    JOIN_PRIVATE = Ruling(
        "method_not_supported_for_channel_type",
        f"{_METHODS}/conversations.join",
        "only public channels are joined",
    )
    USER_NOT_FOUND = Ruling("user_not_found", f"{_METHODS}/users.info", "the person exists and is visible")
    USERS_NOT_FOUND = Ruling("users_not_found", f"{_METHODS}/users.lookupByEmail", "somebody has the e-mail address")
    BOT_NOT_FOUND = Ruling("bot_not_found", f"{_METHODS}/bots.info", "the bot exists")
    GROUP_NOT_FOUND = Ruling("no_such_subteam", f"{_METHODS}/usergroups.users.list", "the user group exists")
    USER_NOT_IN_CHANNEL = Ruling(
        "user_not_in_channel",
        f"{_METHODS}/chat.postEphemeral",
        "an ephemeral message goes to a member of the channel",
    )
    NO_TEXT = Ruling("no_text", f"{_METHODS}/chat.postMessage", "a message has text, blocks or attachments")
    TEXT_TOO_LONG = Ruling("msg_too_long", f"{_METHODS}/chat.postMessage", "text has at most 40,000 characters")
    UPDATE_TOO_LONG = Ruling("msg_too_long", f"{_METHODS}/chat.update", "an update's text has at most 4,000 characters")
    MARKDOWN_TOO_LONG = Ruling(
        "msg_too_long", f"{_METHODS}/chat.startStream", "markdown_text has at most 12,000 characters"
    )
    MARKDOWN_CONFLICT = Ruling(
        "markdown_text_conflict",
        f"{_METHODS}/chat.postMessage",
        "markdown_text stands alone, without text or blocks",
    )
    THREAD_NOT_FOUND = Ruling("thread_not_found", f"{_METHODS}/conversations.replies", "the thread exists")
    MESSAGE_NOT_FOUND = Ruling("message_not_found", f"{_METHODS}/chat.update", "the message exists")
    CANT_UPDATE = Ruling("cant_update_message", f"{_METHODS}/chat.update", "only its author changes a message")
    CANT_DELETE = Ruling("cant_delete_message", f"{_METHODS}/chat.delete", "only its author deletes a message")
    BLOCKS_TOO_LONG = Ruling(
        "msg_blocks_too_long",
        f"{_METHODS}/chat.postMessage",
        # The page names the error and no number; this is where posts were seen to fail.
        "the blocks of a message have at most 13,200 characters together",
    )
    BAD_OLDEST = Ruling("invalid_ts_oldest", f"{_METHODS}/conversations.history", "oldest is a timestamp")
    BAD_LATEST = Ruling("invalid_ts_latest", f"{_METHODS}/conversations.history", "latest is a timestamp")
    METADATA_FORMAT = Ruling(
        "invalid_metadata_format",
        "/messaging/message-metadata",
        "metadata is an object with event_type and event_payload",
    )
    METADATA_SCHEMA = Ruling(
        "invalid_metadata_schema",
        "/messaging/message-metadata",
        "event_type is text and event_payload an object",
    )
    METADATA_TOO_LARGE = Ruling("metadata_too_large", "/messaging/message-metadata", "metadata fits into 16 KB")

    # --- streaming ---
    NEEDS_RECIPIENT_USER = Ruling(
        "missing_recipient_user_id",
        f"{_METHODS}/chat.startStream",
        "a stream outside a direct message names its reader",
    )
    NEEDS_RECIPIENT_TEAM = Ruling(
        "missing_recipient_team_id",
        f"{_METHODS}/chat.startStream",
        "a stream outside a direct message names the team",
    )
    NOT_STREAMING = Ruling(
        "message_not_in_streaming_state",
        f"{_METHODS}/chat.appendStream",
        "only a message that still streams grows",
    )

    # --- reactions ---
    INVALID_REACTION = Ruling("invalid_name", f"{_METHODS}/reactions.add", "the emoji has a well-formed name")
    ALREADY_REACTED = Ruling("already_reacted", f"{_METHODS}/reactions.add", "one person reacts once with one emoji")
    NO_REACTION = Ruling("no_reaction", f"{_METHODS}/reactions.remove", "only a reaction that is there is removed")
    NO_ITEM = Ruling("no_item_specified", f"{_METHODS}/reactions.add", "a reaction names its message")

    # --- response URLs ---
    RESPONSE_URL_EXPIRED = Ruling(
        "expired_url", "/interactivity/handling-user-interaction", "a response URL is good for 30 minutes"
    )
    RESPONSE_URL_USED = Ruling(
        "used_url", "/interactivity/handling-user-interaction", "a response URL is used at most 5 times"
    )

    # --- views ---
    INVALID_TRIGGER = Ruling("invalid_trigger_id", f"{_METHODS}/views.open", "the trigger is one that Slack gave out")
    EXPIRED_TRIGGER = Ruling(
        "expired_trigger_id", "/interactivity/handling-user-interaction", "a trigger is used within 3 s"
    )
    EXCHANGED_TRIGGER = Ruling("exchanged_trigger_id", f"{_METHODS}/views.open", "a trigger is used once")
    VIEW_NOT_FOUND = Ruling("not_found", f"{_METHODS}/views.update", "the view exists")
    PUSH_LIMIT = Ruling("push_limit_reached", f"{_METHODS}/views.push", "at most 3 views are stacked")
    HASH_CONFLICT = Ruling("hash_conflict", f"{_METHODS}/views.update", "the hash is that of the view as it stands")
    DUPLICATE_EXTERNAL_ID = Ruling(
        "duplicate_external_id", f"{_METHODS}/views.open", "an external_id names one view of the workspace"
    )
    VIEW_TOO_LARGE = Ruling("view_too_large", f"{_METHODS}/views.open", "a view has at most 250 KB")
    VIEW_TYPE = Ruling("invalid_arguments", "/reference/views", "modals open and push, home tabs are published")
    MODAL_TITLE = Ruling(
        "invalid_arguments", "/reference/views/modal-views", "a modal's title is plain text of 1-24 characters"
    )
    MODAL_BUTTON = Ruling(
        "invalid_arguments", "/reference/views/modal-views", "submit and close are plain text of 1-24 characters"
    )
    MODAL_NEEDS_SUBMIT = Ruling(
        "invalid_arguments", "/reference/views/modal-views", "a modal with an input block has a submit button"
    )
    VIEW_BLOCKS = Ruling("invalid_arguments", "/reference/views/modal-views", "a view has 1-100 blocks")
    VIEW_METADATA = Ruling(
        "invalid_arguments", "/reference/views/modal-views", "private_metadata has at most 3,000 characters"
    )
    VIEW_CALLBACK = Ruling(
        "invalid_arguments", "/reference/views/modal-views", "callback_id has at most 255 characters"
    )

    # --- agents ---
    STATUS_THREAD = Ruling("invalid_thread_ts", f"{_METHODS}/assistant.threads.setStatus", "the thread exists")
    LOADING_MESSAGES = Ruling(
        "invalid_arguments", f"{_METHODS}/assistant.threads.setStatus", "at most 10 loading messages"
    )
    SUGGESTED_PROMPTS = Ruling(
        "invalid_arguments",
        f"{_METHODS}/assistant.threads.setSuggestedPrompts",
        "1-4 prompts with title and message",
    )

    # --- files ---
    FILE_NOT_FOUND = Ruling("file_not_found", f"{_METHODS}/files.info", "the file exists")
    FILE_LENGTH = Ruling(
        "invalid_arguments", f"{_METHODS}/files.getUploadURLExternal", "filename and a length above 0 are given"
    )
    FILE_NOT_UPLOADED = Ruling(
        "file_not_found", f"{_METHODS}/files.completeUploadExternal", "an upload is completed after its bytes came"
    )

    # --- Block Kit: blocks ---
    VALIDATE_ONE = Ruling(
        "invalid_arguments", f"{_METHODS}/blocks.validate", "exactly one of blocks, message and view is given"
    )
    BLOCKS_FORMAT = Ruling("invalid_blocks_format", f"{_METHODS}/chat.postMessage", "blocks are an array of objects")
    BLOCKS_TOO_MANY = Ruling("invalid_blocks", "/reference/block-kit/blocks", "a message has at most 50 blocks")
    BLOCK_TYPE = Ruling("invalid_blocks", "/reference/block-kit/blocks", "the block's type exists on this surface")
    BLOCK_ID_LENGTH = Ruling("invalid_blocks", "/reference/block-kit/blocks", "a block_id has at most 255 characters")
    BLOCK_ID_UNIQUE = Ruling(
        "invalid_blocks", "/reference/block-kit/blocks", "a block_id is used once per message or view"
    )
    SECTION_EMPTY = Ruling("invalid_blocks", f"{_BLOCKS}/section-block", "a section has text or fields")
    SECTION_TEXT = Ruling("invalid_blocks", f"{_BLOCKS}/section-block", "a section's text has 1-3,000 characters")
    SECTION_FIELDS = Ruling("invalid_blocks", f"{_BLOCKS}/section-block", "1-10 fields of at most 2,000 characters")
    SECTION_ACCESSORY = Ruling("invalid_blocks", f"{_BLOCKS}/section-block", "the accessory is an element for sections")
    HEADER_TEXT = Ruling("invalid_blocks", f"{_BLOCKS}/header-block", "a header is plain text of 1-150 characters")
    ACTIONS_ELEMENTS = Ruling("invalid_blocks", f"{_BLOCKS}/actions-block", "1-25 interactive elements")
    CONTEXT_ELEMENTS = Ruling("invalid_blocks", f"{_BLOCKS}/context-block", "1-10 images and texts")
    CONTEXT_ACTIONS_ELEMENTS = Ruling(
        "invalid_blocks", f"{_BLOCKS}/context-actions-block", "1-5 feedback buttons and icon buttons"
    )
    IMAGE_SOURCE = Ruling("invalid_blocks", f"{_BLOCKS}/image-block", "an image has image_url (3,000) or slack_file")
    IMAGE_ALT = Ruling("invalid_blocks", f"{_BLOCKS}/image-block", "an image has alt_text of at most 2,000 characters")
    INPUT_LABEL = Ruling(
        "invalid_blocks", f"{_BLOCKS}/input-block", "an input's label is plain text of 1-2,000 characters"
    )
    INPUT_ELEMENT = Ruling("invalid_blocks", f"{_BLOCKS}/input-block", "an input holds one element for inputs")
    INPUT_HINT = Ruling("invalid_blocks", f"{_BLOCKS}/input-block", "a hint is plain text of at most 2,000 characters")
    MARKDOWN_TEXT = Ruling(
        "invalid_blocks",
        f"{_BLOCKS}/markdown-block",
        "the markdown blocks of a message have at most 12,000 characters together",
    )
    RICH_TEXT_ELEMENTS = Ruling("invalid_blocks", f"{_BLOCKS}/rich-text-block", "rich text holds rich-text elements")
    TABLE_ROWS = Ruling("invalid_blocks", f"{_BLOCKS}/table-block", "1-100 rows of at most 20 cells")
    TABLE_CELL = Ruling("invalid_blocks", f"{_BLOCKS}/table-block", "a cell is raw_text or rich_text")
    TABLE_COLUMNS = Ruling("invalid_blocks", f"{_BLOCKS}/table-block", "at most 20 column settings")
    TABLE_ONCE = Ruling("invalid_attachments", f"{_BLOCKS}/table-block", "a message has one table")
    DATA_TABLE_ROWS = Ruling(
        "invalid_blocks", f"{_BLOCKS}/data-table-block", "a header and 1-100 rows, all with as many cells"
    )
    DATA_TABLE_CELL = Ruling(
        "invalid_blocks",
        f"{_BLOCKS}/data-table-block",
        "a cell is raw_text, raw_number or rich_text; a header's is no rich_text",
    )
    DATA_TABLE_FIELDS = Ruling(
        "invalid_blocks", f"{_BLOCKS}/data-table-block", "a caption is given and page_size is 1-100"
    )
    CHART_TITLE = Ruling("invalid_blocks", f"{_BLOCKS}/data-visualization-block", "a chart's title has 1-50 characters")
    CHART_KIND = Ruling(
        "invalid_blocks", f"{_BLOCKS}/data-visualization-block", "a chart is a pie, a bar, an area or a line"
    )
    CHART_SERIES = Ruling(
        "invalid_blocks",
        f"{_BLOCKS}/data-visualization-block",
        "1-6 segments or series; a series has a name (20) and 1-20 points, one per category",
    )
    CHARTS_TOO_MANY = Ruling(
        "invalid_blocks", f"{_BLOCKS}/data-visualization-block", "a message has at most two charts"
    )

    # --- Block Kit: elements and objects ---
    ELEMENT_TYPE = Ruling("invalid_blocks", "/reference/block-kit/block-elements", "the element's type exists")
    ACTION_ID = Ruling("invalid_blocks", f"{_ELEMENTS}/button-element", "an action_id has at most 255 characters")
    ACTION_ID_UNIQUE = Ruling("invalid_blocks", f"{_ELEMENTS}/button-element", "an action_id is used once per block")
    BUTTON_TEXT = Ruling("invalid_blocks", f"{_ELEMENTS}/button-element", "a button's text is plain, 1-75 characters")
    BUTTON_VALUE = Ruling(
        "invalid_blocks", f"{_ELEMENTS}/button-element", "a button's value has at most 2,000 characters"
    )
    BUTTON_URL = Ruling("invalid_blocks", f"{_ELEMENTS}/button-element", "a button's url has at most 3,000 characters")
    BUTTON_STYLE = Ruling("invalid_blocks", f"{_ELEMENTS}/button-element", "a button's style is primary or danger")
    BUTTON_LABEL = Ruling(
        "invalid_blocks", f"{_ELEMENTS}/button-element", "an accessibility_label has at most 75 characters"
    )
    FEEDBACK_BUTTON = Ruling(
        "invalid_blocks",
        f"{_ELEMENTS}/feedback-buttons-element",
        "positive and negative button have plain text (75) and a value (2,000)",
    )
    ICON_BUTTON = Ruling(
        "invalid_blocks", f"{_ELEMENTS}/icon-button-element", "an icon button has the icon trash and a text"
    )
    OVERFLOW_OPTIONS = Ruling(
        "invalid_blocks", f"{_ELEMENTS}/overflow-menu-element", "an overflow menu has 1-5 options"
    )
    SELECT_OPTIONS = Ruling(
        "invalid_blocks", f"{_ELEMENTS}/select-menu-element", "a static select has 1-100 options or option groups"
    )
    PLACEHOLDER = Ruling(
        "invalid_blocks",
        f"{_ELEMENTS}/select-menu-element",
        "a placeholder is plain text of at most 150 characters",
    )
    MAX_SELECTED = Ruling("invalid_blocks", f"{_ELEMENTS}/multi-select-menu-element", "max_selected_items is 1 or more")
    CHECKBOX_OPTIONS = Ruling("invalid_blocks", f"{_ELEMENTS}/checkboxes-element", "checkboxes have 1-10 options")
    RADIO_OPTIONS = Ruling(
        "invalid_blocks", f"{_ELEMENTS}/radio-button-group-element", "a radio group has 1-10 options"
    )
    INITIAL_OPTION = Ruling(
        "invalid_blocks", f"{_ELEMENTS}/select-menu-element", "an initial option is one of the options, exactly"
    )
    DATE_FORMAT = Ruling("invalid_blocks", f"{_ELEMENTS}/date-picker-element", "a date is YYYY-MM-DD")
    INPUT_LENGTH = Ruling(
        "invalid_blocks", f"{_ELEMENTS}/plain-text-input-element", "min_length is 0-3,000 and max_length 1-3,000"
    )
    INITIAL_VALUE = Ruling(
        "invalid_blocks", f"{_ELEMENTS}/plain-text-input-element", "an initial value is no longer than max_length"
    )
    OPTION_TEXT = Ruling("invalid_blocks", f"{_OBJECTS}/option-object", "an option's text has 1-75 characters")
    OPTION_VALUE = Ruling("invalid_blocks", f"{_OBJECTS}/option-object", "an option's value has 1-150 characters")
    OPTION_DESCRIPTION = Ruling(
        "invalid_blocks", f"{_OBJECTS}/option-object", "a description has at most 75 characters"
    )
    TEXT_OBJECT = Ruling("invalid_blocks", f"{_OBJECTS}/text-object", "a text object is plain_text or mrkdwn with text")
    CONFIRM = Ruling(
        "invalid_blocks",
        f"{_OBJECTS}/confirmation-dialog-object",
        "title (100), text (300), confirm (30) and deny (30)",
    )

    @property
    def error(self) -> str:
        """The error code in the answer."""
        return self.value.error

    @property
    def page(self) -> str:
        """The whole address of the page that says so."""
        return DOCS + self.value.page

    @property
    def says(self) -> str:
        """The rule in one sentence."""
        return self.value.says


@dataclass(frozen=True)
class Problem:
    """One place where a rule is broken."""

    rule: Rule
    #: JSON pointer into the call's arguments, such as `/blocks/0/text`; empty where the call as a whole is meant.
    at: str = ""

    def __str__(self) -> str:
        pointer = f" [json-pointer:{self.at}]" if self.at else ""
        return f"[ERROR] {self.rule.says}{pointer} (see {self.rule.page})"


class Refused(Exception):
    """The workspace refuses a call, as Slack would."""

    def __init__(self, *problems: Problem, error: str | None = None, extra: dict[str, Any] | None = None) -> None:
        self.problems: Sequence[Problem] = problems
        #: The code in the answer; the first problem's, unless the place decides (a view's blocks).
        self.error = error or problems[0].rule.error
        #: Further fields of the answer, such as `needed` and `provided`.
        self.extra = extra or {}
        super().__init__(f"{self.error}: " + "; ".join(str(problem) for problem in problems))


def refuse(rule: Rule, at: str = "", **extra: Any) -> Refused:
    """The refusal for one broken rule, to be raised."""
    return Refused(Problem(rule, at), extra=extra)
