"""The local workspace as a web application, put together in one place and served on 127.0.0.1.

It listens on the loopback address only, because anybody who reaches it can be anybody in it.

Slack side, for the app:
    /api/{method}               Web API; `bot.sandbox.web_api.METHODS` lists the methods
    /link?ticket=…              Socket Mode, by the ticket of apps.connections.open
    /response/{id}, /upload/{id}
    Signed HTTP goes out to a request URL where one is set.

Client side, for people; all but the first take a person's token (bearer, or ?token=):
    GET  /client/people         people with their tokens, team, bot, user groups
    GET  /client/channels       the person's channels; `latest` is the ts of the newest message
    GET  /client/messages       ?channel=&thread_ts= -> messages, ephemeral, status, prompts, revision
    POST /client/messages       {channel, text, thread_ts?} -> {ts, channel, message}
    POST /client/messages/edit, /client/messages/delete, /client/reactions
    POST /client/actions        an element of a message (channel, ts) or view (view_id); the choice in `value`
    GET  /client/views          the stack of modals; POST /client/views/submit, /client/views/close
    POST /client/shortcuts      with channel and ts on a message, without them a global one
    POST /client/commands, GET and POST /client/home, POST /client/channels/join
    GET  /client/stream         server-sent events: message, message_changed, message_deleted, reaction, ephemeral,
                                ephemeral_deleted, channel, status, prompts, title, view_opened, view_updated,
                                view_closed, home
    GET  /client/wait           ?after=&seconds= -> {revision}: returns once the person was told of more
    GET  /client/permalink, /client/files/{id}
    A refusal is {ok: false, error}, and {errors: {block id: text}} where a modal is not accepted.

Control side, for tests and the demo's operator:
    POST /control/faults        {kind, count?, method?, event?, retry_after?}; GET lists what still waits
    POST /control/people, channels, usergroups, members
    POST /control/install       {manifest}: grants its scopes, events, commands and shortcuts
    POST /control/timing        {ack?, trigger?, retries?} in seconds
    POST /control/transport     {request_url}: signed HTTP, or Socket Mode where it is empty
    POST /control/reset         the seed world again
    GET  /control/calls, /control/deliveries, /control/state

Everything else is a file of the page.
"""

import socket
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute

from bot.sandbox.acts import Acts
from bot.sandbox.client_api import ClientApi
from bot.sandbox.control_api import ControlApi
from bot.sandbox.delivery import Delivery
from bot.sandbox.faults import Faults
from bot.sandbox.http_delivery import HttpDelivery
from bot.sandbox.interactions import Interactions
from bot.sandbox.responses import Responses
from bot.sandbox.socket_mode import SocketMode
from bot.sandbox.state import State
from bot.sandbox.stream import Stream
from bot.sandbox.transport import Timing, Transport
from bot.sandbox.views import Views
from bot.sandbox.web_api import WebApi
from bot.sandbox.web_api.call import Desk

HOST = "127.0.0.1"
PAGE = Path(__file__).parent / "page"
_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@dataclass
class Address:
    """Where the workspace is reached; known once it listens."""

    url: str = ""


def build(address: Address, *, timing: Timing | None = None, request_url: str = "") -> Starlette:
    """Put a workspace together.

    Args:
        address: filled in with the URL before the first request.
        request_url: where to deliver over signed HTTP; Socket Mode where it is empty.
    """
    timing = timing or Timing()
    state, faults, stream = State(), Faults(), Stream()
    socket_mode = SocketMode(state, timing)
    posts: list[HttpDelivery] = []

    def http(url: str) -> HttpDelivery:
        posts.append(HttpDelivery(url, state, timing, faults))
        return posts[-1]

    transport: Transport = http(request_url) if request_url else socket_mode
    delivery = Delivery(state, faults, timing, transport)
    acts = Acts(state, stream, delivery)
    views = Views(state, stream, timing, faults)
    responses = Responses(acts, lambda: address.url)
    interactions = Interactions(state, views, responses, delivery)
    web_api = WebApi(Desk(state, acts, views, socket_mode, lambda: address.url), faults)
    client_api = ClientApi(acts, views, interactions, stream)
    control_api = ControlApi(acts, delivery, faults, timing, socket_mode, web_api, http)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        delivery.forget()
        for post in posts:
            await post.close()

    app = Starlette(
        routes=[
            Route("/api/{method:path}", web_api.endpoint, methods=["GET", "POST"]),
            WebSocketRoute("/link", socket_mode.endpoint),
            Route("/response/{id}", responses.endpoint, methods=["POST"]),
            Route("/upload/{id}", _upload(state), methods=["POST", "PUT"]),
            *client_api.routes(),
            *control_api.routes(),
            Route("/{path:path}", _page, methods=["GET"]),
        ],
        lifespan=lifespan,
    )
    app.state.stream = stream
    return app


class _Server(uvicorn.Server):
    """Ends the streams before it waits for their clients to go."""

    def __init__(self, config: uvicorn.Config, stream: Stream) -> None:
        super().__init__(config)
        self._stream = stream

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stream.close()
        await super().shutdown(sockets)


def listen(port: int) -> socket.socket:
    """A socket that listens on the loopback address; `port` 0 takes a free one.

    Raises:
        OSError: if the port is taken.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))
    listener.listen(128)
    return listener


def server(
    listener: socket.socket, *, timing: Timing | None = None, request_url: str = ""
) -> tuple[uvicorn.Server, str]:
    """A server on `listener`, not yet running.

    Returns: the server, and the workspace's URL without a slash at the end.
    """
    url = f"http://{HOST}:{listener.getsockname()[1]}"
    app = build(Address(url), timing=timing, request_url=request_url)
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2, ws_ping_interval=None)
    return _Server(config, app.state.stream), url


@contextmanager
def serve(port: int = 0, *, timing: Timing | None = None, request_url: str = "") -> Iterator[str]:
    """Serve a workspace in a thread for as long as the context lasts.

    Yields: its URL, such as `http://127.0.0.1:4021`.
    """
    listener = listen(port)
    running, url = server(listener, timing=timing, request_url=request_url)
    thread = threading.Thread(target=running.run, args=([listener],), name="local-workspace", daemon=True)
    thread.start()
    try:
        while not running.started:
            if not thread.is_alive():
                raise RuntimeError("the local workspace did not start")
            time.sleep(0.01)
        yield url
    finally:
        running.should_exit = True
        thread.join(timeout=10)
        listener.close()


def _upload(state: State) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        file = state.files.get(str(request.path_params["id"]))
        if file is None:
            return PlainTextResponse("no such upload", 404)
        file.content = await request.body()
        file.size = len(file.content)
        return PlainTextResponse("OK")

    return endpoint


async def _page(request: Request) -> Response:
    """A file of the page, or a plain note where the page is not there."""
    wanted = str(request.path_params["path"]) or "index.html"
    file = (PAGE / wanted).resolve()
    if not file.is_relative_to(PAGE.resolve()) or not file.is_file():
        if wanted == "index.html":
            return PlainTextResponse("The local workspace runs; its page is not installed.")
        return PlainTextResponse("not found", 404)
    return FileResponse(file, media_type=_TYPES.get(file.suffix), headers={"Cache-Control": "no-store"})
