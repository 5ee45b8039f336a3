"""What the doctor asks Slack: tokens, scopes, channels, people.

Each check gives what it found, or raises what is wrong.
"""

from slack_sdk import WebClient

from bot.errors import Misconfigured
from bot.settings import Settings, Transport
from bot.slack.connection import client
from bot.slack.identity import Identity
from bot.slack.manifest import BOT_SCOPES


def bot_token(settings: Settings) -> str:
    """Slack accepts the bot token, and the app has every scope it needs."""
    answer = client(settings).auth_test()
    granted = {scope.strip() for scope in str(answer.headers.get("x-oauth-scopes", "")).split(",") if scope.strip()}
    missing = sorted(set(BOT_SCOPES) - granted)
    if granted and missing:
        raise Misconfigured(
            f"the app lacks the scopes {', '.join(missing)}; install it again with `answerloop manifest`."
        )
    return f"{answer['user']} in {answer['team']}"


def events(settings: Settings) -> str:
    """Events can arrive."""
    if settings.slack_transport is Transport.HTTP:
        if not settings.slack_signing_secret.get_secret_value():
            raise Misconfigured("set ANSWERLOOP_SLACK_SIGNING_SECRET, or use Socket Mode.")
        return f"signed requests on {settings.http_host}:{settings.http_port}"
    token = settings.slack_app_token.get_secret_value()
    if not token.startswith("xapp-"):
        raise Misconfigured("set ANSWERLOOP_SLACK_APP_TOKEN (begins with xapp-, scope connections:write).")
    WebClient(token, base_url=settings.slack_base_url).apps_connections_open(app_token=token)
    return "Socket Mode can connect"


def staff_room(settings: Settings) -> str:
    """There is a channel for handoff cards, and the bot is in it."""
    return _channel(settings, settings.support_channel, "ANSWERLOOP_SUPPORT_CHANNEL", "nobody can be called")


def review_channel(settings: Settings) -> str:
    """There is a channel for proposals, and the bot is in it."""
    return _channel(settings, settings.review_channel, "ANSWERLOOP_REVIEW_CHANNEL", "private proposals have no place")


def _channel(settings: Settings, channel: str, name: str, consequence: str) -> str:
    if not channel:
        raise Misconfigured(f"set {name}; without it {consequence}.")
    found = client(settings).conversations_info(channel=channel)["channel"]
    if not found.get("is_member"):
        raise Misconfigured(f"the bot is not in #{found.get('name')}; invite it there.")
    return f"#{found.get('name')}"


def people(settings: Settings) -> str:
    """Somebody can approve."""
    identity = Identity(client(settings), settings)
    admins, staff = identity.admins(), identity.staff()
    if not admins:
        raise Misconfigured("set ANSWERLOOP_ADMINS; without admins nothing can be approved.")
    if settings.four_eyes and len(admins) < 2:
        raise Misconfigured("ANSWERLOOP_FOUR_EYES is on, but ANSWERLOOP_ADMINS names fewer than two people.")
    return f"{len(admins)} admins, {len(staff)} staff"
