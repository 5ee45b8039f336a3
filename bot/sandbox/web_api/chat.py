"""chat.*: messages of the app. https://docs.slack.dev/reference/methods?filter=chat"""

from typing import Any

from bot.sandbox import objects, world
from bot.sandbox.block_kit import MESSAGE, checked_blocks, with_ids
from bot.sandbox.rules import Rule, refuse
from bot.sandbox.state import Message
from bot.sandbox.web_api.call import Call, Method
from bot.sandbox.wire import Json

LONGEST_TEXT = 40_000
LONGEST_UPDATE = 4_000
LONGEST_MARKDOWN = 12_000
#: Bytes of JSON.
LARGEST_METADATA = 16 * 1024


def post_message(call: Call) -> Json:
    """chat.postMessage"""
    channel = call.writable()
    text, blocks = content(call, LONGEST_TEXT, Rule.TEXT_TOO_LONG)
    message = channel_message(call, channel.id, text, blocks)
    message.thread_ts = thread(call, channel.messages)
    call.acts.post(channel, message)
    shown = objects.message(message, channel, metadata=True)
    return {"channel": channel.id, "ts": message.ts, "message": shown}


def update(call: Call) -> Json:
    """chat.update"""
    channel = call.channel(member=True)
    message = call.message(channel)
    if message.bot_id != world.BOT_ID or message.streaming:
        raise refuse(Rule.CANT_UPDATE, "/ts")
    text, blocks = content(call, LONGEST_UPDATE, Rule.UPDATE_TOO_LONG)
    previous = objects.message(message, channel)
    message.text, message.blocks = text, blocks
    if call.args.get("metadata") is not None:
        message.metadata = metadata(call)
    if not blocks:
        # 'edited' is shown only where the text itself is what people read (docs: chat.update, blocks).
        message.edited = {"user": world.BOT_USER, "ts": call.state.next_ts()}
    call.acts.changed(channel, message, previous)
    shown = objects.message(message, channel, metadata=True)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": shown}


def delete(call: Call) -> Json:
    """chat.delete"""
    channel = call.channel(member=True)
    message = call.message(channel)
    if message.bot_id != world.BOT_ID:
        raise refuse(Rule.CANT_DELETE, "/ts")
    call.acts.delete(channel, message)
    return {"channel": channel.id, "ts": message.ts}


def post_ephemeral(call: Call) -> Json:
    """chat.postEphemeral"""
    channel = call.writable()
    user = call.required("user")
    if user not in channel.members:
        raise refuse(Rule.USER_NOT_IN_CHANNEL, "/user")
    text, blocks = content(call, LONGEST_TEXT, Rule.TEXT_TOO_LONG)
    one = call.acts.whisper(channel, user, text, blocks, call.text("thread_ts") or None)
    return {"message_ts": one.ts}


def get_permalink(call: Call) -> Json:
    """chat.getPermalink"""
    channel = call.channel()
    message = call.message(channel, "message_ts")
    return {"channel": channel.id, "permalink": objects.permalink(channel.id, message)}


def content(call: Call, longest: int, rule: Rule) -> tuple[str, list[Json]]:
    """The text and the checked blocks of a call.

    Raises:
        Refused: if there is nothing to show, the text is longer than `longest`, or the blocks are not valid.
    """
    text = call.text("text")
    raw = call.value("blocks")
    markdown = call.text("markdown_text")
    if markdown:
        if text or raw:
            raise refuse(Rule.MARKDOWN_CONFLICT, "/markdown_text")
        if len(markdown) > LONGEST_MARKDOWN:
            raise refuse(Rule.MARKDOWN_TOO_LONG, "/markdown_text")
        return markdown, with_ids([{"type": "markdown", "text": markdown}], call.state)
    if len(text) > longest:
        raise refuse(rule, "/text")
    blocks = checked_blocks(raw, MESSAGE, "/blocks") if raw else []
    if not text.strip() and not blocks and not call.value("attachments"):
        raise refuse(Rule.NO_TEXT, "/text")
    return text, with_ids(blocks, call.state)


def channel_message(call: Call, channel: str, text: str, blocks: list[Json]) -> Message:
    """A message of the app's that is yet to be posted."""
    attachments = call.value("attachments")
    return Message(
        ts=call.state.next_ts(),
        channel=channel,
        user=world.BOT_USER,
        text=text,
        blocks=blocks,
        bot_id=world.BOT_ID,
        metadata=metadata(call),
        attachments=attachments if isinstance(attachments, list) else [],
    )


def thread(call: Call, messages: dict[str, Message]) -> str | None:
    """The thread that `thread_ts` names; a reply's ts stands for the thread it is in."""
    wanted = call.text("thread_ts")
    if not wanted:
        return None
    found = messages.get(wanted)
    if found is None:
        raise refuse(Rule.THREAD_NOT_FOUND, "/thread_ts")
    return found.thread_ts or found.ts


def metadata(call: Call) -> Json | None:
    """The message's metadata, checked."""
    given: Any = call.value("metadata")
    if given is None or given == {}:
        return None
    if not isinstance(given, dict) or "event_type" not in given:
        raise refuse(Rule.METADATA_FORMAT, "/metadata")
    payload = given.get("event_payload", {})
    if not isinstance(given["event_type"], str) or not isinstance(payload, dict):
        raise refuse(Rule.METADATA_SCHEMA, "/metadata")
    if len(str(given)) > LARGEST_METADATA:
        raise refuse(Rule.METADATA_TOO_LARGE, "/metadata")
    return {"event_type": given["event_type"], "event_payload": payload}


METHODS = {
    "chat.postMessage": Method(post_message, ("chat:write",)),
    "chat.update": Method(update, ("chat:write",)),
    "chat.delete": Method(delete, ("chat:write",)),
    "chat.postEphemeral": Method(post_ephemeral, ("chat:write",)),
    "chat.getPermalink": Method(get_permalink),
}
