"""The doctor: one check per part, each with a line that says what is wrong and what to do. Changes nothing in Slack."""

from collections.abc import Callable
from dataclasses import dataclass

from slack_sdk.errors import SlackApiError

from bot.settings import Settings, Transport


@dataclass(frozen=True)
class Finding:
    """The outcome of one check."""

    what: str
    ok: bool
    #: What was found, or what to do.
    detail: str


def examine(settings: Settings) -> tuple[Finding, ...]:
    """Check every part; one that fails does not keep the others from being checked."""
    checks: dict[str, Callable[[Settings], str]] = {
        "database": _database,
        "model": _model,
        "index": _index,
        "Slack bot token": _bot_token,
        "Slack events": _events,
        "staff room": _staff_room,
        "review channel": _review_channel,
        "people": _people,
        "support hours": _hours,
        "language model": _language_model,
    }
    return tuple(_run(what, check, settings) for what, check in checks.items())


def _run(what: str, check: Callable[[Settings], str], settings: Settings) -> Finding:
    try:
        return Finding(what, True, check(settings))
    except SlackApiError as error:
        return Finding(what, False, f"Slack says {error.response.get('error')}.")
    except Exception as error:  # whatever is wrong is what the operator wants to read
        return Finding(what, False, (str(error).strip() or type(error).__name__).splitlines()[0])


def _database(settings: Settings) -> str:
    from sqlalchemy import text

    from bot.assembly import database

    engine = database(settings)
    with engine.connect() as connection:
        connection.execute(text("select 1"))
    engine.dispose()
    return f"{engine.dialect.name}, up to date"


def _model(settings: Settings) -> str:
    from kb.embedding import open_embedder

    embedder = open_embedder(settings.embedding_model, cache=settings.data_dir / "models")
    return f"{embedder.model}, {embedder.dimension} dimensions"


def _index(settings: Settings) -> str:
    from kb.errors import IndexLocked
    from kb.vector_index import open_index

    try:
        index = open_index(settings.chroma_url or settings.data_dir / "index")
    except IndexLocked as error:
        return f"in use by the running bot ({error})"
    index.close()
    return "can be opened"


def _bot_token(settings: Settings) -> str:
    from bot.slack.connection import client
    from bot.slack.manifest import BOT_SCOPES

    answer = client(settings).auth_test()
    granted = {scope.strip() for scope in str(answer.headers.get("x-oauth-scopes", "")).split(",") if scope.strip()}
    missing = sorted(set(BOT_SCOPES) - granted)
    if granted and missing:
        raise ValueError(f"the app lacks the scopes {', '.join(missing)}; install it again with `answerloop manifest`.")
    return f"{answer['user']} in {answer['team']}"


def _events(settings: Settings) -> str:
    from slack_sdk import WebClient

    if settings.slack_transport is Transport.HTTP:
        if not settings.slack_signing_secret.get_secret_value():
            raise ValueError("set ANSWERLOOP_SLACK_SIGNING_SECRET, or use Socket Mode.")
        return f"signed requests on {settings.http_host}:{settings.http_port}"
    token = settings.slack_app_token.get_secret_value()
    if not token.startswith("xapp-"):
        raise ValueError("set ANSWERLOOP_SLACK_APP_TOKEN (begins with xapp-, scope connections:write).")
    WebClient(token, base_url=settings.slack_base_url).apps_connections_open(app_token=token)
    return "Socket Mode can connect"


def _staff_room(settings: Settings) -> str:
    return _channel(settings, settings.support_channel, "ANSWERLOOP_SUPPORT_CHANNEL", "nobody can be called")


def _review_channel(settings: Settings) -> str:
    return _channel(settings, settings.review_channel, "ANSWERLOOP_REVIEW_CHANNEL", "private proposals have no place")


def _channel(settings: Settings, channel: str, name: str, consequence: str) -> str:
    from bot.slack.connection import client

    if not channel:
        raise ValueError(f"set {name}; without it {consequence}.")
    found = client(settings).conversations_info(channel=channel)["channel"]
    if not found.get("is_member"):
        raise ValueError(f"the bot is not in #{found.get('name')}; invite it there.")
    return f"#{found.get('name')}"


def _people(settings: Settings) -> str:
    from bot.slack.connection import client
    from bot.slack.identity import Identity

    identity = Identity(client(settings), settings)
    admins, staff = identity.admins(), identity.staff()
    if not admins:
        raise ValueError("set ANSWERLOOP_ADMINS; without admins nothing can be approved.")
    if settings.four_eyes and len(admins) < 2:
        raise ValueError("ANSWERLOOP_FOUR_EYES is on, but ANSWERLOOP_ADMINS names fewer than two people.")
    return f"{len(admins)} admins, {len(staff)} staff"


def _hours(settings: Settings) -> str:
    from bot.desk.hours import parse

    parse(settings.support_hours, settings.support_time_zone)
    return f"{settings.support_hours}, {settings.support_time_zone}"


def _language_model(settings: Settings) -> str:
    from openai import OpenAI

    key = settings.model_api_key.get_secret_value()
    if not key and not settings.model_base_url:
        return "none set: approved answers only, nothing is written"
    asked = OpenAI(api_key=key or "none", base_url=settings.model_base_url or None, timeout=10, max_retries=0)
    asked.models.list()
    return f"{settings.model_name} at {settings.model_base_url or 'the default URL'}"
