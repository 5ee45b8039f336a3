"""An unmodified Bolt app lives at the local workspace as at Slack, over Socket Mode and over signed HTTP alike."""

from collections.abc import Iterator

import pytest
from slack_sdk import WebClient

from bot.sandbox import world
from bot.sandbox.client import InvalidInput, Person, SandboxError, Shown, Workspace
from tests.bot.sandbox.bolt_app import Heard, make, over_http, over_socket_mode


@pytest.fixture(scope="module")
def told() -> Heard:
    return Heard()


@pytest.fixture(scope="module", params=["socket_mode", "http"])
def request_url(request: pytest.FixtureRequest, url: str, told: Heard) -> Iterator[str]:
    """Where the connected app is reached; empty over Socket Mode."""
    app = make(url, told)
    if request.param == "socket_mode":
        with over_socket_mode(app):
            yield ""
    else:
        with over_http(app) as address:
            yield address


@pytest.fixture
def heard(workspace: Workspace, request_url: str, told: Heard) -> Heard:
    told.bodies.clear()
    told.tries.clear()
    workspace.deliver_to(request_url)
    told.bodies.clear()
    told.tries.clear()
    return told


@pytest.fixture
def uma(workspace: Workspace, heard: Heard) -> Person:
    return workspace.person("uma")


@pytest.fixture
def answer(uma: Person) -> Shown:
    """The bot's answer to a question of Uma's."""
    return uma.wait_for_message(uma.say("help", "@answerloop my lamp is dark"))


def test_a_mention_is_answered_in_its_thread_where_everyone_in_the_channel_sees_it(
    workspace: Workspace, answer: Shown
) -> None:
    assert "off and on" in answer.text
    assert workspace.person("gus").see("C0HELP", answer.ts, answer.thread).text == answer.text
    first = workspace.person("sam").messages("help")[0]
    assert first.raw["reply_count"] == 1
    assert first.reactions == {"eyes": [world.BOT_USER]}


def test_a_mention_arrives_twice_under_different_event_ids(workspace: Workspace, uma: Person, heard: Heard) -> None:
    question = uma.say("help", "@answerloop is it on?")
    workspace.wait_quiet()
    mention = heard.events("app_mention")
    message = [body for body in heard.events("message") if body["event"]["ts"] == question.ts]
    assert [len(mention), len(message)] == [1, 1]
    assert mention[0]["event"]["ts"] == message[0]["event"]["ts"]
    assert mention[0]["event"]["text"] == message[0]["event"]["text"] == "<@U0BOT> is it on?"
    assert mention[0]["event_id"] != message[0]["event_id"]
    assert message[0]["event"]["channel_type"] == "channel"
    assert message[0]["event"]["client_msg_id"] == mention[0]["event"]["client_msg_id"]


def test_metadata_comes_back_only_when_asked_for(answer: Shown, url: str) -> None:
    client = WebClient(world.BOT_TOKEN, base_url=f"{url}/api/")
    bare = client.conversations_replies(channel=answer.channel, ts=answer.thread)["messages"]
    full = client.conversations_replies(channel=answer.channel, ts=answer.thread, include_all_metadata=True)["messages"]
    assert [one.get("metadata") for one in bare] == [None, None]
    assert full[1]["metadata"] == {"event_type": "answer", "event_payload": {"key": "k"}}
    assert "metadata" not in answer.raw


def test_reactions_come_and_go(workspace: Workspace, uma: Person, answer: Shown, heard: Heard) -> None:
    uma.react(answer, "+1::skin-tone-3")
    uma.unreact(answer, "+1::skin-tone-3")
    workspace.wait_quiet()
    kinds = [
        (body["event"]["type"], body["event"]["reaction"], body["event"]["user"], body["event"]["item"]["ts"])
        for body in (*heard.events("reaction_added"), *heard.events("reaction_removed"))
        if body["event"]["user"] == uma.id
    ]
    assert kinds == [
        ("reaction_added", "+1::skin-tone-3", uma.id, answer.ts),
        ("reaction_removed", "+1::skin-tone-3", uma.id, answer.ts),
    ]


def test_a_thumb_down_opens_a_form_that_is_checked_and_accepted(uma: Person, answer: Shown, heard: Heard) -> None:
    uma.click(answer, "Bad")
    click = heard.interactions("block_actions")[0]
    assert click["actions"][0] | {"action_ts": ""} == {
        "type": "feedback_buttons",
        "action_id": "vote",
        "block_id": "votes",
        "value": "down",
        "text": {"type": "plain_text", "text": "Bad"},
        "action_ts": "",
    }
    assert click["message"]["ts"] == click["container"]["message_ts"] == answer.ts
    assert click["container"]["thread_ts"] == answer.thread

    form = uma.wait_for_view("form")
    with pytest.raises(InvalidInput) as missing:
        uma.submit(form, {"comment": "wrong lamp"})
    assert missing.value.errors == {"reason": "Please complete this required field."}
    assert heard.interactions("view_submission") == []
    with pytest.raises(InvalidInput) as long:
        uma.submit(form, {"reason": "Incorrect", "comment": "x" * 21})
    assert list(long.value.errors) == ["comment"]
    with pytest.raises(InvalidInput) as rude:
        uma.submit(form, {"reason": "Incorrect", "comment": "rude"})
    assert rude.value.errors == {"comment": "Please be kind."}
    assert [view.id for view in uma.views()] == [form.id]

    uma.submit(form, {"reason": "incorrect", "comment": ""})
    assert uma.views() == []
    view = heard.interactions("view_submission")[-1]["view"]
    assert view["private_metadata"] == "7"
    assert view["state"]["values"]["reason"]["choice"]["selected_option"]["value"] == "incorrect"
    assert view["state"]["values"]["comment"]["text"] == {"type": "plain_text_input", "value": None}


def test_a_form_may_answer_with_another_form(uma: Person, answer: Shown) -> None:
    uma.click(answer, "vote", "down")
    form = uma.wait_for_view("form")
    uma.submit(form, {"reason": "incorrect", "comment": "more"})
    thanks = uma.wait_for_view("thanks")
    assert thanks.id == form.id
    assert thanks.values["comment"]["text"]["value"] == "more"
    uma.submit(thanks)
    assert uma.views() == []


def test_closing_a_form_is_told_where_it_was_asked_for(uma: Person, answer: Shown, heard: Heard) -> None:
    uma.click(answer, "Bad")
    uma.close_view(uma.wait_for_view("form"))
    assert uma.views() == []
    assert heard.interactions("view_closed")[0]["view"]["callback_id"] == "form"


def test_a_response_url_whispers_and_replaces(workspace: Workspace, uma: Person, answer: Shown) -> None:
    uma.click(answer, "Get a human")
    whisper = uma.wait_for(lambda: uma.whispers("help"))[0]
    assert whisper.text == "Somebody will come."
    assert workspace.person("sam").whispers("help") == []
    uma.click(answer, "Stop")
    uma.wait_for_message(answer, lambda one: one.ts == answer.ts and one.text == "This answer was stopped.")


def test_a_choice_in_a_message_is_sent_with_the_messages_state(uma: Person, answer: Shown, heard: Heard) -> None:
    uma.click(answer, "whom", "U0SAM")
    payload = heard.interactions("block_actions")[0]
    assert payload["actions"][0]["selected_user"] == "U0SAM"
    assert payload["state"]["values"]["buttons"]["whom"] == {"type": "users_select", "selected_user": "U0SAM"}


def test_a_streamed_message_grows_and_ends_with_its_blocks(uma: Person, url: str) -> None:
    question = uma.say("help", "@answerloop stream it")
    streamed = uma.wait_for_message(question, lambda one: one.raw.get("streaming_state") == "completed")
    assert streamed.text.startswith("One two three.\n")
    assert "vote" in streamed.action_ids
    client = WebClient(world.BOT_TOKEN, base_url=f"{url}/api/")
    kept = client.conversations_replies(channel="C0HELP", ts=question.ts, include_all_metadata=True)["messages"][-1]
    assert kept["metadata"]["event_payload"] == {"key": "s"}


def test_bolts_own_helpers_for_agents_work_in_an_ordinary_listener(workspace: Workspace, uma: Person) -> None:
    question = uma.say("help", "@answerloop say it")
    said = uma.wait_for_message(question, lambda one: one.raw.get("streaming_state") == "completed")
    assert said.text == "Said."
    assert [call["args"]["status"] for call in workspace.calls("assistant.threads.setStatus")] == ["is thinking …"]


def test_a_refresh_of_the_connection_loses_no_question(workspace: Workspace, uma: Person) -> None:
    questions = [uma.say("help", f"@answerloop question {number}") for number in range(4)]
    workspace.faults("refresh")
    questions += [uma.say("help", f"@answerloop question {number}") for number in range(4, 8)]
    for question in questions:
        uma.wait_for_message(question)


def test_a_direct_message_arrives_as_one_event_of_a_direct_message(
    workspace: Workspace, uma: Person, heard: Heard
) -> None:
    uma.say(uma.direct, "@answerloop hello")
    workspace.wait_quiet()
    assert [body["event"]["channel_type"] for body in heard.events("message")] == ["im"]
    assert heard.events("app_mention") == []


def test_edits_and_deletions_arrive_with_what_was_there(workspace: Workspace, uma: Person, heard: Heard) -> None:
    message = uma.say("help", "first")
    uma.edit(message, "second")
    uma.delete(message)
    workspace.wait_quiet()
    changed, deleted = heard.events("message_changed")[0]["event"], heard.events("message_deleted")[0]["event"]
    assert (changed["message"]["text"], changed["previous_message"]["text"]) == ("second", "first")
    assert changed["message"]["edited"]["user"] == uma.id
    assert changed["message"]["ts"] == deleted["deleted_ts"] == message.ts
    assert changed["ts"] != message.ts
    assert deleted["previous_message"]["text"] == "second"
    assert uma.messages("help") == []


def test_shortcuts_commands_and_the_home_tab_reach_the_app(uma: Person, answer: Shown, heard: Heard) -> None:
    uma.shortcut("correct_this", answer)
    payload = heard.interactions("message_action")[0]
    assert (payload["message_ts"], payload["message"]["bot_id"]) == (answer.ts, world.BOT_ID)
    uma.close_view(uma.wait_for_view("form"))

    uma.command("help", "/kb", "ask me")
    assert [one.text for one in uma.whispers("help")] == ["You asked: ask me"]

    assert uma.home() is None
    uma.open_home()
    home = uma.wait_for(uma.home)
    uma.click(home, "Refresh")
    assert heard.interactions("block_actions")[-1]["container"] == {"type": "view", "view_id": home.id}


def test_a_click_that_nobody_handles_is_shown_to_the_person_as_unanswered(uma: Person, url: str) -> None:
    client = WebClient(world.BOT_TOKEN, base_url=f"{url}/api/")
    button = {"type": "button", "action_id": "forgotten", "text": {"type": "plain_text", "text": "Go"}}
    client.chat_postMessage(channel="C0HELP", text="Go", blocks=[{"type": "actions", "elements": [button]}])
    message = uma.wait_for_message("help")
    with pytest.raises(SandboxError, match="did not answer in time"):
        uma.click(message, "Go")


def test_a_shared_channel_and_a_guest_are_known_as_such(
    workspace: Workspace, uma: Person, heard: Heard, url: str
) -> None:
    workspace.person("eve").say("partners", "hello from outside")
    workspace.wait_quiet()
    body = heard.events("message")[0]
    assert body["is_ext_shared_channel"] is True
    assert body["event"]["user_team"] == "T0OTHER"
    client = WebClient(world.BOT_TOKEN, base_url=f"{url}/api/")
    assert client.conversations_info(channel="C0SHARED")["channel"]["is_ext_shared"] is True
    assert client.users_info(user="U0GUS")["user"]["is_restricted"] is True
    assert client.users_info(user="U0EVE")["user"]["team_id"] == "T0OTHER"


def test_a_file_goes_up_and_is_seen_where_it_was_shared(workspace: Workspace, uma: Person, url: str) -> None:
    client = WebClient(world.BOT_TOKEN, base_url=f"{url}/api/")
    client.files_upload_v2(channel="C0HELP", filename="curve.svg", content="<svg/>", initial_comment="The curve")
    shared = uma.wait_for_message("help", lambda one: bool(one.raw.get("files")))
    assert shared.raw["files"][0]["name"] == "curve.svg"
    assert uma.file(shared.raw["files"][0]["id"]) == b"<svg/>"
    with pytest.raises(SandboxError, match="no file"):
        workspace.person("eve").file(shared.raw["files"][0]["id"])
