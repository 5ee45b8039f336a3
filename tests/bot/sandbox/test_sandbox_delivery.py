"""Events reach the app as Slack delivers them, and go wrong as they do there when that is asked for."""

import http.server
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from slack_sdk.signature import SignatureVerifier

from bot.sandbox import world
from bot.sandbox.client import SandboxError, Workspace, until
from tests.bot.sandbox.conftest import ACK_SECONDS
from tests.bot.sandbox.raw_app import Json, RawApp, Slack


def event_of(envelope: Json) -> Json:
    event: Json = envelope["payload"]["event"]
    return event


# --- what is delivered ---


def test_a_connection_is_greeted_and_its_ticket_is_good_once(slack: Slack) -> None:
    address = slack.ticket()
    with RawApp(slack) as app:
        assert app.hello["type"] == "hello"
        assert app.hello["connection_info"] == {"app_id": world.APP_ID}
    from websockets.exceptions import InvalidStatus
    from websockets.sync.client import connect

    with connect(address, proxy=None):
        pass
    with pytest.raises(InvalidStatus), connect(address, proxy=None):
        pass


def test_the_bots_own_messages_arrive_and_carry_its_bot_id(app: RawApp, slack: Slack) -> None:
    ts = slack.post("C0HELP", "from the bot")
    event = event_of(app.take_event("message"))
    assert (event["ts"], event["bot_id"], event["user"]) == (ts, world.BOT_ID, world.BOT_USER)
    assert "client_msg_id" not in event


def test_nothing_is_told_of_channels_the_bot_is_not_in(workspace: Workspace, app: RawApp) -> None:
    workspace.person("uma").say("random", "@answerloop are you there?")
    assert app.quiet()


def test_nothing_is_told_that_the_app_did_not_subscribe_to(workspace: Workspace, app: RawApp) -> None:
    workspace.post("/control/install", {"scopes": sorted(world.BOT_SCOPES), "events": ["app_mention"]})
    workspace.person("uma").say("help", "@answerloop are you there?")
    assert event_of(app.take())["type"] == "app_mention"
    assert app.quiet()


def test_joining_a_channel_is_told_to_an_app_that_subscribed(workspace: Workspace, app: RawApp) -> None:
    workspace.post("/control/install", {"scopes": sorted(world.BOT_SCOPES), "events": ["member_joined_channel"]})
    workspace.members("C0SUPPORT", add=["U0UMA"])
    event = event_of(app.take())
    assert (event["type"], event["user"], event["channel"]) == ("member_joined_channel", "U0UMA", "C0SUPPORT")


def test_each_envelope_goes_to_one_connection(workspace: Workspace, app: RawApp, slack: Slack) -> None:
    with RawApp(slack) as other:
        for number in range(6):
            workspace.person("uma").say("help", f"message {number}")
        taken: list[str] = []
        for one in (app, other):
            while not one.quiet(0.2):
                pass
            taken += [event_of(envelope)["text"] for envelope in one.envelopes]
            assert len(one.envelopes) == 3
        assert sorted(taken) == [f"message {number}" for number in range(6)]


# --- what goes wrong by itself ---


def test_an_event_that_is_not_acknowledged_comes_again_and_says_why(workspace: Workspace, app: RawApp) -> None:
    workspace.person("uma").say("help", "hello")
    first = app.take(ack=False)
    second = app.take(seconds=ACK_SECONDS + 3)
    assert (first["retry_attempt"], first["retry_reason"]) == (0, "")
    assert (second["retry_attempt"], second["retry_reason"]) == (1, "timeout")
    assert first["envelope_id"] != second["envelope_id"]
    assert first["payload"] == second["payload"]
    workspace.wait_quiet()
    assert [(one["attempt"], one["ok"]) for one in workspace.deliveries()] == [(0, False), (1, True)]


def test_an_event_that_is_never_acknowledged_is_given_up(workspace: Workspace, app: RawApp) -> None:
    workspace.timing(ack=0.1, retries=[0, 0, 0])
    workspace.person("uma").say("help", "hello")
    attempts = [app.take(ack=False)["retry_attempt"] for _ in range(4)]
    assert attempts == [0, 1, 2, 3]
    workspace.wait_quiet()
    assert app.quiet()


def test_an_event_under_way_on_a_lost_connection_comes_again_on_the_next(workspace: Workspace, slack: Slack) -> None:
    with RawApp(slack) as lost:
        workspace.person("uma").say("help", "hello")
        lost.take(ack=False)
    with RawApp(slack) as app:
        again = app.take()
    assert again["retry_attempt"] == 1
    assert event_of(again)["text"] == "hello"


def test_events_wait_for_an_app_that_is_away(workspace: Workspace, slack: Slack) -> None:
    workspace.person("uma").say("help", "is anybody there?")
    time.sleep(0.1)
    with RawApp(slack) as app:
        assert event_of(app.take())["text"] == "is anybody there?"


def test_a_click_while_the_app_is_away_fails_for_the_person(workspace: Workspace, slack: Slack) -> None:
    workspace.timing(ack=0.2)
    slack.post("C0HELP")
    with pytest.raises(SandboxError, match="did not answer in time"):
        workspace.person("uma").shortcut("look", workspace.person("uma").messages("help")[0])


# --- what goes wrong on request ---


def test_a_missed_acknowledgement_brings_the_event_again(workspace: Workspace, app: RawApp) -> None:
    workspace.faults("miss_ack", event="message")
    workspace.person("uma").say("help", "hello")
    first, second = app.take(), app.take()
    assert first["payload"]["event_id"] == second["payload"]["event_id"]
    assert second["retry_attempt"] == 1
    assert app.quiet()


def test_a_duplicate_comes_under_the_same_event_id(workspace: Workspace, app: RawApp) -> None:
    workspace.faults("duplicate")
    workspace.person("uma").say("help", "hello")
    first, second = app.take(), app.take()
    assert first["payload"] == second["payload"]
    assert first["envelope_id"] != second["envelope_id"]
    assert second["retry_attempt"] == 0
    assert app.quiet()


def test_a_duplicate_comes_under_a_new_event_id(workspace: Workspace, app: RawApp) -> None:
    workspace.faults("duplicate_new_id", count=2)
    for text in ("one", "two", "three"):
        workspace.person("uma").say("help", text)
    taken = [app.take()["payload"] for _ in range(5)]
    assert [payload["event"]["text"] for payload in taken] == ["one", "one", "two", "two", "three"]
    assert len({payload["event_id"] for payload in taken}) == 5
    assert app.quiet()


def test_an_event_is_overtaken_by_the_next(workspace: Workspace, app: RawApp) -> None:
    workspace.faults("reorder")
    workspace.person("uma").say("help", "one")
    workspace.person("uma").say("help", "two")
    assert [event_of(app.take())["text"] for _ in range(2)] == ["two", "one"]


def test_an_event_held_back_comes_although_nothing_follows(workspace: Workspace, app: RawApp) -> None:
    workspace.faults("reorder")
    workspace.person("uma").say("help", "one")
    assert event_of(app.take())["text"] == "one"


def test_a_refresh_loses_nothing(workspace: Workspace, slack: Slack) -> None:
    with RawApp(slack) as old:
        workspace.person("uma").say("help", "before")
        before = old.take(ack=False)
        workspace.faults("refresh")
        assert old.take()["type"] == "disconnect"
        with RawApp(slack) as new:
            workspace.person("uma").say("help", "after")
            assert event_of(new.take())["text"] == "after"
            # What was under way may still be acknowledged on the old connection.
            old.ack(before)
            workspace.wait_quiet()
            assert new.quiet()


def test_a_rate_limit_says_when_to_try_again(workspace: Workspace, slack: Slack) -> None:
    workspace.faults("rate_limit", method="chat.postMessage", retry_after=7)
    assert slack.respond("auth.test").status_code == 200
    refused = slack.respond("chat.postMessage", {"channel": "C0HELP", "text": "hello"})
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "7")
    assert refused.json()["error"] == "ratelimited"
    assert slack.respond("chat.postMessage", {"channel": "C0HELP", "text": "hello"}).status_code == 200
    assert [call["error"] for call in workspace.calls("chat.postMessage")] == ["ratelimited", ""]


# --- over signed HTTP ---


class Endpoint:
    """A request URL that answers as it is told to."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.headers: list[Any] = []
        self.bodies: list[bytes] = []
        self.no_retry = False
        self.slow = 0.0

    @property
    def valid(self) -> list[bool]:
        """Whether each request was signed by Slack."""
        verifier = SignatureVerifier(world.SIGNING_SECRET)
        return [
            verifier.is_valid(body, headers["X-Slack-Request-Timestamp"], headers["X-Slack-Signature"])
            for body, headers in zip(self.bodies, self.headers, strict=True)
        ]


@contextmanager
def listening(endpoint: Endpoint) -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            challenge = b"url_verification" in body
            if not challenge:
                endpoint.bodies.append(body)
                endpoint.headers.append(self.headers)
                time.sleep(endpoint.slow)
            self.send_response(200 if challenge or not endpoint.statuses else endpoint.statuses.pop(0))
            if endpoint.no_retry:
                self.send_header("X-Slack-No-Retry", "1")
            self.send_header("Content-Type", "application/json" if challenge else "text/plain")
            self.end_headers()
            if challenge:
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/slack"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def endpoint(workspace: Workspace) -> Iterator[Endpoint]:
    one = Endpoint()
    with listening(one) as address:
        workspace.deliver_to(address)
        yield one
        workspace.deliver_to("")


def test_requests_are_signed(workspace: Workspace, endpoint: Endpoint) -> None:
    workspace.person("uma").say("help", "hello")
    workspace.wait_quiet()
    assert endpoint.valid == [True]
    assert "X-Slack-Retry-Num" not in endpoint.headers[0]


def test_a_bad_signature_comes_on_request_and_the_event_comes_again(workspace: Workspace, endpoint: Endpoint) -> None:
    workspace.faults("bad_signature")
    endpoint.statuses = [401]
    workspace.person("uma").say("help", "hello")
    workspace.wait_quiet()
    assert endpoint.valid == [False, True]
    assert endpoint.bodies[0] == endpoint.bodies[1]


def test_errors_and_timeouts_are_tried_again_with_number_and_reason(workspace: Workspace, endpoint: Endpoint) -> None:
    workspace.timing(ack=0.3, retries=[0, 0, 0])
    endpoint.statuses = [500]
    workspace.person("uma").say("help", "hello")
    workspace.wait_quiet()
    endpoint.slow = 0.5
    workspace.person("uma").say("help", "slow")
    until(lambda: len(endpoint.bodies) >= 4, 5, "the slow request was not tried again")
    retries = [(one["X-Slack-Retry-Num"], one["X-Slack-Retry-Reason"]) for one in endpoint.headers]
    assert retries[:4] == [(None, None), ("1", "http_error"), (None, None), ("1", "http_timeout")]


def test_an_app_may_ask_not_to_be_tried_again(workspace: Workspace, endpoint: Endpoint) -> None:
    endpoint.statuses, endpoint.no_retry = [500], True
    workspace.person("uma").say("help", "hello")
    workspace.wait_quiet()
    assert len(endpoint.bodies) == 1


def test_a_request_url_that_does_not_answer_the_challenge_is_not_taken(workspace: Workspace) -> None:
    with pytest.raises(SandboxError, match="challenge"):
        workspace.deliver_to(f"{workspace.url}/client/people")
