"""The connection to Slack: Socket Mode, or signed requests over HTTP; the same app behind both."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread
from typing import Any

from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from bot.errors import Misconfigured
from bot.settings import Settings, Transport
from bot.slack import identity
from bot.slack.errors import code

#: The Web API client, as the rest of the bot knows it.
Client = WebClient

#: Listeners at once; each needs a fraction of a second, and a connection to the database.
LISTENERS = 16
#: Where signed requests are taken.
PATH = "/slack/events"


def client(settings: Settings) -> WebClient:
    """The Web API client; waits and repeats where Slack asks for it.

    Raises:
        Misconfigured: the bot token is missing.
    """
    token = settings.slack_bot_token.get_secret_value()
    if not token.startswith("xoxb-"):
        raise Misconfigured(
            "ANSWERLOOP_SLACK_BOT_TOKEN is missing; it begins with xoxb- and is shown where the app was installed."
        )
    made = WebClient(token, base_url=settings.slack_base_url, timeout=20)
    made.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=3))
    return made


def check(settings: Settings) -> None:
    """Whether Slack lets us connect with these settings; asked before anything is opened or loaded.

    Raises:
        Misconfigured: a token or the signing secret is missing, or Slack does not accept it.
        NotReachable: Slack cannot be reached.
    """
    identity.check(client(settings))
    if settings.slack_transport is Transport.HTTP:
        if not settings.slack_signing_secret.get_secret_value():
            raise Misconfigured("ANSWERLOOP_SLACK_SIGNING_SECRET is missing; without it requests cannot be checked.")
        return
    try:
        _app_client(settings).apps_connections_open(app_token=settings.slack_app_token.get_secret_value())
    except SlackApiError as error:
        raise Misconfigured(f"Slack does not accept ANSWERLOOP_SLACK_APP_TOKEN: {code(error)}.") from None


@contextlib.contextmanager
def connected(app: App, settings: Settings) -> Iterator[str]:
    """Receive events until the block ends; gives where (for HTTP) requests are taken."""
    if settings.slack_transport is Transport.SOCKET:
        with _socket(app, settings):
            yield ""
    else:
        with _http(app, settings) as url:
            yield url


@contextlib.contextmanager
def _socket(app: App, settings: Settings) -> Iterator[None]:
    from slack_bolt.adapter.socket_mode import SocketModeHandler

    app_client = _app_client(settings)
    token = settings.slack_app_token.get_secret_value()
    handler = SocketModeHandler(app, app_token=token, web_client=app_client, concurrency=LISTENERS)
    handler.connect()  # type: ignore[no-untyped-call]  # Bolt's adapter is not annotated here
    try:
        yield
    finally:
        handler.close()  # type: ignore[no-untyped-call]


def _app_client(settings: Settings) -> WebClient:
    token = settings.slack_app_token.get_secret_value()
    if not token.startswith("xapp-"):
        raise Misconfigured(
            "ANSWERLOOP_SLACK_APP_TOKEN is missing; it begins with xapp- and needs the scope connections:write."
        )
    return WebClient(token, base_url=settings.slack_base_url, timeout=20)


@contextlib.contextmanager
def _http(app: App, settings: Settings) -> Iterator[str]:
    import uvicorn

    try:
        listening = socket.create_server((settings.http_host, settings.http_port))
    except OSError as error:
        raise Misconfigured(
            f"ANSWERLOOP_HTTP_HOST and ANSWERLOOP_HTTP_PORT: {settings.http_host}:{settings.http_port} cannot be "
            f"listened on ({error.strerror or error})."
        ) from None
    server = uvicorn.Server(uvicorn.Config(_web(app), log_config=None, access_log=False))
    thread = Thread(target=server.run, kwargs={"sockets": [listening]}, name="http", daemon=True)
    thread.start()
    host, port = listening.getsockname()[:2]
    try:
        yield f"http://{host}:{port}{PATH}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)


def _web(app: App) -> Any:
    """Signed requests from Slack, each in a thread of its own: Bolt's sync app would hold up the event loop."""
    from slack_bolt.adapter.starlette.handler import to_bolt_request, to_starlette_response
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    listeners = ThreadPoolExecutor(LISTENERS, thread_name_prefix="listener")

    async def take(request: Request) -> Response:
        try:
            received = to_bolt_request(request, await request.body())
        except (ValueError, AttributeError, TypeError, LookupError):
            return Response("This is no request of Slack's.", status_code=400)
        answer = await asyncio.get_running_loop().run_in_executor(listeners, app.dispatch, received)
        return to_starlette_response(answer)

    return Starlette(routes=[Route(PATH, take, methods=["POST"])])


def wait_for_stop() -> None:
    """Wait until the process is asked to stop."""
    stopped = Event()

    def stop(_signal: int, _frame: Any) -> None:
        stopped.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    stopped.wait()
