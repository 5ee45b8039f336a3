"""reactions.*: the app's reactions. https://docs.slack.dev/reference/methods?filter=reactions"""

import re

from bot.sandbox import objects, world
from bot.sandbox.rules import Rule, refuse
from bot.sandbox.state import Channel, Message
from bot.sandbox.web_api.call import Call, Method
from bot.sandbox.wire import Json

_EMOJI = re.compile(r"[a-z0-9_+'-]{1,100}(::skin-tone-[2-6])?")


def add(call: Call) -> Json:
    """reactions.add"""
    channel, message, name = _target(call)
    if world.BOT_USER in message.reactions.get(name, []):
        raise refuse(Rule.ALREADY_REACTED, "/name")
    call.acts.react(channel, message, world.BOT_USER, name)
    return {}


def remove(call: Call) -> Json:
    """reactions.remove"""
    channel, message, name = _target(call)
    if world.BOT_USER not in message.reactions.get(name, []):
        raise refuse(Rule.NO_REACTION, "/name")
    call.acts.unreact(channel, message, world.BOT_USER, name)
    return {}


def get(call: Call) -> Json:
    """reactions.get"""
    channel = call.channel(member=True)
    message = call.message(channel, "timestamp")
    return {"type": "message", "channel": channel.id, "message": objects.message(message, channel)}


def emoji_name(name: str) -> str:
    """`name` without its colons.

    Raises:
        Refused: if no emoji can be called that.
    """
    bare = name.strip(":")
    if not _EMOJI.fullmatch(bare):
        raise refuse(Rule.INVALID_REACTION, "/name")
    return bare


def _target(call: Call) -> tuple[Channel, Message, str]:
    if not call.text("channel") or not call.text("timestamp"):
        raise refuse(Rule.NO_ITEM, "/timestamp")
    channel = call.channel(member=True)
    return channel, call.message(channel, "timestamp"), emoji_name(call.required("name"))


METHODS = {
    "reactions.add": Method(add, ("reactions:write",)),
    "reactions.remove": Method(remove, ("reactions:write",)),
    "reactions.get": Method(get, ("reactions:read",)),
}
