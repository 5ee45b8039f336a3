"""Outcomes are looked for behind everything that answers people; one look makes up for all that were missed."""

from datetime import datetime

from bot.agent import NOTHING_ASKED
from bot.services import Services
from bot.slack.payloads import said_at
from bot.workflows.steps import step
from kb.ids import WorkspaceId
from learning import outcomes


def look(services: Services, workspace: WorkspaceId, scheduled: str) -> None:
    """Judge every window that closed until a look was due.

    Args:
        scheduled: that moment, ISO 8601; a late run works with it, not with its own.
    """
    step("look", _look, services, workspace, datetime.fromisoformat(scheduled))


def _look(services: Services, workspace: WorkspaceId, due: datetime) -> int:
    judged, more = 0, 1
    while more:
        with services.sessions.begin() as session:
            more = outcomes.look(
                session, workspace, due=due, now=services.clock(), said_at=said_at, not_asked=NOTHING_ASKED
            )
        judged += more
    return judged
