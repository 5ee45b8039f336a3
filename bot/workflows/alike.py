"""Questions that look alike, in the form that is open: it is drawn again with them, and what was filled in stays.

A form that is closed by then, or sent, is let be.
"""

import logging

from bot.desk import alike, handoffs
from bot.services import Services
from bot.slack import errors
from bot.slack.views import forms, times
from bot.workflows.steps import step
from kb.ids import WorkspaceId
from learning.ids import HandoffId, PersonId

log = logging.getLogger(__name__)


def show(services: Services, workspace: WorkspaceId, handoff: str, person: str, view: str) -> None:
    """Show in the form of a resolution which waiting questions look alike.

    Args:
        person: who fills it in.
        view: Slack's id of the form.
    """
    step("show", _show, services, workspace, HandoffId(handoff), PersonId(person), view)


def _show(services: Services, workspace: WorkspaceId, handoff: HandoffId, person: PersonId, view: str) -> None:
    found = alike.find(services, workspace, handoff, person)
    if not found:
        return
    now = services.clock()
    waiting = [
        forms.WaitingQuestion(one.handoff, one.question, one.asker, times.length(now - one.since), one.private)
        for one in found
    ]
    question, drafted = handoffs.draft_resolution(services, workspace, handoff)
    try:
        services.client.views_update(view_id=view, view=forms.resolve_form(handoff, question, drafted, waiting))
    except errors.SlackError as error:
        if errors.may_pass(error):
            raise
        log.info("what looks alike was not shown: %s", errors.code(error))
