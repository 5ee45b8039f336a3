"""chat.startStream, appendStream, stopStream: a message that grows. https://docs.slack.dev/reference/methods/chat.startStream"""

from bot.sandbox import objects, world
from bot.sandbox.block_kit import MESSAGE, checked_blocks, with_ids
from bot.sandbox.rules import Rule, refuse
from bot.sandbox.state import Channel, Message
from bot.sandbox.web_api import chat
from bot.sandbox.web_api.call import Call, Method
from bot.sandbox.wire import Json

_CHUNKS = frozenset({"markdown_text", "task_update", "plan_update", "blocks"})


def start(call: Call) -> Json:
    """chat.startStream"""
    channel = call.writable()
    if not channel.is_im:
        if call.text("recipient_user_id") not in call.state.people:
            raise refuse(Rule.NEEDS_RECIPIENT_USER, "/recipient_user_id")
        if call.text("recipient_team_id") not in call.state.teams:
            raise refuse(Rule.NEEDS_RECIPIENT_TEAM, "/recipient_team_id")
    else:
        # Only in a channel may a stream begin a thread of its own.
        call.required("thread_ts")
    text = _text(call)
    message = Message(
        ts=call.state.next_ts(),
        channel=channel.id,
        user=world.BOT_USER,
        text=text,
        blocks=with_ids([{"type": "markdown", "text": text}], call.state),
        bot_id=world.BOT_ID,
        thread_ts=chat.thread(call, channel.messages),
        streaming=True,
        streaming_state="in_progress",
    )
    call.acts.post(channel, message)
    return {"channel": channel.id, "ts": message.ts}


def append(call: Call) -> Json:
    """chat.appendStream"""
    channel, message = _streaming(call)
    text = _text(call)
    if not text and not call.value("chunks"):
        raise refuse(Rule.NO_TEXT, "/markdown_text")
    call.acts.grow(channel, message, text)
    return {"channel": channel.id, "ts": message.ts}


def stop(call: Call) -> Json:
    """chat.stopStream"""
    channel, message = _streaming(call)
    text = _text(call)
    raw = call.value("blocks")
    blocks = checked_blocks(raw, MESSAGE, "/blocks") if raw else []
    previous = objects.message(message, channel)
    message.text += text
    message.metadata = chat.metadata(call) or message.metadata
    body = [message.blocks[0] | {"text": message.text}] if message.text else []
    message.blocks = body + with_ids(blocks, call.state)
    message.streaming, message.streaming_state = False, "completed"
    call.acts.changed(channel, message, previous)
    shown = objects.message(message, channel, metadata=True)
    return {"channel": channel.id, "ts": message.ts, "message": shown}


def _streaming(call: Call) -> tuple[Channel, Message]:
    channel = call.channel(member=True)
    message = call.message(channel)
    if not message.streaming:
        raise refuse(Rule.NOT_STREAMING, "/ts")
    return channel, message


def _text(call: Call) -> str:
    """What a call adds: `markdown_text`, and the text of its chunks."""
    text = call.text("markdown_text")
    chunks = call.value("chunks") or []
    if not isinstance(chunks, list) or any(
        not isinstance(chunk, dict) or str(chunk.get("type")) not in _CHUNKS for chunk in chunks
    ):
        raise refuse(Rule.INVALID_ARGUMENTS, "/chunks")
    text += "".join(str(chunk.get("text") or "") for chunk in chunks if chunk["type"] == "markdown_text")
    if len(text) > chat.LONGEST_MARKDOWN:
        raise refuse(Rule.MARKDOWN_TOO_LONG, "/markdown_text")
    return text


METHODS = {
    "chat.startStream": Method(start, ("chat:write",)),
    "chat.appendStream": Method(append, ("chat:write",)),
    "chat.stopStream": Method(stop, ("chat:write",)),
}
