"""conversations.*: channels, their members and what was said. https://docs.slack.dev/reference/methods?filter=conversations"""

import re

from bot.sandbox import objects, world
from bot.sandbox.rules import Rule, refuse
from bot.sandbox.state import Message
from bot.sandbox.web_api.call import Call, Method
from bot.sandbox.wire import Json

#: A ts as Slack gives it; other numbers are brought to this form.
_TS = re.compile(r"\d{10}\.\d{6}")
#: The `types` of conversations.list and what they ask of a channel's family of scopes.
_TYPES = {"public_channel": "channels", "private_channel": "groups", "im": "im"}


def open_(call: Call) -> Json:
    """conversations.open"""
    users = [user for user in call.text("users").split(",") if user]
    if channel_id := call.text("channel"):
        if channel_id not in call.state.channels:
            raise refuse(Rule.CHANNEL_NOT_FOUND, "/channel")
        return {"channel": {"id": channel_id}}
    if len(users) != 1:
        raise refuse(Rule.INVALID_ARGUMENTS, "/users")
    if users[0] not in call.state.people or users[0] == world.BOT_USER:
        raise refuse(Rule.USER_NOT_FOUND, "/users")
    channel = call.state.direct_channel(users[0])
    return {"channel": objects.channel(channel) if call.yes("return_im") else {"id": channel.id}}


def info(call: Call) -> Json:
    """conversations.info"""
    channel = call.channel(scope="read")
    shown = objects.channel(channel)
    if not call.yes("include_num_members"):
        shown.pop("num_members", None)
    return {"channel": shown}


def history(call: Call) -> Json:
    """conversations.history"""
    channel = call.channel(scope="history", member=True)
    top = [one for one in channel.messages.values() if one.thread_ts in (None, one.ts) or one.subtype == "broadcast"]
    page, cursor = call.page(list(reversed(_within(call, top))), most=999)
    shown = [objects.message(one, channel, metadata=call.yes("include_all_metadata")) for one in page]
    return {"messages": shown, "has_more": bool(cursor), "pin_count": 0} | _next(cursor)


def replies(call: Call) -> Json:
    """conversations.replies"""
    channel = call.channel(scope="history", member=True)
    first = channel.messages.get(call.required("ts"))
    if first is None:
        raise refuse(Rule.THREAD_NOT_FOUND, "/ts")
    page, cursor = call.page(_within(call, list(channel.replies(first.ts))), default=1000)
    shown = [objects.message(one, channel, metadata=call.yes("include_all_metadata")) for one in (first, *page)]
    return {"messages": shown, "has_more": bool(cursor)} | _next(cursor)


def members(call: Call) -> Json:
    """conversations.members"""
    page, cursor = call.page(call.channel(scope="read").members)
    return {"members": page} | _next(cursor)


def list_(call: Call) -> Json:
    """conversations.list"""
    families = _families(call)
    visible = [
        channel
        for channel in call.state.channels.values()
        if channel.scope in families and (not channel.is_private or world.BOT_USER in channel.members)
    ]
    page, cursor = call.page(visible)
    return {"channels": [objects.channel(channel) for channel in page]} | _next(cursor)


def users_conversations(call: Call) -> Json:
    """users.conversations"""
    user = call.text("user") or world.BOT_USER
    families = _families(call)
    mine = [
        channel
        for channel in call.state.channels.values()
        if channel.scope in families
        and user in channel.members
        and (not channel.is_private or world.BOT_USER in channel.members)
    ]
    page, cursor = call.page(mine)
    return {"channels": [objects.channel(channel) for channel in page]} | _next(cursor)


def join(call: Call) -> Json:
    """conversations.join"""
    channel = call.channel()
    if channel.is_private:
        raise refuse(Rule.JOIN_PRIVATE, "/channel")
    if world.BOT_USER not in channel.members:
        call.acts.join(channel, world.BOT_USER)
    return {"channel": objects.channel(channel)}


def _families(call: Call) -> set[str]:
    wanted = (call.text("types") or "public_channel").split(",")
    if unknown := [one for one in wanted if one.strip() not in {*_TYPES, "mpim"}]:
        raise refuse(Rule.INVALID_ARGUMENTS, f"/types/{unknown[0]}")
    families = {_TYPES[one.strip()] for one in wanted if one.strip() in _TYPES}
    call.need(*sorted(f"{family}:read" for family in families))
    return families


def _within(call: Call, messages: list[Message]) -> list[Message]:
    """The messages between `oldest` and `latest`; the bounds themselves only with `inclusive`."""
    oldest, latest = _moment(call, "oldest", Rule.BAD_OLDEST), _moment(call, "latest", Rule.BAD_LATEST)
    if call.yes("inclusive"):
        return [one for one in messages if (oldest or "") <= one.ts and (latest is None or one.ts <= latest)]
    return [one for one in messages if (oldest or "") < one.ts and (latest is None or one.ts < latest)]


def _moment(call: Call, name: str, rule: Rule) -> str | None:
    """A bound as a ts of full length, so that text compares as time; None where there is none."""
    given = call.text(name)
    if not given or given in ("0", "now"):
        return None
    try:
        return given if _TS.fullmatch(given) else f"{float(given):017.6f}"
    except ValueError as error:
        raise refuse(rule, f"/{name}") from error


def _next(cursor: str) -> Json:
    return {"response_metadata": {"next_cursor": cursor}}


METHODS = {
    "conversations.open": Method(open_, ("im:write",)),
    "conversations.info": Method(info),
    "conversations.history": Method(history),
    "conversations.replies": Method(replies),
    "conversations.members": Method(members),
    "conversations.list": Method(list_),
    "conversations.join": Method(join, ("channels:join",)),
    "users.conversations": Method(users_conversations),
}
