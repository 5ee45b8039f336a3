"""Outcomes are looked for behind everything that answers people; one look makes up for all that were missed."""

from datetime import datetime

from bot.agent import NOTHING_ASKED
from bot.services import Services
from bot.slack.payloads import said_at
from bot.workflows.steps import step
from kb.database import reading
from kb.ids import WorkspaceId
from learning import outcomes
from learning.outcomes import Judged


def look(services: Services, workspace: WorkspaceId, scheduled: str) -> None:
    """Judge every window that closed until a look was due.

    Args:
        scheduled: that moment, ISO 8601; a late run works with it, not with its own.
    """
    step("look", _look, services, workspace, datetime.fromisoformat(scheduled))


def _look(services: Services, workspace: WorkspaceId, due: datetime) -> int:
    with services.sessions.begin() as session:
        outcomes.take_back(session, workspace, now=services.clock())
    count = 0
    while judged := _judge(services, workspace, due):
        with services.sessions.begin() as session:
            count += outcomes.keep(session, workspace, judged, due=due)
    return count


def _judge(services: Services, workspace: WorkspaceId, due: datetime) -> tuple[Judged, ...]:
    """The next windows; reading them all again and again must keep nobody from writing."""
    with reading(services.sessions) as session:
        return outcomes.judge(session, workspace, due=due, said_at=said_at, not_asked=NOTHING_ASKED)
