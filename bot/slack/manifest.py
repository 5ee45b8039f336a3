"""The app's manifest: what to paste into Slack to create the app, with the least scopes that the bot can work with.

Reference: docs.slack.dev/reference/app-manifest.
"""

from typing import Any, Final

from bot.slack.actions import COMMAND, CORRECT_THIS, STOP_USING_THIS, WHY_THIS

#: Each scope with what needs it.
BOT_SCOPES: Final = {
    "app_mentions:read": "be asked in channels",
    "assistant:write": "suggested prompts and 'is thinking'",
    "channels:history": "questions and follow-ups in public channels",
    "channels:read": "whether a channel is shared, and who can read it",
    "chat:write": "answer",
    "commands": "the slash command and the message shortcuts",
    "files:write": "reports as pictures where Slack can't draw them",
    "groups:history": "questions and follow-ups in private channels",
    "groups:read": "who can read a private channel",
    "im:history": "direct messages",
    "im:read": "direct messages",
    "im:write": "answers that are not for everyone go by direct message",
    "reactions:read": "thumbs and check marks",
    "reactions:write": "show that a message was seen",
    "usergroups:read": "staff and admins named by a user group",
    "users:read": "names, time zones, and who is a guest",
}

BOT_EVENTS: Final = (
    "app_context_changed",
    "app_home_opened",
    "app_mention",
    "message.channels",
    "message.groups",
    "message.im",
    "reaction_added",
    "reaction_removed",
)


def manifest(name: str = "Answerloop", request_url: str = "") -> dict[str, Any]:
    """The manifest as JSON-ready values.

    Args:
        name: what the bot is called in the workspace, at most 35 characters.
        request_url: where Slack sends signed requests; empty for Socket Mode, which needs no public address.
    """
    address = {"request_url": request_url} if request_url else {}
    command: dict[str, Any] = {
        "command": COMMAND,
        "description": "Ask the knowledge base, or add to it",
        "usage_hint": "ask | add | help",
        "should_escape": True,
    }
    return {
        "display_information": {
            "name": name[:35],
            "description": "Answers from your knowledge base, fetches a human when unsure, learns what you approve.",
        },
        "features": {
            "agent_view": {
                "agent_description": "Answers questions from the knowledge base and fetches a human when not sure.",
                "suggested_prompts": [
                    {"title": "What can you do?", "message": "What can you help me with?"},
                    {"title": "I need a human", "message": "Can I talk to a human, please?"},
                ],
            },
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": name[:35], "always_online": True},
            "shortcuts": [
                _shortcut("Stop using this", STOP_USING_THIS, "Take this answer out of use at once (staff)"),
                _shortcut("Why this answer?", WHY_THIS, "See evidence, confidence, rule and versions (staff)"),
                _shortcut("Correct this", CORRECT_THIS, "Propose a better answer (staff)"),
            ],
            "slash_commands": [command | ({"url": request_url} if request_url else {})],
        },
        "oauth_config": {"scopes": {"bot": sorted(BOT_SCOPES)}},
        "settings": {
            "event_subscriptions": {**address, "bot_events": list(BOT_EVENTS)},
            "interactivity": {"is_enabled": True, **address},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not request_url,
            "token_rotation_enabled": False,
        },
    }


def _shortcut(name: str, callback_id: str, description: str) -> dict[str, str]:
    return {"name": name, "type": "message", "callback_id": callback_id, "description": description}
