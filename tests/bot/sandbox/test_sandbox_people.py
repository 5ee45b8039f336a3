"""People see what they may see, do what a Slack client can do, and their typing becomes what Slack makes of it."""

import json
import threading
from typing import Any

import httpx
import pytest

from bot.sandbox.client import NothingCalled, SandboxError, Workspace
from tests.bot.sandbox.raw_app import RawApp, Slack


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("@answerloop help", "<@U0BOT> help"),
        ("hey @answerloop, help", "hey <@U0BOT>, help"),
        ("ask @Sam. Or @support-team!", "ask <@U0SAM>. Or <!subteam^S0SUPPORT>!"),
        ("1 < 2 & 3 > 2", "1 &lt; 2 &amp; 3 &gt; 2"),
        ("<@U0BOT> and <!channel>", "&lt;@U0BOT&gt; and &lt;!channel&gt;"),
        ("see #help and #nowhere", "see <#C0HELP|help> and #nowhere"),
        ("go to https://lumen.example/a?b=1&c=2 now", "go to <https://lumen.example/a?b=1&amp;c=2> now"),
        ("write to uma@lumen.example", "write to <mailto:uma@lumen.example|uma@lumen.example>"),
        ("@here :wave: @nobody", "<!here> :wave: @nobody"),
        ("mail@answerloop is no mention", "mail@answerloop is no mention"),
    ],
)
def test_typed_text_becomes_slack_markup(workspace: Workspace, typed: str, sent: str) -> None:
    message = workspace.person("uma").say("help", typed)
    assert message.raw["text"] == sent
    assert message.raw["blocks"][0]["type"] == "rich_text"


def test_timestamps_are_unique_and_grow(workspace: Workspace) -> None:
    uma = workspace.person("uma")
    stamps = [uma.say("help", str(number)).ts for number in range(20)]
    assert stamps == sorted(set(stamps))
    assert all(len(ts) == 17 and ts[10] == "." for ts in stamps)


def test_people_see_only_the_channels_they_are_in(workspace: Workspace) -> None:
    workspace.person("uma").say("finance", "the numbers")
    with pytest.raises(SandboxError, match="in no channel"):
        workspace.person("sam").messages("finance")
    assert {one["name"] for one in workspace.person("gus").channels()} == {"help", "answerloop"}
    assert {one["id"] for one in workspace.person("eve").channels()} == {"C0SHARED", "D0EVE"}
    with pytest.raises(SandboxError, match="in no channel"):
        workspace.person("sam").messages("D0UMA")


def test_people_change_only_their_own_messages(workspace: Workspace) -> None:
    message = workspace.person("uma").say("help", "mine")
    with pytest.raises(SandboxError, match="only its author"):
        workspace.person("sam").edit(message, "yours")
    with pytest.raises(SandboxError, match="only its author"):
        workspace.person("sam").delete(message)


def test_a_person_reacts_once_with_one_emoji(workspace: Workspace) -> None:
    uma = workspace.person("uma")
    message = uma.say("help", "hello")
    uma.react(message, "tada")
    with pytest.raises(SandboxError, match="already_reacted"):
        uma.react(message, "tada")
    workspace.person("sam").react(message, "tada")
    assert uma.again(message).reactions == {"tada": ["U0UMA", "U0SAM"]}
    uma.unreact(message, "tada")
    with pytest.raises(SandboxError, match="no_reaction"):
        uma.unreact(message, "tada")


def test_a_reply_to_a_reply_stands_in_the_same_thread(workspace: Workspace) -> None:
    uma = workspace.person("uma")
    first = uma.say("help", "first")
    reply = uma.say("help", "reply", thread=first)
    again = uma.say("help", "again", thread=reply.ts)
    assert again.thread == first.ts
    assert [one.text for one in uma.thread(first)] == ["first", "reply", "again"]
    assert [one.text for one in uma.messages("help")] == ["first"]


def test_a_deleted_message_with_replies_leaves_a_tombstone(workspace: Workspace) -> None:
    uma = workspace.person("uma")
    first = uma.say("help", "secret")
    uma.say("help", "reply", thread=first)
    uma.delete(first)
    left = uma.messages("help")[0]
    assert (left.raw["subtype"], left.raw["reply_count"]) == ("tombstone", 1)
    assert "secret" not in json.dumps(left.raw)


@pytest.mark.parametrize(
    ("text", "why"), [("", "text is empty"), ("  \n", "text is empty"), ("x" * 40_001, "at most 40,000")]
)
def test_what_a_client_would_not_send_is_refused(workspace: Workspace, text: str, why: str) -> None:
    with pytest.raises(SandboxError, match=why):
        workspace.person("uma").say("help", text)
    assert workspace.person("uma").messages("help") == []


def test_a_missing_element_is_named_with_those_that_are_there(workspace: Workspace, slack: Slack) -> None:
    button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go on"}}
    slack.post("C0HELP", blocks=[{"type": "actions", "elements": [button]}])
    uma = workspace.person("uma")
    with pytest.raises(NothingCalled, match=r"'stop'.*'go'.*'Go on'"):
        uma.click(uma.messages("help")[0], "stop")


def test_nobody_uses_a_form_of_somebody_else(workspace: Workspace, slack: Slack) -> None:
    view = {"type": "home", "blocks": [{"type": "divider"}]}
    shown = slack.call("views.publish", {"user_id": "U0UMA", "view": view})["view"]
    with pytest.raises(SandboxError, match="sam has no open view"):
        workspace.post(
            "/client/actions", {"view_id": shown["id"], "action_id": "x"}, token=workspace.person("sam").token
        )
    assert workspace.person("sam").home() is None


def test_a_request_without_a_token_is_told_where_to_get_one(workspace: Workspace) -> None:
    with pytest.raises(SandboxError, match="GET /client/people"):
        workspace.get("/client/channels")


class Listener:
    """One person's server-sent events."""

    def __init__(self, workspace: Workspace, name: str) -> None:
        self.events: list[tuple[str, Any]] = []
        self._token = workspace.person(name).token
        self._url = f"{workspace.url}/client/stream?token={self._token}"
        self._ready = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()
        assert self._ready.wait(5)

    def _listen(self) -> None:
        with httpx.Client(trust_env=False, timeout=None) as client, client.stream("GET", self._url) as response:
            kind = ""
            for line in response.iter_lines():
                if line.startswith("event: "):
                    kind = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    self.events.append((kind, json.loads(line.removeprefix("data: "))))
                    self._ready.set()
                    if kind == "home":
                        return


def test_the_stream_tells_each_person_what_they_may_see_and_nothing_else(workspace: Workspace, slack: Slack) -> None:
    listeners = {name: Listener(workspace, name) for name in ("uma", "sam")}
    uma = workspace.person("uma")
    uma.say("finance", "the numbers")
    question = uma.say("help", "hello")
    uma.edit(question, "hello again")
    uma.react(question, "wave")
    slack.call("chat.postEphemeral", {"channel": "C0HELP", "user": "U0UMA", "text": "psst"})
    slack.call("assistant.threads.setStatus", {"channel_id": "C0HELP", "thread_ts": question.ts, "status": "is busy"})
    stream = slack.call(
        "chat.startStream",
        {
            "channel": "C0HELP",
            "thread_ts": question.ts,
            "recipient_user_id": "U0UMA",
            "recipient_team_id": "T0ANSWER",
            "markdown_text": "one",
        },
    )
    slack.call("chat.appendStream", {"channel": "C0HELP", "ts": stream["ts"], "markdown_text": " two"})
    uma.delete(question)
    for person in ("U0UMA", "U0SAM"):
        slack.call("views.publish", {"user_id": person, "view": {"type": "home", "blocks": [{"type": "divider"}]}})
    for listener in listeners.values():
        deadline = threading.Event()
        for _ in range(100):
            if listener.events[-1][0] == "home":
                break
            deadline.wait(0.05)
    kinds = [kind for kind, _ in listeners["sam"].events]
    assert kinds == [
        "hello",
        "message",  # the question
        "message_changed",  # edited
        "reaction",
        "status",
        "status",  # gone, since the app answers
        "message",  # the stream begins
        "message_changed",  # the question shows a reply
        "message_changed",  # the stream grows
        "message_deleted",
        "home",
    ]
    grown = listeners["sam"].events[8][1]["message"]
    assert (grown["text"], grown["streaming_state"]) == ("one two", "in_progress")
    seen = [kind for kind, _ in listeners["uma"].events]
    assert [kind for kind in seen if kind not in kinds] == ["ephemeral"]
    assert seen.count("message") == kinds.count("message") + 1
    assert "the numbers" not in json.dumps(listeners["sam"].events)


def test_a_click_in_a_private_message_of_the_app_says_so(workspace: Workspace, slack: Slack, app: RawApp) -> None:
    button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
    blocks = [{"type": "actions", "elements": [button]}]
    slack.call("chat.postEphemeral", {"channel": "C0HELP", "user": "U0UMA", "text": "Go?", "blocks": blocks})
    uma = workspace.person("uma")
    clicking = threading.Thread(target=lambda: uma.click(uma.whispers("help")[0], "Go"))
    clicking.start()
    payload = app.take()["payload"]
    clicking.join()
    assert payload["container"]["is_ephemeral"] is True
    assert "message" not in payload
    assert slack.send(payload["response_url"], {"delete_original": True}).status_code == 200
    assert uma.whispers("help") == []
