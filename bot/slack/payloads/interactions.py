"""What people press, send and type: buttons, forms, message shortcuts and the slash command."""

from dataclasses import dataclass
from datetime import datetime

from bot.slack.actions import ANSWER_FEEDBACK, ButtonValue, decode
from bot.slack.payloads.origin import Origin, read_origin
from bot.slack.payloads.state import NO_STATE, FormState, read_state
from bot.slack.payloads.untrusted import dig, first, first_text, moment, text, timestamp


@dataclass(frozen=True)
class Asker:
    """Who pressed, sent or typed something, and with which trigger a modal may be opened."""

    origin: Origin
    user: str
    #: The person's own team; differs from the installation's for people of another organisation.
    team: str
    #: Lives three seconds; empty where Slack sent none.
    trigger_id: str

    @property
    def foreign(self) -> bool:
        """Whether the person belongs to another team than the one that installed the app."""
        return self.team not in {"", self.origin.team, self.origin.enterprise}


@dataclass(frozen=True)
class ButtonClick:
    """A press on an element of a message, a modal or App Home."""

    asker: Asker
    action_id: str
    block_id: str
    #: The raw value; use `carried`.
    value: str
    #: Where the message stands; empty for a view.
    channel: str
    message_ts: str
    thread_ts: str | None
    #: The view it was pressed in; empty for a message.
    view_id: str
    view_hash: str
    #: The value of the option, user or channel that was chosen; empty for plain buttons.
    selected: str
    response_url: str
    #: What the fields around it held at that moment.
    state: FormState = NO_STATE
    #: When it was pressed, by Slack's clock; None where Slack does not say.
    at: datetime | None = None

    @property
    def carried(self) -> ButtonValue | None:
        """What the button or the chosen option carried, or None where it is not ours."""
        return decode(self.selected or self.value)

    @property
    def thread(self) -> str:
        """The ts of the thread the message belongs to or begins."""
        return self.thread_ts or self.message_ts


@dataclass(frozen=True)
class FeedbackClick:
    """A press on one of the two native feedback buttons."""

    click: ButtonClick
    up: bool
    #: The id of the decision the answer belongs to.
    decision: str


@dataclass(frozen=True)
class FormSubmission:
    """A modal that was sent."""

    asker: Asker
    callback_id: str
    view_id: str
    private_metadata: str
    values: FormState = NO_STATE

    @property
    def subject(self) -> ButtonValue | None:
        """What the form is about, from its private metadata; None where it is not ours."""
        return decode(self.private_metadata)


@dataclass(frozen=True)
class Shortcut:
    """A message shortcut: something chosen from a message's menu."""

    asker: Asker
    callback_id: str
    channel: str
    message_ts: str
    thread_ts: str | None
    #: Empty unless an app wrote the message.
    bot_id: str
    #: Who wrote the message.
    author: str


@dataclass(frozen=True)
class Command:
    """A slash command."""

    asker: Asker
    command: str
    channel: str
    response_url: str
    #: Everything typed behind the command.
    text: str = ""

    @property
    def verb(self) -> str:
        """The first word, in lower case; empty where nothing was typed."""
        return "".join(self.text.split(maxsplit=1)[:1]).lower()

    @property
    def rest(self) -> str:
        """What follows the first word."""
        return "".join(self.text.split(maxsplit=1)[1:])


def parse_click(body: object) -> ButtonClick | None:
    """A press on a button, a menu, a checkbox or a feedback thumb."""
    asker, action = parse_asker(body), first(body, "actions")
    action_id = text(action, "action_id")
    if asker is None or text(body, "type") != "block_actions" or not action_id:
        return None
    chosen = ("selected_option", "value"), ("selected_user",), ("selected_channel",), ("selected_conversation",)
    return ButtonClick(
        asker=asker,
        action_id=action_id,
        block_id=text(action, "block_id"),
        value=text(action, "value"),
        channel=first_text(body, ("channel", "id"), ("container", "channel_id")),
        message_ts=timestamp(body, "message", "ts") or timestamp(body, "container", "message_ts"),
        thread_ts=timestamp(body, "message", "thread_ts") or timestamp(body, "container", "thread_ts") or None,
        view_id=first_text(body, ("view", "id"), ("container", "view_id")),
        view_hash=text(body, "view", "hash"),
        selected=first_text(action, *chosen),
        response_url=text(body, "response_url"),
        state=read_state(dig(body, "view", "state") or dig(body, "state")),
        at=moment(action, "action_ts"),
    )


def parse_feedback(body: object) -> FeedbackClick | None:
    """A press on a feedback thumb of an answer; pressing again repeats the payload, and none means taken back."""
    click = parse_click(body)
    if click is None or click.action_id != ANSWER_FEEDBACK:
        return None
    carried = click.carried
    if carried is None or carried.choice not in {"up", "down"}:
        return None
    return FeedbackClick(click, carried.choice == "up", carried.id)


def parse_submission(body: object) -> FormSubmission | None:
    """A modal that was sent, with the values of its fields."""
    asker, callback_id = parse_asker(body), text(body, "view", "callback_id")
    if asker is None or text(body, "type") != "view_submission" or not callback_id:
        return None
    return FormSubmission(
        asker=asker,
        callback_id=callback_id,
        view_id=text(body, "view", "id"),
        private_metadata=text(body, "view", "private_metadata"),
        values=read_state(dig(body, "view", "state")),
    )


def parse_shortcut(body: object) -> Shortcut | None:
    """A message shortcut."""
    asker, callback_id = parse_asker(body), text(body, "callback_id")
    channel = text(body, "channel", "id")
    ts = timestamp(body, "message", "ts") or timestamp(body, "message_ts")
    if asker is None or text(body, "type") != "message_action" or not (callback_id and channel and ts):
        return None
    return Shortcut(
        asker=asker,
        callback_id=callback_id,
        channel=channel,
        message_ts=ts,
        thread_ts=timestamp(body, "message", "thread_ts") or None,
        bot_id=text(body, "message", "bot_id"),
        author=text(body, "message", "user"),
    )


def parse_command(body: object) -> Command | None:
    """A slash command with what was typed behind it."""
    asker, command, channel = parse_asker(body), text(body, "command"), text(body, "channel_id")
    if asker is None or not command or not channel:
        return None
    return Command(asker, command, channel, text(body, "response_url"), text(body, "text").strip())


def parse_asker(body: object) -> Asker | None:
    """Who pressed, sent or typed something, whatever it was."""
    origin = read_origin(body)
    user = first_text(body, ("user", "id"), ("user_id",))
    if origin is None or not user:
        return None
    return Asker(origin, user, first_text(body, ("user", "team_id")), text(body, "trigger_id"))
