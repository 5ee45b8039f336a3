"""Delivery against the local workspace: each effect once, whatever was cut off, and nothing that was posted lost."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot import effects
from bot.sandbox import world
from bot.sandbox.client import Shown
from bot.slack import lookup
from bot.slack.delivery import Delivery
from bot.slack.streaming import Stream
from kb.clock import utc_now
from kb.database import Sessions
from kb.ids import WorkspaceId
from tests.bot.conftest import Local

WORKSPACE = WorkspaceId(world.TEAM.id)
TEAM = ["U0UMA", "U0SAM", world.BOT_USER]
#: Here nobody waits for Slack to show what it has taken, unless a test is about that.
AT_ONCE = timedelta(0)


def message(text: str) -> dict[str, Any]:
    return {"text": text, "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]}


class Cut(WebClient):
    """A connection that breaks: Slack has taken the call, and its answer never arrives."""

    #: How many calls of which method are still cut off.
    breaks: dict[str, int]

    def api_call(self, api_method: str, **options: Any) -> SlackResponse:
        answer = super().api_call(api_method, **options)
        if getattr(self, "breaks", {}).get(api_method, 0) > 0:
            self.breaks[api_method] -= 1
            raise ConnectionResetError("cut off")
        return answer


class Late(Cut):
    """Slack shows in a thread's history only what is older than this."""

    lag: float = 0.0

    def api_call(self, api_method: str, **options: Any) -> SlackResponse:
        answer = super().api_call(api_method, **options)
        if api_method in ("conversations.history", "conversations.replies") and isinstance(answer.data, dict):
            shown = [one for one in answer.data["messages"] if time.time() - float(one["ts"]) >= self.lag]
            answer.data["messages"] = shown
        return answer


class Scene:
    """A channel of its own with the bot's delivery into it."""

    def __init__(self, local: Local, sessions: Sessions, name: str) -> None:
        self.local = local
        self.sessions = sessions
        self.channel = local.workspace.add_channel(name, TEAM)
        self.uma = local.workspace.person("uma")

    def delivery(self, client: WebClient | None = None, *, settle: timedelta = AT_ONCE) -> Delivery:
        return Delivery(client or self.local.client(), self.sessions, utc_now, settle=settle)

    def cut(self, kind: type[Cut] = Cut, **breaks: int) -> Cut:
        client = self.local.client(kind)
        assert isinstance(client, Cut)
        client.breaks = {f"chat.{method}": count for method, count in breaks.items()}
        return client

    def stream(self, client: WebClient, thread: Shown, key: str = "answer") -> Stream:
        return Stream(
            client,
            self.sessions,
            utc_now,
            WORKSPACE,
            key,
            channel=self.channel,
            thread=thread.ts,
            recipient_user=self.uma.id,
            recipient_team=world.TEAM.id,
        )

    def finish(self, delivery: Delivery, thread: Shown, text: str, key: str = "answer") -> Any:
        return delivery.finish_stream(
            WORKSPACE, key, self.channel, message(text), thread=thread.ts, bot_user=world.BOT_USER
        )

    def said(self, thread: Shown | None = None) -> list[str]:
        found = self.uma.thread(thread) if thread else self.uma.messages(self.channel)
        return [one.text for one in found if one.by_app]

    def calls(self, method: str) -> int:
        return sum(one["args"].get("channel") == self.channel for one in self.local.workspace.calls(method))


@pytest.fixture
def scene(local: Local, sessions: Sessions, request: pytest.FixtureRequest) -> Iterator[Scene]:
    name = "".join(letter for letter in request.node.name.lower() if letter.isalnum())[-60:]
    yield Scene(local, sessions, name)


# --- posts ---


def test_a_key_is_posted_once_and_keeps_its_message(scene: Scene) -> None:
    delivery = scene.delivery()
    first = delivery.post(WORKSPACE, "key", scene.channel, message("one"))
    again = delivery.post(WORKSPACE, "key", scene.channel, message("another text"))
    assert first == again and first is not None
    assert scene.said() == ["one"]


@pytest.mark.parametrize("in_thread", [False, True])
def test_a_post_whose_answer_was_lost_is_found_again(scene: Scene, in_thread: bool) -> None:
    thread = scene.uma.say(scene.channel, "Hello?") if in_thread else None
    where = thread.ts if thread else None
    delivery = scene.delivery(scene.cut(postMessage=1))
    with pytest.raises(ConnectionResetError):
        delivery.post(WORKSPACE, "key", scene.channel, message("one"), thread=where)
    posted = delivery.post(WORKSPACE, "key", scene.channel, message("one"), thread=where)
    assert scene.said(thread) == ["one"]
    stands = [one for one in (scene.uma.thread(thread) if thread else scene.uma.messages(scene.channel)) if one.by_app]
    assert posted is not None and [one.ts for one in stands] == [posted.ts]


def test_it_is_found_among_many_newer_messages(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "PAGE", 10)
    delivery = scene.delivery(scene.cut(postMessage=1))
    with pytest.raises(ConnectionResetError):
        delivery.post(WORKSPACE, "key", scene.channel, message("one"))
    for number in range(35):
        scene.uma.say(scene.channel, f"chatter {number}")
    delivery.post(WORKSPACE, "key", scene.channel, message("one"))
    assert scene.said() == ["one"]


def test_a_post_that_never_got_through_is_made(scene: Scene) -> None:
    with scene.sessions.begin() as session:
        effects.begin(session, WORKSPACE, "key", "post", scene.channel, utc_now())
    scene.delivery().post(WORKSPACE, "key", scene.channel, message("one"))
    assert scene.said() == ["one"]


def test_what_slack_shows_late_is_waited_for(scene: Scene) -> None:
    client = scene.cut(Late, postMessage=1)
    assert isinstance(client, Late)
    client.lag = 0.8
    delivery = scene.delivery(client, settle=timedelta(seconds=3))
    with pytest.raises(ConnectionResetError):
        delivery.post(WORKSPACE, "key", scene.channel, message("one"))
    delivery.post(WORKSPACE, "key", scene.channel, message("one"))
    assert scene.said() == ["one"]


def test_the_wait_ends_when_slack_must_have_shown_it(scene: Scene) -> None:
    """The window that remains, and that nobody waits longer than it is said to last."""
    client = scene.cut(Late, postMessage=1)
    assert isinstance(client, Late)
    client.lag = 60
    delivery = scene.delivery(client, settle=timedelta(seconds=0.6))
    with pytest.raises(ConnectionResetError):
        delivery.post(WORKSPACE, "key", scene.channel, message("one"))
    began = time.monotonic()
    delivery.post(WORKSPACE, "key", scene.channel, message("one"))
    assert time.monotonic() - began < 3
    assert scene.said() == ["one", "one"]


def test_what_slack_refused_is_not_looked_for(scene: Scene) -> None:
    scene.local.workspace.faults("rate_limit", method="chat.postMessage")
    delivery = scene.delivery()
    with pytest.raises(SlackApiError, match="ratelimited"):
        delivery.post(WORKSPACE, "key", scene.channel, message("one"))
    delivery.post(WORKSPACE, "key", scene.channel, message("one"))
    assert scene.said() == ["one"]
    assert scene.calls("conversations.history") == 0
    assert scene.calls("chat.postMessage") == 2


def test_a_place_that_is_gone_is_given_up_and_not_tried_again(scene: Scene) -> None:
    delivery = scene.delivery()
    for _ in range(2):
        assert delivery.post(WORKSPACE, "key", "C0RANDOM", message("one")) is None  # the bot is not in it
    assert (
        len([one for one in scene.local.workspace.calls("chat.postMessage") if one["args"]["channel"] == "C0RANDOM"])
        == 1
    )


def test_an_error_that_is_ours_is_raised(scene: Scene) -> None:
    with pytest.raises(SlackApiError, match="invalid_blocks"):
        scene.delivery().post(WORKSPACE, "key", scene.channel, {"text": "x", "blocks": [{"type": "nonsense"}]})


def test_the_parts_of_a_long_message_keep_their_order_and_go_on_after_a_cut(scene: Scene) -> None:
    parts = [message(f"part {number}") for number in range(4)]
    client = scene.cut()
    delivery = scene.delivery(client)
    delivery.post(WORKSPACE, "key:part1", scene.channel, parts[0])
    client.breaks = {"chat.postMessage": 1}
    with pytest.raises(ConnectionResetError):
        delivery.post_all(WORKSPACE, "key", scene.channel, parts)
    posted = delivery.post_all(WORKSPACE, "key", scene.channel, parts)
    assert scene.said() == [f"part {number}" for number in range(4)]
    assert [one.ts for one in posted] == [one.ts for one in scene.uma.messages(scene.channel)[-4:]]


# --- cards ---


def test_a_card_is_posted_once_and_redrawn(scene: Scene) -> None:
    delivery = scene.delivery()
    first = delivery.post_or_update(WORKSPACE, "card", scene.channel, message("open"))
    second = delivery.post_or_update(WORKSPACE, "card", scene.channel, message("claimed"))
    assert first == second
    assert scene.said() == ["claimed"]


def test_a_card_whose_answer_was_lost_shows_the_state_of_now(scene: Scene) -> None:
    """Else a card that was cut off would offer what has been decided meanwhile, for good."""
    delivery = scene.delivery(scene.cut(postMessage=1))
    with pytest.raises(ConnectionResetError):
        delivery.post_or_update(WORKSPACE, "card", scene.channel, message("waiting"))
    assert delivery.post_or_update(WORKSPACE, "card", scene.channel, message("approved")) is not None
    assert scene.said() == ["approved"]


def test_a_card_that_was_refused_is_posted_once_it_may_stand(scene: Scene) -> None:
    delivery = scene.delivery()
    scene.local.workspace.members(scene.channel, remove=[world.BOT_USER])
    assert delivery.post_or_update(WORKSPACE, "card", scene.channel, message("open")) is None
    assert delivery.post_or_update(WORKSPACE, "card", scene.channel, message("open")) is None
    scene.local.workspace.members(scene.channel, add=[world.BOT_USER])
    posted = delivery.post_or_update(WORKSPACE, "card", scene.channel, message("open"))
    assert delivery.post_or_update(WORKSPACE, "card", scene.channel, message("claimed")) == posted
    assert scene.said() == ["claimed"]


def test_a_redrawn_card_can_still_be_found(scene: Scene) -> None:
    """The key must survive an update, or a later look would miss the message."""
    delivery = scene.delivery()
    delivery.post(WORKSPACE, "card", scene.channel, message("open"))
    delivery.update(WORKSPACE, "card", message("claimed"))
    raw = scene.local.client().conversations_history(channel=scene.channel, include_all_metadata=True)["messages"]
    assert [lookup.key_of(one) for one in raw] == ["card"]


def test_what_was_never_posted_or_is_gone_is_left_alone(scene: Scene) -> None:
    delivery = scene.delivery()
    delivery.update(WORKSPACE, "never", message("x"))
    delivery.delete(WORKSPACE, "never")
    delivery.post(WORKSPACE, "key", scene.channel, message("one"))
    delivery.delete(WORKSPACE, "key")
    delivery.delete(WORKSPACE, "key")
    delivery.update(WORKSPACE, "key", message("x"))
    assert scene.said() == []


def test_the_last_of_several_is_redrawn(scene: Scene) -> None:
    delivery = scene.delivery()
    for number in range(3):
        delivery.post(WORKSPACE, f"solved:{number}", scene.channel, message(f"question {number}"))
    delivery.update_last(WORKSPACE, "solved:", message("answered"))
    assert scene.said() == ["question 0", "question 1", "answered"]


# --- streams ---


def test_a_stream_ends_as_the_finished_answer(scene: Scene) -> None:
    thread, client = scene.uma.say(scene.channel, "Hello?"), scene.local.client()
    stream = scene.stream(client, thread)
    stream.write("It beg")
    posted = scene.finish(scene.delivery(client), thread, "It begins on Monday.")
    assert scene.said(thread) == ["It begins on Monday."]
    assert scene.finish(scene.delivery(client), thread, "Something else.") == posted
    assert scene.said(thread) == ["It begins on Monday."]


def test_a_stream_that_was_left_by_a_dead_process_is_finished_not_begun_again(scene: Scene) -> None:
    thread = scene.uma.say(scene.channel, "Hello?")
    scene.stream(scene.local.client(), thread).write("It beg")
    after = scene.stream(scene.local.client(), thread)
    after.write("It begins")
    scene.finish(scene.delivery(), thread, "It begins on Monday.")
    assert scene.said(thread) == ["It begins on Monday."]


def test_a_stream_whose_beginning_was_cut_off_is_found_and_finished(scene: Scene) -> None:
    thread, client = scene.uma.say(scene.channel, "Hello?"), scene.cut(startStream=1)
    scene.stream(client, thread).write("It beg")
    assert len(scene.said(thread)) == 1, "Slack has begun it"
    scene.finish(scene.delivery(client), thread, "It begins on Monday.")
    assert scene.said(thread) == ["It begins on Monday."]


def test_other_messages_of_ours_are_not_taken_for_a_stream_that_was_cut_off(scene: Scene) -> None:
    thread, delivery = scene.uma.say(scene.channel, "Hello?"), scene.delivery()
    with scene.sessions.begin() as session:
        effects.begin(session, WORKSPACE, "answer", "stream", scene.channel, utc_now())
    delivery.post(WORKSPACE, "other", scene.channel, message("A colleague is on it."), thread=thread.ts)
    scene.local.client().chat_postMessage(
        channel=scene.channel, thread_ts=thread.ts, text="Only an admin can do this.", metadata=lookup.metadata("told")
    )
    scene.finish(delivery, thread, "It begins on Monday.")
    assert scene.said(thread) == ["A colleague is on it.", "Only an admin can do this.", "It begins on Monday."]


def test_where_slack_refuses_a_stream_the_answer_is_posted_whole(scene: Scene) -> None:
    thread = scene.uma.say(scene.channel, "Hello?")
    stream = Stream(
        scene.local.client(),
        scene.sessions,
        utc_now,
        WORKSPACE,
        "answer",
        channel=scene.channel,
        thread=thread.ts,
        recipient_user="U0NOBODY",
        recipient_team=world.TEAM.id,
    )
    stream.write("It beg")
    stream.write("ins")
    scene.finish(scene.delivery(), thread, "It begins on Monday.")
    assert scene.said(thread) == ["It begins on Monday."]
    assert scene.calls("conversations.replies") == 0, "what was refused need not be looked for"


def test_an_answer_without_a_stream_is_a_post(scene: Scene) -> None:
    thread = scene.uma.say(scene.channel, "Hello?")
    scene.finish(scene.delivery(), thread, "It begins on Monday.")
    assert scene.said(thread) == ["It begins on Monday."]
    assert scene.calls("chat.startStream") == scene.calls("chat.stopStream") == 0


@pytest.mark.parametrize("method", ["stopStream", "update"])
def test_a_stream_that_was_cut_off_at_its_end_is_ended_once(scene: Scene, method: str) -> None:
    thread, client = scene.uma.say(scene.channel, "Hello?"), scene.cut(**{method: 1})
    scene.stream(client, thread).write("It beg")
    with pytest.raises(ConnectionResetError):
        scene.finish(scene.delivery(client), thread, "It begins on Monday.")
    scene.finish(scene.delivery(client), thread, "It begins on Monday.")
    assert scene.said(thread) == ["It begins on Monday."]


# --- the rest ---


def test_a_whisper_is_seen_by_one_person(scene: Scene) -> None:
    scene.delivery().whisper(scene.channel, "U0UMA", message("Only you see this."))
    assert [one.text for one in scene.uma.whispers(scene.channel)] == ["Only you see this."]
    assert scene.local.workspace.person("sam").whispers(scene.channel) == []


def test_a_status_or_a_link_that_slack_refuses_stops_nothing(scene: Scene) -> None:
    delivery = scene.delivery()
    delivery.set_status("C0NOWHERE", "1.1", "is thinking")
    assert delivery.permalink("C0NOWHERE", "1.1") is None
