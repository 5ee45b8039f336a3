"""Entries in Slack: the notice that one was taken out of use, which holds the way back.

The notice is a picture of the present state. It stands in the review channel; where that is not set up or cannot be
used, it stands where the stop was asked for.
"""

import logging

from bot.desk import actors
from bot.services import Services
from bot.slack import errors
from bot.slack.delivery import Message, Posted
from bot.slack.views import notices
from bot.workflows.steps import step
from kb.ids import WorkspaceId
from learning import review
from learning.conversations import Place
from learning.errors import WrongState
from learning.ids import ReviewId

log = logging.getLogger(__name__)


def show_stop(services: Services, workspace: WorkspaceId, stop: str, channel: str, thread: str) -> None:
    """Draw the notice of a stop as things stand now.

    Args:
        channel, thread: where it was asked for.
    """
    step("draw", _draw, services, workspace, ReviewId(stop), Place(channel, thread))


def _draw(services: Services, workspace: WorkspaceId, stop: ReviewId, pressed: Place) -> None:
    message = _notice(services, workspace, stop)
    beside = f"review:{stop}:notice:thread"
    if _in_review_channel(services, workspace, stop, message) is not None:
        services.delivery.update(workspace, beside, message)
        return
    services.delivery.post_or_update(workspace, beside, pressed.channel, message, thread=pressed.thread)


def _in_review_channel(services: Services, workspace: WorkspaceId, stop: ReviewId, message: Message) -> Posted | None:
    """Where it stands in the review channel; None where there is none, or Slack refuses it there."""
    channel = services.settings.review_channel
    if not channel:
        return None
    try:
        return services.delivery.post_or_update(workspace, f"review:{stop}:notice", channel, message)
    except errors.SlackError as error:
        if errors.may_pass(error):
            raise
        log.warning("the review channel cannot be used: %s", errors.code(error))
        return None


def _notice(services: Services, workspace: WorkspaceId, stop: ReviewId) -> Message:
    with services.sessions() as session:
        stopped = review.one(session, workspace, stop)
        if stopped.result is None:
            raise WrongState("This was not a stop.")
        undone = review.undo_of(session, workspace, stop)
        entry = services.knowledge.get(session, workspace, stopped.result.entry, stopped.result.version)
        by = actors.shown(session, workspace, (undone or stopped).actor)
    if undone is not None:
        return notices.resumed(entry.question, by)
    return notices.stopped(entry.question, by, stop, entry.id)
