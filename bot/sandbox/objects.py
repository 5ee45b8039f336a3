"""Slack's objects as JSON: messages, channels, people, views. Pure functions from the state to what travels."""

from bot.sandbox import world
from bot.sandbox.state import Channel, Ephemeral, File, Group, Message, View
from bot.sandbox.wire import Json


def message(one: Message, channel: Channel, *, metadata: bool = False) -> Json:
    """A message as events and `conversations.history` show it.

    Args:
        metadata: with the app's metadata, as `include_all_metadata` asks for.
    """
    shown: Json = {"type": "message", "user": one.user, "ts": one.ts, "text": one.text, "team": one.team}
    optional: Json = {
        "subtype": one.subtype,
        "client_msg_id": one.client_msg_id,
        "thread_ts": one.thread_ts,
        "blocks": one.blocks or None,
        "attachments": one.attachments or None,
        "files": one.files or None,
        "edited": one.edited,
        "streaming_state": one.streaming_state,
        "metadata": one.metadata if metadata else None,
    }
    shown.update({key: value for key, value in optional.items() if value is not None})
    if one.bot_id:
        shown.update({"bot_id": one.bot_id, "app_id": world.APP_ID, "bot_profile": bot_profile()})
    if one.reactions:
        shown["reactions"] = reactions(one)
    if one.thread_ts and one.thread_ts != one.ts and one.thread_ts in channel.messages:
        shown["parent_user_id"] = channel.messages[one.thread_ts].user
    replies = list(channel.replies(one.ts))
    if replies:
        shown |= {
            "thread_ts": one.ts,
            "reply_count": len(replies),
            "reply_users": list(dict.fromkeys(reply.user for reply in replies)),
            "reply_users_count": len({reply.user for reply in replies}),
            "latest_reply": replies[-1].ts,
        }
    return shown


def reactions(one: Message) -> list[Json]:
    """The reactions on a message, in the order they came."""
    return [{"name": name, "users": list(users), "count": len(users)} for name, users in one.reactions.items()]


def ephemeral(one: Ephemeral) -> Json:
    """A message that only one person sees, as that person's client shows it."""
    shown: Json = {
        "type": "message",
        "ts": one.ts,
        "channel": one.channel,
        "user": world.BOT_USER,
        "bot_id": world.BOT_ID,
        "text": one.text,
        "blocks": one.blocks,
        "is_ephemeral": True,
    }
    return shown | ({"thread_ts": one.thread_ts} if one.thread_ts else {})


def bot_profile() -> Json:
    """The app's profile that stands on its messages."""
    return {
        "id": world.BOT_ID,
        "app_id": world.APP_ID,
        "user_id": world.BOT_USER,
        "name": world.BOT.real_name,
        "deleted": False,
        "updated": 0,
        "team_id": world.TEAM.id,
        "icons": {},
    }


def channel(one: Channel, *, asker: str = world.BOT_USER) -> Json:
    """A channel as `conversations.info` shows it to `asker`."""
    if one.is_im:
        other = next((member for member in one.members if member != asker), asker)
        return {
            "id": one.id,
            "is_im": True,
            "is_org_shared": False,
            "user": other,
            "created": 0,
            "is_archived": False,
        }
    return {
        "id": one.id,
        "name": one.name,
        "name_normalized": one.name,
        "is_channel": not one.is_private,
        "is_group": one.is_private,
        "is_im": False,
        "is_mpim": False,
        "is_private": one.is_private,
        "is_archived": one.is_archived,
        "is_general": False,
        "is_shared": one.is_ext_shared,
        "is_ext_shared": one.is_ext_shared,
        "is_org_shared": False,
        "is_pending_ext_shared": False,
        "is_member": asker in one.members,
        "num_members": len(one.members),
        "created": 0,
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
        "context_team_id": world.TEAM.id,
    }


def person(one: world.Person) -> Json:
    """A person as `users.info` shows them."""
    profile: Json = {
        "display_name": one.name,
        "display_name_normalized": one.name,
        "real_name": one.real_name,
        "real_name_normalized": one.real_name,
        "email": one.email,
        "team": one.team_id,
    }
    shown: Json = {
        "id": one.id,
        "team_id": one.team_id,
        "name": one.name,
        "real_name": one.real_name,
        "deleted": False,
        "tz": one.tz,
        "profile": profile | ({"bot_id": world.BOT_ID, "api_app_id": world.APP_ID} if one.is_bot else {}),
        "is_admin": one.is_admin,
        "is_owner": False,
        "is_restricted": one.is_restricted,
        "is_ultra_restricted": False,
        "is_bot": one.is_bot,
        "is_app_user": False,
    }
    return shown | ({"is_stranger": False} if one.team_id != world.TEAM.id else {})


def team(one: world.Team) -> Json:
    """An organisation as `team.info` shows it."""
    return {"id": one.id, "name": one.name, "domain": one.domain, "email_domain": "", "icon": {}}


def group(one: Group) -> Json:
    """A user group as `usergroups.list` shows it."""
    return {
        "id": one.id,
        "team_id": world.TEAM.id,
        "is_usergroup": True,
        "name": one.name,
        "handle": one.handle,
        "user_count": len(one.members),
        "users": list(one.members),
        "date_delete": 0,
    }


def view(one: View) -> Json:
    """A view as payloads and `views.open` show it."""
    body: Json = {
        "callback_id": "",
        "private_metadata": "",
        "external_id": "",
        "clear_on_close": False,
        "notify_on_close": False,
        "close": None,
        "submit": None,
        "title": None,
    }
    facts: Json = {
        "id": one.id,
        "team_id": world.TEAM.id,
        "app_id": world.APP_ID,
        "app_installed_team_id": world.TEAM.id,
        "bot_id": world.BOT_ID,
        "hash": one.hash,
        "root_view_id": one.root_view_id,
        "previous_view_id": one.previous_view_id,
        "state": {"values": one.values},
    }
    return body | one.body | facts


def file(one: File) -> Json:
    """A file as messages and `files.info` show it."""
    return {
        "id": one.id,
        "name": one.name,
        "title": one.title,
        "size": one.size,
        "user": one.user,
        "mode": "hosted",
        "channels": list(one.channels),
        "url_private": f"/client/files/{one.id}",
        "permalink": f"https://{world.TEAM.domain}.slack.com/files/{one.user}/{one.id}",
    }


def permalink(channel_id: str, one: Message) -> str:
    """The link to a message, as chat.getPermalink gives it."""
    link = f"https://{world.TEAM.domain}.slack.com/archives/{channel_id}/p{one.ts.replace('.', '')}"
    if one.thread_ts and one.thread_ts != one.ts:
        link += f"?thread_ts={one.thread_ts}&cid={channel_id}"
    return link
