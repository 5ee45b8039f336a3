"""Admins: what concerns all of them is said where they review, or to each of them where that channel cannot be used."""

import logging

from bot.services import Services
from bot.slack.errors import SlackError, code, may_pass
from bot.slack.views.kit import Message
from kb.ids import WorkspaceId

log = logging.getLogger(__name__)


def tell(services: Services, workspace: WorkspaceId, key: str, message: Message) -> None:
    """Say something to the admins, once per `key`."""
    review = services.settings.review_channel
    if review and services.delivery.post(workspace, key, review, message) is not None:
        return
    for admin in sorted(services.identity.admins()):
        try:
            services.delivery.post(workspace, f"{key}:{admin}", services.delivery.direct_channel(admin), message)
        except SlackError as error:
            if may_pass(error):
                raise
            log.error("an admin cannot be written to: %s", code(error))
