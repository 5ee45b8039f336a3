"""How every listener behaves: acknowledged in time, idempotent, and never silent when it cannot do what was asked.

A listener's errors that are meant for people are whispered to who clicked; anything unexpected gets a reference id
that the log holds too. A press that cannot be understood (a stale or foreign button) gets one clear line.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from slack_sdk.errors import SlackApiError

from bot.errors import BotError
from bot.logs import cause
from bot.services import Services
from bot.slack import errors, lookup
from bot.slack.payloads import Asker, ButtonClick
from bot.slack.views import kit, notices
from kb.errors import KnowledgeError
from learning import people
from learning.errors import AlreadyDecided, LearningError
from learning.people import Actor

log = logging.getLogger(__name__)

STALE = "This button no longer does anything. Please use the newest card or message."
FORGOTTEN = "I no longer know this form or shortcut. Please use the newest card or message, or my Home tab."
EXPIRED = "That took too long for Slack. Please press it again."


@dataclass(frozen=True)
class Problem:
    """Why something could not be done."""

    #: A sentence for who asked for it.
    text: str
    #: Slack user id of who was faster; empty where nobody was.
    by: str = ""


def tell(
    services: Services, user: str, text: str, *, by: str = "", channel: str = "", thread: str | None = None
) -> None:
    """Say something to one person: as a whisper where they clicked, else in their direct message."""
    message = notices.line(text, by)
    direct = channel.startswith("D")
    try:
        if channel and not direct and services.delivery.whisper(channel, user, message, thread=thread):
            return
        # Marked, so that nobody takes it for the beginning of an answer that was cut off.
        services.client.chat_postMessage(
            channel=channel if direct else user,
            thread_ts=thread if direct else None,
            metadata=lookup.metadata("told"),
            **message,
        )
    except (SlackApiError, OSError) as error:
        log.warning("could not tell somebody: %s", cause(error))


def guarded(services: Services, asker: Asker, act: Callable[[], None], *, channel: str, thread: str | None) -> None:
    """Do what a person asked for; where it cannot be done, they are told why."""
    if (problem := attempt(services, asker, act)) is not None:
        tell(services, asker.user, problem.text, by=problem.by, channel=channel, thread=thread)


def attempt(services: Services, asker: Asker, act: Callable[[], None]) -> Problem | None:
    """Do what a person asked for; what to tell them where it could not be done."""
    try:
        act()
    except AlreadyDecided as error:
        return Problem(str(error), _winner(services, asker, error))
    except (LearningError, KnowledgeError, BotError) as error:
        return Problem(str(error))
    except SlackApiError as error:
        if errors.code(error) in errors.EXPIRED:
            return Problem(EXPIRED)
        return _unexpected(services, error)
    except Exception as error:
        return _unexpected(services, error)
    return None


def on_click(services: Services, click: ButtonClick, act: Callable[[str], None]) -> None:
    """Do what a button of ours asks for, with the id that it carries."""
    carried = click.carried
    if carried is None:
        tell(services, click.asker.user, STALE, channel=click.channel, thread=click.thread_ts)
        return
    guarded(services, click.asker, lambda: act(carried.id), channel=click.channel, thread=click.thread_ts)


def actor(services: Services, asker: Asker) -> Actor:
    """Who pressed, with the roles Slack gives them at this moment; none for people of other organisations."""
    workspace = asker.origin.workspace
    roles = frozenset({people.Role.USER}) if asker.foreign else services.identity.roles(asker.user)
    with services.sessions.begin() as session:
        person = people.person_for(session, workspace, asker.user, now=services.clock(), ids=services.ids)
    return Actor(person, roles)


def open_modal(services: Services, asker: Asker, view: kit.View) -> str:
    """Open a form, inside the trigger's three seconds; Slack's id of it.

    Raises:
        BotError: Slack sent no trigger.
    """
    if not asker.trigger_id:
        raise BotError(EXPIRED)
    return str(services.client.views_open(trigger_id=asker.trigger_id, view=view)["view"]["id"])


def _winner(services: Services, asker: Asker, error: AlreadyDecided) -> str:
    if error.by is None:
        return ""
    with services.sessions() as session:
        known = people.one(session, asker.origin.workspace, error.by)
    return known.external or known.name


def _unexpected(services: Services, error: Exception) -> Problem:
    reference = services.ids()
    log.error("reference %s: %s", reference, cause(error))
    return Problem(str(notices.failed(reference)["text"]))
