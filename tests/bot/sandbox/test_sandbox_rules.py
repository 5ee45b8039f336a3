"""Each rule of Slack that the workspace knows is enforced, and the refusal names the page that says so."""

import threading
from collections.abc import Callable

import pytest

from bot.sandbox import world
from bot.sandbox.client import Workspace
from bot.sandbox.rules import DOCS, Rule
from tests.bot.sandbox.broken_blocks import BROKEN_BLOCKS, BROKEN_VIEWS
from tests.bot.sandbox.raw_app import Json, RawApp, Slack

HELP = "C0HELP"


def post(**args: object) -> Callable[[Slack], Json]:
    return lambda slack: slack.call("chat.postMessage", {"channel": HELP, "text": "hello", **args})


def on_message(method: str, **args: object) -> Callable[[Slack], Json]:
    """A call about a message of the bot's, whose ts goes wherever a method expects one."""

    def call(slack: Slack) -> Json:
        ts = slack.post(HELP)
        named = {"channel": HELP, "channel_id": HELP, "ts": ts, "timestamp": ts, "thread_ts": ts}
        return slack.call(method, {**named, **args})

    return call


def simply(method: str, token: str | None = world.BOT_TOKEN, **args: object) -> Callable[[Slack], Json]:
    return lambda slack: slack.call(method, args, token=token)


def of_uma(method: str) -> Callable[[Slack], Json]:
    """A call about a message that a person wrote."""

    def call(slack: Slack) -> Json:
        with Workspace(slack.url) as workspace:
            theirs = workspace.person("uma").say("help", "mine")
        return slack.call(method, {"channel": HELP, "ts": theirs.ts, "text": "changed"})

    return call


def reacted_twice(slack: Slack) -> Json:
    ts = slack.post(HELP)
    react = {"channel": HELP, "timestamp": ts, "name": "eyes"}
    assert slack.call("reactions.add", react)["ok"]
    return slack.call("reactions.add", react)


def archived(slack: Slack) -> Json:
    with Workspace(slack.url) as workspace:
        channel = workspace.add_channel("old", [world.BOT_USER], is_archived=True)
    return slack.call("chat.postMessage", {"channel": channel, "text": "hello"})


def too_many_sockets(slack: Slack) -> Json:
    apps = [RawApp(slack).__enter__() for _ in range(10)]
    answer = slack.call("apps.connections.open", token=world.APP_TOKEN)
    for app in apps:
        app.__exit__(None, None, None)
    return answer


def rate_limited(slack: Slack) -> Json:
    with Workspace(slack.url) as workspace:
        workspace.faults("rate_limit", method="auth.test")
    return slack.call("auth.test")


def stale_hash(slack: Slack) -> Json:
    view = {"type": "home", "blocks": [{"type": "divider"}]}
    assert slack.call("views.publish", {"user_id": "U0UMA", "view": view})["ok"]
    return slack.call("views.publish", {"user_id": "U0UMA", "view": view, "hash": "156.old"})


def same_external_id(slack: Slack) -> Json:
    view = {"type": "home", "external_id": "mine", "blocks": [{"type": "divider"}]}
    assert slack.call("views.publish", {"user_id": "U0UMA", "view": view})["ok"]
    return slack.call("views.publish", {"user_id": "U0SAM", "view": view})


def with_trigger(use: Callable[[Slack, str], Json], *, expired: bool = False) -> Callable[[Slack], Json]:
    """A call that uses the trigger of somebody's shortcut."""

    def call(slack: Slack) -> Json:
        with Workspace(slack.url) as workspace, RawApp(slack) as app:
            ts = slack.post("C0SUPPORT")
            app.take_event("message")
            if expired:
                workspace.faults("expired_trigger")
            return use(slack, trigger(workspace, app, ts))

    return call


def trigger(workspace: Workspace, app: RawApp, ts: str) -> str:
    """The trigger of a shortcut that Sam uses while the app listens."""
    sam = workspace.person("sam")
    clicking = threading.Thread(target=lambda: sam.shortcut("look", sam.see("C0SUPPORT", ts)))
    clicking.start()
    envelope = app.take()
    clicking.join()
    return str(envelope["payload"]["trigger_id"])


MODAL = {"type": "modal", "title": {"type": "plain_text", "text": "Form"}, "blocks": [{"type": "divider"}]}


def twice(slack: Slack, trigger_id: str) -> Json:
    assert slack.call("views.open", {"trigger_id": trigger_id, "view": MODAL})["ok"]
    return slack.call("views.open", {"trigger_id": trigger_id, "view": MODAL})


def late(slack: Slack, trigger_id: str) -> Json:
    return slack.call("views.open", {"trigger_id": trigger_id, "view": MODAL})


def fourth_view(slack: Slack) -> Json:
    with Workspace(slack.url) as workspace, RawApp(slack) as app:
        ts = slack.post("C0SUPPORT")
        app.take_event("message")
        for method in ("views.open", "views.push", "views.push"):
            answer = slack.call(method, {"trigger_id": trigger(workspace, app, ts), "view": MODAL})
            assert answer["ok"], answer
        return slack.call("views.push", {"trigger_id": trigger(workspace, app, ts), "view": MODAL})


def stopped_stream(slack: Slack) -> Json:
    ts = slack.post("D0UMA")
    return slack.call("chat.appendStream", {"channel": "D0UMA", "ts": ts, "markdown_text": "more"})


def response_url(uses: int) -> Callable[[Slack], Json]:
    def call(slack: Slack) -> Json:
        with Workspace(slack.url) as workspace, RawApp(slack) as app:
            ts = slack.post("C0SUPPORT")
            app.take_event("message")
            trigger(workspace, app, ts)
            url = str(app.envelopes[-1]["payload"]["response_url"])
        if uses == 0:
            url = url.rsplit("/", 1)[0] + "/unknown"
        for _ in range(uses):
            assert slack.send(url, {"text": "hello"}).status_code == 200
        answer: Json = slack.send(url, {"text": "once more"}).json()
        return answer

    return call


def missing_scope(slack: Slack) -> Json:
    answer = slack.call("team.info")
    assert answer["needed"] == "team:read"
    assert "chat:write" in answer["provided"].split(",")
    return answer


def no_recipient(**args: object) -> Callable[[Slack], Json]:
    return on_message("chat.startStream", markdown_text="text", **args)


def not_uploaded(slack: Slack) -> Json:
    file = slack.call("files.getUploadURLExternal", {"filename": "a.txt", "length": 3})["file_id"]
    return slack.call("files.completeUploadExternal", {"files": [{"id": file}]})


#: A call that breaks each rule; the rules of blocks and views are in tables of their own.
BREAKING: dict[Rule, Callable[[Slack], Json]] = {
    Rule.UNKNOWN_METHOD: simply("chat.shout"),
    Rule.NOT_AUTHED: simply("auth.test", token=None),
    Rule.INVALID_AUTH: simply("auth.test", token="xoxb-somebody-else"),
    Rule.WRONG_TOKEN_TYPE: simply("apps.connections.open"),
    Rule.MISSING_SCOPE: missing_scope,
    Rule.RATE_LIMITED: rate_limited,
    Rule.INVALID_ARGUMENTS: simply("conversations.info"),
    Rule.BAD_CURSOR: simply("conversations.members", channel=HELP, cursor="next please"),
    Rule.TOO_MANY_SOCKETS: too_many_sockets,
    Rule.CHANNEL_NOT_FOUND: post(channel="C0NOWHERE"),
    Rule.NOT_IN_CHANNEL: post(channel="C0RANDOM"),
    Rule.IS_ARCHIVED: archived,
    Rule.USER_NOT_FOUND: simply("users.info", user="U0NOBODY"),
    Rule.BOT_NOT_FOUND: simply("bots.info", bot="B0OTHER"),
    Rule.GROUP_NOT_FOUND: simply("usergroups.users.list", usergroup="S0NOBODY"),
    Rule.USER_NOT_IN_CHANNEL: simply("chat.postEphemeral", channel="C0SUPPORT", user="U0UMA", text="psst"),
    Rule.NO_TEXT: post(text=" "),
    Rule.TEXT_TOO_LONG: post(text="x" * 40_001),
    Rule.UPDATE_TOO_LONG: on_message("chat.update", text="x" * 4_001),
    Rule.MARKDOWN_TOO_LONG: post(text="", markdown_text="x" * 12_001),
    Rule.MARKDOWN_CONFLICT: post(markdown_text="**both**"),
    Rule.THREAD_NOT_FOUND: post(thread_ts="1.000001"),
    Rule.MESSAGE_NOT_FOUND: simply("chat.update", channel=HELP, ts="1.000001", text="changed"),
    Rule.CANT_UPDATE: of_uma("chat.update"),
    Rule.CANT_DELETE: of_uma("chat.delete"),
    Rule.BLOCKS_TOO_LONG: post(blocks=[{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2_900}}] * 5),
    Rule.BAD_OLDEST: simply("conversations.history", channel=HELP, oldest="yesterday"),
    Rule.BAD_LATEST: simply("conversations.history", channel=HELP, latest="tomorrow"),
    Rule.METADATA_FORMAT: post(metadata={"event_payload": {}}),
    Rule.METADATA_SCHEMA: post(metadata={"event_type": "note", "event_payload": "text"}),
    Rule.METADATA_TOO_LARGE: post(metadata={"event_type": "note", "event_payload": {"text": "x" * 20_000}}),
    Rule.NEEDS_RECIPIENT_USER: no_recipient(recipient_team_id="T0ANSWER"),
    Rule.NEEDS_RECIPIENT_TEAM: no_recipient(recipient_user_id="U0UMA"),
    Rule.NOT_STREAMING: stopped_stream,
    Rule.INVALID_REACTION: on_message("reactions.add", name="not an emoji"),
    Rule.ALREADY_REACTED: reacted_twice,
    Rule.NO_REACTION: on_message("reactions.remove", name="eyes"),
    Rule.NO_ITEM: simply("reactions.add", channel=HELP, name="eyes"),
    Rule.RESPONSE_URL_EXPIRED: response_url(0),
    Rule.RESPONSE_URL_USED: response_url(5),
    Rule.INVALID_TRIGGER: simply("views.open", trigger_id="1.2.3", view=MODAL),
    Rule.EXPIRED_TRIGGER: with_trigger(late, expired=True),
    Rule.EXCHANGED_TRIGGER: with_trigger(twice),
    Rule.VIEW_NOT_FOUND: simply("views.update", view_id="V0NONE", view=MODAL),
    Rule.PUSH_LIMIT: fourth_view,
    Rule.HASH_CONFLICT: stale_hash,
    Rule.DUPLICATE_EXTERNAL_ID: same_external_id,
    Rule.STATUS_THREAD: simply("assistant.threads.setStatus", channel_id=HELP, thread_ts="1.0", status="is busy"),
    Rule.LOADING_MESSAGES: on_message("assistant.threads.setStatus", status="is busy", loading_messages=["hm"] * 11),
    Rule.SUGGESTED_PROMPTS: simply("assistant.threads.setSuggestedPrompts", channel_id="D0UMA", prompts=[]),
    Rule.FILE_LENGTH: simply("files.getUploadURLExternal", filename="a.txt", length=0),
    Rule.FILE_NOT_UPLOADED: not_uploaded,
    Rule.VALIDATE_ONE: simply("blocks.validate"),
    Rule.BLOCKS_FORMAT: post(blocks={"type": "divider"}),
}

#: Calls that need a scope the bot has not by itself.
BREAKING_WITH_SCOPE: dict[Rule, tuple[str, Callable[[Slack], Json]]] = {
    Rule.JOIN_PRIVATE: ("channels:join", simply("conversations.join", channel="C0SUPPORT")),
    Rule.USERS_NOT_FOUND: ("users:read.email", simply("users.lookupByEmail", email="nobody@lumen.example")),
    Rule.FILE_NOT_FOUND: ("files:read", simply("files.info", file="F0NONE")),
}


def refused_for(answer: Json, rule: Rule) -> None:
    assert not answer["ok"], f"not refused: {rule.says}"
    messages = answer.get("messages") or answer["response_metadata"]["messages"]
    assert any(rule.page in one and rule.says in one for one in messages), messages


@pytest.mark.parametrize("rule", BREAKING, ids=lambda rule: rule.name)
def test_a_call_that_breaks_a_rule_is_refused(slack: Slack, rule: Rule) -> None:
    answer = BREAKING[rule](slack)
    refused_for(answer, rule)
    assert answer["error"] == rule.error


@pytest.mark.parametrize("rule", BREAKING_WITH_SCOPE, ids=lambda rule: rule.name)
def test_a_call_with_the_scope_is_held_to_the_rest(slack: Slack, workspace: Workspace, rule: Rule) -> None:
    scope, call = BREAKING_WITH_SCOPE[rule]
    assert call(slack)["error"] == "missing_scope"
    workspace.post("/control/install", {"scopes": [*world.BOT_SCOPES, scope], "events": sorted(world.BOT_EVENTS)})
    answer = call(slack)
    refused_for(answer, rule)
    assert answer["error"] == rule.error


@pytest.mark.parametrize(("rule", "blocks"), BROKEN_BLOCKS, ids=lambda one: one.name if isinstance(one, Rule) else "")
def test_blocks_beyond_a_limit_are_refused(slack: Slack, rule: Rule, blocks: list[Json]) -> None:
    answer = slack.call("chat.postMessage", {"channel": HELP, "text": "hello", "blocks": blocks})
    refused_for(answer, rule)
    assert answer["error"] == rule.error
    assert slack.call("conversations.history", {"channel": HELP})["messages"] == []


@pytest.mark.parametrize(("rule", "view"), BROKEN_VIEWS, ids=lambda one: one.name if isinstance(one, Rule) else "")
def test_views_beyond_a_limit_are_refused(slack: Slack, rule: Rule, view: Json) -> None:
    answer = slack.call("blocks.validate", {"view": view}, token=None)
    refused_for(answer, rule)
    assert answer["error"] == "invalid_view"


def test_a_modal_with_a_broken_block_has_invalid_arguments(slack: Slack) -> None:
    broken = {"type": "home", "blocks": [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]}
    answer = slack.call("views.publish", {"user_id": "U0UMA", "view": broken})
    refused_for(answer, Rule.HEADER_TEXT)
    assert answer["error"] == "invalid_arguments"
    assert "json-pointer:/view/blocks/0/text/text" in answer["response_metadata"]["messages"][0]


def test_every_rule_is_broken_by_some_test() -> None:
    tested = {
        *BREAKING,
        *BREAKING_WITH_SCOPE,
        *(rule for rule, _ in BROKEN_BLOCKS),
        *(rule for rule, _ in BROKEN_VIEWS),
    }
    assert {rule.name for rule in Rule} - {rule.name for rule in tested} == set()


def test_every_rule_names_a_page() -> None:
    for rule in Rule:
        assert rule.page.startswith(f"{DOCS}/")
        assert rule.page != f"{DOCS}/"
        assert rule.says[0].islower() or rule.says[0].isdigit()
