"""What the Web API answers when a call is right: reading back, pages, updates, scopes by kind of channel."""

import pytest

from bot.sandbox import world
from bot.sandbox.client import SandboxError, Workspace
from tests.bot.sandbox.raw_app import Json, Slack

HELP = "C0HELP"
DIVIDER: Json = {"type": "divider"}
PROMPT = {"title": "Hello", "message": "Say hello"}


def install(workspace: Workspace, *, without: str) -> None:
    scopes = sorted(world.BOT_SCOPES - {without})
    workspace.post("/control/install", {"scopes": scopes, "events": sorted(world.BOT_EVENTS)})


def test_history_is_newest_first_and_comes_in_pages(slack: Slack) -> None:
    stamps = [slack.post(HELP, str(number)) for number in range(5)]
    slack.post(HELP, "a reply", thread_ts=stamps[0])
    first = slack.call("conversations.history", {"channel": HELP, "limit": 3})
    cursor = first["response_metadata"]["next_cursor"]
    second = slack.call("conversations.history", {"channel": HELP, "limit": 3, "cursor": cursor})
    assert [one["ts"] for one in (*first["messages"], *second["messages"])] == list(reversed(stamps))
    assert [first["has_more"], second["has_more"]] == [True, False]
    assert second["messages"][-1]["reply_count"] == 1


def test_history_is_cut_to_the_times_asked_for(slack: Slack) -> None:
    stamps = [slack.post(HELP, str(number)) for number in range(4)]

    def between(**bounds: object) -> list[str]:
        found = slack.call("conversations.history", {"channel": HELP, **bounds})["messages"]
        return sorted(one["ts"] for one in found)

    assert between(oldest=stamps[1]) == stamps[2:]
    assert between(oldest=stamps[1], inclusive=True) == stamps[1:]
    assert between(latest=stamps[1]) == stamps[:1]
    assert between(oldest=str(float(stamps[0]) - 60)) == stamps
    assert between(oldest="0") == stamps


def test_a_thread_always_shows_what_began_it(slack: Slack) -> None:
    root = slack.post(HELP, "root")
    replies = [slack.post(HELP, str(number), thread_ts=root) for number in range(3)]
    found = slack.call("conversations.replies", {"channel": HELP, "ts": root, "oldest": replies[0]})["messages"]
    assert [one["ts"] for one in found] == [root, *replies[1:]]
    assert {one["parent_user_id"] for one in found[1:]} == {world.BOT_USER}


def test_form_calls_and_json_calls_mean_the_same(slack: Slack) -> None:
    args = {"channel": HELP, "text": "hello", "blocks": [DIVIDER], "metadata": {"event_type": "e", "event_payload": {}}}
    by_form, by_json = slack.form("chat.postMessage", args), slack.call("chat.postMessage", args)
    for answer in (by_form, by_json):
        assert answer["message"]["blocks"][0]["type"] == "divider"
        assert answer["message"]["metadata"] == {"event_type": "e", "event_payload": {}}


def test_a_message_to_a_person_goes_to_their_direct_message(slack: Slack) -> None:
    answer = slack.call("chat.postMessage", {"channel": "U0UMA", "text": "hello"})
    opened = slack.call("conversations.open", {"users": "U0UMA"})
    assert answer["channel"] == opened["channel"]["id"] == "D0UMA"


def test_an_update_with_text_alone_drops_the_blocks_and_shows_edited(slack: Slack, workspace: Workspace) -> None:
    ts = slack.post(HELP, "first", blocks=[DIVIDER])
    slack.call("chat.update", {"channel": HELP, "ts": ts, "text": "second", "blocks": [DIVIDER, DIVIDER]})
    seen = workspace.person("uma").messages("help")[0].raw
    assert (len(seen["blocks"]), "edited" in seen) == (2, False)
    slack.call("chat.update", {"channel": HELP, "ts": ts, "text": "third"})
    seen = workspace.person("uma").messages("help")[0].raw
    assert (seen["text"], "blocks" in seen, "edited" in seen) == ("third", False, True)


def test_an_update_keeps_the_metadata_unless_it_brings_new_one(slack: Slack) -> None:
    ts = slack.post(HELP, metadata={"event_type": "e", "event_payload": {"key": "1"}})
    slack.call("chat.update", {"channel": HELP, "ts": ts, "text": "second"})
    found = slack.call("conversations.history", {"channel": HELP, "include_all_metadata": True})["messages"][0]
    assert found["metadata"]["event_payload"] == {"key": "1"}


def test_reading_needs_the_scope_of_the_kind_of_channel(slack: Slack, workspace: Workspace) -> None:
    install(workspace, without="groups:read")
    assert slack.call("conversations.info", {"channel": HELP})["ok"]
    refused = slack.call("conversations.info", {"channel": "C0SUPPORT"})
    assert (refused["error"], refused["needed"]) == ("missing_scope", "groups:read")


def test_a_private_channel_without_the_bot_is_not_found_and_a_public_one_is(slack: Slack, workspace: Workspace) -> None:
    secret = workspace.add_channel("secret", ["U0UMA"], is_private=True)
    assert slack.call("conversations.info", {"channel": secret})["error"] == "channel_not_found"
    public = slack.call("conversations.info", {"channel": "C0RANDOM"})["channel"]
    assert public["is_member"] is False
    assert slack.call("conversations.history", {"channel": "C0RANDOM"})["error"] == "not_in_channel"


def test_a_status_needs_one_of_two_scopes_and_goes_with_the_answer(slack: Slack, workspace: Workspace) -> None:
    install(workspace, without="assistant:write")
    ts = slack.post(HELP)
    status = {"channel_id": HELP, "thread_ts": ts, "status": "is thinking …"}
    assert slack.call("assistant.threads.setStatus", status)["ok"]
    uma = workspace.person("uma")
    where = {"channel": HELP, "thread_ts": ts}
    assert workspace.get("/client/messages", where, uma.token)["status"] == "is thinking …"
    slack.post(HELP, "answer", thread_ts=ts)
    assert workspace.get("/client/messages", where, uma.token)["status"] == ""


def test_prompts_that_name_a_thread_are_dropped_silently_as_for_an_agent(slack: Slack, workspace: Workspace) -> None:
    uma = workspace.person("uma")

    def shown() -> object:
        return workspace.get("/client/messages", {"channel": "D0UMA"}, uma.token)["prompts"]

    args = {"channel_id": "D0UMA", "prompts": [PROMPT]}
    assert slack.call("assistant.threads.setSuggestedPrompts", {**args, "thread_ts": "1.0"})["ok"]
    assert shown() is None
    assert slack.call("assistant.threads.setSuggestedPrompts", {**args, "title": "Try"})["ok"]
    assert shown() == {"title": "Try", "prompts": [PROMPT]}


def test_a_stream_in_a_direct_message_needs_its_thread_but_no_recipient(slack: Slack) -> None:
    assert slack.call("chat.startStream", {"channel": "D0UMA"})["error"] == "invalid_arguments"
    root = slack.post("D0UMA", "root")
    started = slack.call("chat.startStream", {"channel": "D0UMA", "thread_ts": root})
    chunks = [{"type": "markdown_text", "text": "all"}, {"type": "task_update", "id": "1", "title": "look"}]
    assert slack.call("chat.appendStream", {"channel": "D0UMA", "ts": started["ts"], "chunks": chunks})["ok"]
    stopped = slack.call("chat.stopStream", {"channel": "D0UMA", "ts": started["ts"], "markdown_text": " done"})
    assert (stopped["message"]["text"], stopped["message"]["streaming_state"]) == ("all done", "completed")
    again = slack.call("chat.stopStream", {"channel": "D0UMA", "ts": started["ts"]})
    assert again["error"] == "message_not_in_streaming_state"


def test_permalinks_name_message_and_thread(slack: Slack) -> None:
    root = slack.post(HELP, "root")
    reply = slack.post(HELP, "reply", thread_ts=root)
    link = slack.call("chat.getPermalink", {"channel": HELP, "message_ts": reply})["permalink"]
    assert link.endswith(f"/archives/C0HELP/p{reply.replace('.', '')}?thread_ts={root}&cid=C0HELP")


def test_people_groups_and_teams_are_as_the_world_says(slack: Slack) -> None:
    ada = slack.call("users.info", {"user": "U0ADA"})["user"]
    assert (ada["is_admin"], ada["tz"]) == (True, "Europe/Stockholm")
    assert "email" not in ada["profile"]
    groups = slack.call("usergroups.list", {"include_users": True})["usergroups"]
    assert [(one["handle"], one["users"]) for one in groups] == [
        ("support-team", ["U0SAM", "U0ADA"]),
        ("kb-admins", ["U0ADA", "U0ANN"]),
    ]
    assert slack.call("bots.info", {"bot": world.BOT_ID})["bot"]["user_id"] == world.BOT_USER
    assert slack.call("auth.test")["user_id"] == world.BOT_USER
    mine = slack.call("users.conversations", {"types": "public_channel,private_channel"})["channels"]
    assert {one["name"] for one in mine} == {"help", "support", "kb-review", "finance", "partners"}


def test_an_installed_manifest_offers_its_commands_and_shortcuts_only(slack: Slack, workspace: Workspace) -> None:
    features = {"slash_commands": [{"command": "/kb"}], "shortcuts": [{"callback_id": "correct_this"}]}
    scopes = {"scopes": {"bot": sorted(world.BOT_SCOPES)}}
    events = {"event_subscriptions": {"bot_events": ["app_mention"]}}
    workspace.install({"features": features, "oauth_config": scopes, "settings": events})
    uma = workspace.person("uma")
    with pytest.raises(SandboxError, match="/other is not a command"):
        uma.command("help", "/other")
    with pytest.raises(SandboxError, match="no shortcut 'other'"):
        uma.shortcut("other")


def test_a_reset_brings_back_the_seed_world(slack: Slack, workspace: Workspace) -> None:
    slack.post(HELP)
    workspace.add_person("new", channels=[HELP])
    assert "new" in {one["name"] for one in workspace.get("/client/people")["people"]}
    workspace.reset()
    assert workspace.person("uma").messages("help") == []
    with pytest.raises(SandboxError, match="there is no 'new'"):
        workspace.person("new")
