"""Payloads as Slack sends them, with the parts that matter to change given as arguments."""

from typing import Any

BOT = "U0BOT"
TEAM = "T0ANSWER"


def event_body(event: dict[str, Any], event_id: str) -> dict[str, Any]:
    return {
        "token": "verification",
        "team_id": TEAM,
        "context_team_id": TEAM,
        "context_enterprise_id": None,
        "api_app_id": "A0ANSWERLOOP",
        "event": event,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": 1700000000,
        "authorizations": [
            {"enterprise_id": None, "team_id": TEAM, "user_id": BOT, "is_bot": True, "is_enterprise_install": False}
        ],
        "is_ext_shared_channel": False,
        "event_context": "4-abc",
    }


def message_body(**changes: Any) -> dict[str, Any]:
    event = {
        "type": "message",
        "user": "U0UMA",
        "text": "hello",
        "ts": "1700000000.000100",
        "client_msg_id": "c1",
        "team": TEAM,
        "blocks": [{"type": "rich_text", "block_id": "b", "elements": [{"type": "rich_text_section", "elements": []}]}],
        "channel": "C0HELP",
        "channel_type": "channel",
        "event_ts": "1700000000.000100",
    }
    return event_body(event | changes, "Ev1")


def mention_body() -> dict[str, Any]:
    event = {
        "type": "app_mention",
        "user": "U0UMA",
        "text": f"<@{BOT}> hello",
        "ts": "1700000000.000100",
        "team": TEAM,
        "channel": "C0HELP",
        "event_ts": "1700000000.000100",
    }
    return event_body(event, "Ev2")


def edit_body() -> dict[str, Any]:
    before = {"type": "message", "user": "U0UMA", "text": "hello", "ts": "1700000000.000100"}
    after = before | {"text": "hello again", "edited": {"user": "U0UMA", "ts": "1700000001.000000"}}
    event = {
        "type": "message",
        "subtype": "message_changed",
        "message": after,
        "previous_message": before,
        "channel": "C0HELP",
        "hidden": True,
        "ts": "1700000001.000200",
        "channel_type": "channel",
    }
    return event_body(event, "Ev3")


def deletion_body(*, tombstone: bool = False) -> dict[str, Any]:
    before = {"type": "message", "user": "U0UMA", "text": "hello", "ts": "1700000000.000100"}
    gone = {"type": "message", "subtype": "tombstone", "text": "This message was deleted.", "ts": "1700000000.000100"}
    how = (
        {"subtype": "message_changed", "message": gone}
        if tombstone
        else {"subtype": "message_deleted", "deleted_ts": "1700000000.000100"}
    )
    event = {"type": "message", "channel": "C0HELP", "ts": "1700000001.000200", "previous_message": before, **how}
    return event_body(event, "Ev4")


def reaction_body(name: str, kind: str = "reaction_added") -> dict[str, Any]:
    event = {
        "type": kind,
        "user": "U0UMA",
        "reaction": name,
        "item": {"type": "message", "channel": "C0HELP", "ts": "1700000000.000100"},
        "item_user": BOT,
        "event_ts": "1700000002.000000",
    }
    return event_body(event, "Ev5")


def home_body(tab: str) -> dict[str, Any]:
    event = {"type": "app_home_opened", "user": "U0UMA", "channel": "D0UMA", "tab": tab, "event_ts": "1.0"}
    return event_body(event, "Ev6")


def _interaction(kind: str) -> dict[str, Any]:
    return {
        "type": kind,
        "user": {"id": "U0UMA", "username": "uma", "name": "uma", "team_id": TEAM},
        "api_app_id": "A0ANSWERLOOP",
        "token": "verification",
        "trigger_id": "123.456.abc",
        "team": {"id": TEAM, "domain": "lumen"},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def click_body(**action: Any) -> dict[str, Any]:
    message = {
        "type": "message",
        "user": BOT,
        "bot_id": "B0BOT",
        "ts": "1700000000.000200",
        "thread_ts": "1700000000.000100",
        "text": "an answer",
    }
    pressed = {
        "type": "button",
        "action_id": "get_person",
        "block_id": "b1",
        "text": {"type": "plain_text", "text": "Get a human", "emoji": True},
        "value": '{"id":"01A"}',
        "action_ts": "1700000003.000000",
    }
    return _interaction("block_actions") | {
        "container": {"type": "message", "message_ts": "1700000000.000200", "channel_id": "C0HELP"},
        "channel": {"id": "C0HELP", "name": "help"},
        "message": message,
        "state": {"values": {}},
        "response_url": "https://hooks.slack.com/actions/1",
        "actions": [pressed | action],
    }


def submission_body(**fields: Any) -> dict[str, Any]:
    view = {
        "id": "V1",
        "team_id": TEAM,
        "type": "modal",
        "callback_id": "feedback_form",
        "private_metadata": '{"id":"01A","h":"hash"}',
        "hash": "1.abc",
        "state": {"values": {name: {name: value} for name, value in fields.items()}},
        "app_installed_team_id": TEAM,
    }
    return _interaction("view_submission") | {"view": view, "response_urls": []}


def shortcut_body() -> dict[str, Any]:
    return _interaction("message_action") | {
        "callback_id": "stop_using_this",
        "message_ts": "1700000000.000200",
        "channel": {"id": "C0HELP", "name": "help"},
        "message": {"type": "message", "user": BOT, "bot_id": "B0BOT", "ts": "1700000000.000200", "text": "an answer"},
        "response_url": "https://hooks.slack.com/app/1",
    }


def command_body(text: str) -> dict[str, Any]:
    return {
        "token": "verification",
        "team_id": TEAM,
        "team_domain": "lumen",
        "channel_id": "C0HELP",
        "channel_name": "help",
        "user_id": "U0UMA",
        "user_name": "uma",
        "command": "/kb",
        "text": text,
        "api_app_id": "A0ANSWERLOOP",
        "is_enterprise_install": "false",
        "response_url": "https://hooks.slack.com/commands/1",
        "trigger_id": "123.456.abc",
    }


SAMPLES = [
    message_body(),
    mention_body(),
    edit_body(),
    deletion_body(),
    deletion_body(tombstone=True),
    reaction_body("+1"),
    home_body("home"),
    click_body(),
    submission_body(reason={"type": "radio_buttons", "selected_option": {"value": "x"}}),
    shortcut_body(),
    command_body("ask something"),
]
