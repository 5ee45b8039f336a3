"""An ordinary Bolt app, connected as to Slack: over Socket Mode, or behind an HTTP server with signed requests."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from bot.sandbox import world

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


ANSWER_BLOCKS: list[Json] = [
    {
        "type": "section",
        "block_id": "words",
        "text": {"type": "mrkdwn", "text": "Turn it *off and on*."},
        "accessory": {
            "type": "overflow",
            "action_id": "menu",
            "options": [{"text": plain("Stop"), "value": "stop"}, {"text": plain("Correct"), "value": "correct"}],
        },
    },
    {
        "type": "actions",
        "block_id": "buttons",
        "elements": [
            {"type": "button", "action_id": "person", "text": plain("Get a human"), "value": "42"},
            {"type": "users_select", "action_id": "whom"},
        ],
    },
    {
        "type": "context_actions",
        "block_id": "votes",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": "vote",
                "positive_button": {"text": plain("Good"), "value": "up"},
                "negative_button": {"text": plain("Bad"), "value": "down"},
            }
        ],
    },
]

FORM: Json = {
    "type": "modal",
    "callback_id": "form",
    "private_metadata": "7",
    "notify_on_close": True,
    "title": plain("What was wrong?"),
    "submit": plain("Send"),
    "blocks": [
        {
            "type": "input",
            "block_id": "reason",
            "label": plain("Reason"),
            "element": {
                "type": "static_select",
                "action_id": "choice",
                "options": [{"text": plain("Incorrect"), "value": "incorrect"}, {"text": plain("Other"), "value": "o"}],
            },
        },
        {
            "type": "input",
            "block_id": "comment",
            "optional": True,
            "label": plain("Comment"),
            "element": {"type": "plain_text_input", "action_id": "text", "max_length": 20},
        },
    ],
}


class Heard:
    """What an app was told: request bodies in the order they came."""

    def __init__(self) -> None:
        self.bodies: list[Json] = []
        #: The number of the try of each, 0 for the first.
        self.tries: list[int] = []

    def events(self, kind: str) -> list[Json]:
        """The bodies of the events of this type or subtype."""
        return [body for body in self.bodies if body.get("event", {}).get("subtype", _type(body)) == kind]

    def interactions(self, kind: str) -> list[Json]:
        """The payloads of this type."""
        return [body for body in self.bodies if body.get("type") == kind]


def _type(body: Json) -> Any:
    return body.get("event", {}).get("type")


def make(url: str, heard: Heard) -> App:
    """The app, not yet connected."""
    client = WebClient(world.BOT_TOKEN, base_url=f"{url}/api/")
    client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=2))
    # Bolt logs refused signatures and failed listeners; the tests look at what happens instead.
    logger = logging.getLogger("tests.bolt")
    logger.setLevel(logging.CRITICAL)
    app = App(client=client, signing_secret=world.SIGNING_SECRET, logger=logger)

    @app.use
    def listen(body: Json, request: Any, next: Any) -> None:
        heard.bodies.append(body)
        heard.tries.append(int((request.headers.get("x-slack-retry-num") or ["0"])[0]))
        next()

    _conversation(app)
    _forms(app)
    for kind in ("message", "reaction_added", "reaction_removed", "member_joined_channel"):
        app.event(kind)(lambda: None)
    return app


def _conversation(app: App) -> None:
    @app.event("app_mention")
    def answer(event: Json, client: WebClient, say_stream: Any, set_status: Any) -> None:
        place = {"channel": event["channel"], "thread_ts": event.get("thread_ts") or event["ts"]}
        if "say it" in event["text"]:
            set_status("is thinking …")
            said = say_stream(buffer_size=1)
            said.append(markdown_text="Said.")
            said.stop()
            return
        if "stream" in event["text"]:
            stream = client.chat_stream(
                **place, buffer_size=1, recipient_team_id=world.TEAM.id, recipient_user_id=event["user"]
            )
            for word in ("One ", "two ", "three."):
                stream.append(markdown_text=word)
            stream.stop(blocks=ANSWER_BLOCKS, metadata={"event_type": "answer", "event_payload": {"key": "s"}})
            return
        client.reactions_add(channel=event["channel"], timestamp=event["ts"], name="eyes")
        client.chat_postMessage(
            **place,
            text="Turn it off and on.",
            blocks=ANSWER_BLOCKS,
            metadata={"event_type": "answer", "event_payload": {"key": "k"}},
        )

    @app.event("app_home_opened")
    def home(event: Json, client: WebClient) -> None:
        button = {"type": "button", "action_id": "refresh", "text": plain("Refresh")}
        blocks = [{"type": "actions", "block_id": "top", "elements": [button]}]
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    @app.command("/kb")
    def command(ack: Any, command: Json) -> None:
        ack(f"You asked: {command['text']}")


def _forms(app: App) -> None:
    @app.action("vote")
    def vote(ack: Any, body: Json, client: WebClient) -> None:
        ack()
        if body["actions"][0]["value"] == "down":
            client.views_open(trigger_id=body["trigger_id"], view=FORM)

    @app.action("person")
    def person(ack: Any, respond: Any) -> None:
        ack()
        respond(text="Somebody will come.", replace_original=False)

    @app.action("menu")
    def menu(ack: Any, respond: Any) -> None:
        ack()
        respond(text="This answer was stopped.", replace_original=True)

    @app.action("whom")
    def whom(ack: Any) -> None:
        ack()

    @app.action("refresh")
    def refresh(ack: Any) -> None:
        ack()

    @app.shortcut("correct_this")
    def shortcut(ack: Any, shortcut: Json, client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=shortcut["trigger_id"], view=FORM)

    @app.view("form")
    def form(ack: Any, view: Json) -> None:
        comment = view["state"]["values"]["comment"]["text"]["value"]
        if comment == "rude":
            ack(response_action="errors", errors={"comment": "Please be kind."})
        elif comment == "more":
            ack(response_action="update", view={**FORM, "title": plain("Thank you"), "callback_id": "thanks"})
        else:
            ack()

    @app.view("thanks")
    def thanks(ack: Any) -> None:
        ack(response_action="clear")

    @app.view_closed("form")
    def closed(ack: Any) -> None:
        ack()


@contextmanager
def over_socket_mode(app: App) -> Iterator[None]:
    """The app connected over Socket Mode."""
    handler = SocketModeHandler(app, world.APP_TOKEN)
    handler.connect()
    try:
        yield
    finally:
        handler.close()


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def over_http(app: App) -> Iterator[str]:
    """The app behind an HTTP server; yields its request URL."""
    server = make_server("127.0.0.1", 0, SlackRequestHandler(app), server_class=_Server, handler_class=_Silent)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/slack/events"
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()
